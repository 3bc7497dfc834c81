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

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, SmallInteger, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import JSONB, distinct_on
from sqlalchemy.orm import Mapped, Session, mapped_column

# Known to everybody who reads lots by the name of their record, so they are part of this module's face.
from pharmacy.domain.components import ComponentKind as ComponentKind
from pharmacy.domain.lots import LotStatus as LotStatus
from pharmacy.domain.lots import PrintedExpiry
from pharmacy.domain.potency import ApiForm, AssayBasis
from pharmacy.store.base import Facts, Model, new_id, one_of

# What statistics were measured with before vendor and machine were kept.
HOUSE = "house"


class ComponentLot(Model):
    """A lot we bought, with what its certificate of analysis says (for an API), and who let it in.

    Usable through `expires_on`, the earlier of expiry and retest date. What was there before receipts were kept
    has no `received_on`.
    """

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
    component_id: Mapped[UUID | None] = mapped_column(ForeignKey("components.id"), index=True)
    vendor: Mapped[str | None]
    manufacturer: Mapped[str | None]
    catalogue_number: Mapped[str | None]
    gtin: Mapped[str | None] = mapped_column(index=True)
    serial: Mapped[str | None]
    grade: Mapped[str | None]
    storage: Mapped[str | None]
    certificate_number: Mapped[str | None]
    identity_confirmed: Mapped[bool | None]
    maker_is_registered: Mapped[bool | None]
    printed_expiry: Mapped[PrintedExpiry | None] = mapped_column(one_of(PrintedExpiry, "printed_expiry"))
    retest_on: Mapped[date | None]
    received_on: Mapped[date | None]
    received_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff_members.id"))
    reviewed_at: Mapped[datetime | None]
    reviewed_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff_members.id"))
    status_reason: Mapped[str | None]
    # Of shells: which shell of which vendor; they are counted, and kept in the ledger by their empty weight.
    shell_id: Mapped[UUID | None] = mapped_column(ForeignKey("shells.id"))
    # Of tablets: what one is labelled to hold, and the mean mass of twenty that were weighed.
    tablet_label_mg: Mapped[Decimal | None]
    tablet_mean_mg: Mapped[Decimal | None]
    __table_args__ = (
        CheckConstraint("(kind = 'shell') = (shell_id is not null)", name="shells"),
        CheckConstraint(
            "num_nulls(tablet_label_mg, tablet_mean_mg) in (0, 2)"
            " and (tablet_label_mg is null or (tablet_label_mg > 0 and tablet_mean_mg >= tablet_label_mg))",
            name="tablets",
        ),
        CheckConstraint(
            "kind <> 'api' or num_nulls(form, assay_pct, assay_basis, solvents_pct) = 0",
            name="api_certificate",
        ),
        CheckConstraint("assay_pct > 0 and assay_pct <= 110", name="assay"),
        CheckConstraint("water_pct >= 0 and water_pct < 100", name="water"),
        CheckConstraint(
            "received_on is null or num_nulls(component_id, vendor, manufacturer, storage, printed_expiry,"
            " received_by) = 0",
            name="receipt_whole",
        ),
        CheckConstraint("num_nulls(reviewed_at, reviewed_by) in (0, 2)", name="review_whole"),
        CheckConstraint(
            "received_on is null or status <> 'released' or reviewed_by is not null", name="reviewed"
        ),
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
    """The mass of one ingredient that fills one shell, measured for that lot, shell, vendor and machine."""

    __tablename__ = "packing_statistics"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    shell: Mapped[str]
    shell_vendor: Mapped[str] = mapped_column(default=HOUSE, server_default=HOUSE)
    machine: Mapped[str] = mapped_column(default=HOUSE, server_default=HOUSE)
    component_lot_id: Mapped[UUID | None] = mapped_column(ForeignKey("component_lots.id"))
    batch_id: Mapped[UUID | None] = mapped_column(ForeignKey("batches.id"))
    mass_mg: Mapped[Decimal]
    measured_on: Mapped[date]
    measured_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff_members.id"))
    shells_filled: Mapped[int | None]
    __table_args__ = (
        UniqueConstraint(
            "component_lot_id", "shell", "shell_vendor", "machine", name="uq_packing_statistics_of_lot"
        ),
        UniqueConstraint(
            "batch_id", "shell", "shell_vendor", "machine", name="uq_packing_statistics_of_batch"
        ),
        CheckConstraint("num_nulls(component_lot_id, batch_id) = 1", name="one_ingredient"),
        CheckConstraint("mass_mg > 0", name="mass"),
    )


class PriceBookStatus(StrEnum):
    """A draft is edited; what is approved never changes, and can be withdrawn only before its day."""

    DRAFT = "draft"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class PriceBook(Model):
    """One version of the prices; orders and quotes name the one they were priced by."""

    __tablename__ = "price_books"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[str] = mapped_column(unique=True)
    status: Mapped[PriceBookStatus] = mapped_column(
        one_of(PriceBookStatus, "status"),
        default=PriceBookStatus.APPROVED,
        server_default=PriceBookStatus.APPROVED.value,
    )
    effective_on: Mapped[date]
    rules: Mapped[Facts] = mapped_column(JSONB)
    # Why the prices were made anew, in the words of whoever drafted them.
    reason: Mapped[str] = mapped_column(default="", server_default="")
    drafted_by: Mapped[str | None]
    # Empty while it is a draft.
    approved_by: Mapped[str] = mapped_column(default="")
    approved_at: Mapped[datetime | None]
    withdrawn_because: Mapped[str | None]
    created_at: Mapped[datetime]
    # Raised by every edit of a draft, so that whoever edits an old reading is told.
    edition: Mapped[int] = mapped_column(default=1, server_default="1")
    __table_args__ = (
        CheckConstraint("status = 'draft' or approved_by <> ''", name="approved"),
        CheckConstraint("(status = 'withdrawn') = (withdrawn_because is not null)", name="withdrawn"),
    )


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
    screening_version: Mapped[int] = mapped_column(server_default="1")
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


def setting_in_force(session: Session, name: str) -> Any:
    """The newest value of that setting; every setting has one from its migration on."""
    return session.scalars(newest_value(name)).one()


def newest_value(name: str) -> Select[Any]:
    """That value, to be read alone or within another query."""
    query = select(Setting.value).where(Setting.name == name)
    return query.order_by(Setting.set_at.desc(), Setting.id.desc()).limit(1)


def every_setting(session: Session) -> Sequence[Setting]:
    """The row in force of every setting, by name."""
    query = (
        select(Setting)
        .ext(distinct_on(Setting.name))
        .order_by(Setting.name, Setting.set_at.desc(), Setting.id.desc())
    )
    return session.scalars(query).all()


def hold_settings(session: Session) -> None:
    """Nobody else changes a setting until this transaction ends."""
    session.execute(select(ReferenceVersion.id).with_for_update())


def history_of_setting(session: Session, name: str) -> Sequence[Setting]:
    """Every row of that setting, the one in force first; none for a name that is no setting's."""
    query = select(Setting).where(Setting.name == name)
    return session.scalars(query.order_by(Setting.set_at.desc(), Setting.id.desc())).all()


def setting_as_of(session: Session, name: str, at: datetime) -> Any:
    """The value of that setting at that moment; its first one for any moment before."""
    query = select(Setting.value).where(Setting.name == name)
    then = session.scalars(
        query.where(Setting.set_at <= at).order_by(Setting.set_at.desc(), Setting.id.desc()).limit(1)
    ).first()
    return then or session.scalars(query.order_by(Setting.set_at, Setting.id).limit(1)).one()


def price_book_in_force(session: Session, on: date) -> PriceBook | None:
    query = select(PriceBook).where(
        PriceBook.effective_on <= on, PriceBook.status == PriceBookStatus.APPROVED
    )
    return session.scalars(
        query.order_by(PriceBook.effective_on.desc(), PriceBook.id.desc()).limit(1)
    ).first()


def price_book(session: Session, price_book_id: UUID) -> PriceBook:
    return session.scalars(select(PriceBook).where(PriceBook.id == price_book_id)).one()


def numbers_of_lots(session: Session, lot_ids: Sequence[UUID]) -> dict[UUID, str]:
    """What is printed on each of these lots."""
    query = select(ComponentLot.id, ComponentLot.number).where(ComponentLot.id.in_(lot_ids))
    return dict(session.execute(query).all())


def lots(session: Session, lot_ids: Sequence[UUID]) -> dict[UUID, ComponentLot]:
    """These lots, by id."""
    found = session.scalars(select(ComponentLot).where(ComponentLot.id.in_(lot_ids)))
    return {lot.id: lot for lot in found}
