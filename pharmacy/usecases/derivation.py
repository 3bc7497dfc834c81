"""From a plan to everything that follows from it, in one place for simulate, quote, order and console.

Supply, batches, beyond-use check and price are derived together from the plan and one Reference. The answer
depends on nothing else, so equal questions (most titrations are the typical one) are answered once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from pharmacy.domain.beyond_use import ONE_DAY, BeyondUse, beyond_use_date
from pharmacy.domain.calendar import business_day_after
from pharmacy.domain.capsules import CapsuleBatch, capsule_batch, component_limits
from pharmacy.domain.dose_text import format_dose
from pharmacy.domain.errors import Unfit, within
from pharmacy.domain.findings import Finding, Severity
from pharmacy.domain.potency import StrengthBasis
from pharmacy.domain.pricing import Delivery, Price, StrengthCount, price
from pharmacy.domain.supply import (
    NothingLeftToSupply,
    Supply,
    SupplyLine,
    SupplyMethod,
    Window,
    check_quantity,
    next_window,
    supply_options,
)
from pharmacy.domain.titration import TitrationPlan, check_plan
from pharmacy.usecases.bench_stock import LaidBench, LotIds, NotEquipped
from pharmacy.usecases.commands import SupplyRequest
from pharmacy.usecases.reference import Reference

CANNOT_BE_WEIGHED = "F-LINE-CANNOT-BE-WEIGHED"
BEYOND_USE_TOO_SHORT = "F-BEYOND-USE-TOO-SHORT"


@dataclass(eq=False)
class DaysMissing(Unfit):
    """An open-ended plan says nothing of how many days to fill."""

    def __str__(self) -> str:
        return "The last step is open-ended, so the number of days to fill must be given."


@dataclass(eq=False)
class MethodNotOffered(Unfit):
    """The plan cannot be supplied in the way that was asked for."""

    method: SupplyMethod

    def __str__(self) -> str:
        return f"This plan cannot be supplied as {self.method.replace('_', ' ')}."


@dataclass(frozen=True, slots=True, kw_only=True)
class LineBatch:
    """The batch one line would be made from today, and its lots; or why there can be none."""

    line: SupplyLine
    batch: CapsuleBatch | None
    beyond_use: BeyondUse | None
    lots: LotIds | None
    refusal: str | None
    covers_last_dose: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way to supply the window, with what follows from it."""

    supply: Supply
    batches: tuple[LineBatch, ...]
    price: Price
    findings: tuple[Finding, ...]

    @property
    def can_be_made(self) -> bool:
        """Whether today's lots serve every line to its last dose."""
        return all(each.covers_last_dose for each in self.batches)


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """All options for one window, the default first; `findings` are about the plan, whatever the option."""

    window: Window
    options: tuple[Option, ...]
    findings: tuple[Finding, ...]
    # The first day of dosing as long as nobody has confirmed another.
    assumed_start_on: date

    def option(self, method: SupplyMethod) -> Option:
        """The option of that method; MethodNotOffered when there is none."""
        for option in self.options:
            if option.supply.method is method:
                return option
        raise MethodNotOffered(method, where=("supply_option",))

    def chosen(self, method: SupplyMethod | None) -> Option:
        """The option that was asked for, or the default; MethodNotOffered when there is none of that method."""
        return self.options[0] if method is None else self.option(method)


def derive(request: SupplyRequest, reference: Reference, *, supplied_days: int = 0) -> Derivation:
    """Everything that follows from the request, continuing after `supplied_days` of the plan.

    Raises Unfit for a plan over the catalogue's limits, a fill of the wrong size, or no days given; each
    with the place of the fault. Raises NotEquipped when no prices are in force.
    """
    with within("plan"):
        findings = check_plan(request.plan, reference.dose_limits)
    window, window_findings = _window(request, supplied_days)
    options = _options(request.plan, window, request.delivery, request.strength_basis, reference)
    return Derivation(
        window=window,
        options=options,
        findings=(*[replace(each, where=("plan", *each.where)) for each in findings], *window_findings),
        assumed_start_on=_assumed_start(request.delivery, reference),
    )


def derive_line(line: SupplyLine, window: Window, basis: StrengthBasis, reference: Reference) -> LineBatch:
    """The batch for one line from today's lots, with its beyond-use date and whether that suffices.

    Made today and dispensed on the promise date at the latest, the capsules must last to the last dose: the
    first bench on which they do is taken, and where there is none, that on which they last longest.
    """
    try:
        stock = reference.bench_stock()
    except NotEquipped as lacking:
        return _refused(line, f"Cannot be derived today: {lacking}")
    last_dose_on = _assumed_start(Delivery.MAIL, reference) + ONE_DAY * (window.days - 1)
    tried = []
    for laid in stock.benches(last_dose_on):
        derived = _derive_on(laid, line, basis, reference, last_dose_on)
        if derived.covers_last_dose:
            return derived
        tried.append(derived)
    return max(tried, key=_lasts_until)


def _derive_on(
    laid: LaidBench, line: SupplyLine, basis: StrengthBasis, reference: Reference, last_dose_on: date
) -> LineBatch:
    try:
        batch = capsule_batch(line.strength, line.capsules, laid.bench, basis)
    except Unfit as refusal:
        return _refused(line, str(refusal))
    limits = component_limits(laid.bench, batch.route)
    beyond_use = beyond_use_date(reference.on, reference.category, limits)
    return LineBatch(
        line=line,
        batch=batch,
        beyond_use=beyond_use,
        lots=laid.lots,
        refusal=None,
        covers_last_dose=last_dose_on <= beyond_use.on,
    )


def _refused(line: SupplyLine, refusal: str) -> LineBatch:
    return LineBatch(
        line=line, batch=None, beyond_use=None, lots=None, refusal=refusal, covers_last_dose=False
    )


def _lasts_until(derived: LineBatch) -> date:
    """The beyond-use date, or the first day there is where nothing can be weighed."""
    return date.min if derived.beyond_use is None else derived.beyond_use.on


@lru_cache(maxsize=2048)
def _options(
    plan: TitrationPlan, window: Window, delivery: Delivery, basis: StrengthBasis, reference: Reference
) -> tuple[Option, ...]:
    options = []
    refusal: Unfit | None = None
    for supply in supply_options(plan, window):
        try:
            check_quantity(supply)
        except Unfit as declined:
            refusal = declined
            continue
        options.append(_option(supply, delivery, basis, reference))
    if not options and refusal is not None:
        raise refusal
    # Nobody is offered first what cannot be made while something else can.
    return tuple(
        sorted(
            options,
            key=lambda option: (not option.can_be_made, option.supply.method is not reference.default_method),
        )
    )


def _option(supply: Supply, delivery: Delivery, basis: StrengthBasis, reference: Reference) -> Option:
    strengths = tuple(
        StrengthCount(
            strength=line.strength,
            capsules=line.capsules,
            vials=len(line.vials),
            per_vial=tuple(vial.capsules for vial in line.vials),
        )
        for line in supply.lines
    )
    batches = tuple(derive_line(line, supply.window, basis, reference) for line in supply.lines)
    return Option(
        supply=supply,
        batches=batches,
        price=price(reference.prices().rules, strengths, supply.window.days, delivery),
        findings=tuple(_line_findings(batches)),
    )


def _line_findings(batches: Iterable[LineBatch]) -> Iterator[Finding]:
    """What a pharmacist must know of before anybody pays: lines that cannot be made, or would not last."""
    where = ("supply_option",)
    for position, each in enumerate(batches, start=1):
        line = f"Line {position}, {format_dose(each.line.strength)}"
        if each.beyond_use is None:
            yield Finding(CANNOT_BE_WEIGHED, Severity.OVERRIDE, f"{line}: {each.refusal}", where)
        elif not each.covers_last_dose:
            on = each.beyond_use.on.isoformat()
            because = f"{line}: the beyond-use date {on} is before the last planned dose."
            yield Finding(BEYOND_USE_TOO_SHORT, Severity.OVERRIDE, because, where)


def _window(request: SupplyRequest, supplied_days: int) -> tuple[Window, tuple[Finding, ...]]:
    closed = request.plan.closed_days
    if request.days is None and closed is None:
        raise DaysMissing(where=("days",))
    days = request.days if request.days is not None else (closed or 0) - supplied_days
    if days < 1:
        raise NothingLeftToSupply(closed or 0)
    window = next_window(request.plan, supplied_days, days)
    if window.days == days:
        return window, ()
    because = f"The plan ends after {closed} days, so this fill covers {window.days} days and not {days}."
    return window, (Finding("F-PLAN-ENDS", Severity.WARN, because, ("days",)),)


def _assumed_start(delivery: Delivery, reference: Reference) -> date:
    promised_on = business_day_after(reference.on, reference.promise_business_days, reference.closed_on)
    return promised_on + timedelta(days=reference.refills[delivery].start_lag_days)
