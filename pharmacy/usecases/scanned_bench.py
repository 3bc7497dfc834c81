"""The bench as it was scanned: the very lots and the very balance that somebody holds in their hands.

A batch belongs to its lots, so they are read by what is printed on them. What is not released, past its last day
or out of calibration is refused here already, by name, before anything is weighed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pharmacy.domain.batch_calculation import Asked, CapsulesAsked, LiquidAsked, PlainBench
from pharmacy.domain.bench import Bench, FillerMethod, PackingStatistics
from pharmacy.domain.beyond_use import Category
from pharmacy.domain.components import ComponentKind, ComponentTag, require_fit_as_filler
from pharmacy.domain.errors import NotFound, Unfit
from pharmacy.domain.quantities import Milligrams
from pharmacy.domain.readiness import require_calibrated
from pharmacy.domain.stock import LotNotUsable, why_not_usable
from pharmacy.store import reference as books
from pharmacy.store.batches import Batch, BatchKind
from pharmacy.store.bench_shelf import Filling
from pharmacy.store.components import Component
from pharmacy.store.reference import BalanceRow, ComponentLot, PackingStatistic
from pharmacy.usecases.bench_stock import (
    NotEquipped,
    api_lot_of,
    balance_of,
    category_with,
    filler_lot_of,
    filling_of,
    mass_of,
    tablet_lot_of,
    triturate_lot_of,
)
from pharmacy.usecases.price_book import tiers_from

# A liquid is brought to its volume with a vehicle in place of a filler.
_FILLERS = (ComponentKind.FILLER, ComponentKind.VEHICLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What was scanned, as printed: numbers of lots, the name of the balance. What is None was not scanned."""

    api_lot: str | None = None
    filler_lot: str | None = None
    triturate: str | None = None
    balance: str | None = None
    tablets: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LotRows:
    """The rows behind a bench. Of a triturate without powder of its own, the powder is the triturate's."""

    api_lot: ComponentLot
    filler_lot: ComponentLot
    triturate: Batch | None
    balance: BalanceRow


@dataclass(eq=False)
class NothingScanned(NotFound):
    """No lot, triturate or balance is called that."""

    what: str
    name: str

    def __str__(self) -> str:
        return f"There is no {self.what} {self.name}."


@dataclass(eq=False)
class VehicleUnfit(Unfit):
    """What was scanned is no vehicle, or one that gives the liquid another time to last than was asked for."""

    number: str
    wanted: Category
    gives: Category | None

    def __str__(self) -> str:
        wanted = self.wanted.replace("_", " ")
        if self.gives is None:
            return f"Lot {self.number} is not known as a vehicle of a liquid: scan a lot of {wanted} vehicle."
        gives = self.gives.replace("_", " ")
        return f"Lot {self.number} makes a liquid {gives}, not {wanted}: scan a lot of {wanted} vehicle."


@dataclass(eq=False)
class LotDue(Unfit):
    """Something must be scanned before this can be calculated."""

    what: str

    def __str__(self) -> str:
        return f"{self.what} is due: scan it."


def rows_of(session: Session, scanned: Scanned, today: date) -> LotRows:
    """The rows of what was scanned, each fit to be used today.

    Raises NothingScanned, LotDue, LotNotUsable, BalanceNotUsable.
    """
    triturate = None if scanned.triturate is None else _triturate(session, scanned.triturate, today)
    api = _api_row(session, scanned, triturate, today)
    filler = _lot(session, _due(scanned.filler_lot, "A lot of filler"), *_FILLERS)
    require_lot_usable(filler, today)
    _require_fit(session, filler)
    balance = balance_named(session, _due(scanned.balance, "A balance"), today)
    return LotRows(api_lot=api, filler_lot=filler, triturate=triturate, balance=balance)


def require_liquid_lots(session: Session, rows: LotRows, wanted: Category) -> None:
    """A liquid is powder in a vehicle, and the vehicle decides how long it may be used (USP <795>).

    Raises LotDue for a triturate or tablets in place of powder, and VehicleUnfit.
    """
    if rows.triturate is not None or rows.api_lot.kind is not ComponentKind.API:
        raise LotDue("A lot of naltrexone, no triturate and no tablets,", where=("api_lot",))
    lot = rows.filler_lot
    component = None if lot.component_id is None else session.get(Component, lot.component_id)
    if lot.kind is not ComponentKind.VEHICLE or component is None:
        raise VehicleUnfit(lot.number, wanted, None, where=("filler_lot",))
    gives = category_with(component.tags)
    if gives is not wanted:
        raise VehicleUnfit(lot.number, wanted, gives, where=("filler_lot",))


def bench_of(
    session: Session, rows: LotRows, asked: Asked, settings: Mapping[str, Any]
) -> Bench | PlainBench:
    """The bench that those rows make for what is asked. Raises NotEquipped where a packing statistic is missing."""
    if not isinstance(asked, CapsulesAsked):
        return _plain(rows, asked)
    filling, method = filling_of(settings), settings["filler_method"]
    filler = _packing(session, filling, rows.filler_lot.number, component_lot_id=rows.filler_lot.id)
    if rows.triturate is None:
        api = _packing(session, filling, rows.api_lot.number, component_lot_id=rows.api_lot.id)
        carrier = filler  # Never used, as there is no triturate; it keeps the value whole.
    else:
        carrier = _packing(session, filling, rows.triturate.number, batch_id=rows.triturate.id)
        # Powder beside a triturate is weighed only when it was scanned and measured.
        api = _measured(session, filling, component_lot_id=rows.api_lot.id) or carrier
    return Bench(
        api_lot=tablet_lot_of(rows.api_lot)
        if rows.api_lot.kind is ComponentKind.TABLET
        else api_lot_of(rows.api_lot),
        triturate_lot=None if rows.triturate is None else triturate_lot_of(rows.triturate),
        filler_lot=filler_lot_of(rows.filler_lot),
        balance=balance_of(rows.balance),
        packing=PackingStatistics(
            shell=filling.shell,
            filler=filler,
            api=api,
            triturate=carrier,
        ),
        overage_tiers=tiers_from(settings["overage_tiers"]),
        filler_method=FillerMethod(method["method"]),
        target_fill=mass_of(method["target_fill_mg"]),
    )


def rows_behind(session: Session, batch: Batch) -> LotRows:
    """The rows that a batch stands on, fit for use or not any more."""
    lots = books.lots(session, [batch.api_lot_id, batch.filler_lot_id])
    triturate = None if batch.triturate_id is None else session.get(Batch, batch.triturate_id)
    return LotRows(
        api_lot=lots[batch.api_lot_id],
        filler_lot=lots[batch.filler_lot_id],
        triturate=triturate,
        balance=session.scalars(select(BalanceRow).where(BalanceRow.id == batch.balance_id)).one(),
    )


def balance_named(session: Session, name: str, today: date) -> BalanceRow:
    """The balance of that name, in use and calibrated; NothingScanned or BalanceNotUsable otherwise."""
    balance = session.scalar(select(BalanceRow).where(BalanceRow.name == name))
    if balance is None:
        raise NothingScanned("balance", name)
    require_calibrated(name, balance.calibration_due_on, balance.in_use, today)
    return balance


def require_lot_usable(lot: ComponentLot, today: date) -> None:
    """The lot is released and not past its last day; LotNotUsable otherwise."""
    because = why_not_usable(lot.status, lot.expires_on, today)
    if because is not None:
        raise LotNotUsable(lot.number, because)


def require_triturate_usable(triturate: Batch, today: date) -> None:
    """The triturate is released and not past its last day; LotNotUsable otherwise."""
    because = why_not_usable(triturate.status, triturate.beyond_use_on, today)
    if because is not None:
        raise LotNotUsable(triturate.number, because)


def _plain(rows: LotRows, asked: Asked) -> PlainBench:
    is_liquid = isinstance(asked, LiquidAsked)
    diluted = triturate_lot_of(rows.triturate) if rows.triturate is not None else api_lot_of(rows.api_lot)
    return PlainBench(
        source=api_lot_of(rows.api_lot) if is_liquid else diluted,
        filler_lot=filler_lot_of(rows.filler_lot),
        balance=balance_of(rows.balance),
    )


def _api_row(session: Session, scanned: Scanned, triturate: Batch | None, today: date) -> ComponentLot:
    if scanned.tablets is not None:
        tablets = _lot(session, scanned.tablets, ComponentKind.TABLET)
        require_lot_usable(tablets, today)
        return tablets
    if scanned.api_lot is None and triturate is not None:
        # What a triturate was made of stays its origin; it needs no lasting of its own any more.
        return session.scalars(select(ComponentLot).where(ComponentLot.id == triturate.api_lot_id)).one()
    lot = _lot(session, _due(scanned.api_lot, "A lot of naltrexone, or a triturate"), ComponentKind.API)
    require_lot_usable(lot, today)
    return lot


def _lot(session: Session, number: str, *kinds: ComponentKind) -> ComponentLot:
    query = select(ComponentLot).where(ComponentLot.number == number, ComponentLot.kind.in_(kinds))
    lot = session.scalar(query)
    if lot is None:
        raise NothingScanned(f"lot of {' or '.join(kinds)}", number)
    return lot


def _require_fit(session: Session, filler: ComponentLot) -> None:
    """What binds or delays naltrexone is refused as a filler, whoever scans it."""
    component = None if filler.component_id is None else session.get(Component, filler.component_id)
    if component is not None and filler.kind is ComponentKind.FILLER:
        require_fit_as_filler(component.name, [ComponentTag(tag) for tag in component.tags])


def _triturate(session: Session, number: str, today: date) -> Batch:
    query = select(Batch).where(Batch.number == number, Batch.kind == BatchKind.TRITURATE)
    triturate = session.scalar(query)
    if triturate is None:
        raise NothingScanned("triturate", number)
    require_triturate_usable(triturate, today)
    return triturate


def _packing(session: Session, filling: Filling, number: str, **of: UUID) -> Milligrams:
    mass = _measured(session, filling, **of)
    if mass is None:
        raise NotEquipped(f"packing statistic for lot {number}")
    return mass


def _measured(session: Session, filling: Filling, **of: UUID) -> Milligrams | None:
    measured = select(PackingStatistic.mass_mg).filter_by(**asdict(filling), **of)
    return mass_of(session.scalar(measured))


def _due(name: str | None, what: str) -> str:
    if name is None:
        raise LotDue(what)
    return name
