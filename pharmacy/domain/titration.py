"""A titration plan, and which dose falls on which day.

A plan is a row of steps, each a dose for a number of days; only the last may be open.
Days are derived from durations and never stored: a published guide writes "day 22" where
its own durations give day 21. Day numbers count from 1 and ranges include both ends. A
step may go down, and a step of 0 mg is a pause: its days pass and count like any others.
Limits of the daily dose are policy: over 4.5 mg warn, over 6 mg override, over 10 mg
refused, because above lies another therapy (reported low-dose bands end at 10 mg).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from pharmacy.domain.dose_text import format_dose
from pharmacy.domain.errors import Unfit, Where
from pharmacy.domain.figures import require_whole
from pharmacy.domain.findings import Finding, Severity
from pharmacy.domain.quantities import Micrograms

MOST_STEPS = 24
# A daily dose more than this many times the one before is pointed out (house policy).
LARGEST_STEP_FACTOR = 2
NO_DOSE = Micrograms(0)


class TimeOfDay(StrEnum):
    """When a dose is taken; bedtime is the usual time for low-dose naltrexone."""

    MORNING = "morning"
    BEDTIME = "bedtime"

    @property
    def words(self) -> str:
        """The fixed phrase of labels and notices (Cal. Code Regs. 16 s. 1707.5): "at bedtime"."""
        return _TIME_WORDS[self]


_TIME_WORDS: Mapping[TimeOfDay, str] = {
    TimeOfDay.MORNING: "in the morning",
    TimeOfDay.BEDTIME: "at bedtime",
}


@dataclass(eq=False)
class StepCountOutOfRange(Unfit):
    """The plan has no step, or more steps than anybody could follow."""

    count: int

    def __str__(self) -> str:
        return f"A plan has 1 to {MOST_STEPS} steps, not {self.count}."


@dataclass(eq=False)
class StepTooShort(Unfit):
    """A step lasts less than a day. `position` counts from 1."""

    position: int
    duration_days: int

    def __str__(self) -> str:
        return f"Step {self.position} lasts {self.duration_days} days; a step lasts at least 1 day."


@dataclass(eq=False)
class OpenEndedMiddleStep(Unfit):
    """A step before the last has no end, so that the next never begins. `position` counts from 1."""

    position: int

    def __str__(self) -> str:
        return f"Step {self.position} has no duration, and only the last step may be open-ended."


@dataclass(eq=False)
class DoseOverMaximum(Unfit):
    """A step's daily dose is more than the catalogue offers. `position` counts from 1."""

    position: int
    dose: Micrograms
    maximum: Micrograms

    def __str__(self) -> str:
        return (
            f"Step {self.position}: {format_dose(self.dose)} a day is over the maximum of "
            f"{format_dose(self.maximum)} a day."
        )


@dataclass(frozen=True, slots=True)
class Intake:
    """What is taken at one time of day."""

    time_of_day: TimeOfDay
    dose: Micrograms

    def __post_init__(self) -> None:
        if not isinstance(self.time_of_day, TimeOfDay):
            raise TypeError(f"An intake needs a TimeOfDay, got {self.time_of_day!r}")
        if not isinstance(self.dose, Micrograms):
            raise TypeError(f"An intake needs Micrograms, got {self.dose!r}")


@dataclass(frozen=True, slots=True)
class Step:
    """The same intakes every day for `duration_days`, or for good when that is None."""

    intakes: tuple[Intake, ...]
    duration_days: int | None

    def __post_init__(self) -> None:
        if self.duration_days is not None:
            require_whole(self.duration_days, "duration_days")
        if not all(isinstance(intake, Intake) for intake in self.intakes):
            raise TypeError(f"A step consists of intakes, got {self.intakes!r}")
        if not self.intakes:
            raise ValueError("A step needs an intake; a pause is an intake of no dose")
        if len({intake.time_of_day for intake in self.intakes}) < len(self.intakes):
            raise ValueError("A step has at most one intake at each time of day")

    @property
    def daily_dose(self) -> Micrograms:
        """All doses of the day added."""
        return sum((intake.dose for intake in self.intakes), start=NO_DOSE)

    @property
    def dose_field(self) -> str:
        """What the dose is called where it was given, for pointing at it: one dose, or several intakes."""
        return "dose_mg" if len(self.intakes) == 1 else "intakes"

    @property
    def is_pause(self) -> bool:
        """Whether nothing is taken in this step."""
        return self.daily_dose == NO_DOSE

    @property
    def doses(self) -> tuple[Intake, ...]:
        """The intakes at which something is taken; none in a pause."""
        return tuple(intake for intake in self.intakes if intake.dose > NO_DOSE)


def once_daily(dose: Micrograms, time_of_day: TimeOfDay, duration_days: int | None) -> Step:
    """The common step: one dose a day, always at the same time of day."""
    return Step((Intake(time_of_day, dose),), duration_days)


@dataclass(frozen=True, slots=True)
class TitrationPlan:
    """What the prescriber ordered: 1 to 24 steps, one after the other.

    Raises StepCountOutOfRange, OpenEndedMiddleStep and StepTooShort, so that a plan
    which exists can be followed.
    """

    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        if not all(isinstance(step, Step) for step in self.steps):
            raise TypeError(f"A plan consists of steps, got {self.steps!r}")
        if not 1 <= len(self.steps) <= MOST_STEPS:
            raise StepCountOutOfRange(len(self.steps), where=("steps",))
        for index, step in enumerate(self.steps):
            where = ("steps", index, "duration_days")
            if step.duration_days is None and index + 1 < len(self.steps):
                raise OpenEndedMiddleStep(index + 1, where=where)
            if step.duration_days is not None and step.duration_days < 1:
                raise StepTooShort(index + 1, step.duration_days, where=where)

    @property
    def closed_days(self) -> int | None:
        """The number of the last day, or None when the last step is open-ended."""
        durations = [step.duration_days for step in self.steps if step.duration_days is not None]
        return sum(durations) if len(durations) == len(self.steps) else None


@dataclass(frozen=True, slots=True)
class DoseLimits:
    """Daily doses above which a plan is warned of, overridden, or refused; each is itself still below."""

    warn_over: Micrograms
    override_over: Micrograms
    maximum: Micrograms

    def __post_init__(self) -> None:
        for limit in (self.warn_over, self.override_over, self.maximum):
            if not isinstance(limit, Micrograms):
                raise TypeError(f"A limit is given in Micrograms, got {limit!r}")


def check_plan(plan: TitrationPlan, limits: DoseLimits) -> tuple[Finding, ...]:
    """What a pharmacist should see about the doses, in the order of the steps.

    Raises DoseOverMaximum for the first step over the catalogue maximum. A step is a jump
    when its daily dose is more than twice the last one taken; pauses in between do not count.
    """
    findings: list[Finding] = []
    dose_before = NO_DOSE
    for index, step in enumerate(plan.steps):
        where = ("steps", index, step.dose_field)
        findings += _high_dose(where, index + 1, step.daily_dose, limits)
        if NO_DOSE < dose_before.times(LARGEST_STEP_FACTOR) < step.daily_dose:
            because = (
                f"Step {index + 1}: {format_dose(step.daily_dose)} is more than twice the "
                f"{format_dose(dose_before)} before."
            )
            findings.append(Finding("D-STEP-JUMP", Severity.WARN, because, where))
        dose_before = dose_before if step.is_pause else step.daily_dose
    return tuple(findings)


def _high_dose(where: Where, position: int, dose: Micrograms, limits: DoseLimits) -> Iterator[Finding]:
    if dose > limits.maximum:
        raise DoseOverMaximum(position, dose, limits.maximum, where=where)
    told = f"Step {position}: {format_dose(dose)} a day is over"
    if dose > limits.override_over:
        because = f"{told} {format_dose(limits.override_over)} a day."
        yield Finding("D-DOSE-HIGH", Severity.OVERRIDE, because, where)
    elif dose > limits.warn_over:
        because = f"{told} the usual {format_dose(limits.warn_over)} a day."
        yield Finding("D-DOSE-OVER-USUAL", Severity.WARN, because, where)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledStep:
    """A step, or the part of it that is looked at, in day numbers from 1, both ends included."""

    position: int
    step: Step
    first_day: int
    last_day: int

    def __post_init__(self) -> None:
        for day in (self.position, self.first_day, self.last_day):
            require_whole(day, "A position or day number")

    @property
    def days(self) -> int:
        """How many days it lasts."""
        return self.last_day - self.first_day + 1


def schedule(plan: TitrationPlan, *, through_day: int) -> tuple[ScheduledStep, ...]:
    """The steps in day numbers up to and including `through_day`; the last one is cut there.

    A closed plan that ends earlier ends there. 7, 7 and an open step through day 30 are
    days 1 to 7, 8 to 14 and 15 to 30.
    """
    return scheduled_between(plan, 1, through_day)


def scheduled_between(plan: TitrationPlan, first_day: int, last_day: int) -> tuple[ScheduledStep, ...]:
    """The parts of the steps that lie in these days, both included; steps outside are left out."""
    if not 1 <= first_day <= last_day:
        raise ValueError(f"Days {first_day} to {last_day} are not a stretch of a plan")
    scheduled = []
    begins = 1
    for position, step in enumerate(plan.steps, start=1):
        ends = last_day if step.duration_days is None else begins + step.duration_days - 1
        first, last = max(begins, first_day), min(ends, last_day)
        if first <= last:
            scheduled.append(ScheduledStep(position=position, step=step, first_day=first, last_day=last))
        begins = ends + 1
    return tuple(scheduled)


@dataclass(frozen=True, slots=True, kw_only=True)
class DosingDay:
    """One day of the plan; `intakes` are the doses to take, none on a day of pause."""

    day: int
    on: date
    position: int
    intakes: tuple[Intake, ...]

    def __post_init__(self) -> None:
        require_whole(self.day, "day")
        require_whole(self.position, "position")


def dosing_days(
    plan: TitrationPlan, start_on: date, *, first_day: int, last_day: int
) -> tuple[DosingDay, ...]:
    """Every day from `first_day` to `last_day`, both included, with its date and doses.

    `start_on` is the date of day 1 of the plan, whichever day is asked for.
    """
    return tuple(
        DosingDay(day=day, on=date_of(start_on, day), position=part.position, intakes=part.step.doses)
        for part in scheduled_between(plan, first_day, last_day)
        for day in range(part.first_day, part.last_day + 1)
    )


def date_of(start_on: date, day: int) -> date:
    """The date of a day number, where day 1 falls on `start_on`."""
    return start_on + timedelta(days=day - 1)


def mass_between(plan: TitrationPlan, first_day: int, last_day: int) -> Micrograms:
    """All drug taken from `first_day` to `last_day`, both included."""
    parts = scheduled_between(plan, first_day, last_day)
    return sum((part.step.daily_dose.times(part.days) for part in parts), start=NO_DOSE)
