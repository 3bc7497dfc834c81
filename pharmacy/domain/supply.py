"""Which capsules, and how many, cover a stretch of a plan.

Three ways: each step's own strength (1.5, 3, 4.5 mg: 7 + 7 + 16 capsules for 30 days),
multiples of one strength (69 of 1.5 mg), or a set of a few strengths. A fill continues where the supply before ends;
it never restarts the titration and never jumps ahead. With own strengths a strength that
returns in a later step stays one order line with one vial for each step, and different
morning and bedtime amounts are two lines (house policy). One vial tells one patient what
to do, so the days and the capsules per dose travel with it; what one vial cannot hold goes
on in the next, and never in the middle of a day.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from math import gcd

from pharmacy.domain.dose_text import format_dose, plain_decimal
from pharmacy.domain.errors import Unfit
from pharmacy.domain.figures import require_whole
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.titration import ScheduledStep, TimeOfDay, TitrationPlan, scheduled_between

MOST_CAPSULES_PER_DOSE = 9
# Per order line and per fill (house policy).
MOST_CAPSULES = 300
MOST_DAYS = 90
# What the large vial holds, in capsules of size 3 (house policy).
MOST_CAPSULES_PER_VIAL = 200
# What the largest bottle holds, and one order of a liquid (house policy).
MOST_ML_PER_BOTTLE = Decimal(500)
MOST_ML = Decimal(1000)


class SupplyMethod(StrEnum):
    """How doses are made up from capsules."""

    OWN_STRENGTH = "one_strength_per_step"
    MULTIPLES = "multiples_of_one_strength"
    STRENGTH_SET = "strength_set"
    LIQUID = "oral_liquid"


@dataclass(eq=False)
class NothingLeftToSupply(Unfit):
    """The plan is closed, and all its days are supplied already."""

    closed_days: int

    def __str__(self) -> str:
        return f"The plan ends on day {self.closed_days} and is fully supplied."


@dataclass(eq=False)
class DoseNotAMultiple(Unfit):
    """A dose cannot be made up from whole capsules of the one strength. `position` counts from 1."""

    position: int
    dose: Micrograms
    unit: Micrograms

    def __str__(self) -> str:
        return (
            f"Step {self.position}: {format_dose(self.dose)} is not a whole number of "
            f"{format_dose(self.unit)} capsules."
        )


@dataclass(eq=False)
class QuantityOutOfRange(Unfit):
    """A line needs no capsules, or more than one order line may hold."""

    capsules: int

    def __str__(self) -> str:
        return f"A line holds 1 to {MOST_CAPSULES} capsules, not {self.capsules}."


@dataclass(eq=False)
class VolumeOutOfRange(Unfit):
    """A liquid of no volume, or of more than one order may hold."""

    volume_ml: Decimal

    def __str__(self) -> str:
        return f"An order holds up to {MOST_ML} mL of a liquid, not {plain_decimal(self.volume_ml)} mL."


@dataclass(eq=False)
class DaysOutOfRange(Unfit):
    """A fill is for no day, or for more days than one fill may cover."""

    days: int

    def __str__(self) -> str:
        return f"A fill covers 1 to {MOST_DAYS} days, not {self.days}."


@dataclass(frozen=True, slots=True)
class Window:
    """The days of the plan that one fill covers: `days` of them from `first_day` on."""

    first_day: int
    days: int

    def __post_init__(self) -> None:
        require_whole(self.first_day, "first_day")
        require_whole(self.days, "days")
        if self.first_day < 1 or self.days < 1:
            raise ValueError("A window begins on day 1 or later and is at least a day long")

    @property
    def last_day(self) -> int:
        """The last day covered, included."""
        return self.first_day + self.days - 1


def next_window(plan: TitrationPlan, supplied_days: int, days: int) -> Window:
    """The window that follows `supplied_days`, `days` long or as long as the plan still lasts.

    Raises NothingLeftToSupply when a closed plan is supplied to its end. A caller that
    gets fewer days than it asked for tells so.
    """
    closed = plan.closed_days
    if closed is None:
        return Window(supplied_days + 1, days)
    if supplied_days >= closed:
        raise NothingLeftToSupply(closed)
    return Window(supplied_days + 1, min(days, closed - supplied_days))


@dataclass(frozen=True, slots=True, kw_only=True)
class VialStep:
    """What one vial is for in one step at one time of day; days are plan days, both ends included.

    `capsules_per_dose` is 0 in a pause that lies between steps of the same vial. `beside` are the strengths, and
    how many capsules of each, that the same dose takes from other vials. A liquid is counted in marks of the oral
    syringe in place of capsules, and `unit_ml` is what one mark measures; None for capsules.
    """

    position: int
    of_steps: int
    first_day: int
    last_day: int
    time_of_day: TimeOfDay
    capsules_per_dose: int
    beside: tuple[tuple[Micrograms, int], ...] = ()
    unit_ml: Decimal | None = None

    def __post_init__(self) -> None:
        for number in (self.position, self.of_steps, self.first_day, self.last_day, self.capsules_per_dose):
            require_whole(number, "A number of steps, days or capsules")

    @property
    def capsules(self) -> int:
        """How many capsules this part of the supply takes."""
        return (self.last_day - self.first_day + 1) * self.capsules_per_dose


@dataclass(frozen=True, slots=True)
class Vial:
    """One container and the steps it serves; `capsules` is how many it holds."""

    steps: tuple[VialStep, ...]
    capsules: int

    def __post_init__(self) -> None:
        require_whole(self.capsules, "capsules")


@dataclass(frozen=True, slots=True)
class SupplyLine:
    """One strength of a fill, in one vial or several.

    A liquid is counted in marks of the oral syringe in place of capsules, and `strength` is what a mark holds.
    """

    strength: Micrograms
    vials: tuple[Vial, ...]

    def __post_init__(self) -> None:
        if not isinstance(self.strength, Micrograms):
            raise TypeError(f"A strength is given in Micrograms, got {self.strength!r}")

    @property
    def capsules(self) -> int:
        """The capsules of all vials."""
        return sum(vial.capsules for vial in self.vials)

    @property
    def unit_ml(self) -> Decimal | None:
        """What one mark of a liquid measures; None for capsules."""
        return self.vials[0].steps[0].unit_ml if self.vials else None


@dataclass(frozen=True, slots=True)
class Supply:
    """The capsules that cover a window by one method."""

    method: SupplyMethod
    window: Window
    lines: tuple[SupplyLine, ...]

    @property
    def capsules(self) -> int:
        """The capsules of all lines."""
        return sum(line.capsules for line in self.lines)


def own_strength(plan: TitrationPlan, window: Window) -> Supply:
    """One capsule for each dose: a line for each strength, in the order of first use.

    Within a line each step has its own vial, or more where one cannot hold it; a pause needs none.
    """
    vials: dict[Micrograms, list[Vial]] = {}
    for part in scheduled_between(plan, window.first_day, window.last_day):
        for strength in dict.fromkeys(intake.dose for intake in part.step.doses):
            same = [intake.time_of_day for intake in part.step.doses if intake.dose == strength]
            served = [vial_step(plan, part, time, 1) for time in same]
            vials.setdefault(strength, []).extend(vials_of(served))
    lines = tuple(SupplyLine(strength, tuple(of_strength)) for strength, of_strength in vials.items())
    return Supply(SupplyMethod.OWN_STRENGTH, window, lines)


def multiples(
    plan: TitrationPlan, window: Window, unit: Micrograms, unit_ml: Decimal | None = None
) -> Supply:
    """All doses from capsules of one strength, `unit`, each vial serving whatever steps its days fall in.

    One vial, unless it would hold more than MOST_CAPSULES_PER_VIAL. With `unit_ml` the units are marks of the oral
    syringe, and a vial is a bottle of MOST_ML_PER_BOTTLE at most.

    Raises DoseNotAMultiple for the first dose that whole capsules cannot make up.
    """
    steps = []
    for part in scheduled_between(plan, window.first_day, window.last_day):
        for intake in part.step.doses or part.step.intakes[:1]:
            if unit.value == 0 or intake.dose.value % unit.value:
                where = ("steps", part.position - 1, part.step.dose_field)
                raise DoseNotAMultiple(part.position, intake.dose, unit, where=where)
            step = vial_step(plan, part, intake.time_of_day, intake.dose.value // unit.value)
            steps.append(step if unit_ml is None else replace(step, unit_ml=unit_ml))
    if unit_ml is None:
        return Supply(SupplyMethod.MULTIPLES, window, (SupplyLine(unit, vials_of(steps)),))
    bottles = vials_of(steps, most=int(MOST_ML_PER_BOTTLE // unit_ml))
    return Supply(SupplyMethod.LIQUID, window, (SupplyLine(unit, bottles),))


def common_unit(plan: TitrationPlan, window: Window) -> Micrograms | None:
    """The largest strength of which every dose in the window is a multiple; None when all is pause."""
    parts = scheduled_between(plan, window.first_day, window.last_day)
    largest = gcd(*(intake.dose.value for part in parts for intake in part.step.doses))
    return Micrograms(largest) if largest else None


def supply_options(plan: TitrationPlan, window: Window) -> tuple[Supply, ...]:
    """The two simple ways to supply the window, the default first.

    Own strength always; multiples of one strength too when more than one strength is
    needed and no dose takes more than MOST_CAPSULES_PER_DOSE capsules.
    """
    own = own_strength(plan, window)
    unit = common_unit(plan, window)
    if unit is None or len(own.lines) == 1:
        return (own,)
    one = multiples(plan, window, unit)
    return (own, one) if most_per_dose(one) <= MOST_CAPSULES_PER_DOSE else (own,)


def most_per_dose(supply: Supply) -> int:
    """The capsules of the largest dose, from whichever vials they come; 0 when all is pause."""
    taken: Counter[tuple[int, TimeOfDay]] = Counter()
    for line in supply.lines:
        # A step that goes on in a second vial is taken from one of the two.
        of_line = {
            (step.position, step.time_of_day): step.capsules_per_dose
            for vial in line.vials
            for step in vial.steps
        }
        taken.update(of_line)
    return max(taken.values(), default=0)


def days_within_limits(supply: Supply) -> int:
    """How many of the window's days, from its first on, one fill may hold: 90 at most, and 300 capsules a line."""
    days = min(supply.window.days, MOST_DAYS)
    for line in supply.lines:
        held = 0
        most = MOST_CAPSULES if line.unit_ml is None else int(MOST_ML // line.unit_ml)
        steps = [step for vial in line.vials for step in vial.steps]
        for day in range(supply.window.first_day, supply.window.first_day + days):
            held += sum(step.capsules_per_dose for step in steps if step.first_day <= day <= step.last_day)
            if held > most:
                days = day - supply.window.first_day
                break
    return days


def check_quantity(supply: Supply) -> None:
    """Nothing, when the fill is of a permitted size.

    Raises DaysOutOfRange for more than 90 days, QuantityOutOfRange for a line of more
    than 300 capsules or a fill of none.
    """
    if supply.window.days > MOST_DAYS:
        raise DaysOutOfRange(supply.window.days)
    if not supply.lines:
        raise QuantityOutOfRange(0)
    for line in supply.lines:
        if line.unit_ml is not None:
            if not 0 < line.unit_ml * line.capsules <= MOST_ML:
                raise VolumeOutOfRange(line.unit_ml * line.capsules)
        elif not 1 <= line.capsules <= MOST_CAPSULES:
            raise QuantityOutOfRange(line.capsules)


def part_of(supply: Supply, part: Window) -> Supply:
    """What of the supply serves those days of its window: the same capsules a dose, each vial cut to these days.

    A fill that is handed over in parts loses no dose: its parts sum to it, day by day.
    """
    lines = []
    for line in supply.lines:
        cut = [_days_of(vial.steps, part.first_day, part.last_day) for vial in line.vials]
        vials = tuple(Vial(served, sum(step.capsules for step in served)) for served in cut if served)
        if any(vial.capsules for vial in vials):
            lines.append(replace(line, vials=tuple(vial for vial in vials if vial.capsules)))
    return replace(supply, window=part, lines=tuple(lines))


def within_limits(supply: Supply) -> Supply:
    """As many of its days, from the first on, as one order may hold: 90 days, 300 capsules a line; all where they fit."""
    days = days_within_limits(supply)
    return supply if days == supply.window.days else part_of(supply, Window(supply.window.first_day, days))


def vials_of(steps: Iterable[VialStep], most: int = MOST_CAPSULES_PER_VIAL) -> tuple[Vial, ...]:
    """The vials that hold the steps: each full but for the last, and a day's dose always from one vial."""
    vials = []
    rest = tuple(steps)
    while rest:
        last_day = _last_day_that_fits(rest, most)
        served = _days_of(rest, rest[0].first_day, last_day)
        vials.append(Vial(served, sum(step.capsules for step in served)))
        rest = _days_of(rest, last_day + 1, rest[-1].last_day)
    return tuple(vials)


def _last_day_that_fits(steps: tuple[VialStep, ...], most: int) -> int:
    """The last day whose dose still goes into a vial begun with the first; the first day itself at the least."""
    held = 0
    for day in range(steps[0].first_day, steps[-1].last_day + 1):
        held += sum(step.capsules_per_dose for step in steps if step.first_day <= day <= step.last_day)
        if held > most and day > steps[0].first_day:
            return day - 1
    return steps[-1].last_day


def _days_of(steps: tuple[VialStep, ...], first_day: int, last_day: int) -> tuple[VialStep, ...]:
    """What of the steps falls between these days, both included."""
    return tuple(
        replace(step, first_day=max(step.first_day, first_day), last_day=min(step.last_day, last_day))
        for step in steps
        if step.first_day <= last_day and step.last_day >= first_day
    )


def vial_step(plan: TitrationPlan, part: ScheduledStep, time_of_day: TimeOfDay, capsules: int) -> VialStep:
    """So many capsules a dose at that time, through the part of a step."""
    return VialStep(
        position=part.position,
        of_steps=len(plan.steps),
        first_day=part.first_day,
        last_day=part.last_day,
        time_of_day=time_of_day,
        capsules_per_dose=capsules,
    )
