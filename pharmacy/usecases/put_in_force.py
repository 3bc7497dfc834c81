"""A changed plan is in force: a new version, its notices, and what becomes of orders made up by the plan before.

Nothing of an old plan is silently made. What is not yet being compounded is cancelled and derived anew from the plan
in force, as one fill; what is being made, or is made, is held until a pharmacist has decided about it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.authority import Authority
from pharmacy.domain.course import Course
from pharmacy.domain.events import EventKind, of_status
from pharmacy.domain.orders import OrderStatus
from pharmacy.store import audit, events, tasks
from pharmacy.store.base import new_id
from pharmacy.store.orders import Order
from pharmacy.store.prescriptions import PlanVersion, intakes_of
from pharmacy.store.tasks import NewTask
from pharmacy.usecases.act_on_order import Surroundings, clear_away, void_labels
from pharmacy.usecases.answers_age import answers_that_hold
from pharmacy.usecases.change_of_plan import ChangeOfPlan
from pharmacy.usecases.change_share import belongs_to, share_of_change
from pharmacy.usecases.course_as_facts import course_facts
from pharmacy.usecases.file_fill import NewFill, file_fill
from pharmacy.usecases.fill_screening import Screened, questions_of
from pharmacy.usecases.fill_shares import see_to_rest
from pharmacy.usecases.schedule_notices import schedule_notices
from pharmacy.usecases.standing_course import StandingCourse, course_now


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
    prescription = standing.prescription
    events.add(
        session,
        EventKind.PLAN_CHANGED,
        practice_id=prescription.practice_id,
        prescription_id=prescription.id,
        subject_id=version.id,
        now=now,
    )
    session.flush()  # Whoever reads the course next reads this version.
    return version


def renew_notices(
    session: Session, prescription_id: UUID, around: Surroundings, *, by: Actor, now: datetime
) -> None:
    """Waiting notices of every fill at the patient's are those of the plan in force."""
    for order in course_now(session, prescription_id).handed:
        schedule_notices(session, order, around.reference, by=by, now=now)


def set_aside(
    session: Session, change: ChangeOfPlan, because: str, around: Surroundings, *, by: Actor, now: datetime
) -> None:
    """Orders for days that change: cancelled where nothing was made, held for a decision where it was.

    Either way their labels are void with the change, whether or not anybody prints them.
    """
    for order in change.replaced:
        reason = f"the order was {OrderStatus.CANCELLED}: {because}"
        clear_away(session, order, reason, today=around.today(now), by=by, now=now)
        _move(session, order, OrderStatus.CANCELLED, because, by=by, now=now)
    for order in change.held:
        # Whoever prints or scans next must not have to find out: what these labels say holds no longer.
        void_labels(session, order, because, by=by, now=now)
        if order.status is not OrderStatus.ON_HOLD:
            order.resumes_to = order.status
            _move(session, order, OrderStatus.ON_HOLD, because, by=by, now=now)
        new = NewTask(
            kind="order.plan_changed",
            subject_id=order.id,
            wording=f"The plan has changed from day {change.asked.from_day}: cancel Rx {order.number}, made for the old one.",
            due_on=around.reference.on,
            order_id=order.id,
            patient_id=order.patient_id,
            practice_id=order.practice_id,
        )
        tasks.open_task(session, new, by=by, now=now)


def _move(
    session: Session, order: Order, wanted: OrderStatus, because: str, *, by: Actor, now: datetime
) -> None:
    """By the change of the plan, whoever recorded it: this is no act that a role is asked for."""
    order.advance_to(wanted, by=by, at=now)
    if wanted is OrderStatus.CANCELLED:
        order.resumes_to = None
    audit.record(session, f"order.{order.status}", order.id, by=by, at=now, reason=because)
    events.add(session, of_status(order.status), practice_id=order.practice_id, order_id=order.id, now=now)
    session.flush()  # What is filed next counts what is left.


def fill_anew(
    session: Session,
    change: ChangeOfPlan,
    screened: Screened,
    around: Surroundings,
    *,
    by: Actor,
    now: datetime,
) -> Order | None:
    """What is to be made, as an order that belongs to the refill whose days it serves.

    It takes over what was answered for that refill as long as it holds, and waits for the rest like a new order. What
    one order cannot hold, or no batch carries to the last dose, is its first part; a part that it takes the place of
    stays a part of its fill. The task to fill a rest is about the plan that is in force now.
    """
    order = _filed(session, change, screened, around, by=by, now=now)
    renew_rest(session, change, around, by=by, now=now)
    return order


def renew_rest(
    session: Session, change: ChangeOfPlan, around: Surroundings, *, by: Actor, now: datetime
) -> None:
    """The task to fill the rest of a fill in parts names the days of the plan in force; closed where none is left."""
    prescription_id = change.standing.prescription.id
    see_to_rest(session, prescription_id, "The plan has changed.", around.reference, by=by, now=now)


def _filed(
    session: Session,
    change: ChangeOfPlan,
    screened: Screened,
    around: Surroundings,
    *,
    by: Actor,
    now: datetime,
) -> Order | None:
    if change.to_make is None:
        return None
    prescription = change.standing.prescription
    before = belongs_to(change)
    answers = answers_that_hold(before, around.reference)
    standing = course_now(session, prescription.id)
    share = share_of_change(standing, change, change.to_make, around.reference, now)
    new = NewFill(
        option=share.option,
        delivery=before.delivery,
        refill_number=before.refill_number,
        answers=answers,
        # Who prescribed was asked when the prescription came.
        screened=replace(screened, questions=questions_of(prescription, answers, is_on_roster=True)),
        charge=share.charge,
    )
    return file_fill(session, standing, new, around.reference, by=by, now=now)
