"""How batches end: past their beyond-use date, used up, or destroyed by a pharmacist.

A batch may be used on its beyond-use date itself; soon after midnight at the pharmacy it is expired. It is used up
when every capsule has left the house, and a triturate when nothing of it is on hand. What was promised of a batch
that ends is taken back from orders that are still in the house, and each of them waits as a task.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.batches import words
from pharmacy.domain.calendar import local_day
from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.recalls import ENDED, LEFT_THE_HOUSE
from pharmacy.domain.screening import require_reason
from pharmacy.domain.stock import Movement, MovementKind, NotStocked
from pharmacy.store import batches, orders
from pharmacy.store import stock_ledger as ledger
from pharmacy.store.batches import Allocation, Batch, BatchKind, BatchStatus
from pharmacy.store.orders import Order, OrderLine
from pharmacy.store.stock_ledger import StockLevel
from pharmacy.store.tasks import NewTask, open_task
from pharmacy.usecases.allocate_capsules import TAKES_CAPSULES, take_back


@dataclass(frozen=True, slots=True, kw_only=True)
class Destruction:
    """Which batch is destroyed and why; `on` is the pharmacy's day."""

    batch_id: UUID
    reason: str
    on: date


def expire_batches(session: Session, zone: ZoneInfo, *, by: Actor, now: datetime) -> int:
    """How many released batches were marked as expired; each is used on its last day in that zone still."""
    today = local_day(now, zone)
    over = (Batch.status == BatchStatus.RELEASED, Batch.beyond_use_on < today)
    ids = session.scalars(select(Batch.id).where(*over).order_by(Batch.id)).all()
    for batch_id in ids:
        promised = _held_orders(session, batch_id)
        batch = batches.get_for_update(session, batch_id)
        if batch.status is not BatchStatus.RELEASED:
            continue
        batches.move(session, batch, BatchStatus.EXPIRED, by=by, at=now)
        _owe_others(session, batch, promised, today, by=by, now=now)
    return len(ids)


def deplete_batches(session: Session, *, by: Actor, now: datetime) -> int:
    """How many released batches were marked as used up."""
    in_house = (
        select(Allocation.id)
        .join(OrderLine, OrderLine.id == Allocation.order_line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(
            Allocation.batch_id == Batch.id,
            Allocation.destroyed_at.is_(None),
            Order.status.not_in(LEFT_THE_HOUSE),
        )
    )
    used_up = (
        (Batch.kind == BatchKind.CAPSULES)
        & (Batch.capsules_on_offer > 0)
        & (Batch.capsules_allocated == Batch.capsules_on_offer)
        & ~exists(in_house)
    ) | (
        (Batch.kind == BatchKind.TRITURATE)
        & exists(
            select(StockLevel.id).where(
                StockLevel.batch_id == Batch.id, StockLevel.on_hand_ug == 0, StockLevel.movements > 0
            )
        )
    )
    due = select(Batch.id).where(Batch.status == BatchStatus.RELEASED, used_up).order_by(Batch.id)
    ids = session.scalars(due).all()
    moved = 0
    for batch_id in ids:
        batch = batches.get_for_update(session, batch_id)
        # Somebody may have taken it back, or recalled it, while we waited for it.
        if session.scalar(due.where(Batch.id == batch_id)) is not None:
            batches.move(session, batch, BatchStatus.DEPLETED, by=by, at=now)
            moved += 1
    return moved


def destroy_batch(session: Session, done: Destruction, *, by: Actor, now: datetime) -> Batch:
    """The batch is destroyed, with the reason; what is on hand of a triturate is off the books.

    Raises ReasonTooShort, BatchNotFound, IllegalBatchMove. Orders in the house that were promised some of it wait
    for other capsules; what has left the house stays on record.
    """
    require_reason(done.reason)
    promised = _held_orders(session, done.batch_id)
    _hold_level(session, done.batch_id)
    batch = batches.get_for_update(session, done.batch_id)
    batches.move(session, batch, BatchStatus.DESTROYED, by=by, at=now, reason=done.reason)
    _owe_others(session, batch, promised, done.on, by=by, now=now)
    _off_the_books(session, batch, done, by=by, now=now)
    return batch


def _hold_level(session: Session, batch_id: UUID) -> None:
    """Levels are held before batches, by everybody."""
    session.execute(select(StockLevel.id).where(StockLevel.id == batch_id).with_for_update())


def _off_the_books(session: Session, batch: Batch, done: Destruction, *, by: Actor, now: datetime) -> None:
    try:
        left = ledger.on_hand(session, batch.id)
    except NotStocked:
        return
    if left:
        movement = Movement(
            stock_id=batch.id,
            ug=left,
            kind=MovementKind.DESTROY,
            subject_id=batch.id,
            on=done.on,
            reason=done.reason,
        )
        ledger.take(session, movement, by=by, now=now)


def _held_orders(session: Session, batch_id: UUID) -> list[Order]:
    """The orders in the house that were promised some of it, held, by id."""
    of_it = (
        select(OrderLine.order_id)
        .join(Allocation, Allocation.order_line_id == OrderLine.id)
        .where(Allocation.batch_id == batch_id, Allocation.destroyed_at.is_(None))
    )
    gone = LEFT_THE_HOUSE | ENDED
    ids = session.scalars(
        select(Order.id).where(Order.id.in_(of_it), Order.status.not_in(gone)).order_by(Order.id)
    ).all()
    return [orders.get_for_update(session, each) for each in ids]


def _owe_others(
    session: Session, batch: Batch, promised: Sequence[Order], on: date, *, by: Actor, now: datetime
) -> None:
    """Promises that labels have not fixed yet are taken back, and every order in the house waits as a task."""
    for order in promised:
        lines = [line.id for line in order.lines]
        status = order.resumes_to if order.status is OrderStatus.ON_HOLD else order.status
        if status in TAKES_CAPSULES:
            kept = [each for each in batches.allocations_of(session, lines) if each.batch_id == batch.id]
            take_back(session, batch, kept, by=by, now=now)
        task = NewTask(
            kind="order.remake",
            subject_id=order.id,
            wording=f"Order {order.number} needs another batch: {batch.number} is {words(batch.status)}.",
            due_on=on + timedelta(days=1),
            order_id=order.id,
        )
        open_task(session, task, by=by, now=now)
