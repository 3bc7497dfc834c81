"""What the patient will be told about this fill, and when: derived from the plan and the start.

Waiting notices are derived again whenever the start moves; what was sent, settled or is being sent stays as
it is. A step told for one day is told again for another: the first was a guess. The parcel leaves once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.home_supply import covered_through
from pharmacy.domain.notices import NoticeKind, PlannedNotice, due_at, next_sendable, planned_notices
from pharmacy.domain.pricing import Delivery
from pharmacy.domain.refills import SupplyDates, supply_dates
from pharmacy.domain.supply import Window
from pharmacy.store import audit, notices
from pharmacy.store.base import new_id
from pharmacy.store.notices import Notice, NoticeState
from pharmacy.store.orders import Order
from pharmacy.usecases.fill_start import start_of
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.standing_course import course_now

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
        for notice in _derived(session, order, reference)
        if (notice.kind, notice.step_position, notice.due_on) not in said
    ]
    is_announced = any(notice.kind is NoticeKind.SHIPPED for notice in kept)
    if order.delivery is Delivery.MAIL and not is_announced:
        due.append(_announcement(order, now))
    session.add_all(due)
    audit.record(session, "notices.scheduled", order.id, by=by, at=now, count=len(due))
    return due


def _derived(session: Session, order: Order, reference: Reference) -> list[Notice]:
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
    first_on = start_on + timedelta(days=window.first_day - 1)
    filled_on = order.shipped_on or reference.on
    dates = supply_dates(filled_on, first_on, window.days, 0, reference.refills[order.delivery])
    is_newest = standing.newest is order and not standing.course.set_aside
    return [
        _notice(order, notice, standing.zone())
        for notice in planned_notices(plan, window, start_on, dates)
        if notice.kind is not NoticeKind.REFILL or (is_newest and _is_wanted(order, notice, dates))
    ]


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
