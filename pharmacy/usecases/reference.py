"""What the pharmacy works with today, as one value: lots and balance, prices, limits and policies.

Every derivation starts from it. It is read from the books once and kept until the reference version or the
day moves: triggers raise the version with every change of a lot, balance, price book or setting.

A balance out of use must not keep anybody from reading or cancelling an order. So what is missing is a value
here, `Missing`, and refuses only whoever needs it: batches need the bench, prices the price book.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from threading import Lock
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.beyond_use import Category
from pharmacy.domain.liquid import LiquidRules
from pharmacy.domain.notice_policy import NoticePolicy, notice_policy
from pharmacy.domain.pricing import Delivery, PriceRules
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.refills import RefillPolicy
from pharmacy.domain.screening.statements import Formula
from pharmacy.domain.set_supply import Formulary
from pharmacy.domain.supply import SupplyMethod
from pharmacy.domain.titration import DoseLimits
from pharmacy.domain.validity import ValidityTable
from pharmacy.store import reference as books
from pharmacy.usecases.bench_stock import BenchStock, LotIds, Missing, NotEquipped, bench_stock
from pharmacy.usecases.counter_policy import CounterPolicy, counter_policy_from
from pharmacy.usecases.course_policy import CoursePolicy, policy_from
from pharmacy.usecases.formula_in_force import formula_in_force
from pharmacy.usecases.price_book import rules_from
from pharmacy.usecases.screening_books import ScreeningBooks, screening_books

# What is missing and where lots are named are part of this module's face, though they live in a file of their own.
__all__ = [
    "BenchStock",
    "LotIds",
    "Missing",
    "NotEquipped",
    "PricesInForce",
    "Reference",
    "ReferenceShelf",
    "read_reference",
]


@dataclass(frozen=True, kw_only=True)
class PricesInForce:
    """The rules of a price book, and which it is; the mark for a month is the pharmacy's setting and no price."""

    book_id: UUID
    rules: PriceRules
    monthly_mark: Decimal


# Compared by identity: one Reference is one reading of the books, and derivations are kept by it.
@dataclass(frozen=True, kw_only=True, eq=False)
class Reference:
    version: int
    on: date
    stock: BenchStock | Missing
    price_book: PricesInForce | Missing
    dose_limits: DoseLimits
    category: Category
    default_method: SupplyMethod
    formulary: Formulary
    liquid: LiquidRules
    refills: Mapping[Delivery, RefillPolicy]
    quote_lasts: timedelta
    promise_business_days: int
    validity: ValidityTable
    licensed_states: frozenset[str]
    closed_on: frozenset[date]
    screening: ScreeningBooks
    formula: Formula
    course: CoursePolicy
    notices: NoticePolicy
    counter: CounterPolicy

    def bench_stock(self) -> BenchStock:
        """What batches are made from today. Raises NotEquipped when a lot, balance or packing statistic is missing."""
        if isinstance(self.stock, Missing):
            raise NotEquipped(self.stock.what)
        return self.stock

    def prices(self) -> PricesInForce:
        """What is charged today. Raises NotEquipped without a price book in force."""
        if isinstance(self.price_book, Missing):
            raise NotEquipped(self.price_book.what)
        return self.price_book


class ReferenceShelf:
    """Keeps the newest Reference of this process; safe between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: Reference | None = None

    def kept(self, today: date, version: int) -> Reference | None:
        """The reference of that day and version, if this process has read it already."""
        kept = self._kept
        return kept if kept is not None and (kept.version, kept.on) == (version, today) else None

    def current(self, session: Session, today: date, version: int | None = None) -> Reference:
        """The reference in force; `version` spares a look when the caller has just read it."""
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
    """What the books say for that day; what they lack is Missing in its place."""
    settings = books.settings_in_force(session)
    return Reference(
        version=version,
        on=today,
        stock=bench_stock(session, today, settings),
        price_book=_prices(session, today, settings),
        dose_limits=_dose_limits(settings["dose_limits"]),
        category=Category(settings["beyond_use_category"]),
        default_method=SupplyMethod(settings["default_supply_method"]),
        formulary=_formulary(settings["formulary"]),
        liquid=_liquid(settings["oral_liquid"]),
        refills={delivery: _refill_policy(settings["refills"], delivery) for delivery in Delivery},
        quote_lasts=timedelta(days=settings["quote_valid_days"]),
        promise_business_days=settings["promise_business_days"],
        validity=_validity(settings),
        licensed_states=frozenset(settings["licensed_states"]),
        closed_on=frozenset(date.fromisoformat(day) for day in settings["closed_on"]),
        screening=screening_books(session),
        formula=formula_in_force(session, today, settings["formula_excipients"]),
        course=policy_from(settings),
        notices=notice_policy(settings["notices"]),
        counter=counter_policy_from(settings),
    )


def _prices(session: Session, today: date, settings: Mapping[str, Any]) -> PricesInForce | Missing:
    book = books.price_book_in_force(session, today)
    if book is None:
        return Missing("price book")
    return PricesInForce(
        book_id=book.id,
        rules=rules_from(book.version, book.rules),
        monthly_mark=Decimal(settings["monthly_mark_usd"]),
    )


def _dose_limits(setting: Mapping[str, str]) -> DoseLimits:
    return DoseLimits(
        warn_over=Micrograms.from_milligrams(Decimal(setting["warn_over_mg"])),
        override_over=Micrograms.from_milligrams(Decimal(setting["override_over_mg"])),
        maximum=Micrograms.from_milligrams(Decimal(setting["maximum_mg"])),
    )


def _formulary(setting: Mapping[str, Any]) -> Formulary:
    return Formulary(
        strengths=tuple(Micrograms.from_milligrams(Decimal(each)) for each in setting["strengths_mg"]),
        most_in_set=setting["most_in_set"],
    )


def _liquid(setting: Mapping[str, str]) -> LiquidRules:
    return LiquidRules(
        micrograms_per_ml=Micrograms.from_milligrams(Decimal(setting["concentration_mg_per_ml"])),
        category=Category(setting["beyond_use_category"]),
        syringe_step_ml=Decimal(setting["syringe_step_ml"]),
    )


def _refill_policy(setting: Mapping[str, Any], delivery: Delivery) -> RefillPolicy:
    return RefillPolicy(
        used_share=Decimal(setting["used_share"]),
        lead_days=setting["lead_days"][delivery],
        start_lag_days=setting["start_lag_days"][delivery],
    )


def _validity(settings: Mapping[str, Any]) -> ValidityTable:
    by_state = settings["prescription_validity_by_state"]
    return ValidityTable(
        pharmacy_state=settings["pharmacy_state"],
        usual_months=settings["prescription_validity_months"],
        months_without_limit=by_state["months_without_limit"],
        by_state=by_state["by_state"],
    )
