"""What the patient will be told about this fill, and when: derived from the plan and the start.

Waiting notices are derived again whenever the start moves; what was sent or settled stays as it is.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.notices import NoticeKind, PlannedNotice, due_at, next_sendable, planned_notices
from pharmacy.domain.pricing import Delivery
from pharmacy.domain.refills import supply_dates
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
    settled = {(notice.kind, notice.step_position) for notice in notices.of_order(session, order.id)}
    due = [
        notice
        for notice in _derived(order, reference, now)
        if (notice.kind, notice.step_position) not in settled
    ]
    session.add_all(due)
    audit.record(session, "notices.scheduled", order.id, by=by, at=now, count=len(due))
    return due


def _derived(order: Order, reference: Reference, now: datetime) -> list[Notice]:
    zone = ZoneInfo(order.patient.time_zone)
    start_on, _ = start_of(order, reference)
    window = order.window()
    first_on = start_on + timedelta(days=window.first_day - 1)
    filled_on = order.shipped_on or reference.on
    dates = supply_dates(filled_on, first_on, window.days, 0, reference.refills[order.delivery])
    planned = planned_notices(order.plan_version.plan(), window, start_on, dates)
    due = [_notice(order, notice, zone) for notice in planned if _is_wanted(order, notice)]
    if order.delivery is Delivery.MAIL:
        due.append(_announcement(order, zone, now))
    return due


def _is_wanted(order: Order, notice: PlannedNotice) -> bool:
    """A refill is announced only while there is one left."""
    return notice.kind is not NoticeKind.REFILL or order.prescription.refills > order.fill_number


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


def _announcement(order: Order, zone: ZoneInfo, now: datetime) -> Notice:
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
