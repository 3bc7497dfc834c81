"""What may be used on a day: lots and triturates with something on hand, measured as we fill, and a balance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from pharmacy.domain.components import REFUSED_IN_FILLER, ComponentKind
from pharmacy.domain.lots import LotStatus
from pharmacy.store.batches import Batch, BatchKind, BatchStatus
from pharmacy.store.components import Component
from pharmacy.store.reference import BalanceRow, ComponentLot, PackingStatistic
from pharmacy.store.stock_ledger import StockLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """How capsules are filled here: shells of one size and vendor on one machine."""

    shell: str
    shell_vendor: str
    machine: str


def usable_lots(
    session: Session, kind: ComponentKind, on: date, filling: Filling
) -> list[tuple[ComponentLot, Decimal | None]]:
    """The released lots, each usable on its last day, with their packing; first to expire first.

    Neither an empty lot nor a filler that must not fill a capsule is among them.
    """
    refused = [tag.value for tag in REFUSED_IN_FILLER]
    query = (
        select(ComponentLot, PackingStatistic.mass_mg)
        .join(StockLevel, StockLevel.id == ComponentLot.id)
        .outerjoin(Component, Component.id == ComponentLot.component_id)
        .outerjoin(
            PackingStatistic, and_(PackingStatistic.component_lot_id == ComponentLot.id, _measured(filling))
        )
        .where(
            ComponentLot.kind == kind,
            ComponentLot.status == LotStatus.RELEASED,
            ComponentLot.expires_on >= on,
            StockLevel.on_hand_ug > 0,
            Component.id.is_(None) | (kind != ComponentKind.FILLER) | ~Component.tags.overlap(refused),
        )
        .order_by(ComponentLot.expires_on, ComponentLot.number)
    )
    return [(lot, mass) for lot, mass in session.execute(query)]


def usable_vehicles(session: Session, on: date) -> list[tuple[ComponentLot, list[str]]]:
    """The released lots of vehicle with something on hand, and their tags; first to expire first."""
    query = (
        select(ComponentLot, Component.tags)
        .join(StockLevel, StockLevel.id == ComponentLot.id)
        .join(Component, Component.id == ComponentLot.component_id)
        .where(
            ComponentLot.kind == ComponentKind.VEHICLE,
            ComponentLot.status == LotStatus.RELEASED,
            ComponentLot.expires_on >= on,
            StockLevel.on_hand_ug > 0,
        )
        .order_by(ComponentLot.expires_on, ComponentLot.number)
    )
    return [(lot, list(tags)) for lot, tags in session.execute(query)]


def usable_triturates(session: Session, on: date, filling: Filling) -> list[tuple[Batch, Decimal | None]]:
    """The released triturates, each usable on its last day, with their packing; first to end first."""
    query = (
        select(Batch, PackingStatistic.mass_mg)
        .join(StockLevel, StockLevel.id == Batch.id)
        .outerjoin(PackingStatistic, and_(PackingStatistic.batch_id == Batch.id, _measured(filling)))
        .where(
            Batch.kind == BatchKind.TRITURATE,
            Batch.status == BatchStatus.RELEASED,
            Batch.beyond_use_on >= on,
            StockLevel.on_hand_ug > 0,
        )
        .order_by(Batch.beyond_use_on, Batch.number)
    )
    return [(batch, mass) for batch, mass in session.execute(query)]


def balance_in_use(session: Session, on: date) -> BalanceRow | None:
    """The first balance by name that is in use and calibrated on that day."""
    query = select(BalanceRow).where(BalanceRow.in_use, BalanceRow.calibration_due_on >= on)
    return session.scalars(query.order_by(BalanceRow.name).limit(1)).first()


def _measured(filling: Filling) -> ColumnElement[bool]:
    return and_(
        PackingStatistic.shell == filling.shell,
        PackingStatistic.shell_vendor == filling.shell_vendor,
        PackingStatistic.machine == filling.machine,
    )
