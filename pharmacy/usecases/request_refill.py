"""A patient asks for the refill that is due, by "1" or by a private link: once, and a pharmacist sees to it.

A request is not an order: opioids, allergies and medicines are asked again before each fill, so it opens a task for
staff, who file the refill with the answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.store import audit, orders, tasks
from pharmacy.store.inbound import ReplyKind
from pharmacy.store.orders import Order
from pharmacy.store.tasks import NewTask, open_task


@dataclass(frozen=True, slots=True, kw_only=True)
class RefillWish:
    """Who asks, from where; of the order that a link named, or of the patient's newest."""

    patient_id: UUID
    source: str
    on: date
    order_id: UUID | None = None


def request_refill(session: Session, wish: RefillWish, *, by: Actor, now: datetime) -> bool:
    """Whether there is a fill to refill: then a task is open for it, which a second wish does not double."""
    order = _order(session, wish)
    if order is None:
        return False
    if tasks.is_open(session, ReplyKind.REFILL, order.prescription_id):
        return True
    task = NewTask(
        kind=ReplyKind.REFILL,
        subject_id=order.prescription_id,
        wording=f"The patient asks for the refill of Rx {order.number} by {wish.source}: ask about opioids, allergies "
        "and medicines, and file it.",
        due_on=wish.on,
        order_id=order.id,
        patient_id=order.patient_id,
        practice_id=order.practice_id,
    )
    open_task(session, task, by=by, now=now)
    audit.record(session, "refill.requested", order.id, by=by, at=now, source=wish.source)
    return True


def _order(session: Session, wish: RefillWish) -> Order | None:
    if wish.order_id is not None:
        return orders.get(session, wish.order_id)
    return orders.newest_handed(session, wish.patient_id)
