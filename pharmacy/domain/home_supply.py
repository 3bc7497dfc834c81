"""The capsules a patient holds, reckoned by walking the plan, and what is to be made when the plan changes.

Nobody counts what is at home: each day of the plan takes its capsules from what was handed over. A dose is taken
as one capsule of its own strength; several make it up only where the prescription was supplied so (a change of the
strength dispensed otherwise). What a changed plan lacks up to the day the fill would have covered is to be made;
what it no longer needs is surplus, shown and never taken back (dispensed capsules are not restocked).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby

from pharmacy.domain.errors import Unfit
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.set_supply import from_strengths
from pharmacy.domain.strength_sets import made_up
from pharmacy.domain.supply import (
    MOST_CAPSULES_PER_DOSE,
    Supply,
    SupplyLine,
    SupplyMethod,
    Vial,
    Window,
    multiples,
    own_strength,
)
from pharmacy.domain.titration import TitrationPlan, scheduled_between


@dataclass(frozen=True, slots=True)
class Pantry:
    """Capsules by strength; of the strengths in `combined` several make up one dose.

    A liquid is its marks of the oral syringe, each measuring `unit_ml`, and as many as it takes make up a dose.
    """

    capsules: Mapping[Micrograms, int]
    combined: tuple[Micrograms, ...] = ()
    unit_ml: Decimal | None = None

    @property
    def total(self) -> int:
        """All capsules, whatever their strength."""
        return sum(self.capsules.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """A dose of a day that is not at home; `is_combined` when several capsules are to make it up."""

    day: int
    dose: Micrograms
    is_combined: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What is left after the last day walked, what was taken, and what lacked."""

    left: Pantry
    taken: Mapping[Micrograms, int]
    lacks: tuple[Lack, ...]


def pantry_of(supplies: Iterable[Supply]) -> Pantry:
    """All capsules of these supplies together; those of the newest that combines strengths may be combined."""
    held: dict[Micrograms, int] = {}
    combined: tuple[Micrograms, ...] = ()
    unit_ml: Decimal | None = None
    for supply in supplies:
        if supply.method is not SupplyMethod.OWN_STRENGTH:
            combined = tuple(sorted({line.strength for line in supply.lines}))
            unit_ml = supply.lines[0].unit_ml if supply.lines else unit_ml
        for line in supply.lines:
            held[line.strength] = held.get(line.strength, 0) + line.capsules
    return Pantry(held, combined, unit_ml)


def walk(plan: TitrationPlan, pantry: Pantry, first_day: int, last_day: int) -> Walk:
    """The days from `first_day` to `last_day`, both included, taken from the pantry one by one."""
    held, taken, lacks = dict(pantry.capsules), dict[Micrograms, int](), list[Lack]()
    for day, dose in _doses(plan, first_day, last_day):
        counts, is_combined = _counts(dose, held, pantry)
        if any(held.get(strength, 0) < count for strength, count in counts.items()):
            lacks.append(Lack(day=day, dose=dose, is_combined=is_combined))
            continue
        for strength, count in counts.items():
            held[strength] -= count
            taken[strength] = taken.get(strength, 0) + count
    return Walk(left=replace(pantry, capsules=held), taken=taken, lacks=tuple(lacks))


def covered_through(plan: TitrationPlan, pantry: Pantry) -> int:
    """The last day up to which every dose is at home; the last day of a plan that ends or is paused at the latest."""
    before_last = sum(step.duration_days or 0 for step in plan.steps)
    is_open = plan.closed_days is None and not plan.steps[-1].is_pause
    end = before_last + (_days_held(plan, pantry) + 1 if is_open else 0)
    lacks = walk(plan, pantry, 1, end).lacks if end else ()
    return lacks[0].day - 1 if lacks else end


def _days_held(plan: TitrationPlan, pantry: Pantry) -> int:
    """At most so many days of the last step are at home: each takes a capsule, or the marks of its doses."""
    if pantry.unit_ml is None:
        return pantry.total
    a_day = sum(intake.dose.value for intake in plan.steps[-1].doses) // pantry.combined[0].value
    return pantry.total // max(a_day, 1)


def to_make(
    plan: TitrationPlan, pantry: Pantry, first_day: int, last_day: int, method: SupplyMethod
) -> Supply | None:
    """The capsules that these days lack, as vials of a fill by `method`; None when nothing is to be made.

    Days from `first_day` to `last_day`, both included. Where strengths are combined, and what is at home lasts
    some days, nothing of them is made: the supply only ends sooner.
    """
    if last_day < first_day:
        return None
    lacks = walk(plan, pantry, first_day, last_day).lacks
    combined = [lack.day for lack in lacks if lack.is_combined]
    if combined and combined[0] > first_day and any(pantry.capsules.get(each) for each in pantry.combined):
        lacks, combined = tuple(lack for lack in lacks if not lack.is_combined), []
    if not lacks:
        return None
    vials: dict[Micrograms, list[Vial]] = {}
    for window in _windows(combined):
        for line in _together(plan, window, pantry).lines:
            vials.setdefault(line.strength, []).extend(line.vials)
    for dose in dict.fromkeys(lack.dose for lack in lacks if not lack.is_combined):
        days = [lack.day for lack in lacks if lack.dose == dose and not lack.is_combined]
        for window in _windows(days):
            lines = own_strength(plan, window).lines
            own = next(line for line in lines if line.strength == dose)
            vials.setdefault(dose, []).extend(own.vials)
    window = Window(lacks[0].day, lacks[-1].day - lacks[0].day + 1)
    lines = tuple(SupplyLine(each, tuple(vials[each])) for each in vials)
    return Supply(method if combined else SupplyMethod.OWN_STRENGTH, window, lines)


def as_taken(plan: TitrationPlan, window: Window, pantry: Pantry) -> Supply:
    """How the doses of these days are taken from such a pantry: combined where it combines, else one capsule each."""
    try:
        return _together(plan, window, pantry)
    except Unfit:
        return own_strength(plan, window)


def _together(plan: TitrationPlan, window: Window, pantry: Pantry) -> Supply:
    if len(pantry.combined) == 1:
        return multiples(plan, window, pantry.combined[0], pantry.unit_ml)
    return from_strengths(plan, window, pantry.combined)


def _counts(
    dose: Micrograms, held: Mapping[Micrograms, int], pantry: Pantry
) -> tuple[Mapping[Micrograms, int], bool]:
    """Of which capsules the dose is taken, and whether several are to make it up."""
    combined = pantry.combined
    if pantry.unit_ml is not None and not dose.value % combined[0].value:
        return {combined[0]: dose.value // combined[0].value}, True
    if not combined or (dose not in combined and held.get(dose, 0)):
        return {dose: 1}, False
    counts = made_up(dose, combined, MOST_CAPSULES_PER_DOSE)
    return ({dose: 1}, False) if counts is None else (counts, True)


def _doses(plan: TitrationPlan, first_day: int, last_day: int) -> Iterator[tuple[int, Micrograms]]:
    if last_day < first_day:
        return
    for part in scheduled_between(plan, first_day, last_day):
        for day in range(part.first_day, part.last_day + 1):
            for intake in part.step.doses:
                yield day, intake.dose


def _windows(days: Iterable[int]) -> Iterator[Window]:
    """The unbroken rows of these days."""
    for _, row in groupby(enumerate(sorted(set(days))), key=lambda each: each[1] - each[0]):
        found = [day for _, day in row]
        yield Window(found[0], len(found))
