"""Somebody opens an order: they learn who else has it open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.store import console_desk
from pharmacy.store.console_desk import Looking
from pharmacy.store.orders import Order
from pharmacy.usecases.reference import Reference


def look_at_order(
    session: Session, order: Order, reference: Reference, *, by: Actor, now: datetime
) -> Sequence[Looking]:
    """Who else has the order open, the last first; that this person has it open is noted."""
    since = now - reference.counter.present_for
    return console_desk.look(session, order.id, by.id, since=since, now=now)
