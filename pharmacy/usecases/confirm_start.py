"""The patient has said on which day they took the first dose; the calendar counts from there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict, Unfit
from pharmacy.domain.events import EventKind
from pharmacy.domain.orders import OrderStatus
from pharmacy.store import audit, events, orders
from pharmacy.store.orders import Order
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.schedule_notices import schedule_notices

_ARRIVED = frozenset({OrderStatus.SHIPPED, OrderStatus.PICKED_UP, OrderStatus.COMPLETED})


@dataclass(eq=False)
class NotHandedOver(Conflict):
    def __str__(self) -> str:
        return "The order has not been handed over, so nobody can have started."


@dataclass(eq=False)
class StartOutsideSupply(Unfit):
    earliest: date
    latest: date

    def __str__(self) -> str:
        return f"The first day lies between {self.earliest.isoformat()} and {self.latest.isoformat()}."


def confirm_start(
    session: Session, order_id: UUID, started_on: date, reference: Reference, *, by: Actor, now: datetime
) -> Order:
    """Day 1 of the plan is `started_on`; waiting notices are derived again from it.

    Raises NotHandedOver before hand-over, StartOutsideSupply for a day before it or after tomorrow.
    """
    order = orders.get_for_update(session, order_id)
    if order.status not in _ARRIVED or order.shipped_on is None:
        raise NotHandedOver
    latest = reference.on + timedelta(days=1)
    if not order.shipped_on <= started_on <= latest:
        raise StartOutsideSupply(order.shipped_on, latest, where=("started_on",))
    order.started_on = started_on - timedelta(days=order.first_day - 1)
    order.start_confirmed_at = now
    schedule_notices(session, order, reference, by=by, now=now)
    audit.record(session, "start.confirmed", order.id, by=by, at=now, started_on=started_on.isoformat())
    events.add(session, EventKind.ORDER_STARTED, practice_id=order.practice_id, order_id=order.id, now=now)
    return order
