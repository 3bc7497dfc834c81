"""What the pharmacy works with: component lots, balances, packing statistics, price books, settings.

These tables change seldom and are read by every order. One row, `reference_version`, is raised by triggers
on each of them, so that a process may keep what it read until the version moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, and_, select
from sqlalchemy.dialects.postgresql import JSONB, distinct_on
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.potency import ApiForm, AssayBasis
from pharmacy.store.base import Facts, Model, new_id, one_of
from pharmacy.store.batches import Batch, BatchKind, BatchStatus


class ComponentKind(StrEnum):
    API = "api"
    FILLER = "filler"


class LotStatus(StrEnum):
    QUARANTINED = "quarantined"
    RELEASED = "released"
    REJECTED = "rejected"
    EXPIRED = "expired"
    RECALLED = "recalled"
    DEPLETED = "depleted"


class ComponentLot(Model):
    """A lot we bought, with what its certificate of analysis says (for an API)."""

    __tablename__ = "component_lots"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[ComponentKind] = mapped_column(one_of(ComponentKind, "kind"))
    name: Mapped[str]
    status: Mapped[LotStatus] = mapped_column(one_of(LotStatus, "status"))
    expires_on: Mapped[date]
    form: Mapped[ApiForm | None] = mapped_column(one_of(ApiForm, "form"))
    assay_pct: Mapped[Decimal | None]
    assay_basis: Mapped[AssayBasis | None] = mapped_column(one_of(AssayBasis, "assay_basis"))
    water_pct: Mapped[Decimal | None]
    solvents_pct: Mapped[Decimal | None]
    __table_args__ = (
        CheckConstraint(
            "kind <> 'api' or num_nulls(form, assay_pct, assay_basis, solvents_pct) = 0",
            name="api_certificate",
        ),
        CheckConstraint("assay_pct > 0 and assay_pct <= 110", name="assay"),
        CheckConstraint("water_pct >= 0 and water_pct < 100", name="water"),
    )


class BalanceRow(Model):
    __tablename__ = "balances"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)
    readability_mg: Mapped[Decimal]
    sensitivity_requirement_mg: Mapped[Decimal | None]
    max_error_pct: Mapped[Decimal]
    certificate_minimum_mg: Mapped[Decimal | None]
    calibration_due_on: Mapped[date]
    in_use: Mapped[bool]
    __table_args__ = (CheckConstraint("readability_mg > 0", name="readability"),)


class PackingStatistic(Model):
    """The mass of one ingredient that fills one shell, measured for that lot."""

    __tablename__ = "packing_statistics"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    shell: Mapped[str]
    component_lot_id: Mapped[UUID | None] = mapped_column(ForeignKey("component_lots.id"))
    batch_id: Mapped[UUID | None] = mapped_column(ForeignKey("batches.id"))
    mass_mg: Mapped[Decimal]
    measured_on: Mapped[date]
    __table_args__ = (
        UniqueConstraint("shell", "component_lot_id"),
        UniqueConstraint("shell", "batch_id"),
        CheckConstraint("num_nulls(component_lot_id, batch_id) = 1", name="one_ingredient"),
        CheckConstraint("mass_mg > 0", name="mass"),
    )


class PriceBook(Model):
    """One version of the prices; orders and quotes name the one they were priced by."""

    __tablename__ = "price_books"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[str] = mapped_column(unique=True)
    effective_on: Mapped[date]
    rules: Mapped[Facts] = mapped_column(JSONB)
    approved_by: Mapped[str]
    created_at: Mapped[datetime]


class Setting(Model):
    """A number that the pharmacist-in-charge answers for; a change is a new row, the newest is in force."""

    __tablename__ = "settings"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    value: Mapped[Any] = mapped_column(JSONB)
    source: Mapped[str]
    owner: Mapped[str]
    reason: Mapped[str]
    set_at: Mapped[datetime]
    __table_args__ = (Index("ix_settings_name_set_at", "name", "set_at"),)


class ReferenceVersion(Model):
    __tablename__ = "reference_version"
    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    version: Mapped[int]
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)


def version(session: Session) -> int:
    return session.scalars(select(ReferenceVersion.version)).one()


def settings_in_force(session: Session) -> dict[str, Any]:
    """The newest value of every setting."""
    query = (
        select(Setting.name, Setting.value)
        .ext(distinct_on(Setting.name))
        .order_by(Setting.name, Setting.set_at.desc(), Setting.id.desc())
    )
    return dict(session.execute(query).all())


def price_book_in_force(session: Session, on: date) -> PriceBook | None:
    query = select(PriceBook).where(PriceBook.effective_on <= on)
    return session.scalars(
        query.order_by(PriceBook.effective_on.desc(), PriceBook.id.desc()).limit(1)
    ).first()


def price_book(session: Session, price_book_id: UUID) -> PriceBook:
    return session.scalars(select(PriceBook).where(PriceBook.id == price_book_id)).one()


def usable_lots(
    session: Session, kind: ComponentKind, on: date, shell: str
) -> list[tuple[ComponentLot, Decimal | None]]:
    """The released lots, each usable on its last day, with their packing in that shell; first to expire first."""
    measured = and_(PackingStatistic.component_lot_id == ComponentLot.id, PackingStatistic.shell == shell)
    query = (
        select(ComponentLot, PackingStatistic.mass_mg)
        .outerjoin(PackingStatistic, measured)
        .where(
            ComponentLot.kind == kind,
            ComponentLot.status == LotStatus.RELEASED,
            ComponentLot.expires_on >= on,
        )
        .order_by(ComponentLot.expires_on, ComponentLot.number)
    )
    return [(lot, mass) for lot, mass in session.execute(query)]


def usable_triturates(session: Session, on: date, shell: str) -> list[tuple[Batch, Decimal | None]]:
    """The released triturates, each usable on its last day, with their packing; first to end first."""
    measured = and_(PackingStatistic.batch_id == Batch.id, PackingStatistic.shell == shell)
    query = (
        select(Batch, PackingStatistic.mass_mg)
        .outerjoin(PackingStatistic, measured)
        .where(
            Batch.kind == BatchKind.TRITURATE, Batch.status == BatchStatus.RELEASED, Batch.beyond_use_on >= on
        )
        .order_by(Batch.beyond_use_on, Batch.number)
    )
    return [(batch, mass) for batch, mass in session.execute(query)]


def balance_in_use(session: Session, on: date) -> BalanceRow | None:
    query = select(BalanceRow).where(BalanceRow.in_use, BalanceRow.calibration_due_on >= on)
    return session.scalars(query.order_by(BalanceRow.name).limit(1)).first()


def numbers_of_lots(session: Session, lot_ids: Sequence[UUID]) -> dict[UUID, str]:
    """What is printed on each of these lots."""
    query = select(ComponentLot.id, ComponentLot.number).where(ComponentLot.id.in_(lot_ids))
    return dict(session.execute(query).all())


def lots(session: Session, lot_ids: Sequence[UUID]) -> dict[UUID, ComponentLot]:
    """These lots, by id."""
    found = session.scalars(select(ComponentLot).where(ComponentLot.id.in_(lot_ids)))
    return {lot.id: lot for lot in found}


def balance_names(session: Session) -> dict[UUID, str]:
    return dict(session.execute(select(BalanceRow.id, BalanceRow.name)).all())


def balance_name(session: Session, balance_id: UUID) -> str:
    return session.scalars(select(BalanceRow.name).where(BalanceRow.id == balance_id)).one()
