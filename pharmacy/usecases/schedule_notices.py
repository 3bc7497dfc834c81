"""What the patient will be told about this fill, and when: derived from the plan and the start.

Waiting notices are derived again whenever the start moves; what was sent, settled or is being sent stays as
it is. A step told for one day is told again for another: the first was a guess. The parcel leaves once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.notices import NoticeKind, PlannedNotice, due_at, next_sendable, planned_notices
from pharmacy.domain.pricing import Delivery
from pharmacy.domain.refills import SupplyDates, supply_dates
from pharmacy.store import audit, notices
from pharmacy.store.base import new_id
from pharmacy.store.notices import Notice, NoticeState
from pharmacy.store.orders import Order
from pharmacy.usecases.lay_out_schedule import start_of
from pharmacy.usecases.reference import Reference

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
        for notice in _derived(order, reference)
        if (notice.kind, notice.step_position, notice.due_on) not in said
    ]
    is_announced = any(notice.kind is NoticeKind.SHIPPED for notice in kept)
    if order.delivery is Delivery.MAIL and not is_announced:
        due.append(_announcement(order, now))
    session.add_all(due)
    audit.record(session, "notices.scheduled", order.id, by=by, at=now, count=len(due))
    return due


def _derived(order: Order, reference: Reference) -> list[Notice]:
    zone = ZoneInfo(order.patient.time_zone)
    start_on, _ = start_of(order, reference)
    window = order.window()
    first_on = start_on + timedelta(days=window.first_day - 1)
    filled_on = order.shipped_on or reference.on
    dates = supply_dates(filled_on, first_on, window.days, 0, reference.refills[order.delivery])
    planned = planned_notices(order.plan_version.plan(), window, start_on, dates)
    return [_notice(order, notice, zone) for notice in planned if _is_wanted(order, notice, dates)]


def _is_wanted(order: Order, notice: PlannedNotice, dates: SupplyDates) -> bool:
    """A refill is announced only while one is left, and may still be filled on the day it is announced."""
    if notice.kind is not NoticeKind.REFILL:
        return True
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
