"""Capsule shells as their vendors make them, and the calibrations of balances.

Volume and empty weight of a size differ between vendors by up to a tenth, so they belong to the vendor's shell and
not to the size. Calibrations are append-only; a mistaken one is corrected by a row that names it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import TEXT, CheckConstraint, ForeignKey, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.errors import NotFound
from pharmacy.domain.readiness import require_calibrated
from pharmacy.store.base import Model, new_id, one_of
from pharmacy.store.reference import BalanceRow, PackingStatistic


class ShellMaterial(StrEnum):
    HYPROMELLOSE = "hypromellose"
    GELATIN = "gelatin"
    PULLULAN = "pullulan"


@dataclass(eq=False)
class BalanceNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such balance."


class Shell(Model):
    __tablename__ = "shells"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    size: Mapped[str]
    vendor: Mapped[str]
    material: Mapped[ShellMaterial] = mapped_column(one_of(ShellMaterial, "material"))
    volume_ml: Mapped[Decimal]
    empty_mg: Mapped[Decimal]
    tags: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    source: Mapped[str]
    added_at: Mapped[datetime]
    added_by: Mapped[UUID]
    __table_args__ = (
        UniqueConstraint("size", "vendor", "material"),
        CheckConstraint("size in ('000', '00', '0', '1', '2', '3', '4', '5')", name="size"),
        CheckConstraint("volume_ml > 0 and empty_mg > 0", name="measures"),
        CheckConstraint(
            "tags <@ array['calcium', 'gelling', 'lactose', 'animal', 'gluten', 'dye', 'aqueous', 'preserved']",
            name="tags",
        ),
    )


class Calibration(Model):
    """One calibration of one balance; `due_on` is when the next is due, and None when it failed."""

    __tablename__ = "calibrations"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    balance_id: Mapped[UUID] = mapped_column(ForeignKey("balances.id"), index=True)
    calibrated_on: Mapped[date]
    has_passed: Mapped[bool]
    due_on: Mapped[date | None]
    performed_by: Mapped[str]
    certificate: Mapped[str | None]
    remark: Mapped[str | None]
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("calibrations.id"), unique=True)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"))
    __table_args__ = (
        CheckConstraint("has_passed = (due_on is not null)", name="due_when_passed"),
        CheckConstraint("due_on > calibrated_on", name="due_later"),
    )


def shells(session: Session) -> Sequence[Shell]:
    """Every shell, largest size first, then by vendor."""
    # '000' is larger than '00', than '0', than '1': text order is the order of sizes.
    return session.scalars(select(Shell).order_by(Shell.size, Shell.vendor, Shell.material)).all()


def balances(session: Session) -> Sequence[BalanceRow]:
    return session.scalars(select(BalanceRow).order_by(BalanceRow.name)).all()


def balance(session: Session, balance_id: UUID) -> BalanceRow:
    found = session.get(BalanceRow, balance_id)
    if found is None:
        raise BalanceNotFound
    return found


def balance_for_weighing(session: Session, balance_id: UUID, on: date) -> BalanceRow:
    """That balance, in use and calibrated on that day. Raises BalanceNotUsable and BalanceNotFound."""
    found = balance(session, balance_id)
    require_calibrated(found.name, found.calibration_due_on, found.in_use, on)
    return found


def calibrations_of(session: Session, balance_id: UUID) -> Sequence[Calibration]:
    """Every calibration of that balance, newest first, corrected ones among them."""
    query = select(Calibration).where(Calibration.balance_id == balance_id)
    return session.scalars(query.order_by(Calibration.calibrated_on.desc(), Calibration.id.desc())).all()


def packing_of(session: Session, stock_id: UUID) -> Sequence[PackingStatistic]:
    """What of that lot or triturate fills one shell, by shell, vendor and machine."""
    of_stock = (PackingStatistic.component_lot_id == stock_id) | (PackingStatistic.batch_id == stock_id)
    ordered = (PackingStatistic.shell, PackingStatistic.shell_vendor, PackingStatistic.machine)
    return session.scalars(select(PackingStatistic).where(of_stock).order_by(*ordered)).all()
