"""Everybody who holds a recalled vial is told, outside every cap; by a stopped channel nobody is: a person calls."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.notices import NoticeKind
from pharmacy.store import audit, orders
from pharmacy.usecases.schedule_notices import announce


def tell_recall(session: Session, order_ids: Iterable[UUID], *, by: Actor, now: datetime) -> None:
    """The patient of each of these orders is due a recall notice, once."""
    for order_id in sorted(order_ids):
        order = orders.get_for_update(session, order_id)
        announce(session, order, NoticeKind.RECALL, now=now)
        audit.record(session, "recall.announced", order.id, by=by, at=now)
