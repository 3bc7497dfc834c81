"""Adjusting a titration mid-course: from a course, a day and an adjustment to the course from that day on.

What was taken before the day stays as it was. Where an adjustment says "the present dose" it means the dose of the
evening before the day, for on the morning of a step change the patient has not yet taken the new one; only what an
earlier adjustment decided for that very day is present already. A new dose after too many days without one is not
a way back but a start: it begins at step 1, with authority (retitration after more than 14 days off: house policy,
after LDN Research Trust). Halves are rounded down to one capsule that the formulary can make, and both are shown.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from pharmacy.domain.adjustments import (
    AdjustingRules,
    Adjustment,
    AdjustmentKind,
    Halved,
    NotOpenNow,
    ResumeTooLate,
)
from pharmacy.domain.course import (
    Course,
    Leg,
    Legs,
    break_of,
    cut,
    days_off_before,
    lasting,
    length,
)
from pharmacy.domain.dose_text import format_dose
from pharmacy.domain.figures import require_whole
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.titration import Intake, Step, TimeOfDay, TitrationPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted:
    """The course from now on, and what was rounded on the way."""

    course: Course
    halved: tuple[Halved, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _At:
    """The course cut at the day: what is done with is `before`, what would come is `after`."""

    course: Course
    asked: Adjustment
    rules: AdjustingRules
    before: Legs
    after: Legs

    @property
    def is_paused(self) -> bool:
        """Whether the day lies in a pause that was put in."""
        return bool(self.after) and self.after[0].is_break

    @property
    def present(self) -> Leg:
        """The leg of the present dose."""
        climbed = [leg for leg in self.before if not leg.is_break]
        coming = [leg for leg in (*self.after, *self.course.set_aside) if not leg.is_break]
        turned = self.course.turned_on == self.asked.from_day
        return coming[0] if coming and (turned or not climbed) else climbed[-1]

    @property
    def rung(self) -> int:
        """The rung of the present dose."""
        return self.present.rung or 0

    @property
    def rest(self) -> Legs:
        """What comes after the present rung: what is left of it, and pauses before that, dropped."""
        coming = [*self.after, *self.course.set_aside]
        while coming and (coming[0].is_break or coming[0].rung == self.rung):
            coming.pop(0)
        return tuple(coming)

    def whole(self, rung: int) -> Leg:
        """That rung in full."""
        return Leg(self.course.ladder.steps[rung], rung)

    def on(self, *coming: Leg) -> Adjusted:
        """The course with these legs from the day on; the day's dose is decided by them."""
        course = replace(
            self.course, legs=(*self.before, *coming), set_aside=(), turned_on=self.asked.from_day
        )
        return Adjusted(course=course)


def adjust(course: Course, asked: Adjustment, rules: AdjustingRules) -> Adjusted:
    """The course as it goes on from `asked.from_day`.

    Raises NotOpenNow where the adjustment changes nothing or has nothing to act on, ResumeTooLate where doses
    would go on after too many days off, StepCountOutOfRange where the plan would have too many steps.
    """
    if course.is_stopped:
        raise NotOpenNow("The course was stopped; going on needs a new prescription.")
    end = length(course.legs)
    if end is not None and asked.from_day > end + 1:
        raise NotOpenNow(f"The plan ends on day {end}.", where=("from_day",))
    before, after = cut(course.legs, asked.from_day)
    at = _At(course=course, asked=asked, rules=rules, before=before, after=after)
    _require_days(asked)
    if asked.kind not in _WITHOUT_A_DOSE and asked.kind is not AdjustmentKind.RESTART:
        _require_dosing(at)
    adjusted = _KINDS[asked.kind](at)
    _ = adjusted.course.plan  # A plan that nobody could follow is refused here.
    return adjusted


def _require_days(asked: Adjustment) -> None:
    wants = asked.kind in {AdjustmentKind.STAY, AdjustmentKind.SLOWER}
    takes = wants or asked.kind is AdjustmentKind.PAUSE
    if wants and asked.days is None:
        raise NotOpenNow(f"Say how many days, to {asked.kind.words}.", where=("days",))
    if asked.days is not None and (not takes or asked.days < 1):
        raise NotOpenNow(f"A number of days says nothing here: {asked.kind.words}.", where=("days",))
    if (asked.to is None) == (asked.kind is AdjustmentKind.MOVE_TIME_OF_DAY):
        raise NotOpenNow("A time of day is given when it is moved, and only then.", where=("time_of_day",))


def _require_dosing(at: _At) -> None:
    """Doses go on only within so many days, and only from what a pause lets go on."""
    off = days_off_before(at.course.legs, at.asked.from_day)
    if off > at.rules.most_days_off:
        raise ResumeTooLate(off, at.rules.most_days_off, where=("kind",))
    if at.is_paused and at.asked.kind not in _OUT_OF_A_PAUSE:
        raise NotOpenNow(f"The course is paused on day {at.asked.from_day}; resume first.", where=("kind",))


def _pause(at: _At) -> Adjusted:
    if at.course.set_aside:
        raise NotOpenNow("The course is paused already.", where=("kind",))
    coming = _past_breaks(at.after)
    if not coming:
        raise NotOpenNow("There is no dose left to pause.", where=("from_day",))
    if at.asked.days is None:
        course = replace(
            at.course, legs=(*at.before, break_of(None, coming[0].step)), set_aside=coming, turned_on=None
        )
        return Adjusted(course=course)
    off = days_off_before(at.course.legs, at.asked.from_day) + at.asked.days
    if off > at.rules.most_days_off:
        raise ResumeTooLate(off, at.rules.most_days_off, where=("days",))
    legs = (*at.before, break_of(at.asked.days, coming[0].step), *coming)
    return Adjusted(course=replace(at.course, legs=legs, turned_on=None))


def _resume(at: _At) -> Adjusted:
    if not at.is_paused:
        raise NotOpenNow(f"The course is not paused on day {at.asked.from_day}.", where=("kind",))
    legs = (*at.before, *_past_breaks(at.after), *at.course.set_aside)
    return Adjusted(course=replace(at.course, legs=legs, set_aside=(), turned_on=None))


def _past_breaks(legs: Legs) -> Legs:
    """The legs from the first that is not a pause that was put in."""
    taken = [leg.is_break for leg in legs]
    return legs[taken.index(False) :] if False in taken else ()


def _stay(at: _At) -> Adjusted:
    present = _now(at)
    if any(leg.rung == at.rung and leg.step.duration_days is None for leg in at.after[:1]):
        raise NotOpenNow("The present step has no end, so staying changes nothing.", where=("kind",))
    return at.on(replace(present, step=lasting(present.step, at.asked.days)), *at.after)


def _step_back(at: _At) -> Adjusted:
    rungs = at.course.ladder.steps[: at.rung]
    below = [number for number, step in enumerate(rungs) if not step.is_pause]
    if not below:
        raise NotOpenNow("There is no step before the present one.", where=("kind",))
    return at.on(at.whole(below[-1]), at.whole(at.rung), *at.rest)


def _halve(at: _At) -> Adjusted:
    present = _now(at)
    halved = tuple(_half(intake.dose, at.rules) for intake in present.step.doses)
    if not halved:
        raise NotOpenNow("In a pause there is nothing to halve.", where=("kind",))
    made = {each.dose: each.made for each in halved}
    intakes = tuple(Intake(each.time_of_day, made[each.dose]) for each in present.step.doses)
    half = Leg(Step(intakes, _step_days(at)), at.rung, whole=False)
    return replace(at.on(half, at.whole(at.rung), *at.rest), halved=halved)


def _half(dose: Micrograms, rules: AdjustingRules) -> Halved:
    fitting = [each for each in rules.strengths if each.value and each.times(2) <= dose]
    if not fitting:
        raise NotOpenNow(
            f"Half of {format_dose(dose)} is less than any capsule of the formulary.", where=("kind",)
        )
    return Halved(dose=dose, made=max(fitting))


def _step_days(at: _At) -> int:
    """The length of the present rung; of one without end that of the rung before it."""
    lengths = [step.duration_days for step in at.course.ladder.steps[: at.rung + 1] if step.duration_days]
    return lengths[-1] if lengths else at.rules.usual_step_days


def _slower(at: _At) -> Adjusted:
    days = at.asked.days or 0
    present = at.rung
    ladder = at.course.ladder.steps
    later = [step for step in ladder[present:] if step.duration_days is not None]
    if not later or all(step.duration_days == days for step in later):
        raise NotOpenNow("No step from here on would become slower.", where=("days",))
    if any((step.duration_days or 0) > days for step in later):
        raise NotOpenNow(f"A step from here on lasts longer than {days} days already.", where=("days",))
    slowed = (
        *ladder[:present],
        *(step if step.duration_days is None else lasting(step, days) for step in ladder[present:]),
    )
    legs = (*_present_slowed(at, days), *_each_lasting(at.rest, days))
    adjusted = at.on(*legs)
    return replace(adjusted, course=replace(adjusted.course, ladder=TitrationPlan(slowed)))


def _present_slowed(at: _At, days: int) -> Iterator[Leg]:
    """What is left of the present rung when it lasts so many days; days already taken count."""
    whole = at.whole(at.rung)
    left = [leg for leg in at.after if leg.rung == at.rung]
    yield from (leg for leg in left if not leg.whole)
    if whole.step.duration_days is None:
        yield from (leg for leg in left if leg.whole)
        return
    taken = 0
    for leg in reversed(at.before):
        if leg.is_break:
            continue
        if leg.rung != at.rung:
            break
        taken += (leg.step.duration_days or 0) if leg.whole else 0
    if days > taken:
        yield replace(whole, step=lasting(whole.step, days - taken))


def _each_lasting(legs: Legs, days: int) -> Iterator[Leg]:
    """Each later rung with an end for so many days, once; pauses and the open step as they are."""
    last: int | None = None
    for leg in legs:
        if leg.is_break or not leg.whole or leg.step.duration_days is None:
            yield leg
        elif leg.rung != last:
            yield replace(leg, step=lasting(leg.step, days))
        last = last if leg.is_break else leg.rung


def _skip(at: _At) -> Adjusted:
    coming = list(at.after)
    skipped = coming[0].rung if coming else None
    while coming and coming[0].rung == skipped:
        coming.pop(0)
    if not coming:
        raise NotOpenNow("There is no step after this one to go on to.", where=("kind",))
    return at.on(*coming)


def _move(at: _At) -> Adjusted:
    to = at.asked.to or TimeOfDay.BEDTIME
    coming = (*at.after, *at.course.set_aside)
    if any(len(leg.step.doses) > 1 for leg in coming):
        raise NotOpenNow("A day with two doses has no time of day to move.", where=("time_of_day",))
    if not any(each.time_of_day is not to for leg in coming for each in leg.step.doses):
        raise NotOpenNow(f"Every dose to come is taken {to.words} already.", where=("time_of_day",))
    after = tuple(replace(leg, step=_at_time(leg.step, to)) for leg in at.after)
    aside = tuple(replace(leg, step=_at_time(leg.step, to)) for leg in at.course.set_aside)
    wait = (break_of(1, after[0].step),) if at.asked.waits_a_day and not at.is_paused else ()
    ladder = TitrationPlan(tuple(_at_time(step, to) for step in at.course.ladder.steps))
    course = replace(at.course, ladder=ladder, legs=(*at.before, *wait, *after), set_aside=aside)
    return Adjusted(course=course)


def _at_time(step: Step, to: TimeOfDay) -> Step:
    if len(step.intakes) > 1:
        return step
    return Step((Intake(to, step.intakes[0].dose),), step.duration_days)


def _stop(at: _At) -> Adjusted:
    # Where nothing was taken yet a day without a dose stands for the course.
    legs = at.before or (break_of(1, at.present.step),)
    return Adjusted(course=replace(at.course, legs=legs, set_aside=(), turned_on=None, is_stopped=True))


def _restart(at: _At) -> Adjusted:
    return at.on(*(at.whole(rung) for rung in range(len(at.course.ladder.steps))))


def _now(at: _At) -> Leg:
    """The present leg at the time of day that is in force."""
    present = at.present
    if present.whole:
        return replace(at.whole(at.rung), step=lasting(at.whole(at.rung).step, present.step.duration_days))
    coming = next((leg for leg in at.after if leg.rung == at.rung and not leg.whole), present)
    return replace(present, step=lasting(coming.step, present.step.duration_days))


def missed(course: Course, first_day: int, days: int, rules: AdjustingRules) -> Course:
    """The course after these days without a dose: what was due on them comes after them.

    After too many of them nothing goes on by itself: the course is paused, and only a restart is open.
    """
    if require_whole(days, "days") < 1:
        raise ValueError("Missed days are one or more")
    before, after = cut(course.legs, first_day)
    if not after or course.is_stopped or course.set_aside:
        raise NotOpenNow(f"No dose was due on day {first_day}.", where=("from_day",))
    off = days_off_before(course.legs, first_day) + days
    if off <= rules.most_days_off:
        return replace(course, legs=(*before, break_of(days, after[0].step), *after), turned_on=None)
    legs = (*before, break_of(days, after[0].step), break_of(None, after[0].step))
    return replace(course, legs=legs, set_aside=after, turned_on=None)


_WITHOUT_A_DOSE = frozenset({AdjustmentKind.PAUSE, AdjustmentKind.STOP, AdjustmentKind.MOVE_TIME_OF_DAY})
_OUT_OF_A_PAUSE = frozenset({AdjustmentKind.RESUME, AdjustmentKind.STEP_BACK, AdjustmentKind.HALVE})
_KINDS: Mapping[AdjustmentKind, Callable[[_At], Adjusted]] = {
    AdjustmentKind.PAUSE: _pause,
    AdjustmentKind.RESUME: _resume,
    AdjustmentKind.STAY: _stay,
    AdjustmentKind.STEP_BACK: _step_back,
    AdjustmentKind.HALVE: _halve,
    AdjustmentKind.SLOWER: _slower,
    AdjustmentKind.SKIP: _skip,
    AdjustmentKind.MOVE_TIME_OF_DAY: _move,
    AdjustmentKind.STOP: _stop,
    AdjustmentKind.RESTART: _restart,
}
