"""Stock that is thrown away, moved elsewhere or comes in another container, and mistakes that are taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict
from pharmacy.domain.lots import LotStatus
from pharmacy.domain.stock import Movement
from pharmacy.store import audit
from pharmacy.store import component_lots as books
from pharmacy.store import stock_ledger as ledger
from pharmacy.store.stock_ledger import StockMovement


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """Which movement was a mistake, and why."""

    movement_id: UUID
    reason: str
    on: date


@dataclass(eq=False)
class LotTakesNoMore(Conflict):
    """The lot has ended, and no further container of it is let in."""

    number: str
    status: LotStatus

    def __str__(self) -> str:
        return f"Lot {self.number} is {self.status}: no further container of it is let in."


_TAKES_MORE = frozenset({LotStatus.QUARANTINED, LotStatus.RELEASED, LotStatus.DEPLETED})


def receive_container(session: Session, movement: Movement, *, by: Actor, now: datetime) -> StockMovement:
    """Another container of a lot is on hand; one of a lot that was used up is reviewed before it is used.

    Raises LotNotFound and LotTakesNoMore.
    """
    books.lot(session, movement.stock_id)
    ledger.hold(session, [movement.stock_id])
    lot = books.lot_for_update(session, movement.stock_id)
    if lot.status not in _TAKES_MORE:
        raise LotTakesNoMore(lot.number, lot.status)
    if lot.status is LotStatus.DEPLETED:
        lot.status = LotStatus.QUARANTINED
    line = ledger.receive(session, movement, by=by, now=now)
    audit.record(session, "lot.container_received", lot.id, by=by, at=now, number=lot.number, ug=movement.ug)
    return line


def transfer_stock(
    session: Session, movement: Movement, is_out: bool, *, by: Actor, now: datetime
) -> StockMovement:
    """Stock went to another place of the house's, or came from there. Raises NotStocked and StockShort."""
    move = ledger.take if is_out else ledger.receive
    line = move(session, movement, by=by, now=now)
    audit.record(
        session,
        "stock.transfer",
        movement.stock_id,
        by=by,
        at=now,
        ug=line.ug,
        reason=movement.reason,
    )
    return line


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
