"""From a plan to everything that follows from it, in one place for simulate, quote, order and console.

Supply, batches, beyond-use check and price are derived together from the plan and one Reference. The answer
depends on nothing else, so equal questions (most titrations are the typical one) are answered once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from pharmacy.domain.beyond_use import ONE_DAY, beyond_use_date
from pharmacy.domain.calendar import business_day_after
from pharmacy.domain.capsules import capsule_batch, component_limits
from pharmacy.domain.dose_text import format_dose
from pharmacy.domain.errors import Unfit, within
from pharmacy.domain.findings import Finding, Severity
from pharmacy.domain.liquid import as_supply
from pharmacy.domain.potency import StrengthBasis
from pharmacy.domain.pricing import NO_TERMS, Delivery, StrengthCount, Terms, price
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.set_supply import from_strengths, suggested_sets
from pharmacy.domain.supply import (
    NothingLeftToSupply,
    Supply,
    SupplyLine,
    SupplyMethod,
    Window,
    check_quantity,
    days_within_limits,
    most_per_dose,
    next_window,
    part_of,
    supply_options,
)
from pharmacy.domain.supply_choice import Merit, reasons, worth_telling
from pharmacy.domain.titration import check_plan
from pharmacy.usecases.bench_stock import LaidBench, NotEquipped
from pharmacy.usecases.commands import DosageForm, SupplyRequest
from pharmacy.usecases.liquid_derivation import derive_liquid, refused, strength_words
from pharmacy.usecases.monthly_mark import with_marks
from pharmacy.usecases.option import FirstPart, LineBatch, Option
from pharmacy.usecases.reference import Reference

# The option is part of this module's face, though it lives in a file of its own.
__all__ = [
    "BEYOND_USE_TOO_SHORT",
    "CANNOT_BE_WEIGHED",
    "DaysMissing",
    "Derivation",
    "LineBatch",
    "MethodNotOffered",
    "NotOffered",
    "Option",
    "StrengthNotMade",
    "derive",
    "derive_line",
]

CANNOT_BE_WEIGHED = "F-LINE-CANNOT-BE-WEIGHED"
BEYOND_USE_TOO_SHORT = "F-BEYOND-USE-TOO-SHORT"
BEYOND_USE_SPLIT = "F-BEYOND-USE-SPLIT"
# Under a week the whole fill waits for another batch (house policy).
FEWEST_DAYS_OF_A_PART = 7
# Besides the two simple ways; more would be a list, not a choice.
MOST_SETS_TOLD = 3


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


@dataclass(eq=False)
class StrengthNotMade(Unfit):
    """A strength was asked for that is not in the pharmacy's formulary."""

    strength: Micrograms

    def __str__(self) -> str:
        return f"The pharmacy makes no capsules of {format_dose(self.strength)}."


@dataclass(frozen=True, slots=True)
class NotOffered:
    """A way to supply the window that a limit forbids, why, and the days of it that one fill may hold."""

    supply: Supply
    because: str
    days_that_fit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """All options for one window, the default first; `findings` are about the plan, whatever the option."""

    window: Window
    options: tuple[Option, ...]
    not_offered: tuple[NotOffered, ...]
    findings: tuple[Finding, ...]
    # The first day of dosing as long as nobody has confirmed another.
    assumed_start_on: date

    def option(self, method: SupplyMethod, strengths: tuple[Micrograms, ...] | None = None) -> Option:
        """The option of that method, and of these strengths where they are named; MethodNotOffered without one."""
        for option in self.options:
            if option.supply.method is method and strengths in (None, option.strengths):
                return option
        raise MethodNotOffered(method, where=("supply_option",))

    def chosen(self, request: SupplyRequest) -> Option:
        """The option that was asked for, or the default; MethodNotOffered when there is none of that method."""
        if request.method is None:
            return self.options[0]
        if request.strengths is None:
            return self.option(request.method)
        # Of the strengths asked for those that serve no dose make no line.
        for option in self.options:
            if option.supply.method is request.method and set(option.strengths) <= set(request.strengths):
                return option
        raise MethodNotOffered(request.method, where=("supply_option",))


def forget() -> None:
    """What was derived before is derived anew when asked again; for measurements."""
    _options.cache_clear()


def derive(request: SupplyRequest, reference: Reference, *, supplied_days: int = 0) -> Derivation:
    """Everything that follows from the request, continuing after `supplied_days` of the plan.

    Raises Unfit for a plan over the catalogue's limits, a fill of the wrong size, or no days given; each
    with the place of the fault. Raises NotEquipped when no prices are in force.
    """
    with within("plan"):
        findings = check_plan(request.plan, reference.dose_limits)
    window, window_findings = window_of(request, supplied_days)
    _check_strengths(request, reference)
    options, not_offered = _options(_alike(request, reference), window, reference)
    return Derivation(
        window=window,
        options=options,
        not_offered=not_offered,
        findings=(*[replace(each, where=("plan", *each.where)) for each in findings], *window_findings),
        assumed_start_on=assumed_start(request.delivery, reference),
    )


def derive_line(line: SupplyLine, window: Window, basis: StrengthBasis, reference: Reference) -> LineBatch:
    """The batch for one line from today's lots, with its beyond-use date and whether that suffices.

    Made today and dispensed on the promise date at the latest, the capsules must last to the last dose: the
    first bench on which they do is taken, and where there is none, that on which they last longest.
    """
    try:
        stock = reference.bench_stock()
    except NotEquipped as lacking:
        return refused(line, f"Cannot be derived today: {lacking}")
    last_dose_on = assumed_start(Delivery.MAIL, reference) + ONE_DAY * (window.days - 1)
    if line.unit_ml is not None:
        return derive_liquid(line, stock, last_dose_on, basis, reference)
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
        return refused(line, str(refusal))
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


def _lasts_until(derived: LineBatch) -> date:
    """The beyond-use date, or the first day there is where nothing can be weighed."""
    return date.min if derived.beyond_use is None else derived.beyond_use.on


def _check_strengths(request: SupplyRequest, reference: Reference) -> None:
    for place, strength in enumerate(request.strengths or ()):
        if strength not in reference.formulary.strengths:
            raise StrengthNotMade(strength, where=("strengths_mg", place))


def _alike(request: SupplyRequest, reference: Reference) -> SupplyRequest:
    """The request without what makes no difference to its options, so that equal questions are answered once."""
    state = request.ship_to_state
    is_taxed = state is not None and reference.prices().rules.tax_in(state) != 0
    return replace(
        request, days=None, method=None, as_written=None, ship_to_state=state if is_taxed else None
    )


@lru_cache(maxsize=2048)
def _options(
    request: SupplyRequest, window: Window, reference: Reference
) -> tuple[tuple[Option, ...], tuple[NotOffered, ...]]:
    """What is offered, the default first, and what a limit forbids. Raises the first refusal where nothing is left."""
    options, not_offered = [], []
    terms = Terms(ship_to_state=request.ship_to_state, surcharges=request.surcharges)
    first_refusal: Unfit | None = None
    for supply in _supplies(request, window, reference):
        try:
            check_quantity(supply)
        except Unfit as declined:
            first_refusal = first_refusal or declined
            not_offered.append(NotOffered(supply, str(declined), days_within_limits(supply)))
        else:
            options.append(option_of(supply, request.delivery, request.strength_basis, reference, terms))
    if not options and first_refusal is not None:
        raise first_refusal
    # Nobody is offered first what cannot be made while something else can.
    told = sorted(
        _worth_telling(options, request.strengths),
        key=lambda option: (not option.can_be_made, option.supply.method is not reference.default_method),
    )
    return with_marks(told, reference), tuple(not_offered)


def _supplies(request: SupplyRequest, window: Window, reference: Reference) -> Iterator[Supply]:
    """The simple ways, then the set that was asked for, or else those that may be worth telling; of a liquid the one."""
    if request.dosage_form is DosageForm.ORAL_LIQUID:
        with within("plan"):
            liquid = as_supply(request.plan, window, reference.liquid)
        yield liquid
        return
    yield from supply_options(request.plan, window)
    if request.strengths is not None:
        with within("plan"):
            asked = from_strengths(request.plan, window, request.strengths)
        yield asked
        return
    for suggested in suggested_sets(request.plan, window, reference.formulary):
        yield from_strengths(request.plan, window, suggested.strengths)


def _worth_telling(options: list[Option], asked: tuple[Micrograms, ...] | None) -> list[Option]:
    merits = [
        Merit(
            batches=len(option.supply.lines),
            capsules=option.supply.capsules,
            most_per_dose=most_per_dose(option.supply),
            cents=option.price.total.cents,
            can_be_made=option.can_be_made,
            is_simple=asked is not None or option.supply.method is not SupplyMethod.STRENGTH_SET,
        )
        for option in options
    ]
    places = worth_telling(merits, MOST_SETS_TOLD)
    told = reasons([merits[place] for place in places])
    return [replace(options[place], reasons=because) for place, because in zip(places, told, strict=True)]


def option_of(
    supply: Supply,
    delivery: Delivery,
    basis: StrengthBasis,
    reference: Reference,
    terms: Terms = NO_TERMS,
) -> Option:
    """That supply with its batches, price and findings."""
    strengths = tuple(
        StrengthCount(
            strength=line.strength,
            capsules=line.capsules,
            vials=len(line.vials),
            per_vial=tuple(vial.capsules for vial in line.vials),
            unit_ml=line.unit_ml,
        )
        for line in supply.lines
    )
    batches = tuple(derive_line(line, supply.window, basis, reference) for line in supply.lines)
    first = _first_part(supply, batches, basis, reference)
    return Option(
        supply=supply,
        batches=batches,
        price=price(reference.prices().rules, strengths, supply.window.days, delivery, terms),
        findings=tuple(_line_findings(batches)) if first is None else (_split(first),),
        first_part=first,
    )


def _first_part(
    supply: Supply, batches: tuple[LineBatch, ...], basis: StrengthBasis, reference: Reference
) -> FirstPart | None:
    """The most days that end by the first beyond-use date; None where all last, or a week would not."""
    if all(each.covers_last_dose for each in batches) or any(each.beyond_use is None for each in batches):
        return None
    lasts_until = min(map(_lasts_until, batches))
    days = (lasts_until - assumed_start(Delivery.MAIL, reference)).days + 1
    if days < FEWEST_DAYS_OF_A_PART:
        return None
    window = supply.window
    part = part_of(supply, Window(window.first_day, days))
    made = tuple(derive_line(line, part.window, basis, reference) for line in part.lines)
    if not made or not all(each.covers_last_dose for each in made):
        return None
    because = (
        f"Made today it may be used until {lasts_until.isoformat()}: days {window.first_day} to "
        f"{part.window.last_day} now, days {part.window.last_day + 1} to {window.last_day} from a later batch, "
        "for one script fee and one shipping."
    )
    return FirstPart(supply=part, batches=made, because=because)


def _split(first: FirstPart) -> Finding:
    return Finding(BEYOND_USE_SPLIT, Severity.WARN, first.because, ("supply_option",))


def _line_findings(batches: Iterable[LineBatch]) -> Iterator[Finding]:
    """What a pharmacist must know of before anybody pays: lines that cannot be made, or would not last."""
    where = ("supply_option",)
    for position, each in enumerate(batches, start=1):
        line = f"Line {position}, {strength_words(each.line)}"
        if each.beyond_use is None:
            yield Finding(CANNOT_BE_WEIGHED, Severity.OVERRIDE, f"{line}: {each.refusal}", where)
        elif not each.covers_last_dose:
            on = each.beyond_use.on.isoformat()
            because = f"{line}: the beyond-use date {on} is before the last planned dose."
            yield Finding(BEYOND_USE_TOO_SHORT, Severity.OVERRIDE, because, where)


def window_of(request: SupplyRequest, supplied_days: int) -> tuple[Window, tuple[Finding, ...]]:
    """The days that the fill covers, and a finding where the plan ends before. Raises DaysMissing, NothingLeftToSupply."""
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


def assumed_start(delivery: Delivery, reference: Reference) -> date:
    """The first day of dosing as long as nobody has confirmed another."""
    promised_on = business_day_after(reference.on, reference.promise_business_days, reference.closed_on)
    return promised_on + timedelta(days=reference.refills[delivery].start_lag_days)
