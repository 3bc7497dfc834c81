"""What an adjustment changes: capsules, lines, price, labels, calendar, notices and refill dates, before and after.

Derived and shown when the adjustment is asked for, derived again when a pharmacist accepts it. Nothing is written
here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time

from pharmacy.domain.adjusting import Adjusted, adjust
from pharmacy.domain.adjustments import Adjustment, AdjustmentKind, Halved
from pharmacy.domain.course import Course, as_if_resumed, moved_last_day
from pharmacy.domain.errors import within
from pharmacy.domain.findings import Finding, Severity
from pharmacy.domain.home_supply import Pantry, covered_through, to_make, walk
from pharmacy.domain.moving_time import FirstMorning, first_morning
from pharmacy.domain.pricing import Terms
from pharmacy.domain.supply import check_quantity, within_limits
from pharmacy.domain.titration import TimeOfDay, check_plan, date_of, scheduled_between
from pharmacy.store.orders import Order
from pharmacy.usecases.derivation import Option, option_of
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.standing_course import StandingCourse, adjusting_rules, was_made


@dataclass(frozen=True, kw_only=True)
class ChangeOfPlan:
    """The course before and after, and what follows for supply; days are plan days, both ends included.

    `home` is what is at home on the eve of the first day, `after` what of it is left at the end. `replaced` orders
    are cancelled and made anew, `held` ones have capsules that somebody must decide about.
    """

    standing: StandingCourse
    asked: Adjustment
    course: Course
    halved: tuple[Halved, ...]
    start_on: date
    last_day_before: int
    last_day: int
    covered_through: int
    home: Pantry
    after: Pantry
    to_make: Option | None
    replaced: tuple[Order, ...]
    held: tuple[Order, ...]
    findings: tuple[Finding, ...]


def derive_change(standing: StandingCourse, asked: Adjustment, reference: Reference) -> ChangeOfPlan:
    """What `asked` would change today.

    Raises NotOpenNow, ResumeTooLate and StepCountOutOfRange as the rules of adjusting do, and Unfit for a dose or a
    fill over the catalogue's limits.
    """
    return change_to(standing, asked, adjust(standing.course, asked, adjusting_rules(reference)), reference)


def change_to(
    standing: StandingCourse, asked: Adjustment, adjusted: Adjusted, reference: Reference
) -> ChangeOfPlan:
    """What follows from a course that is decided already; raises as `derive_change` does about doses and fills."""
    plan = adjusted.course.plan
    with within("plan"):
        findings = check_plan(plan, reference.dose_limits)
    touched = _touched(standing, asked.from_day)
    # However little is kept, what is made anew is supplied as before: a liquid stays one.
    supplied = standing.pantry(standing.live or (standing.newest,))
    untouched = standing.pantry(order for order in standing.live if order not in touched)
    kept = replace(supplied, capsules=untouched.capsules)
    # How far the supply would have carried; what a pause keeps counts as if it went on today.
    was = as_if_resumed(standing.course, asked.from_day)
    carried = covered_through(was.plan, standing.pantry(standing.live))
    last = moved_last_day(was, adjusted.course, asked.from_day, carried)
    # What takes the place of a waiting order serves its days before the change as well.
    first = min([asked.from_day, *(order.first_day for order in touched)]) if standing.handed else 1
    home = walk(plan, kept, 1, first - 1).left
    option = _made(standing, adjusted.course, home, first, last, reference)
    # What is made is all taken by the last day, so what is left there was at home before.
    reached = covered_through(plan, _with(kept, option))
    return ChangeOfPlan(
        standing=standing,
        asked=asked,
        course=adjusted.course,
        halved=adjusted.halved,
        start_on=standing.start(reference)[0],
        last_day_before=standing.supplied_through(),
        last_day=last,
        covered_through=reached,
        home=home,
        after=walk(plan, home, first, max(last, reached)).left,
        to_make=option,
        replaced=tuple(order for order in touched if not was_made(order)),
        held=tuple(order for order in touched if was_made(order)),
        findings=(*findings, *(option.findings if option else ()), *_in_parts(option)),
    )


def _touched(standing: StandingCourse, from_day: int) -> tuple[Order, ...]:
    """The orders that have not left and were made up for days of the plan that change."""
    waiting = (order for order in standing.live if order not in standing.handed)
    return tuple(order for order in waiting if order.window().last_day >= from_day)


def _with(pantry: Pantry, option: Option | None) -> Pantry:
    held = dict(pantry.capsules)
    for line in () if option is None else option.supply.lines:
        held[line.strength] = held.get(line.strength, 0) + line.capsules
    return replace(pantry, capsules=held)


def _made(
    standing: StandingCourse, course: Course, home: Pantry, first: int, last: int, reference: Reference
) -> Option | None:
    """What must be made for the days up to `last`, however many orders it takes. Raises Unfit for a single day that is
    over what an order may hold.
    """
    newest = standing.newest
    supply = to_make(course.plan, home, first, last, newest.supply_method)
    if supply is None:
        return None
    check_quantity(within_limits(supply))
    prescription = standing.prescription
    terms = Terms(ship_to_state=prescription.patient.state)
    return option_of(supply, newest.delivery, prescription.strength_basis, reference, terms)


def _in_parts(option: Option | None) -> tuple[Finding, ...]:
    """What one order cannot hold is told, and filled in parts."""
    now = None if option is None else within_limits(option.supply).window
    if option is None or now is None or now == option.supply.window:
        return ()
    because = (
        f"The changed plan needs more than one order may hold: days {now.first_day} to {now.last_day} now, days "
        f"{now.last_day + 1} to {option.supply.window.last_day} as the rest of the same fill."
    )
    return (Finding("F-FILL-SPLIT", Severity.INFO, because, ("from_day",)),)


def first_day_asked(
    standing: StandingCourse, from_day: int | None, reference: Reference, now: datetime
) -> int:
    """The day from which an adjustment counts: the day asked for, or the patient's tomorrow.

    Before the first fill is handed over that is day 1.
    """
    today = standing.day_of(now, reference)
    return from_day if from_day is not None else max((today or 0) + 1, 1)


def morning_after(
    standing: StandingCourse,
    asked: Adjustment,
    bedtime_at: time | None,
    reference: Reference,
) -> FirstMorning | None:
    """The first morning dose when the time moves from bedtime to the morning; None for every other adjustment.

    `bedtime_at` is the local time at which the patient takes the bedtime dose, the house's usual one when None.
    """
    if asked.kind is not AdjustmentKind.MOVE_TIME_OF_DAY or asked.to is not TimeOfDay.MORNING:
        return None
    eve = asked.from_day - 1
    if eve < 1 or not _bedtime_on(standing.course, eve):
        return None
    policy = reference.course
    return first_morning(
        date_of(standing.start(reference)[0], eve),
        bedtime_at or policy.usual_bedtime,
        policy.usual_morning,
        policy.least_between,
        standing.zone(),
    )


def _bedtime_on(course: Course, day: int) -> bool:
    parts = scheduled_between(course.plan, day, day)
    return any(intake.time_of_day is TimeOfDay.BEDTIME for part in parts for intake in part.step.doses)
