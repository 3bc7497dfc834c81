"""Somebody opens an order: the reading is on record, and they learn who else has it open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.store import console_desk
from pharmacy.store.console_desk import Looking
from pharmacy.store.orders import Order
from pharmacy.usecases.read_patient import patient_seen
from pharmacy.usecases.reference import Reference


def look_at_order(
    session: Session, order: Order, reference: Reference, *, by: Actor, now: datetime
) -> Sequence[Looking]:
    """Who else has the order open. One reading is on record for as long as somebody keeps coming back to it."""
    looking = console_desk.looking(session, order.id, since=now - reference.counter.present_for)
    others = [each for each in looking if each.member_id != by.id]
    if len(others) == len(looking):
        patient_seen(session, order.patient_id, by=by, now=now)
    console_desk.look(session, order.id, by.id, now=now)
    return others
