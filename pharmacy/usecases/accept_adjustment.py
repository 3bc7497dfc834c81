"""A pharmacist accepts an adjustment, and the plan in force is another one.

The patient is screened again, and the difference derived again, before anything changes. Then, in one transaction:
a new plan version; open orders for days that change are cancelled and made anew as one fill, or held where capsules
of them exist; what is to be made is an order; waiting notices are derived from the new plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.authority import AdjustmentState, Authority
from pharmacy.domain.course import Course
from pharmacy.domain.errors import Conflict
from pharmacy.domain.findings import Severity
from pharmacy.domain.orders import Act, OrderStatus
from pharmacy.domain.screening import require_reason
from pharmacy.store import audit, tasks
from pharmacy.store.adjustments import AdjustmentRow
from pharmacy.store.base import new_id
from pharmacy.store.orders import Order
from pharmacy.store.prescriptions import PlanVersion, intakes_of
from pharmacy.store.tasks import NewTask
from pharmacy.usecases.act_on_order import ActRequest, ReasonMissing, Surroundings, act_on_order
from pharmacy.usecases.adjust_prescription import PlanHasChanged, held_adjustment, require_here
from pharmacy.usecases.change_document import change_facts
from pharmacy.usecases.change_of_plan import ChangeOfPlan, derive_change
from pharmacy.usecases.course_as_facts import course_facts
from pharmacy.usecases.file_fill import NewFill, file_fill
from pharmacy.usecases.fill_screening import Screened, screen_fill
from pharmacy.usecases.schedule_notices import schedule_notices
from pharmacy.usecases.standing_course import StandingCourse, course_now

_GRAVE = frozenset({Severity.BLOCK, Severity.OVERRIDE})


@dataclass(eq=False)
class QuestionsOpen(Conflict):
    """What screening asks is answered before a plan changes."""

    codes: tuple[str, ...]

    def __str__(self) -> str:
        return f"First to be answered: {', '.join(self.codes)}."


def accept_adjustment(
    session: Session, adjustment_id: UUID, reason: str, around: Surroundings, *, by: Actor, now: datetime
) -> AdjustmentRow:
    """The adjustment is in force: version, orders and notices are those of the new plan.

    `reason` is due where screening finds what blocks or wants an override, and says why it is overridden. Raises
    PlanHasChanged when the plan is not the one that was adjusted, QuestionsOpen, ReasonMissing, ReasonTooShort.
    """
    standing, row = held_adjustment(session, adjustment_id, by)
    require_here(standing)
    row.advance_to(AdjustmentState.ACCEPTED, by=by, at=now)
    if row.of_version != standing.version.version:
        raise PlanHasChanged
    change = derive_change(standing, row.asked(), around.reference)
    screened = _rescreened(standing, change, around)
    overridden = _overridden(screened, reason)
    audit.record(
        session,
        "adjustment.accepted",
        row.prescription_id,
        by=by,
        at=now,
        overrides=overridden,
        reason=reason,
    )
    # Derived before anything moves, so that what is kept is what was accepted.
    difference = row.difference | change_facts(change, around.reference, None) | _first_morning(row)
    new = NewVersion(
        course=change.course, first_day=row.from_day, authority=row.authority or Authority.PRESCRIBER
    )
    version = add_version(session, standing, new, by=by, now=now)
    _set_aside(session, change, row, around, by=by, now=now)
    order = _fill(session, change, screened, around, by=by, now=now)
    row.difference = difference
    row.plan_version_id, row.order_id = version.id, None if order is None else order.id
    row.advance_to(AdjustmentState.IN_FORCE, by=by, at=now)
    renew_notices(session, row.prescription_id, around, by=by, now=now)
    tasks.close_about(session, "adjustment.accept", row.id, "Accepted; in force.", by=by, now=now)
    audit.record(
        session, "plan.changed", row.prescription_id, by=by, at=now, version=version.version, kind=row.kind
    )
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """The course that a plan version stands for, from which day it differs, and on whose word."""

    course: Course
    first_day: int
    authority: Authority


def add_version(
    session: Session, standing: StandingCourse, new: NewVersion, *, by: Actor, now: datetime
) -> PlanVersion:
    """The next immutable version of the plan, in force from its first day."""
    version = PlanVersion(
        id=new_id(),
        prescription_id=standing.prescription.id,
        version=standing.version.version + 1,
        first_day=new.first_day,
        created_at=now,
        created_by=by.id,
        authority=new.authority,
        course=course_facts(new.course),
    )
    session.add(version)
    session.flush()  # Intakes name their version.
    session.add_all(intakes_of(version.id, new.course.plan))
    session.flush()  # Whoever reads the course next reads this version.
    return version


def renew_notices(
    session: Session, prescription_id: UUID, around: Surroundings, *, by: Actor, now: datetime
) -> None:
    """Waiting notices of every fill at the patient's are those of the plan in force."""
    for order in course_now(session, prescription_id).handed:
        schedule_notices(session, order, around.reference, by=by, now=now)


def _rescreened(standing: StandingCourse, change: ChangeOfPlan, around: Surroundings) -> Screened:
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
    return screened


def _overridden(screened: Screened, reason: str) -> list[str]:
    """The grave findings, which that reason overrides."""
    codes = [finding.code for finding in screened.findings if finding.severity in _GRAVE]
    if codes:
        if not reason.strip():
            raise ReasonMissing(f"Reason for overriding {', '.join(codes)}", where=("reason",))
        require_reason(reason)
    return codes


def _first_morning(row: AdjustmentRow) -> dict[str, object]:
    names = ("first_morning_on", "first_morning_not_before")
    return {name: row.difference[name] for name in names}


def _set_aside(
    session: Session,
    change: ChangeOfPlan,
    row: AdjustmentRow,
    around: Surroundings,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Orders for days that change: cancelled where nothing was made, held for a decision where it was."""
    because = f"the plan was changed from day {row.from_day} ({row.kind.words}): {row.reason}"
    for order in change.replaced:
        _act(session, _request(order, Act.CANCEL, because), around, by=by, now=now)
    for order in change.held:
        if order.status is not OrderStatus.ON_HOLD:
            _act(session, _request(order, Act.HOLD, because), around, by=by, now=now)
        new = NewTask(
            kind="order.plan_changed",
            subject_id=order.id,
            wording=f"The plan has changed from day {row.from_day}: cancel Rx {order.number}, made for the old one.",
            due_on=around.reference.on,
            order_id=order.id,
            patient_id=order.patient_id,
            practice_id=order.practice_id,
        )
        tasks.open_task(session, new, by=by, now=now)


def _request(order: Order, act: Act, because: str) -> ActRequest:
    return ActRequest(order_id=order.id, act=act, seen_version=order.version, reason=because)


def _act(session: Session, request: ActRequest, around: Surroundings, *, by: Actor, now: datetime) -> None:
    act_on_order(session, request, around, by=by, now=now)
    session.flush()  # What is filed next counts what is left.


def _fill(
    session: Session,
    change: ChangeOfPlan,
    screened: Screened,
    around: Surroundings,
    *,
    by: Actor,
    now: datetime,
) -> Order | None:
    """What is to be made, as an order that belongs to the refill whose days it serves."""
    if change.to_make is None:
        return None
    standing = change.standing
    belongs_to = change.replaced[0] if change.replaced else standing.newest
    new = NewFill(
        option=change.to_make,
        delivery=belongs_to.delivery,
        refill_number=belongs_to.refill_number,
        answers=belongs_to.answers,
        screened=screened,
    )
    now_standing = course_now(session, standing.prescription.id)
    return file_fill(session, now_standing, new, around.reference, by=by, now=now)
