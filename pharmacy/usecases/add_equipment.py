"""Balances and shells are entered, and balances told with what they may weigh."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.components import ComponentTag
from pharmacy.domain.errors import Conflict, Unfit
from pharmacy.domain.quantities import Milligrams
from pharmacy.domain.readiness import BalanceNotUsable, require_calibrated
from pharmacy.domain.weighing import MAX_ERROR_PCT, Balance, minimum_weighable
from pharmacy.store import audit
from pharmacy.store.base import new_id
from pharmacy.store.equipment import Shell, ShellMaterial
from pharmacy.store.reference import BalanceRow


@dataclass(eq=False)
class AlreadyEntered(Conflict):
    what: str

    def __str__(self) -> str:
        return f"{self.what} was entered before."


@dataclass(eq=False)
class NothingToWeighBy(Unfit):
    def __str__(self) -> str:
        return "A balance has a sensitivity requirement or a certified minimum."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBalance:
    """As its record and certificate describe it; the allowed error is the usual one unless given."""

    name: str
    readability_mg: Decimal
    sensitivity_requirement_mg: Decimal | None
    max_error_pct: Decimal | None
    certificate_minimum_mg: Decimal | None
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NewShell:
    size: str
    vendor: str
    material: ShellMaterial
    volume_ml: Decimal
    empty_mg: Decimal
    tags: Sequence[ComponentTag]
    source: str


def add_balance(session: Session, new: NewBalance, *, by: Actor, now: datetime) -> BalanceRow:
    """The balance is entered, and out of use until it is calibrated. Raises AlreadyEntered, NothingToWeighBy."""
    if new.sensitivity_requirement_mg is None and new.certificate_minimum_mg is None:
        raise NothingToWeighBy(where=("sensitivity_requirement_mg",))
    if session.scalar(select(BalanceRow.id).where(BalanceRow.name == new.name)) is not None:
        raise AlreadyEntered(f"Balance {new.name}", where=("name",))
    row = BalanceRow(
        id=new_id(),
        name=new.name,
        readability_mg=new.readability_mg,
        sensitivity_requirement_mg=new.sensitivity_requirement_mg,
        max_error_pct=new.max_error_pct or MAX_ERROR_PCT,
        certificate_minimum_mg=new.certificate_minimum_mg,
        calibration_due_on=new.today,
        in_use=False,
    )
    session.add(row)
    audit.record(session, "balance.added", row.id, by=by, at=now, name=new.name)
    return row


def add_shell(session: Session, new: NewShell, *, by: Actor, now: datetime) -> Shell:
    """The shell is entered as its vendor describes it. Raises AlreadyEntered."""
    known = select(Shell.id).where(
        Shell.size == new.size, Shell.vendor == new.vendor, Shell.material == new.material
    )
    if session.scalar(known) is not None:
        raise AlreadyEntered(f"A shell of size {new.size} of {new.vendor}", where=("size",))
    row = Shell(
        id=new_id(),
        size=new.size,
        vendor=new.vendor,
        material=new.material,
        volume_ml=new.volume_ml,
        empty_mg=new.empty_mg,
        tags=sorted({tag.value for tag in new.tags}),
        source=new.source,
        added_at=now,
        added_by=by.id,
    )
    session.add(row)
    audit.record(session, "shell.added", row.id, by=by, at=now, size=new.size, vendor=new.vendor)
    return row


def balance_view(row: BalanceRow, today: date) -> dict[str, Any]:
    """A balance as it is told today, with the least it weighs and why it may not be used."""
    because = None
    try:
        require_calibrated(row.name, row.calibration_due_on, row.in_use, today)
    except BalanceNotUsable as refusal:
        because = refusal.because
    told = {column.key: getattr(row, column.key) for column in BalanceRow.__table__.columns}
    return {**told, "minimum_weighable_mg": minimum_weighable(_balance(row)).number, "why_not": because}


def _balance(row: BalanceRow) -> Balance:
    return Balance(
        name=row.name,
        readability=Milligrams(row.readability_mg),
        sensitivity_requirement=_mass(row.sensitivity_requirement_mg),
        max_error_pct=row.max_error_pct,
        certificate_minimum=_mass(row.certificate_minimum_mg),
    )


def _mass(number: Decimal | None) -> Milligrams | None:
    return None if number is None else Milligrams(number)
