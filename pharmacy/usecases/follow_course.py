"""What the patient has really done: the day they began, and the days on which they took nothing.

Both are facts and nobody's order, so they count at once: the calendar and all waiting notices move. After more than
14 days without a dose nothing goes on by itself; a pharmacist is told to have a restart authorised.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.adjusting import Adjusted, missed
from pharmacy.domain.adjustments import Adjustment, AdjustmentKind
from pharmacy.domain.authority import Authority
from pharmacy.domain.errors import Unfit
from pharmacy.store import audit, tasks
from pharmacy.store.tasks import NewTask
from pharmacy.usecases.act_on_order import Surroundings
from pharmacy.usecases.adjust_prescription import require_here
from pharmacy.usecases.answers_age import answers_that_hold
from pharmacy.usecases.change_of_plan import ChangeOfPlan, change_to
from pharmacy.usecases.confirm_start import NotHandedOver, confirm_start
from pharmacy.usecases.fill_screening import screen_fill
from pharmacy.usecases.fill_start import forget_late_start
from pharmacy.usecases.put_in_force import (
    NewVersion,
    add_version,
    fill_anew,
    renew_notices,
    renew_rest,
    set_aside,
)
from pharmacy.usecases.standing_course import StandingCourse, adjusting_rules, course_now, hold_course


@dataclass(eq=False)
class NotMissedYet(Unfit):
    """Only days that are past, or today, can have been missed."""

    def __str__(self) -> str:
        return "These days are still to come; a pause is an adjustment."


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedDays:
    """`days` days without a dose from `first_on` on, in the patient's calendar."""

    prescription_id: UUID
    first_on: date
    days: int


def confirm_course_start(
    session: Session,
    prescription_id: UUID,
    started_on: date,
    around: Surroundings,
    *,
    by: Actor,
    now: datetime,
) -> StandingCourse:
    """Day 1 is `started_on`, for every fill. Raises NotHandedOver or StartOutsideSupply as for one order."""
    standing = hold_course(session, prescription_id)
    if not standing.handed:
        raise NotHandedOver
    first = confirm_start(session, standing.handed[0].id, started_on, around.reference, by=by, now=now)
    for order in standing.live:
        order.started_on, order.start_confirmed_at = first.started_on, first.start_confirmed_at
        if order.shipped_on is not None:
            forget_late_start(order, around.reference)
    session.flush()  # Notices are derived from the start as it now is.
    renew_notices(session, prescription_id, around, by=by, now=now)
    return course_now(session, prescription_id)


def record_missed_days(
    session: Session, what: MissedDays, around: Surroundings, *, by: Actor, now: datetime
) -> StandingCourse:
    """What was due on those days comes after them, in a new version of the plan.

    Raises NotHandedOver, NotMissedYet for days to come, NotOpenNow where no dose was due.
    """
    standing = hold_course(session, what.prescription_id)
    require_here(standing)
    today = standing.day_of(now, around.reference)
    if today is None:
        raise NotHandedOver
    first_day = (what.first_on - standing.start(around.reference)[0]).days + 1
    if first_day + what.days - 1 > today:
        raise NotMissedYet(where=("days",))
    if first_day < 1:
        raise NotMissedYet(where=("first_on",))
    course = missed(standing.course, first_day, what.days, adjusting_rules(around.reference))
    shape = Adjustment(kind=AdjustmentKind.PAUSE, from_day=first_day, days=what.days)
    change = change_to(standing, shape, Adjusted(course=course), around.reference)
    new = NewVersion(course=course, first_day=first_day, authority=Authority.RECORD)
    version = add_version(session, standing, new, by=by, now=now)
    _orders_under_way(session, change, around, by=by, now=now)
    audit.record(
        session, "days.missed", what.prescription_id, by=by, at=now, days=what.days, version=version.version
    )
    if course.set_aside:
        _restart_due(session, standing, what, around, by=by, now=now)
    renew_notices(session, what.prescription_id, around, by=by, now=now)
    return course_now(session, what.prescription_id)


def _orders_under_way(
    session: Session, change: ChangeOfPlan, around: Surroundings, *, by: Actor, now: datetime
) -> None:
    """What was ordered for days that moved is derived anew, screened like every fill; nothing is made besides."""
    because = f"{change.asked.days} days without a dose from day {change.asked.from_day} moved the plan"
    set_aside(session, change, because, around, by=by, now=now)
    if not change.replaced:
        renew_rest(session, change, around, by=by, now=now)
        return
    standing = change.standing
    screened = screen_fill(
        standing.prescription,
        answers_that_hold(change.replaced[0], around.reference),
        around.reference,
        # Who prescribed was asked when the prescription came; no dose is another.
        is_on_roster=True,
        extra=change.findings,
    )
    fill_anew(session, change, screened, around, by=by, now=now)


def _restart_due(
    session: Session,
    standing: StandingCourse,
    what: MissedDays,
    around: Surroundings,
    *,
    by: Actor,
    now: datetime,
) -> None:
    new = NewTask(
        kind="course.restart",
        subject_id=what.prescription_id,
        wording=f"No dose for {what.days} days: ask the prescriber whether to restart at step 1.",
        due_on=around.reference.on,
        order_id=standing.newest.id,
        patient_id=standing.prescription.patient_id,
        practice_id=standing.prescription.practice_id,
    )
    tasks.open_task(session, new, by=by, now=now)
