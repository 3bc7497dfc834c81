"""What the pharmacy works with today, as one value: bench, prices, limits and policies.

Every derivation starts from it. It is read from the books once and kept until the reference version or the
day moves: triggers raise the version with every change of a lot, balance, price book or setting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from threading import Lock
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.bench import ApiLot, Bench, FillerLot, FillerMethod, PackingStatistics, TriturateLot
from pharmacy.domain.beyond_use import Category
from pharmacy.domain.errors import Conflict
from pharmacy.domain.potency import Certificate
from pharmacy.domain.pricing import Delivery, PriceRules
from pharmacy.domain.quantities import Micrograms, Milligrams
from pharmacy.domain.refills import RefillPolicy
from pharmacy.domain.supply import SupplyMethod
from pharmacy.domain.titration import DoseLimits
from pharmacy.domain.weighing import Balance
from pharmacy.store import reference as books
from pharmacy.store.batches import Batch
from pharmacy.store.reference import BalanceRow, ComponentKind, ComponentLot
from pharmacy.usecases.price_book import rules_from, tiers_from

_T = TypeVar("_T")


@dataclass(eq=False)
class NotEquipped(Conflict):
    """Something without which nothing can be derived is missing, expired or out of calibration."""

    missing: str

    def __str__(self) -> str:
        return f"The pharmacy has no {self.missing} that may be used today."


@dataclass(frozen=True, kw_only=True)
class LotIds:
    """Which rows the bench stands for."""

    api_lot_id: UUID
    filler_lot_id: UUID
    triturate_id: UUID | None


# Compared by identity: one Reference is one reading of the books, and derivations are kept by it.
@dataclass(frozen=True, kw_only=True, eq=False)
class Reference:
    version: int
    on: date
    bench: Bench
    lots: LotIds
    price_book_id: UUID
    price_rules: PriceRules
    dose_limits: DoseLimits
    category: Category
    default_method: SupplyMethod
    refills: Mapping[Delivery, RefillPolicy]
    quote_lasts: timedelta
    promise_business_days: int
    validity_months: int
    licensed_states: frozenset[str]
    closed_on: frozenset[date]


class ReferenceShelf:
    """Keeps the newest Reference of this process; safe between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: Reference | None = None

    def current(self, session: Session, today: date, version: int | None = None) -> Reference:
        """The reference in force; `version` spares a look when the caller has just read it.

        Raises NotEquipped when a lot, balance, packing statistic or price book is missing.
        """
        newest = books.version(session) if version is None else version
        kept = self._kept
        while kept is None or kept.version != newest or kept.on != today:
            kept = read_reference(session, today, newest)
            # A change that was committed between our queries would leave a reading of two minds.
            newest = books.version(session)
        with self._lock:
            self._kept = kept
        return kept


def read_reference(session: Session, today: date, version: int) -> Reference:
    """What the books say for that day. Raises NotEquipped when a part is missing."""
    settings = books.settings_in_force(session)
    bench, lots = _bench(session, today, settings)
    book = _required(books.price_book_in_force(session, today), "price book")
    return Reference(
        version=version,
        on=today,
        bench=bench,
        lots=lots,
        price_book_id=book.id,
        price_rules=rules_from(book.version, book.rules),
        dose_limits=_dose_limits(settings["dose_limits"]),
        category=Category(settings["beyond_use_category"]),
        default_method=SupplyMethod(settings["default_supply_method"]),
        refills={delivery: _refill_policy(settings["refills"], delivery) for delivery in Delivery},
        quote_lasts=timedelta(days=settings["quote_valid_days"]),
        promise_business_days=settings["promise_business_days"],
        validity_months=settings["prescription_validity_months"],
        licensed_states=frozenset(settings["licensed_states"]),
        closed_on=frozenset(date.fromisoformat(day) for day in settings["closed_on"]),
    )


def _bench(session: Session, today: date, settings: Mapping[str, Any]) -> tuple[Bench, LotIds]:
    shell = settings["capsule_shell"]
    api = _required(books.usable_lot(session, ComponentKind.API, today), "released lot of naltrexone")
    filler = _required(books.usable_lot(session, ComponentKind.FILLER, today), "released lot of filler")
    triturate = books.usable_triturate(session, today)
    balance = _required(books.balance_in_use(session, today), "calibrated balance")
    filler_packing = _packing(books.packing_of_lot(session, shell, filler.id), f"filler lot {filler.number}")
    # Without a triturate its packing is never used; the filler's keeps the value whole.
    triturate_packing = (
        filler_packing
        if triturate is None
        else _packing(books.packing_of_batch(session, shell, triturate.id), f"triturate {triturate.number}")
    )
    bench = Bench(
        api_lot=_api_lot(api),
        triturate_lot=_triturate_lot(triturate),
        filler_lot=FillerLot(name=filler.name, number=filler.number, expires_on=filler.expires_on),
        balance=_balance(balance),
        packing=PackingStatistics(
            shell=shell,
            filler=filler_packing,
            api=_packing(books.packing_of_lot(session, shell, api.id), f"lot {api.number}"),
            triturate=triturate_packing,
        ),
        overage_tiers=tiers_from(settings["overage_tiers"]),
        filler_method=FillerMethod(settings["filler_method"]["method"]),
        target_fill=_mass(settings["filler_method"]["target_fill_mg"]),
    )
    ids = LotIds(
        api_lot_id=api.id, filler_lot_id=filler.id, triturate_id=None if triturate is None else triturate.id
    )
    return bench, ids


def _api_lot(lot: ComponentLot) -> ApiLot:
    certificate = Certificate(
        assay_pct=_required(lot.assay_pct, f"assay for lot {lot.number}"),
        basis=_required(lot.assay_basis, f"assay basis for lot {lot.number}"),
        form=_required(lot.form, f"form for lot {lot.number}"),
        water_pct=lot.water_pct,
        solvents_pct=_required(lot.solvents_pct, f"solvents figure for lot {lot.number}"),
    )
    return ApiLot(number=lot.number, certificate=certificate, expires_on=lot.expires_on)


def _triturate_lot(batch: Batch | None) -> TriturateLot | None:
    if batch is None:
        return None
    strength = _required(batch.strength_fraction, f"strength for triturate {batch.number}")
    return TriturateLot(number=batch.number, strength=strength, beyond_use_on=batch.beyond_use_on)


def _balance(row: BalanceRow) -> Balance:
    return Balance(
        name=row.name,
        readability=Milligrams(row.readability_mg),
        sensitivity_requirement=_mass(row.sensitivity_requirement_mg),
        max_error_pct=row.max_error_pct,
        certificate_minimum=_mass(row.certificate_minimum_mg),
    )


def _dose_limits(setting: Mapping[str, str]) -> DoseLimits:
    return DoseLimits(
        warn_over=Micrograms.from_milligrams(Decimal(setting["warn_over_mg"])),
        override_over=Micrograms.from_milligrams(Decimal(setting["override_over_mg"])),
        maximum=Micrograms.from_milligrams(Decimal(setting["maximum_mg"])),
    )


def _refill_policy(setting: Mapping[str, Any], delivery: Delivery) -> RefillPolicy:
    return RefillPolicy(
        used_share=Decimal(setting["used_share"]),
        lead_days=setting["lead_days"][delivery],
        start_lag_days=setting["start_lag_days"][delivery],
    )


def _packing(mass: Decimal | None, what: str) -> Milligrams:
    return Milligrams(_required(mass, f"packing statistic for {what}"))


def _mass(number: Decimal | str | None) -> Milligrams | None:
    return None if number is None else Milligrams(Decimal(number))


def _required(value: _T | None, what: str) -> _T:
    if value is None:
        raise NotEquipped(what)
    return value
