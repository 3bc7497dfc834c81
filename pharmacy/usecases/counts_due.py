"""Counts that fall due: every lot of naltrexone is counted once a month, and lots that are used up are marked."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import local_day
from pharmacy.domain.components import ComponentKind
from pharmacy.domain.lots import LotStatus
from pharmacy.store import audit
from pharmacy.store import component_lots as books
from pharmacy.store import stock_ledger as ledger
from pharmacy.store.reference import ComponentLot, setting_in_force
from pharmacy.store.stock_counts import StockCount
from pharmacy.store.stock_ledger import StockLevel
from pharmacy.store.tasks import NewTask, Task, open_task

COUNT_TASK = "stock.count"
# What holds the drug is counted; fillers are weighed by the kilogram and cost little.
_COUNTED = frozenset({ComponentKind.API, ComponentKind.TABLET})


def counts_due(session: Session, zone: ZoneInfo, *, by: Actor, now: datetime) -> int:
    """How many counts were put on the list: lots in use whose last count, or receipt, is a month ago."""
    today = local_day(now, zone)
    since = today - timedelta(days=setting_in_force(session, "count_every_days"))
    counted_on = (
        select(func.max(StockCount.counted_on))
        .where(StockCount.stock_id == ComponentLot.id)
        .scalar_subquery()
    )
    asked = exists(
        select(Task.id).where(
            Task.kind == COUNT_TASK, Task.subject_id == ComponentLot.id, Task.closed_at.is_(None)
        )
    )
    due = session.execute(
        select(ComponentLot.id, ComponentLot.number)
        .where(
            ComponentLot.kind.in_(_COUNTED),
            ComponentLot.status == LotStatus.RELEASED,
            func.coalesce(counted_on, ComponentLot.received_on, since) <= since,
            ~asked,
        )
        .order_by(ComponentLot.id)
    ).all()
    for lot_id, number in due:
        wording = f"Count lot {number}: its count of the month is due."
        task = NewTask(kind=COUNT_TASK, subject_id=lot_id, wording=wording, due_on=today)
        open_task(session, task, by=by, now=now)
    return len(due)


def deplete_lots(session: Session, *, by: Actor, now: datetime) -> int:
    """How many released lots were marked as used up: nothing is on hand, and something was."""
    empty = select(StockLevel.id).where(StockLevel.on_hand_ug == 0, StockLevel.movements > 0)
    ids = session.scalars(
        select(ComponentLot.id)
        .where(ComponentLot.status == LotStatus.RELEASED, ComponentLot.id.in_(empty))
        .order_by(ComponentLot.id)
    ).all()
    moved = 0
    for lot_id in ids:
        ledger.hold(session, [lot_id])
        lot = books.lot_for_update(session, lot_id)
        if lot.status is LotStatus.RELEASED and ledger.on_hand(session, lot_id) == 0:
            lot.status = LotStatus.DEPLETED
            audit.record(session, "lot.depleted", lot.id, by=by, at=now, number=lot.number)
            moved += 1
    return moved
