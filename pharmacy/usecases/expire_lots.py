"""Lots whose last day is over are marked as expired, soon after midnight at the pharmacy.

Nothing depends on it: a weighing compares the last day itself. The mark is there for people to see.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import local_day
from pharmacy.domain.lots import LotStatus
from pharmacy.store import audit
from pharmacy.store import stock_ledger as ledger
from pharmacy.store.reference import ComponentLot


def expire_lots(session: Session, zone: ZoneInfo, *, by: Actor, now: datetime) -> int:
    """How many released or quarantined lots were marked; a lot is still used on its last day in that zone."""
    today = local_day(now, zone)
    over = (
        ComponentLot.expires_on < today,
        ComponentLot.status.in_([LotStatus.RELEASED, LotStatus.QUARANTINED]),
    )
    ids = session.scalars(select(ComponentLot.id).where(*over)).all()
    if not ids:
        return 0
    ledger.hold(session, ids)
    rows = session.scalars(
        select(ComponentLot)
        .where(ComponentLot.id.in_(ids), *over)
        .order_by(ComponentLot.id)
        .with_for_update()
    ).all()
    for lot in rows:
        lot.status = LotStatus.EXPIRED
        audit.record(session, "lot.expired", lot.id, by=by, at=now, number=lot.number)
    return len(rows)
