"""Orders that are still to leave the house are screened again, because what is known has changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.orders import OrderStatus
from pharmacy.store import known_patients, orders
from pharmacy.store.orders import Order
from pharmacy.store.screening import Occasion
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.screen_order import Look, screen_order

# What has left the house, or never will, is not screened again.
STILL_HERE = frozenset(
    {
        OrderStatus.RECEIVED,
        OrderStatus.IN_REVIEW,
        OrderStatus.AWAITING_PAYMENT,
        OrderStatus.QUEUED,
        OrderStatus.COMPOUNDING,
        OrderStatus.LABELLED,
        OrderStatus.VERIFIED,
        OrderStatus.CLARIFICATION,
        OrderStatus.ON_HOLD,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenAgain:
    """Whose orders, and why."""

    patient_ids: frozenset[UUID]
    reference: Reference
    occasion: Occasion = Occasion.PROFILE


def screen_again(session: Session, what: ScreenAgain, *, by: Actor, now: datetime) -> tuple[Order, ...]:
    """The orders of these records that are still here, each with the findings of what is known now."""
    return tuple(
        _screened(session, order_id, what, by=by, now=now)
        for order_id in _still_here(session, what.patient_ids)
    )


def _still_here(session: Session, patient_ids: Iterable[UUID]) -> tuple[UUID, ...]:
    return known_patients.ids_of_patients(session, patient_ids, STILL_HERE)


def _screened(session: Session, order_id: UUID, what: ScreenAgain, *, by: Actor, now: datetime) -> Order:
    order = orders.get_for_update(session, order_id)
    screen_order(session, order, Look(reference=what.reference, occasion=what.occasion), by=by, now=now)
    return order
