"""What is settled with the patient before an order leaves: counselling, and the closure of the vials."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.hand_over import (
    ClosureAsker,
    CounsellingOutcome,
    CounsellingWay,
    counselling_allowed,
    require_sensible,
)
from pharmacy.domain.orders import FINAL, HANDED_OVER
from pharmacy.store import audit, orders
from pharmacy.store.base import new_id
from pharmacy.store.hand_overs import ClosureRequest, CounsellingOffer
from pharmacy.store.orders import Order
from pharmacy.usecases.act_on_order import ActNotOpen, NotYourAct


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Counselling as it was offered, and to whom."""

    order_id: UUID
    way: CounsellingWay
    outcome: CounsellingOutcome
    offered_to: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherClosure:
    """Who asked for vials that are not child-resistant, and why."""

    order_id: UUID
    asked_by: ClosureAsker
    asked_by_name: str
    reason: str


def offer_counselling(session: Session, offer: Offer, *, by: Actor, now: datetime) -> CounsellingOffer:
    """The offer is on record; the newest one counts.

    Raises OrderNotFound, NotYourAct for counselling that no pharmacist gave, CounsellingUnfit, ActNotOpen once
    the order has left or ended.
    """
    order = _still_here(session, offer.order_id)
    require_sensible(offer.way, offer.outcome)
    refusal = counselling_allowed(by.role, offer.way, offer.outcome)
    if refusal is not None:
        raise NotYourAct(refusal.reason)
    row = CounsellingOffer(
        id=new_id(),
        order_id=order.id,
        way=offer.way,
        outcome=offer.outcome,
        offered_to=offer.offered_to,
        note=offer.note,
        recorded_at=now,
        recorded_by=by.id,
    )
    session.add(row)
    audit.record(session, "counselling.offered", order.id, by=by, at=now, kind=offer.outcome, way=offer.way)
    return row


def ask_closure(session: Session, asked: OtherClosure, *, by: Actor, now: datetime) -> ClosureRequest:
    """The vials of this order may leave without a child-resistant closure. Raises as `offer_counselling` does."""
    order = _still_here(session, asked.order_id)
    row = ClosureRequest(
        id=new_id(),
        order_id=order.id,
        asked_by=asked.asked_by,
        asked_by_name=asked.asked_by_name,
        reason=asked.reason,
        recorded_at=now,
        recorded_by=by.id,
    )
    session.add(row)
    audit.record(
        session, "closure.requested", order.id, by=by, at=now, kind=asked.asked_by, reason=asked.reason
    )
    return row


def _still_here(session: Session, order_id: UUID) -> Order:
    order = orders.get_for_update(session, order_id)
    if order.status in FINAL | HANDED_OVER:
        raise ActNotOpen(f"The order is {order.status.replace('_', ' ')}")
    return order
