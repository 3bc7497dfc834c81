"""How much of a powder fills one shell, measured for one lot, shell, vendor and machine.

Ten, fifty or a hundred shells are filled with the pure powder as the house tamps it and weighed together; less
the shells, divided by their number. A new measurement takes the place of the old one, which stays in the audit
trail. What the shell's volume and the powder's tapped density would give is shown beside it, for plausibility.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import NotFound, Unfit
from pharmacy.domain.quantities import Milligrams
from pharmacy.store import audit
from pharmacy.store import stock_ledger as ledger
from pharmacy.store.base import new_id
from pharmacy.store.equipment import Shell
from pharmacy.store.reference import PackingStatistic
from pharmacy.store.stock_ledger import StockLevel

# One plate at most; each divides a decimal without a rest.
FILLED_AT_ONCE = frozenset({10, 50, 100})
_UL_PER_ML = 1000


@dataclass(eq=False)
class ShellNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such shell."


@dataclass(eq=False)
class PackingUnfit(Unfit):
    because: str

    def __str__(self) -> str:
        return self.because


@dataclass(frozen=True, slots=True, kw_only=True)
class PackingMeasured:
    """So many shells filled and weighed, less so much for the shells themselves; of a lot or a triturate."""

    stock_id: UUID
    shell_id: UUID
    machine: str
    shells_filled: int
    filled: Milligrams
    empty: Milligrams
    tapped_g_per_ml: Decimal | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """The statistic as it is kept, and what volume and density would have given."""

    statistic: PackingStatistic
    plausible: Milligrams | None


def measure_packing(session: Session, measured: PackingMeasured, *, by: Actor, now: datetime) -> Packing:
    """The mass that fills one shell is on record for that lot. Raises NotStocked, ShellNotFound, PackingUnfit."""
    shell = session.get(Shell, measured.shell_id)
    if shell is None:
        raise ShellNotFound
    ledger.hold(session, [measured.stock_id])
    if measured.shells_filled not in FILLED_AT_ONCE:
        raise PackingUnfit("10, 50 or 100 shells are filled at once.", where=("shells_filled",))
    if measured.filled <= measured.empty:
        raise PackingUnfit("Filled shells weigh more than empty ones.", where=("filled_mg",))
    mass = (measured.filled.value - measured.empty.value) / measured.shells_filled
    row = _kept(session, measured, shell)
    before = row.mass_mg
    row.mass_mg, row.measured_on, row.measured_by = mass, measured.on, by.id
    row.shells_filled = measured.shells_filled
    session.add(row)
    audit.record(
        session,
        "packing.measured",
        measured.stock_id,
        by=by,
        at=now,
        shell=shell.size,
        machine=measured.machine,
        mass_mg=str(mass),
        was=None if before is None else str(before),
    )
    plausible = None
    if measured.tapped_g_per_ml is not None:
        plausible = Milligrams(shell.volume_ml * measured.tapped_g_per_ml * _UL_PER_ML)
    return Packing(statistic=row, plausible=plausible)


def _kept(session: Session, measured: PackingMeasured, shell: Shell) -> PackingStatistic:
    """The row of that lot, shell and machine; a new one where nobody has measured yet."""
    level = session.scalars(select(StockLevel).where(StockLevel.id == measured.stock_id)).one()
    row = session.scalar(
        select(PackingStatistic).where(
            PackingStatistic.component_lot_id.is_not_distinct_from(level.component_lot_id),
            PackingStatistic.batch_id.is_not_distinct_from(level.batch_id),
            PackingStatistic.shell == shell.size,
            PackingStatistic.shell_vendor == shell.vendor,
            PackingStatistic.machine == measured.machine,
        )
    )
    return row or PackingStatistic(
        id=new_id(),
        component_lot_id=level.component_lot_id,
        batch_id=level.batch_id,
        shell=shell.size,
        shell_vendor=shell.vendor,
        machine=measured.machine,
    )
