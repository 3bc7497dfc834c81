"""Stock that is thrown away, and movements that were recorded by mistake and are taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.stock import Movement
from pharmacy.store import audit
from pharmacy.store import stock_ledger as ledger
from pharmacy.store.stock_ledger import StockMovement


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """Which movement was a mistake, and why."""

    movement_id: UUID
    reason: str
    on: date


def move_stock(session: Session, movement: Movement, *, by: Actor, now: datetime) -> StockMovement:
    """What was wasted or destroyed is off the books, by whom, when and why. Raises NotStocked and StockShort."""
    line = ledger.take(session, movement, by=by, now=now)
    audit.record(
        session,
        f"stock.{movement.kind}",
        movement.stock_id,
        by=by,
        at=now,
        ug=movement.ug,
        reason=movement.reason,
    )
    return line


def take_back_movement(session: Session, mistake: TakenBack, *, by: Actor, now: datetime) -> StockMovement:
    """The movement is undone by a line of its own. Raises NotStocked, AlreadyPutBack and StockShort."""
    line = ledger.put_back(session, mistake.movement_id, mistake.reason, on=mistake.on, by=by, now=now)
    audit.record(
        session,
        "stock.put_back",
        line.stock_id,
        by=by,
        at=now,
        ug=line.ug,
        reverses=str(mistake.movement_id),
        reason=mistake.reason,
    )
    return line
