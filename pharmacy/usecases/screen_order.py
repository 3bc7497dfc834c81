"""An order, or a plan that may become one, is held against everything the pharmacy knows of the patient.

Submission, answers, refill, change of plan or of what is known, review and final verification all ask the same
rules. Each look is on record with what it was made from and what it found, by which version of which rule, so
that a change of a rule is seen in old results and does not rewrite them.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Where
from pharmacy.domain.findings import Finding, Severity
from pharmacy.domain.screening import is_question, is_screened, screen, with_plan_findings
from pharmacy.domain.screening.statements import Profile
from pharmacy.domain.titration import TitrationPlan
from pharmacy.store import audit, orders
from pharmacy.store import screening as books
from pharmacy.store.base import new_id
from pharmacy.store.orders import Order, OrderFinding
from pharmacy.store.prescriptions import Prescription
from pharmacy.store.screening import FindingOverride, Occasion, Screening
from pharmacy.store.walls import whole_pharmacy
from pharmacy.usecases.known_profile import known_profile
from pharmacy.usecases.patient_facts import opioid_facts, stated_facts
from pharmacy.usecases.reference import Reference

GRAVE = frozenset({Severity.BLOCK, Severity.OVERRIDE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Why the order is screened, and by what: the reference in force carries rules and formula."""

    reference: Reference
    occasion: Occasion


def screen_order(
    session: Session, order: Order, look: Look, *, by: Actor, now: datetime
) -> tuple[Finding, ...]:
    """The findings about the patient are those of what is known now, and the look is on record.

    Questions and findings about the plan stay as they were. The order comes whole and locked.
    """
    with _whole_pharmacy(session, by):
        profile = known_profile(session, order.patient, look.reference, prescription_id=order.prescription_id)
    found = screen(profile, order.plan_version.plan(), look.reference.screening.rules)
    kept = [finding_of(each) for each in order.findings if not is_screened(each.code)]
    questions = [each for each in kept if is_question(each.code)]
    about_plan = [each for each in kept if not is_question(each.code)]
    replace_findings(
        session,
        order,
        (*questions, *with_plan_findings(found, about_plan, look.reference.screening.rules)),
    )
    session.add(Screening(**screening_row(order.id, profile, found, look.occasion, by=by, now=now)))
    audit.record(session, "order.screened", order.id, by=by, at=now, occasion=look.occasion)
    return found


def screen_plan(
    session: Session, prescription: Prescription, plan: TitrationPlan, reference: Reference, *, by: Actor
) -> tuple[Finding, ...]:
    """What the rules say of that plan for the prescription's patient today; nothing is written."""
    with _whole_pharmacy(session, by):
        profile = known_profile(session, prescription.patient, reference, prescription_id=prescription.id)
    return screen(profile, plan, reference.screening.rules)


def _whole_pharmacy(session: Session, by: Actor) -> AbstractContextManager[None]:
    """A practice's own transaction looks over the wall for screening alone; staff need no leave."""
    return nullcontext() if by.practice_id is None else whole_pharmacy(session)


def replace_findings(session: Session, order: Order, findings: Iterable[Finding]) -> None:
    """The findings of the order are these, in this order."""
    for replaced in order.findings:
        session.delete(replaced)
    session.add_all(
        OrderFinding(**finding_row(order.id, position, finding))
        for position, finding in enumerate(findings, start=1)
    )
    session.flush()  # Whoever reads the order next in this transaction reads the new findings.
    orders.reread_findings(session, order)


def finding_row(order_id: UUID, position: int, finding: Finding) -> dict[str, Any]:
    """One finding as a row of the order."""
    return {
        "id": new_id(),
        "order_id": order_id,
        "position": position,
        "code": finding.code,
        "severity": finding.severity,
        "because": finding.because,
        "pointer": "".join(f"/{part}" for part in finding.where),
        "expected": finding.expected,
        "found": finding.found,
        "rule_version": finding.rule_version,
        "inputs": dict(finding.inputs),
    }


def finding_of(row: OrderFinding) -> Finding:
    """The finding that the row keeps."""
    return Finding(
        row.code,
        row.severity,
        row.because,
        _where(row.pointer),
        expected=row.expected,
        found=row.found,
        rule_version=row.rule_version,
        inputs=tuple(sorted(row.inputs.items())),
    )


def screening_row(
    order_id: UUID,
    profile: Profile,
    found: Iterable[Finding],
    occasion: Occasion,
    *,
    by: Actor,
    now: datetime,
) -> dict[str, Any]:
    """The record of one look: what it was made from, and what it found by which version of which rule."""
    return {
        "id": new_id(),
        "order_id": order_id,
        "occasion": occasion.value,
        "at": now,
        "by": by.id,
        "inputs": profile_facts(profile),
        "findings": [
            {
                "code": each.code,
                "rule_version": each.rule_version,
                "severity": each.severity.value,
                "because": each.because,
                "inputs": dict(each.inputs),
            }
            for each in found
        ],
    }


def profile_facts(profile: Profile) -> dict[str, Any]:
    """What was known, so that the look can be made again."""
    lists = {
        name: [{**stated_facts(each), "origin": each.origin.value} for each in getattr(profile, name)]
        for name in ("allergies", "medicines", "conditions")
    }
    formula = profile.formula
    return {
        "on": profile.on.isoformat(),
        "age": profile.age,
        "opioids": [{**opioid_facts(each), "origin": each.origin.value} for each in profile.opioids],
        **lists,
        "filler": formula and formula.filler.name,
        "shell": formula and formula.shell.name,
        "duplicate_orders": [each.value for each in profile.duplicate_orders],
        "possible_matches": profile.possible_matches,
    }


def not_overridden(
    found: Iterable[Finding], overrides: Iterable[books.FindingOverride]
) -> tuple[Finding, ...]:
    """The grave ones among them that no pharmacist has set aside: by this version, from these inputs."""
    settled = {_key_of(row) for row in overrides}
    return tuple(
        each
        for each in found
        if each.severity in GRAVE
        and not is_question(each.code)
        and (each.code, each.rule_version, each.inputs) not in settled
    )


def _key_of(row: FindingOverride) -> tuple[Any, ...]:
    return row.code, row.rule_version, tuple(sorted(row.inputs.items()))


def _where(pointer: str) -> Where:
    return tuple(int(part) if part.isdecimal() else part for part in pointer.split("/") if part)
