"""Plans, vials and their steps as plain facts, for rows that keep them and for comparing what was quoted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pharmacy.domain.supply import Vial, VialStep
from pharmacy.domain.titration import TimeOfDay, TitrationPlan


def plan_facts(plan: TitrationPlan) -> list[dict[str, Any]]:
    """The steps in order: duration in days (None: open) and micrograms by time of day."""
    return [
        {
            "duration_days": step.duration_days,
            "intakes": {intake.time_of_day.value: intake.dose.value for intake in step.intakes},
        }
        for step in plan.steps
    ]


def vial_steps_facts(vial: Vial) -> list[dict[str, Any]]:
    """What one vial serves; `vial_from_facts` reads it back."""
    return [
        {
            "position": step.position,
            "of_steps": step.of_steps,
            "first_day": step.first_day,
            "last_day": step.last_day,
            "time_of_day": step.time_of_day.value,
            "capsules_per_dose": step.capsules_per_dose,
        }
        for step in vial.steps
    ]


def vial_from_facts(steps: Iterable[Mapping[str, Any]], capsules: int) -> Vial:
    """The vial that `vial_steps_facts` wrote down."""
    served = tuple(VialStep(**{**step, "time_of_day": TimeOfDay(step["time_of_day"])}) for step in steps)
    return Vial(served, capsules)
