"""An order whose price nobody accepted in time is cancelled by itself (house policy: 14 days).

Each order is its own transaction, looked at again under its lock: somebody may accept at the last moment.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import local_day
from pharmacy.domain.events import EventKind
from pharmacy.domain.orders import OrderStatus
from pharmacy.store import audit, events, heartbeat, orders, payments, reference
from pharmacy.store.orders import Order
from pharmacy.store.sessions import Session, Sessions
from pharmacy.usecases.act_on_order import clear_away

# So many in one sweep; the next one finds the rest.
MOST = 100


def cancel_unaccepted(sessions: Sessions, zone: ZoneInfo, *, by: Actor, now: datetime) -> int:
    """Orders that have awaited acceptance for longer than the setting allows are cancelled; how many."""
    with sessions.write() as session:
        heartbeat.beat(session, "payments", now=now)
        allowed = timedelta(days=reference.settings_in_force(session)["acceptance_valid_days"])
        due = payments.unaccepted_since(session, now - allowed, most=MOST)
    cancelled = [_cancel(sessions, each, now - allowed, zone, by=by, now=now) for each in due]
    return sum(cancelled)


def _cancel(
    sessions: Sessions, order_id: UUID, before: datetime, zone: ZoneInfo, *, by: Actor, now: datetime
) -> bool:
    with sessions.write() as session:
        order = orders.get_for_update(session, order_id)
        if order.status_at > before or not _is_unaccepted(session, order):
            return False
        reason = "the price was not accepted in time"
        clear_away(
            session, order, f"the order was cancelled: {reason}", today=local_day(now, zone), by=by, now=now
        )
        order.advance_to(OrderStatus.CANCELLED, by=by, at=now)
        audit.record(session, "order.cancelled", order.id, by=by, at=now, reason=reason)
        events.add(
            session, EventKind.ORDER_CANCELLED, practice_id=order.practice_id, order_id=order.id, now=now
        )
        return True


def _is_unaccepted(session: Session, order: Order) -> bool:
    is_awaited = order.status is OrderStatus.AWAITING_PAYMENT
    return is_awaited and payments.acceptance_of(session, order.id, order.total_cents) is None
