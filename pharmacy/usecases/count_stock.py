"""Somebody counts what is really on hand; the books follow, and a large difference is looked into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.counts import CountTolerance, is_investigated, variance_ug
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.stock import Movement, MovementKind, mass_text
from pharmacy.store import audit
from pharmacy.store import stock_ledger as ledger
from pharmacy.store.base import new_id
from pharmacy.store.reference import settings_in_force
from pharmacy.store.stock_counts import StockCount
from pharmacy.store.tasks import NewTask, close_about, open_task
from pharmacy.usecases.counts_due import COUNT_TASK


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What was found of which stock on which day of the pharmacy."""

    stock_id: UUID
    mass: Micrograms
    on: date


def count_stock(session: Session, counted: Counted, *, by: Actor, now: datetime) -> StockCount:
    """The count is on record and the books say what was counted; beyond the tolerance a task is open.

    Raises NotStocked.
    """
    ledger.hold(session, [counted.stock_id])
    stock = ledger.kept(session, counted.stock_id)
    settings = settings_in_force(session)
    tolerance = CountTolerance(
        share=Decimal(settings["count_tolerance"]["share"]),
        mass_ug=Micrograms.from_milligrams(Decimal(settings["count_tolerance"]["mass_mg"])).value,
    )
    count = StockCount(
        id=new_id(),
        stock_id=counted.stock_id,
        counted_ug=counted.mass.value,
        book_ug=stock.on_hand_ug,
        variance_ug=variance_ug(counted.mass.value, stock.on_hand_ug),
        is_investigated=is_investigated(counted.mass.value, stock.on_hand_ug, tolerance),
        counted_on=counted.on,
        counted_at=now,
        counted_by=by.id,
    )
    session.add(count)
    _follow(session, count, by, now)
    if count.is_investigated:
        task = NewTask(
            kind="stock.investigate",
            subject_id=counted.stock_id,
            wording=(
                f"Lot {stock.number}: counted {mass_text(count.counted_ug)}, the books said"
                f" {mass_text(count.book_ug)}. Find out why."
            ),
            due_on=counted.on + timedelta(days=settings["investigation_days"]),
        )
        open_task(session, task, by=by, now=now)
    close_about(session, COUNT_TASK, counted.stock_id, "counted", by=by, now=now)
    audit.record(
        session,
        "stock.counted",
        counted.stock_id,
        by=by,
        at=now,
        counted_ug=count.counted_ug,
        book_ug=count.book_ug,
    )
    return count


def _follow(session: Session, count: StockCount, by: Actor, now: datetime) -> None:
    if count.variance_ug == 0:
        return
    adjusted = Movement(
        stock_id=count.stock_id,
        ug=abs(count.variance_ug),
        kind=MovementKind.ADJUST,
        subject_id=count.id,
        on=count.counted_on,
        reason="counted",
    )
    if count.variance_ug > 0:
        ledger.receive(session, adjusted, by=by, now=now)
    else:
        ledger.take(session, adjusted, by=by, now=now)
