"""A pharmacist accepts an adjustment, and the plan in force is another one.

The patient is screened again, and the difference derived again, before anything changes. Then, in one transaction:
a new plan version; open orders for days that change are cancelled and made anew as one fill, or held where capsules
of them exist; what is to be made is an order; waiting notices are derived from the new plan.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.adjustments import AdjustmentKind
from pharmacy.domain.authority import AdjustmentState, Authority
from pharmacy.domain.errors import Conflict
from pharmacy.domain.findings import Severity, gravest_first
from pharmacy.domain.screening import require_contact, require_reason
from pharmacy.store import audit, tasks
from pharmacy.store.adjustments import AdjustmentRow
from pharmacy.usecases.act_on_order import ReasonMissing, Surroundings
from pharmacy.usecases.adjust_prescription import PlanHasChanged, held_adjustment, require_here
from pharmacy.usecases.change_document import change_facts
from pharmacy.usecases.change_of_plan import ChangeOfPlan, derive_change
from pharmacy.usecases.fill_screening import Screened, screen_fill
from pharmacy.usecases.put_in_force import NewVersion, add_version, fill_anew, renew_notices, set_aside
from pharmacy.usecases.screen_order import screen_plan
from pharmacy.usecases.standing_course import StandingCourse

_GRAVE = frozenset({Severity.BLOCK, Severity.OVERRIDE})
_TAKES_NO_DOSE = frozenset({AdjustmentKind.PAUSE, AdjustmentKind.STOP})


@dataclass(eq=False)
class QuestionsOpen(Conflict):
    """What screening asks is answered before a plan changes."""

    codes: tuple[str, ...]

    def __str__(self) -> str:
        return f"First to be answered: {', '.join(self.codes)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """Which adjustment, why its findings are overridden, and with whom and when was spoken about what blocks."""

    adjustment_id: UUID
    reason: str = ""
    contact: str = ""


def accept_adjustment(
    session: Session, accepted: Acceptance, around: Surroundings, *, by: Actor, now: datetime
) -> AdjustmentRow:
    """The adjustment is in force: version, orders and notices are those of the new plan.

    A reason is due where screening finds what blocks or wants an override, and for what blocks a contact too. Raises
    PlanHasChanged when the plan is not the one that was adjusted, QuestionsOpen, ReasonMissing, ReasonTooShort,
    ContactMissing.
    """
    standing, row = held_adjustment(session, accepted.adjustment_id, by)
    require_here(standing)
    row.advance_to(AdjustmentState.ACCEPTED, by=by, at=now)
    if row.of_version != standing.version.version:
        raise PlanHasChanged
    change = derive_change(standing, row.asked(), around.reference)
    screened = _rescreened(session, standing, change, around, by=by)
    overridden = _overridden(screened, accepted, takes_no_dose=row.kind in _TAKES_NO_DOSE)
    audit.record(
        session,
        "adjustment.accepted",
        row.prescription_id,
        by=by,
        at=now,
        overrides=overridden,
        reason=accepted.reason,
        **({"contact": accepted.contact} if accepted.contact else {}),
    )
    # Derived before anything moves, so that what is kept is what was accepted.
    difference = row.difference | change_facts(change, around.reference, None) | _first_morning(row)
    new = NewVersion(
        course=change.course, first_day=row.from_day, authority=row.authority or Authority.PRESCRIBER
    )
    version = add_version(session, standing, new, by=by, now=now)
    because = f"the plan was changed from day {row.from_day} ({row.kind.words}): {row.reason}"
    set_aside(session, change, because, around, by=by, now=now)
    order = fill_anew(session, change, screened, around, by=by, now=now)
    row.difference = difference
    row.plan_version_id, row.order_id = version.id, None if order is None else order.id
    row.advance_to(AdjustmentState.IN_FORCE, by=by, at=now)
    renew_notices(session, row.prescription_id, around, by=by, now=now)
    tasks.close_about(session, "adjustment.accept", row.id, "Accepted; in force.", by=by, now=now)
    audit.record(
        session, "plan.changed", row.prescription_id, by=by, at=now, version=version.version, kind=row.kind
    )
    return row


def _rescreened(
    session: Session, standing: StandingCourse, change: ChangeOfPlan, around: Surroundings, *, by: Actor
) -> Screened:
    """By the answers of the newest order, and by all that the pharmacy knows: other practices' records among it.

    Answers that are old keep no plan from being changed; the order that is made asks again (`fill_anew`).
    """
    screened = screen_fill(
        standing.prescription,
        standing.newest.answers,
        around.reference,
        # The plan's authority is on record; the roster was asked when the prescription came.
        is_on_roster=True,
        extra=change.findings,
    )
    if screened.questions:
        raise QuestionsOpen(tuple(question.code for question in screened.questions))
    known = screen_plan(session, standing.prescription, change.course.plan, around.reference, by=by)
    told = {finding.code for finding in screened.findings}
    more = tuple(finding for finding in known if finding.code not in told)
    return replace(screened, findings=gravest_first([*screened.findings, *more]))


def _overridden(screened: Screened, accepted: Acceptance, *, takes_no_dose: bool) -> list[str]:
    """The grave findings, which that reason overrides, and for what blocks that contact; nothing keeps from pausing."""
    codes = [finding.code for finding in screened.findings if finding.severity in _GRAVE]
    if codes:
        if not accepted.reason.strip():
            raise ReasonMissing(f"Reason for overriding {', '.join(codes)}", where=("reason",))
        require_reason(accepted.reason)
    blocking = tuple(finding.code for finding in screened.findings if finding.severity is Severity.BLOCK)
    if blocking and not takes_no_dose:
        require_contact(accepted.contact, blocking)
    return codes


def _first_morning(row: AdjustmentRow) -> dict[str, object]:
    names = ("first_morning_on", "first_morning_not_before")
    return {name: row.difference[name] for name in names}
