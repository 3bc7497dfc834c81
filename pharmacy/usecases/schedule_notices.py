"""What the patient will be told about this fill, and when: derived from the plan and the start.

Waiting notices are derived again whenever the start moves; what was sent, settled or is being sent stays as
it is. A step told for one day is told again for another: the first was a guess. The parcel leaves once.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.home_supply import covered_through
from pharmacy.domain.notices import NoticeKind, PlannedNotice, due_at, next_sendable, planned_notices
from pharmacy.domain.pricing import Delivery
from pharmacy.domain.refills import SupplyDates
from pharmacy.domain.renewing import Outlook
from pharmacy.domain.supply import Window
from pharmacy.domain.titration import date_of
from pharmacy.store import audit, notices, tasks
from pharmacy.store.base import new_id
from pharmacy.store.notices import Notice, NoticeState
from pharmacy.store.orders import Order
from pharmacy.store.tasks import NewTask
from pharmacy.usecases.fill_dates import dates_of_fill, outlook_after
from pharmacy.usecases.fill_start import start_of
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.standing_course import StandingCourse, course_now

DERIVED = (NoticeKind.STEP, NoticeKind.REFILL)


def schedule_notices(
    session: Session, order: Order, reference: Reference, *, by: Actor, now: datetime
) -> list[Notice]:
    """Step changes and the refill are due as the plan says; a mailed parcel is announced at once."""
    notices.forget_waiting(session, order.id, DERIVED)
    kept = notices.of_order(session, order.id)
    said = {(notice.kind, notice.step_position, notice.due_on) for notice in kept}
    due = [
        notice
        for notice in _derived(session, order, reference, by=by, now=now)
        if (notice.kind, notice.step_position, notice.due_on) not in said
    ]
    is_announced = any(notice.kind is NoticeKind.SHIPPED for notice in kept)
    if order.delivery is Delivery.MAIL and not is_announced:
        due.append(_announcement(order, now))
    session.add_all(due)
    audit.record(session, "notices.scheduled", order.id, by=by, at=now, count=len(due))
    return due


def _derived(
    session: Session, order: Order, reference: Reference, *, by: Actor, now: datetime
) -> list[Notice]:
    """What the plan in force says of the days from this fill on, as far as everything up to it carries."""
    standing = course_now(session, order.prescription_id)
    plan = standing.course.plan
    had = [each for each in standing.live if each.fill_number <= order.fill_number]
    last_day = (
        covered_through(plan, standing.pantry(had)) if standing.is_adjusted else order.window().last_day
    )
    if last_day < order.first_day:
        return []
    window = Window(order.first_day, last_day - order.first_day + 1)
    start_on, _ = start_of(order, reference)
    if standing.handed:
        start_on = max(start_on, standing.start(reference)[0])
    dates = dates_of_fill(order, date_of(start_on, order.first_day), last_day, reference)
    if standing.newest is order:
        _renewal_due(session, standing, outlook_after(standing, dates, reference), by=by, now=now)
    goes_on = not standing.course.set_aside and standing.prescription.transferred_at is None
    return [
        _notice(order, notice, standing.zone())
        for notice in planned_notices(plan, window, start_on, dates)
        if notice.kind is not NoticeKind.REFILL
        or (goes_on and standing.newest is order and _is_wanted(order, notice, dates))
    ]


def _renewal_due(
    session: Session, standing: StandingCourse, after: Outlook, *, by: Actor, now: datetime
) -> None:
    """The prescriber is to be asked in good time where no refill comes after this fill."""
    prescription, end = standing.prescription, standing.course.plan.closed_days
    is_over = end is not None and end <= standing.supplied_through()
    if after.renewal_on is None or is_over or standing.course.set_aside or prescription.transferred_at:
        return
    new = NewTask(
        kind="prescription.renew",
        subject_id=prescription.id,
        wording="Ask the prescriber for a renewal: no refill comes after this fill.",
        due_on=after.renewal_on,
        order_id=standing.newest.id,
        patient_id=prescription.patient_id,
        practice_id=prescription.practice_id,
    )
    tasks.open_task(session, new, by=by, now=now)


def _is_wanted(order: Order, notice: PlannedNotice, dates: SupplyDates) -> bool:
    """A refill is announced only while one is left, and may still be filled on the day it is announced."""
    fillable_on = max(notice.on, dates.earliest_refill_on)
    return order.prescription.refills > order.refill_number and fillable_on <= order.prescription.last_fill_on


def _notice(order: Order, planned: PlannedNotice, zone: ZoneInfo) -> Notice:
    return Notice(
        id=new_id(),
        order_id=order.id,
        patient_id=order.patient_id,
        kind=planned.kind,
        step_position=planned.step_position or 0,
        due_on=planned.on,
        due_at=due_at(planned, zone),
        state=NoticeState.WAITING,
    )


def _announcement(order: Order, now: datetime) -> Notice:
    zone = ZoneInfo(order.patient.time_zone)
    due = next_sendable(now, zone)
    return Notice(
        id=new_id(),
        order_id=order.id,
        patient_id=order.patient_id,
        kind=NoticeKind.SHIPPED,
        step_position=0,
        due_on=due.astimezone(zone).date(),
        due_at=due,
        state=NoticeState.WAITING,
    )
