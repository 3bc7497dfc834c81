"""The capsules a patient holds, reckoned by walking the plan, and what is to be made when the plan changes.

Nobody counts what is at home: each day of the plan takes its capsules from what was handed over. A dose is taken
as one capsule of its own strength; several of a smaller one make it up only where the prescription was supplied so
(a change of the strength dispensed otherwise). What a changed plan lacks up to the day the fill would have covered
is to be made; what it no longer needs is surplus, shown and never taken back (dispensed capsules are not
restocked).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.supply import Supply, SupplyLine, SupplyMethod, Vial, Window, multiples, own_strength
from pharmacy.domain.titration import TitrationPlan, scheduled_between


@dataclass(frozen=True, slots=True)
class Pantry:
    """Capsules by strength; `unit` is the strength of which several make up a dose, if there is one."""

    capsules: Mapping[Micrograms, int]
    unit: Micrograms | None = None

    @property
    def total(self) -> int:
        """All capsules, whatever their strength."""
        return sum(self.capsules.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """A dose of a day that is not at home, and the strength it is to be made of."""

    day: int
    dose: Micrograms
    strength: Micrograms


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What is left after the last day walked, what was taken, and what lacked."""

    left: Pantry
    taken: Mapping[Micrograms, int]
    lacks: tuple[Lack, ...]


def pantry_of(supplies: Iterable[Supply]) -> Pantry:
    """All capsules of these supplies together; the newest supply in multiples names the unit."""
    held: dict[Micrograms, int] = {}
    unit = None
    for supply in supplies:
        if supply.method is SupplyMethod.MULTIPLES:
            unit = supply.lines[-1].strength
        for line in supply.lines:
            held[line.strength] = held.get(line.strength, 0) + line.capsules
    return Pantry(held, unit)


def walk(plan: TitrationPlan, pantry: Pantry, first_day: int, last_day: int) -> Walk:
    """The days from `first_day` to `last_day`, both included, taken from the pantry one by one."""
    held, taken, lacks = dict(pantry.capsules), dict[Micrograms, int](), list[Lack]()
    for day, dose in _doses(plan, first_day, last_day):
        strength, count = _made_up(dose, held, pantry.unit)
        if held.get(strength, 0) < count:
            lacks.append(Lack(day=day, dose=dose, strength=strength))
            continue
        held[strength] -= count
        taken[strength] = taken.get(strength, 0) + count
    return Walk(left=Pantry(held, pantry.unit), taken=taken, lacks=tuple(lacks))


def run_out_day(plan: TitrationPlan, pantry: Pantry, horizon: int) -> int | None:
    """The first day whose dose is not at home; None when there is none up to `horizon`, included."""
    if horizon < 1:
        return None
    lacks = walk(plan, pantry, 1, horizon).lacks
    return lacks[0].day if lacks else None


def to_make(
    plan: TitrationPlan, pantry: Pantry, first_day: int, last_day: int, method: SupplyMethod
) -> Supply | None:
    """The capsules that these days lack, as vials of a fill; None when everything is at home.

    Days from `first_day` to `last_day`, both included. Multiples of one strength that are at home are used up
    first: as long as any is there the supply only ends sooner.
    """
    if last_day < first_day:
        return None
    lacks = walk(plan, pantry, first_day, last_day).lacks
    if pantry.unit is not None and pantry.capsules.get(pantry.unit, 0):
        lacks = tuple(lack for lack in lacks if lack.strength != pantry.unit)
    if not lacks:
        return None
    vials: dict[Micrograms, list[Vial]] = {}
    for strength in dict.fromkeys(lack.strength for lack in lacks):
        days = sorted({lack.day for lack in lacks if lack.strength == strength})
        for first, last in _rows(days):
            line = _line(plan, Window(first, last - first + 1), strength, pantry.unit)
            vials.setdefault(strength, []).extend(line.vials)
    window = Window(lacks[0].day, lacks[-1].day - lacks[0].day + 1)
    return Supply(method, window, tuple(SupplyLine(each, tuple(vials[each])) for each in vials))


def _line(plan: TitrationPlan, window: Window, strength: Micrograms, unit: Micrograms | None) -> SupplyLine:
    if strength == unit:
        return multiples(plan, window, strength).lines[0]
    return next(line for line in own_strength(plan, window).lines if line.strength == strength)


def _made_up(
    dose: Micrograms, held: Mapping[Micrograms, int], unit: Micrograms | None
) -> tuple[Micrograms, int]:
    """Of which capsules, and how many, the dose is taken."""
    if unit is None or held.get(dose, 0) or dose.value % unit.value:
        return dose, 1
    return unit, dose.value // unit.value


def _doses(plan: TitrationPlan, first_day: int, last_day: int) -> Iterator[tuple[int, Micrograms]]:
    for part in scheduled_between(plan, first_day, last_day):
        for day in range(part.first_day, part.last_day + 1):
            for intake in part.step.doses:
                yield day, intake.dose


def _rows(days: list[int]) -> Iterator[tuple[int, int]]:
    """The unbroken rows of these days, which are in order: first and last day of each."""
    for _, row in groupby(enumerate(days), key=lambda each: each[1] - each[0]):
        found = [day for _, day in row]
        yield found[0], found[-1]
