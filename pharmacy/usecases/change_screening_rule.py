"""The pharmacist-in-charge changes a rule of screening: a new version, in force from now on.

How grave a finding is and the numbers of its rule may change; what the rule is about may not, since that is
code. Results of the old version stay what they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict, NotFound, Unfit
from pharmacy.domain.findings import Severity
from pharmacy.domain.screening import require_reason
from pharmacy.store import audit, screening
from pharmacy.store.base import new_id
from pharmacy.store.screening import ScreeningRuleRow


@dataclass(eq=False)
class RuleNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such rule."


@dataclass(eq=False)
class RuleChanged(Conflict):
    def __str__(self) -> str:
        return "Somebody has changed this rule since you looked. Look again, then act."


@dataclass(eq=False)
class OtherNumbers(Unfit):
    """Numbers that the rule does not go by, or not in its form."""

    def __str__(self) -> str:
        return (
            "A rule keeps the names and the form of its numbers: text for milligrams, whole numbers for days."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """What the rule says from now on; `seen_version` is the one that the person saw."""

    code: str
    seen_version: int
    severity: Severity
    numbers: Mapping[str, Any]
    source: str
    reason: str


def change_screening_rule(
    session: Session, change: RuleChange, *, by: Actor, now: datetime
) -> ScreeningRuleRow:
    """The new version of the rule; RuleNotFound, RuleChanged, OtherNumbers or ReasonTooShort otherwise."""
    versions = screening.versions_of(session, change.code)
    if not versions:
        raise RuleNotFound
    newest = versions[0]
    if newest.version != change.seen_version:
        raise RuleChanged
    if not _same_form(newest.numbers, change.numbers):
        raise OtherNumbers(where=("numbers",))
    require_reason(change.reason)
    row = ScreeningRuleRow(
        code=newest.code,
        version=newest.version + 1,
        severity=change.severity,
        source=change.source,
        numbers=dict(change.numbers),
        owner=by.name,
        reason=change.reason,
        set_at=now,
    )
    session.add(row)
    audit.record(
        session, "screening_rule.changed", new_id(), by=by, at=now, code=row.code, version=row.version
    )
    return row


def _same_form(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    return before.keys() == after.keys() and all(_alike(before[name], after[name]) for name in before)


def _alike(before: Any, after: Any) -> bool:
    if type(before) is not type(after):
        return False
    if isinstance(before, str):
        return bool(after.replace(".", "", 1).isdecimal())
    if isinstance(before, int):
        return bool(after >= 0)
    return all(
        isinstance(words, list) and all(isinstance(word, str) for word in words) for words in after.values()
    )
