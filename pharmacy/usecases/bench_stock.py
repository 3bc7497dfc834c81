"""Which lots and which balance batches may be made from today, and the benches they can be laid as.

Only what is released, not past its last day and measured for our shell is a candidate. The lot that expires
first goes first, as long as it still serves on the day of the last dose: a lot left behind is a lot thrown
away, and a lot that ends too early makes a fill that may not be taken to its end. Where none serves so long,
the one that lasts longest is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.bench import (
    ApiLot,
    Bench,
    FillerLot,
    FillerMethod,
    PackingStatistics,
    TabletLot,
    TriturateLot,
)
from pharmacy.domain.beyond_use import Category
from pharmacy.domain.components import ComponentTag
from pharmacy.domain.errors import Conflict
from pharmacy.domain.lots import in_turn
from pharmacy.domain.overage import OverageTier
from pharmacy.domain.potency import Certificate
from pharmacy.domain.quantities import Milligrams
from pharmacy.domain.weighing import Balance
from pharmacy.store import bench_shelf as shelf
from pharmacy.store.batches import Batch
from pharmacy.store.bench_shelf import Filling
from pharmacy.store.reference import BalanceRow, ComponentKind, ComponentLot
from pharmacy.usecases.price_book import tiers_from

_T = TypeVar("_T")
_Lot = TypeVar("_Lot")


@dataclass(eq=False)
class NotEquipped(Conflict):
    """Something that is needed now is missing, expired or out of calibration."""

    missing: str

    def __str__(self) -> str:
        return f"The pharmacy has no {self.missing} that may be used today."


@dataclass(frozen=True, slots=True)
class Missing:
    """Stands for what the pharmacy does not have today, until somebody needs it."""

    what: str


@dataclass(frozen=True, kw_only=True)
class LotIds:
    """Which rows a bench stands for."""

    api_lot_id: UUID
    filler_lot_id: UUID
    triturate_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidBench:
    """One bench, and which rows it stands for."""

    bench: Bench
    lots: LotIds


@dataclass(frozen=True, slots=True, kw_only=True)
class InStock(Generic[_Lot]):
    """One lot that may be used, through `last_on`, and what of it fills one shell."""

    id: UUID
    lot: _Lot
    packing: Milligrams
    last_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleInStock:
    """One lot of vehicle that may be used, through `last_on`, and how long what is mixed with it may be."""

    id: UUID
    lot: FillerLot
    last_on: date
    category: Category


# Compared by identity, as the Reference that holds it.
@dataclass(frozen=True, kw_only=True, eq=False)
class BenchStock:
    """All lots that may be used, first to expire first, and what every bench has in common.

    There is at least one lot of powder and one of filler; of triturates there may be none.
    """

    api_lots: Sequence[InStock[ApiLot]]
    filler_lots: Sequence[InStock[FillerLot]]
    triturates: Sequence[InStock[TriturateLot]]
    vehicles: Sequence[VehicleInStock]
    balance: Balance
    shell: str
    overage_tiers: tuple[OverageTier, ...]
    filler_method: FillerMethod
    target_fill: Milligrams | None

    def vehicles_for(self, category: Category, through: date | None) -> Sequence[VehicleInStock]:
        """The vehicles that make a liquid of that category, in the order in which they are taken.

        Raises NotEquipped when there is none.
        """
        fitting = [each for each in self.vehicles if each.category is category]
        if not fitting:
            raise NotEquipped(f"released lot of {category.replace('_', ' ')} vehicle")
        return in_turn(fitting, through)

    def benches(self, last_dose_on: date) -> Iterator[LaidBench]:
        """The benches to try for capsules that are taken until that day, the first choice first.

        Of powder and filler the lot whose turn it is; of triturates one after the other, since they differ in
        strength and what cannot be weighed from one may be weighed from the next.
        """
        api, *_ = in_turn(self.api_lots, last_dose_on)
        filler, *_ = in_turn(self.filler_lots, last_dose_on)
        for triturate in in_turn(self.triturates, last_dose_on) or (None,):
            yield self._laid(api, filler, triturate)

    def _laid(
        self, api: InStock[ApiLot], filler: InStock[FillerLot], triturate: InStock[TriturateLot] | None
    ) -> LaidBench:
        bench = Bench(
            api_lot=api.lot,
            triturate_lot=None if triturate is None else triturate.lot,
            filler_lot=filler.lot,
            balance=self.balance,
            packing=PackingStatistics(
                shell=self.shell,
                filler=filler.packing,
                api=api.packing,
                # Without a triturate its packing is never used; the filler's keeps the value whole.
                triturate=filler.packing if triturate is None else triturate.packing,
            ),
            overage_tiers=self.overage_tiers,
            filler_method=self.filler_method,
            target_fill=self.target_fill,
        )
        ids = LotIds(
            api_lot_id=api.id,
            filler_lot_id=filler.id,
            triturate_id=None if triturate is None else triturate.id,
        )
        return LaidBench(bench=bench, lots=ids)


def bench_stock(session: Session, today: date, settings: Mapping[str, Any]) -> BenchStock | Missing:
    """What may be used on that day; Missing names the first thing without which no batch can be derived."""
    try:
        return _stock(session, today, settings)
    except NotEquipped as lacking:
        return Missing(lacking.missing)


def _stock(session: Session, today: date, settings: Mapping[str, Any]) -> BenchStock:
    shell, method = settings["capsule_shell"], settings["filler_method"]
    filling = filling_of(settings)
    api_lots = shelf.usable_lots(session, ComponentKind.API, today, filling)
    filler_lots = shelf.usable_lots(session, ComponentKind.FILLER, today, filling)
    return BenchStock(
        api_lots=[
            InStock(id=lot.id, lot=api_lot_of(lot), packing=packing, last_on=lot.expires_on)
            for lot, packing in _measured(api_lots, "naltrexone")
        ],
        filler_lots=[
            InStock(id=lot.id, lot=filler_lot_of(lot), packing=packing, last_on=lot.expires_on)
            for lot, packing in _measured(filler_lots, "filler")
        ],
        triturates=[
            InStock(
                id=batch.id,
                lot=triturate_lot_of(batch),
                packing=Milligrams(mass),
                last_on=batch.beyond_use_on,
            )
            for batch, mass in shelf.usable_triturates(session, today, filling)
            if mass is not None
        ],
        vehicles=[
            VehicleInStock(
                id=lot.id, lot=filler_lot_of(lot), last_on=lot.expires_on, category=category_with(tags)
            )
            for lot, tags in shelf.usable_vehicles(session, today)
        ],
        balance=balance_of(_required(shelf.balance_in_use(session, today), "calibrated balance")),
        shell=shell,
        overage_tiers=tiers_from(settings["overage_tiers"]),
        filler_method=FillerMethod(method["method"]),
        target_fill=mass_of(method["target_fill_mg"]),
    )


def category_with(tags: Sequence[str]) -> Category:
    """What a liquid of that vehicle is by water activity (USP <795>)."""
    if ComponentTag.AQUEOUS.value not in tags:
        return Category.ORAL_NON_AQUEOUS
    is_preserved = ComponentTag.PRESERVED.value in tags
    return Category.AQUEOUS_PRESERVED if is_preserved else Category.AQUEOUS


def _measured(
    lots: Sequence[tuple[ComponentLot, Decimal | None]], what: str
) -> list[tuple[ComponentLot, Milligrams]]:
    """The lots that were measured for our shell, at least one; NotEquipped otherwise."""
    if not lots:
        raise NotEquipped(f"released lot of {what}")
    measured = [(lot, Milligrams(mass)) for lot, mass in lots if mass is not None]
    if not measured:
        raise NotEquipped(f"packing statistic for lot {lots[0][0].number}")
    return measured


def api_lot_of(lot: ComponentLot) -> ApiLot:
    certificate = Certificate(
        assay_pct=_required(lot.assay_pct, f"assay for lot {lot.number}"),
        basis=_required(lot.assay_basis, f"assay basis for lot {lot.number}"),
        form=_required(lot.form, f"form for lot {lot.number}"),
        water_pct=lot.water_pct,
        solvents_pct=_required(lot.solvents_pct, f"solvents figure for lot {lot.number}"),
    )
    return ApiLot(number=lot.number, certificate=certificate, expires_on=lot.expires_on)


def tablet_lot_of(lot: ComponentLot) -> TabletLot:
    return TabletLot(
        number=lot.number,
        label=Milligrams(_required(lot.tablet_label_mg, f"label for tablets of lot {lot.number}")),
        mean_mass=Milligrams(_required(lot.tablet_mean_mg, f"mean mass for tablets of lot {lot.number}")),
        expires_on=lot.expires_on,
    )


def filler_lot_of(lot: ComponentLot) -> FillerLot:
    return FillerLot(name=lot.name, number=lot.number, expires_on=lot.expires_on)


def triturate_lot_of(batch: Batch) -> TriturateLot:
    strength = _required(batch.strength_fraction, f"strength for triturate {batch.number}")
    return TriturateLot(number=batch.number, strength=strength, beyond_use_on=batch.beyond_use_on)


def balance_of(row: BalanceRow) -> Balance:
    return Balance(
        name=row.name,
        readability=Milligrams(row.readability_mg),
        sensitivity_requirement=mass_of(row.sensitivity_requirement_mg),
        max_error_pct=row.max_error_pct,
        certificate_minimum=mass_of(row.certificate_minimum_mg),
    )


def mass_of(number: Decimal | str | None) -> Milligrams | None:
    return None if number is None else Milligrams(Decimal(number))


def _required(value: _T | None, what: str) -> _T:
    if value is None:
        raise NotEquipped(what)
    return value


def filling_of(settings: Mapping[str, Any]) -> Filling:
    """How capsules are filled here."""
    return Filling(
        shell=settings["capsule_shell"],
        shell_vendor=settings["capsule_filling"]["shell_vendor"],
        machine=settings["capsule_filling"]["machine"],
    )
