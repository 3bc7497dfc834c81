"""The shells that capsules are filled into: a lot that is released, of our size and vendor, and lasts as long.

Shells are kept in the ledger by their empty weight, so that counting them is weighing them. A house that keeps no
lots of shells fills capsules without naming one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.components import ComponentKind
from pharmacy.domain.errors import Conflict, Unfit
from pharmacy.domain.lots import LotStatus
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.stock import Movement, MovementKind
from pharmacy.store import component_lots, reference
from pharmacy.store import stock_ledger as ledger
from pharmacy.store.batches import Batch
from pharmacy.store.equipment import Shell
from pharmacy.store.reference import ComponentLot
from pharmacy.store.stock_ledger import StockLevel
from pharmacy.usecases.scanned_bench import LotDue, NothingScanned, require_lot_usable


@dataclass(eq=False)
class OtherShell(Unfit):
    """The lot is of another shell than the batch was calculated for."""

    number: str
    wanted: str

    def __str__(self) -> str:
        return f"Lot {self.number} is not of {self.wanted}, which this batch is calculated for."


@dataclass(eq=False)
class ShellsEndTooEarly(Conflict):
    """A batch never outlives its shortest component."""

    number: str
    ends_on: date
    beyond_use_on: date

    def __str__(self) -> str:
        return (
            f"Shells of lot {self.number} end on {self.ends_on.isoformat()}, before the beyond-use date"
            f" {self.beyond_use_on.isoformat()}: scan a lot that lasts."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """How many capsules were filled, into shells of which lot; None for what is not counted. `on` is the house's day."""

    capsules: int | None
    on: date
    shell_lot: str | None = None


def hold_shells(session: Session, filled: Filled) -> ComponentLot | None:
    """The lot of that number, its level held, before any batch is; None where the house keeps no shells.

    Raises NothingScanned, LotNotUsable, and LotDue when shells are kept and none were scanned.
    """
    number, on = filled.shell_lot, filled.on
    if number is None:
        if proposed_shells(session, on):
            raise LotDue("A lot of shells", where=("shell_lot",))
        return None
    lot = component_lots.lot_numbered(session, number)
    if lot is None or lot.kind is not ComponentKind.SHELL:
        raise NothingScanned("lot of shells", number, where=("shell_lot",))
    ledger.hold(session, [lot.id])
    require_lot_usable(component_lots.lot_for_update(session, lot.id), on)
    return lot


def take_shells(
    session: Session, batch: Batch, filled: Filled, lot: ComponentLot, *, by: Actor, now: datetime
) -> None:
    """So many shells are off the books and the batch names their lot. Raises OtherShell, ShellsEndTooEarly, StockShort."""
    shell = session.scalars(select(Shell).where(Shell.id == lot.shell_id)).one()
    settings = reference.settings_in_force(session)
    size, vendor = settings["capsule_shell"], settings["capsule_filling"]["shell_vendor"]
    if (shell.size, shell.vendor) != (size, vendor):
        raise OtherShell(lot.number, f"shell {size} of {vendor}", where=("shell_lot",))
    if lot.expires_on < batch.beyond_use_on:
        raise ShellsEndTooEarly(lot.number, lot.expires_on, batch.beyond_use_on)
    movement = Movement(
        stock_id=lot.id,
        ug=Micrograms.from_milligrams(shell.empty_mg).value * (filled.capsules or 0),
        kind=MovementKind.WEIGH,
        subject_id=batch.id,
        on=filled.on,
    )
    ledger.take(session, movement, by=by, now=now)
    batch.shell_lot_id = lot.id


def proposed_shells(session: Session, on: date) -> str | None:
    """The number of the lot of our shells that ends first; None where none may be used."""
    settings = reference.settings_in_force(session)
    query = (
        select(ComponentLot.number)
        .join(Shell, Shell.id == ComponentLot.shell_id)
        .join(StockLevel, StockLevel.id == ComponentLot.id)
        .where(
            ComponentLot.status == LotStatus.RELEASED,
            ComponentLot.expires_on >= on,
            StockLevel.on_hand_ug > 0,
            Shell.size == settings["capsule_shell"],
            Shell.vendor == settings["capsule_filling"]["shell_vendor"],
        )
        .order_by(ComponentLot.expires_on, ComponentLot.number)
    )
    return session.scalar(query.limit(1))


def shells_left(session: Session, lot_id: UUID, on_hand_ug: int) -> int | None:
    """How many shells that mass is; None for what is no lot of shells."""
    empty_mg = session.scalar(
        select(Shell.empty_mg)
        .join(ComponentLot, ComponentLot.shell_id == Shell.id)
        .where(ComponentLot.id == lot_id)
    )
    return None if empty_mg is None else on_hand_ug // Micrograms.from_milligrams(empty_mg).value
