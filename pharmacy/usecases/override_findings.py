"""A pharmacist sets findings aside: each leaves a record of its own.

What wants an override needs a reason; what blocks needs, besides, with whom the pharmacist spoke and when. The
record names the version of the rule and what made it speak: a new version, or a new fact, wants a new override.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict
from pharmacy.domain.findings import Finding, Severity
from pharmacy.domain.screening import require_contact, require_reason
from pharmacy.store import audit
from pharmacy.store.orders import Order
from pharmacy.store.screening import FindingOverride, overrides_of
from pharmacy.usecases.screen_order import finding_of, not_overridden


@dataclass(eq=False)
class NothingToOverride(Conflict):
    """Nothing grave is left of what was named."""

    def __str__(self) -> str:
        return "No grave finding of these codes waits to be overridden."


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Which findings of the order (all that are grave where no codes are named), why, and after whose word."""

    order: Order
    reason: str
    contact: str
    codes: tuple[str, ...] | None = None


def override_findings(
    session: Session, override: Override, *, by: Actor, now: datetime
) -> tuple[Finding, ...]:
    """The findings that were set aside now; none where nothing was left to override.

    Raises ReasonTooShort, or ContactMissing for what blocks. The order comes whole and locked.
    """
    found = (finding_of(row) for row in override.order.findings)
    left = not_overridden(_named(found, override.codes), overrides_of(session, override.order.id))
    if not left:
        return ()
    require_reason(override.reason)
    blocking = tuple(each.code for each in left if each.severity is Severity.BLOCK)
    if blocking:
        require_contact(override.contact, blocking)
    session.add_all(
        FindingOverride(
            order_id=override.order.id,
            code=each.code,
            rule_version=each.rule_version,
            severity=each.severity,
            inputs=dict(each.inputs),
            overridden_by=by.id,
            overridden_at=now,
            reason=override.reason,
            contact=override.contact,
        )
        for each in left
    )
    codes = [each.code for each in left]
    audit.record(session, "order.findings_overridden", override.order.id, by=by, at=now, overrides=codes)
    return left


def _named(found: Iterable[Finding], codes: tuple[str, ...] | None) -> Iterable[Finding]:
    return (each for each in found if codes is None or each.code in codes)
