"""A titration as it is really taken: the prescribed ladder, and the legs of it that were and will be climbed.

The ladder is what the prescriber ordered, rung by rung. An adjustment never edits it in place: it cuts the legs
at a day and lays other legs from there, so that what was taken stays as it was and every leg still knows the rung
it belongs to. That is how a step back after a step back finds the rung below, and how the day to which a fill
reached is found again after the plan has moved. Day numbers count from 1; ranges include both ends.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pharmacy.domain.figures import require_whole
from pharmacy.domain.titration import NO_DOSE, Intake, Step, TitrationPlan


@dataclass(frozen=True, slots=True)
class Leg:
    """A stretch of one dose. `rung` counts from 0 and is None in a pause that was put in.

    `whole` is False for what stands for no part of its rung: a halved dose.
    """

    step: Step
    rung: int | None
    whole: bool = True

    def __post_init__(self) -> None:
        if self.rung is not None:
            require_whole(self.rung, "rung")

    @property
    def is_break(self) -> bool:
        """Whether this is a pause that was put in, not one that the prescriber planned."""
        return self.rung is None


Legs = tuple[Leg, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """`legs` from day 1 on. `set_aside` is what an open-ended pause keeps for later; it is empty otherwise.

    `turned_on` is the day from which the newest adjustment decided the dose: on that day it, and not the dose of
    the evening before, is the present one.
    """

    ladder: TitrationPlan
    legs: Legs
    set_aside: Legs = ()
    turned_on: int | None = None
    is_stopped: bool = False

    def __post_init__(self) -> None:
        if not self.legs:
            raise ValueError("A course has a leg at least")

    @property
    def plan(self) -> TitrationPlan:
        """The plan that the legs add up to, neighbours of the same dose and rung as one step.

        Raises StepCountOutOfRange when there are more than anybody could follow.
        """
        return TitrationPlan(tuple(leg.step for leg in joined(self.legs)))


def course_of(plan: TitrationPlan) -> Course:
    """The course of a plan that nobody has adjusted."""
    return Course(plan, tuple(Leg(step, rung) for rung, step in enumerate(plan.steps)))


def lasting(step: Step, days: int | None) -> Step:
    """The same doses for so many days."""
    return Step(step.intakes, days)


def break_of(days: int | None, like: Step) -> Leg:
    """A pause of so many days, or without end, at the times of day of `like`."""
    return Leg(Step(tuple(Intake(each.time_of_day, NO_DOSE) for each in like.intakes[:1]), days), None)


def joined(legs: Iterable[Leg]) -> Legs:
    """The legs with neighbours of the same rung and dose made one."""
    result: list[Leg] = []
    for leg in legs:
        last = result[-1] if result else None
        is_same = last is not None and (last.rung, last.step.intakes) == (leg.rung, leg.step.intakes)
        if last is None or not is_same:
            result.append(leg)
            continue
        days = (last.step.duration_days, leg.step.duration_days)
        total = None if None in days else sum(day for day in days if day is not None)
        result[-1] = replace(last, step=lasting(last.step, total), whole=last.whole and leg.whole)
    return tuple(result)


def cut(legs: Legs, day: int) -> tuple[Legs, Legs]:
    """What lies before that day, and what begins on it or later."""
    before: list[Leg] = []
    for index, leg in enumerate(legs):
        days = leg.step.duration_days
        room = day - 1 - sum(each.step.duration_days or 0 for each in before)
        if room <= 0:
            return tuple(before), legs[index:]
        if days is not None and days <= room:
            before.append(leg)
            continue
        rest = None if days is None else days - room
        before.append(replace(leg, step=lasting(leg.step, room)))
        return tuple(before), (replace(leg, step=lasting(leg.step, rest)), *legs[index + 1 :])
    return tuple(before), ()


def length(legs: Iterable[Leg]) -> int | None:
    """The days of these legs; None when one of them has no end."""
    days = [leg.step.duration_days for leg in legs]
    return None if None in days else sum(each for each in days if each is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A leg in day numbers; `last_day` is None where it has no end."""

    leg: Leg
    first_day: int
    last_day: int | None


def stretches(legs: Iterable[Leg]) -> Iterator[Stretch]:
    """The legs in day numbers from 1."""
    first = 1
    for leg in legs:
        days = leg.step.duration_days
        yield Stretch(leg=leg, first_day=first, last_day=None if days is None else first + days - 1)
        first += days or 0


def days_off_before(legs: Legs, day: int) -> int:
    """How many days of pause that was put in lie directly before that day."""
    before, _ = cut(legs, day)
    days = 0
    for leg in reversed(before):
        if not leg.is_break:
            break
        days += leg.step.duration_days or 0
    return days


def as_if_resumed(course: Course, day: int) -> Course:
    """The course with an open-ended pause ended on that day; any other as it is."""
    if not course.set_aside:
        return course
    before, _ = cut(course.legs, day)
    return replace(course, legs=(*before, *course.set_aside), set_aside=())


def moved_last_day(old: Course, new: Course, day: int, last_day: int) -> int:
    """The last day that a fill covers, moved as the plan moved from `day` on.

    A day so many doses before the end of its step stays as many before that end; in a step without end it stays
    the same dose from the step's beginning. Never before the eve of `day`, and the eve itself where that step is
    no longer to come. A titration of 7, 7 and 16 days stepped back on day 11 moves from day 30 to day 40.
    """
    if last_day < day:
        return last_day
    found = _place(old, last_day)
    if found is None:
        return day - 1
    rung, run, is_open = found
    came = _last_run(new, rung)
    if is_open:
        doses = len([each for each in _days(run, last_day) if each <= last_day])
        reached = _nth(came, doses)
    else:
        left = len([each for each in _days(run, last_day) if each > last_day])
        days = [each for part in came if part.last_day for each in range(part.first_day, part.last_day + 1)]
        reached = days[-1 - left] if len(days) > left else day - 1
    return max(reached or day - 1, day - 1)


Run = tuple[Stretch, ...]


def _runs(course: Course) -> tuple[Run, ...]:
    """The legs in unbroken rows of one rung; pauses that were put in break no row."""
    runs: list[list[Stretch]] = []
    for part in stretches(course.legs):
        if part.leg.is_break:
            continue
        if runs and runs[-1][-1].leg.rung == part.leg.rung:
            runs[-1].append(part)
        else:
            runs.append([part])
    return tuple(tuple(run) for run in runs)


def _place(course: Course, day: int) -> tuple[int, Run, bool] | None:
    """The rung of that day, its whole legs there, and whether they have no end; None after the last day."""
    for run in _runs(course):
        end, rung = run[-1].last_day, run[-1].leg.rung
        if rung is not None and (end is None or day <= end):
            return rung, _whole(run), end is None
    return None


def _last_run(course: Course, rung: int) -> Run:
    """The whole legs of the last row of that rung; none when there is no such row."""
    rows = [run for run in _runs(course) if run[-1].leg.rung == rung]
    return _whole(rows[-1]) if rows else ()


def _whole(run: Run) -> Run:
    return tuple(part for part in run if part.leg.whole)


def _days(run: Iterable[Stretch], horizon: int) -> Iterator[int]:
    """The days of the run; of a stretch without end those up to `horizon`."""
    for part in run:
        yield from range(part.first_day, (part.last_day or horizon) + 1)


def _nth(run: Iterable[Stretch], count: int) -> int | None:
    """The day of the `count`-th dose of the run; None when it has fewer."""
    left = count
    for part in run:
        days = None if part.last_day is None else part.last_day - part.first_day + 1
        if days is None or left <= days:
            return part.first_day + left - 1
        left -= days
    return None
