"""A course as plain facts, for the plan version that keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pharmacy.domain.course import Course, Leg, Legs
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.titration import Intake, Step, TimeOfDay, TitrationPlan


def course_facts(course: Course) -> dict[str, Any]:
    """Ladder, legs and what a pause keeps; `course_from` reads it back."""
    return {
        "ladder": [_step_facts(step) for step in course.ladder.steps],
        "legs": _legs_facts(course.legs),
        "set_aside": _legs_facts(course.set_aside),
        "turned_on": course.turned_on,
        "is_stopped": course.is_stopped,
    }


def course_from(facts: Mapping[str, Any]) -> Course:
    """The course that `course_facts` wrote down."""
    return Course(
        ladder=TitrationPlan(tuple(_step(step) for step in facts["ladder"])),
        legs=_legs(facts["legs"]),
        set_aside=_legs(facts["set_aside"]),
        turned_on=facts["turned_on"],
        is_stopped=facts["is_stopped"],
    )


def _legs_facts(legs: Legs) -> list[dict[str, Any]]:
    return [{"step": _step_facts(leg.step), "rung": leg.rung, "whole": leg.whole} for leg in legs]


def _legs(facts: Iterable[Mapping[str, Any]]) -> Legs:
    return tuple(Leg(_step(leg["step"]), leg["rung"], leg["whole"]) for leg in facts)


def _step_facts(step: Step) -> dict[str, Any]:
    return {
        "duration_days": step.duration_days,
        # As a list: JSON objects of the books keep no order, and the intakes of a step do.
        "intakes": [[intake.time_of_day.value, intake.dose.value] for intake in step.intakes],
    }


def _step(facts: Mapping[str, Any]) -> Step:
    intakes = tuple(Intake(TimeOfDay(time), Micrograms(dose)) for time, dose in facts["intakes"])
    return Step(intakes, facts["duration_days"])
