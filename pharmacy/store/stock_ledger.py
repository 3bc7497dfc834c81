"""The ledger of stock: append-only, in whole micrograms, one for each component lot and each triturate.

A level says what is on hand and how many movements made it so; a movement says its place in the row and what was
on hand after it. Triggers hold the two together: a level that no movement tells, or a movement that does not
follow from the one before it, is refused at commit, whoever wrote it. Whoever moves stock, or changes whether it
may be used, holds its level first; several are held in one fixed order, so that nobody waits in a circle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, UniqueConstraint, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.actors import Actor
from pharmacy.domain.stock import (
    GIVES,
    TAKES,
    AlreadyPutBack,
    LotNotUsable,
    Movement,
    MovementKind,
    NotStocked,
    StockShort,
    why_not_usable,
)
from pharmacy.store.base import Model, Ug, new_id, one_of
from pharmacy.store.batches import Batch
from pharmacy.store.reference import ComponentLot


class StockLevel(Model):
    """What is on hand of one component lot or one triturate; its id is that of the lot or batch."""

    __tablename__ = "stock_levels"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    component_lot_id: Mapped[UUID | None] = mapped_column(ForeignKey("component_lots.id"), unique=True)
    batch_id: Mapped[UUID | None] = mapped_column(ForeignKey("batches.id"), unique=True)
    on_hand_ug: Mapped[Ug]
    movements: Mapped[int]
    __table_args__ = (
        CheckConstraint(
            "num_nonnulls(component_lot_id, batch_id) = 1 and id = coalesce(component_lot_id, batch_id)",
            name="one_stock",
        ),
        CheckConstraint("on_hand_ug >= 0", name="on_hand"),
        CheckConstraint("movements >= 0", name="movements"),
    )


class StockMovement(Model):
    """One line of the ledger: `ug` is above zero for what came in and below for what went out."""

    __tablename__ = "stock_movements"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    stock_id: Mapped[UUID] = mapped_column(ForeignKey("stock_levels.id"))
    position: Mapped[int]
    kind: Mapped[MovementKind] = mapped_column(one_of(MovementKind, "kind"))
    ug: Mapped[Ug]
    on_hand_after_ug: Mapped[Ug]
    subject_id: Mapped[UUID] = mapped_column(index=True)
    reason: Mapped[str | None]
    reverses_id: Mapped[UUID | None] = mapped_column(ForeignKey("stock_movements.id"), unique=True)
    moved_on: Mapped[date]
    moved_at: Mapped[datetime]
    moved_by: Mapped[UUID]
    __table_args__ = (
        UniqueConstraint("stock_id", "position"),
        Index("ix_stock_movements_moved_on", "moved_on"),
        CheckConstraint("on_hand_after_ug >= 0", name="on_hand_after"),
        CheckConstraint(
            "ug <> 0 and (kind in ('adjust', 'transfer')"
            " or (kind = 'receive') = ((ug > 0) = (reverses_id is null)))",
            name="direction",
        ),
        CheckConstraint(
            "reason is not null or (kind not in ('waste', 'adjust', 'destroy') and reverses_id is null)",
            name="reason",
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a level stands for: the number of its lot or triturate, whether it is released, its last day."""

    number: str
    status: str
    last_on: date
    on_hand_ug: int


def open_for_lot(session: Session, component_lot_id: UUID) -> None:
    """The lot has a ledger, with nothing on hand."""
    session.add(StockLevel(id=component_lot_id, component_lot_id=component_lot_id, on_hand_ug=0, movements=0))


def open_for_triturate(session: Session, batch_id: UUID) -> None:
    """The triturate has a ledger, with nothing on hand."""
    session.add(StockLevel(id=batch_id, batch_id=batch_id, on_hand_ug=0, movements=0))


def hold(session: Session, stock_ids: Sequence[UUID]) -> None:
    """Those levels are ours until the transaction ends: component lots by id, then triturates by id.

    Whoever moves more than one holds them all beforehand; NotStocked when one of them is not there.
    """
    session.flush()  # A level that was just opened must be there to be held.
    query = select(StockLevel.id).where(StockLevel.id.in_(stock_ids))
    ordered = query.order_by(StockLevel.batch_id.is_not(None), StockLevel.id).with_for_update()
    if len(session.scalars(ordered).all()) != len(set(stock_ids)):
        raise NotStocked


def take(session: Session, movement: Movement, *, by: Actor, now: datetime) -> StockMovement:
    """That much less is on hand.

    Raises LotNotUsable when something is to be weighed that is not released or past its last day, and StockShort
    when less is on hand. Either way nothing was changed, so that the caller may put the refusal on record.
    """
    if movement.kind not in TAKES:
        raise ValueError(f"To {movement.kind} takes nothing")
    hold(session, [movement.stock_id])
    if movement.kind is MovementKind.WEIGH:
        _require_usable(kept(session, movement.stock_id), movement.on)
    return _move(session, movement, -movement.ug, None, by, now)


def take_each(
    session: Session, movements: Sequence[Movement], *, by: Actor, now: datetime
) -> list[StockMovement]:
    """All of them are taken, or none: a refusal comes before anything was changed, as with `take`."""
    hold(session, [movement.stock_id for movement in movements])
    wanted: dict[UUID, int] = {}
    for movement in movements:
        wanted[movement.stock_id] = wanted.get(movement.stock_id, 0) + movement.ug
        stock = kept(session, movement.stock_id)
        if movement.kind is MovementKind.WEIGH:
            _require_usable(stock, movement.on)
        if wanted[movement.stock_id] > stock.on_hand_ug:
            raise StockShort(stock.number, wanted[movement.stock_id], stock.on_hand_ug)
    return [take(session, movement, by=by, now=now) for movement in movements]


def receive(session: Session, movement: Movement, *, by: Actor, now: datetime) -> StockMovement:
    """That much more is on hand. The ledger of the lot was opened before; NotStocked otherwise."""
    if movement.kind not in GIVES:
        raise ValueError(f"To {movement.kind} brings nothing")
    hold(session, [movement.stock_id])
    return _move(session, movement, movement.ug, None, by, now)


def put_back(
    session: Session, movement_id: UUID, reason: str, *, on: date, by: Actor, now: datetime
) -> StockMovement:
    """A movement that was recorded by mistake is taken back by a line of its own, once.

    Raises AlreadyPutBack, StockShort when a receipt is taken back of which some has been used, and NotStocked.
    """
    stock_id = session.scalar(select(StockMovement.stock_id).where(StockMovement.id == movement_id))
    if stock_id is None:
        raise NotStocked
    hold(session, [stock_id])
    wrong = session.scalars(select(StockMovement).where(StockMovement.id == movement_id)).one()
    undone = session.scalar(select(StockMovement.id).where(StockMovement.reverses_id == movement_id))
    if undone is not None or wrong.reverses_id is not None:
        raise AlreadyPutBack
    mended = Movement(
        stock_id=stock_id,
        ug=abs(wrong.ug),
        kind=wrong.kind,
        subject_id=wrong.subject_id,
        on=on,
        reason=reason,
    )
    return _move(session, mended, -wrong.ug, movement_id, by, now)


def on_hand(session: Session, stock_id: UUID) -> int:
    """Micrograms on hand; NotStocked when no ledger is kept under that id."""
    ug = session.scalar(select(StockLevel.on_hand_ug).where(StockLevel.id == stock_id))
    if ug is None:
        raise NotStocked
    return ug


def kept(session: Session, stock_id: UUID) -> Kept:
    """What stands under that id and whether it may be used, as it is now; NotStocked when nothing does."""
    query = (
        select(
            func.coalesce(ComponentLot.number, Batch.number),
            ComponentLot.status,
            Batch.status,
            func.coalesce(ComponentLot.expires_on, Batch.beyond_use_on),
            StockLevel.on_hand_ug,
        )
        .outerjoin(ComponentLot, ComponentLot.id == StockLevel.component_lot_id)
        .outerjoin(Batch, Batch.id == StockLevel.batch_id)
        .where(StockLevel.id == stock_id)
    )
    found = session.execute(query).first()
    if found is None:
        raise NotStocked
    number, lot_status, batch_status, last_on, ug = found
    return Kept(number=number, status=lot_status or batch_status, last_on=last_on, on_hand_ug=ug)


def movements_of(session: Session, stock_id: UUID) -> Sequence[StockMovement]:
    """The whole ledger of one lot or triturate, oldest first."""
    query = select(StockMovement).where(StockMovement.stock_id == stock_id)
    return session.scalars(query.order_by(StockMovement.position)).all()


def thrown_away() -> Select[StockMovement]:
    """What was wasted or destroyed of any stock, newest first, with the lines that take such lines back."""
    kinds = (MovementKind.WASTE, MovementKind.DESTROY)
    return select(StockMovement).where(StockMovement.kind.in_(kinds)).order_by(StockMovement.id.desc())


def _require_usable(stock: Kept, on: date) -> None:
    because = why_not_usable(stock.status, stock.last_on, on)
    if because is not None:
        raise LotNotUsable(stock.number, because)


def _move(
    session: Session, movement: Movement, ug: int, reverses_id: UUID | None, by: Actor, now: datetime
) -> StockMovement:
    moved = session.execute(
        update(StockLevel)
        .where(StockLevel.id == movement.stock_id, StockLevel.on_hand_ug + ug >= 0)
        .values(on_hand_ug=StockLevel.on_hand_ug + ug, movements=StockLevel.movements + 1)
        .returning(StockLevel.on_hand_ug, StockLevel.movements),
        execution_options={"synchronize_session": False},
    ).first()
    if moved is None:
        stock = kept(session, movement.stock_id)
        raise StockShort(stock.number, -ug, stock.on_hand_ug)
    line = StockMovement(
        stock_id=movement.stock_id,
        position=moved.movements,
        kind=movement.kind,
        ug=ug,
        on_hand_after_ug=moved.on_hand_ug,
        subject_id=movement.subject_id,
        reason=movement.reason,
        reverses_id=reverses_id,
        moved_on=movement.on,
        moved_at=now,
        moved_by=by.id,
    )
    session.add(line)
    session.flush()  # The next line of this ledger is checked against this one as it is written.
    return line
