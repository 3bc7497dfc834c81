"""The usual course and rules that the tests of adjusting share."""

from typing import Any

from hypothesis import strategies as st

from pharmacy.domain.adjusting import adjust
from pharmacy.domain.adjustments import AdjustingRules, Adjustment, AdjustmentKind
from pharmacy.domain.course import Course, course_of, joined
from pharmacy.domain.supply import SupplyMethod
from pharmacy.domain.titration import TimeOfDay
from tests.domain.plans import mg, usual_plan

OWN = SupplyMethod.OWN_STRENGTH
RULES = AdjustingRules(
    most_days_off=14,
    usual_step_days=7,
    strengths=tuple(mg(dose) for dose in ("0.5", "1", "1.5", "2", "3", "4.5")),
)
# Kinds that always find something to do on the usual course before its last step.
KINDS = st.sampled_from(
    [
        {"kind": AdjustmentKind.PAUSE, "days": 5},
        {"kind": AdjustmentKind.STAY, "days": 3},
        {"kind": AdjustmentKind.SLOWER, "days": 14},
        {"kind": AdjustmentKind.STEP_BACK},
        {"kind": AdjustmentKind.HALVE},
        {"kind": AdjustmentKind.SKIP},
        {"kind": AdjustmentKind.MOVE_TIME_OF_DAY, "to": TimeOfDay.MORNING},
        {"kind": AdjustmentKind.MOVE_TIME_OF_DAY, "to": TimeOfDay.MORNING, "waits_a_day": True},
        {"kind": AdjustmentKind.RESTART},
    ]
)


def usual_course() -> Course:
    """1.5 mg and 3 mg for a week each, then 4.5 mg without end."""
    return course_of(usual_plan())


def adjusted(course: Course, kind: str, from_day: int, **asked: Any) -> Course:
    """The course after that adjustment."""
    return adjust(course, Adjustment(kind=AdjustmentKind(kind), from_day=from_day, **asked), RULES).course


def written(course: Course) -> list[tuple[str, int | None]]:
    """The plan as doses in milligrams and days."""
    steps = [leg.step for leg in joined(course.legs)]
    return [(f"{step.daily_dose.in_milligrams().value:f}", step.duration_days) for step in steps]
