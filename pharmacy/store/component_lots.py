"""Named queries about component lots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from pharmacy.domain.components import ComponentKind
from pharmacy.domain.errors import NotFound
from pharmacy.domain.lots import LotStatus
from pharmacy.store.reference import ComponentLot
from pharmacy.store.stock_ledger import StockLevel


@dataclass(eq=False)
class LotNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such lot."


def lot(session: Session, lot_id: UUID) -> ComponentLot:
    found = session.get(ComponentLot, lot_id)
    if found is None:
        raise LotNotFound
    return found


def lot_for_update(session: Session, lot_id: UUID) -> ComponentLot:
    """The lot as it is now, ours until the transaction ends."""
    return session.scalars(
        select(ComponentLot).where(ComponentLot.id == lot_id).with_for_update(),
        execution_options={"populate_existing": True},
    ).one()


def lot_numbered(session: Session, number: str) -> ComponentLot | None:
    return session.scalar(select(ComponentLot).where(ComponentLot.number == number))


def newest_under_gtin(session: Session, gtin: str) -> ComponentLot | None:
    """The lot that was received last under that trade item."""
    query = select(ComponentLot).where(ComponentLot.gtin == gtin)
    return session.scalars(query.order_by(ComponentLot.id.desc()).limit(1)).first()


def on_hand_of(session: Session, lot_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Micrograms on hand, by lot."""
    query = select(StockLevel.id, StockLevel.on_hand_ug).where(StockLevel.id.in_(lot_ids))
    return dict(session.execute(query).all())


def listed(kind: ComponentKind | None, status: LotStatus | None) -> Select[ComponentLot]:
    """Lots, first to expire first; of one kind or in one state where it is named."""
    query = select(ComponentLot)
    if kind is not None:
        query = query.where(ComponentLot.kind == kind)
    if status is not None:
        query = query.where(ComponentLot.status == status)
    return query.order_by(ComponentLot.expires_on, ComponentLot.id)


def counts_by_status(session: Session) -> dict[LotStatus, int]:
    """How many lots are in each state that has any."""
    counted = select(ComponentLot.status, func.count()).group_by(ComponentLot.status)
    return {status: int(count) for status, count in session.execute(counted)}


def of_kind(session: Session, kind: ComponentKind) -> Sequence[tuple[ComponentLot, int]]:
    """Every lot of that kind with what is on hand of it, first to expire first."""
    query = (
        select(ComponentLot, StockLevel.on_hand_ug)
        .join(StockLevel, StockLevel.id == ComponentLot.id)
        .where(ComponentLot.kind == kind)
        .order_by(ComponentLot.expires_on, ComponentLot.number)
    )
    return [(row, ug) for row, ug in session.execute(query)]
