"""Plans, vials and their steps as plain facts, for rows that keep them and for comparing what was quoted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from pharmacy.domain.dose_text import plain_decimal
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.supply import Vial, VialStep
from pharmacy.domain.titration import Intake, Step, TimeOfDay, TitrationPlan


def plan_facts(plan: TitrationPlan) -> list[dict[str, Any]]:
    """The steps in order: duration in days (None: open) and micrograms by time of day."""
    return [
        {
            "duration_days": step.duration_days,
            "intakes": {intake.time_of_day.value: intake.dose.value for intake in step.intakes},
        }
        for step in plan.steps
    ]


def plan_from_facts(steps: Iterable[Mapping[str, Any]]) -> TitrationPlan:
    """The plan that `plan_facts` wrote down."""
    return TitrationPlan(
        tuple(
            Step(
                tuple(
                    Intake(time, Micrograms(step["intakes"][time.value]))
                    for time in TimeOfDay
                    if time.value in step["intakes"]
                ),
                step["duration_days"],
            )
            for step in steps
        )
    )


def vial_steps_facts(vial: Vial) -> list[dict[str, Any]]:
    """What one vial serves; `vial_from_facts` reads it back."""
    return [_vial_step_facts(step) for step in vial.steps]


def _vial_step_facts(step: VialStep) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "position": step.position,
        "of_steps": step.of_steps,
        "first_day": step.first_day,
        "last_day": step.last_day,
        "time_of_day": step.time_of_day.value,
        "capsules_per_dose": step.capsules_per_dose,
    }
    if step.unit_ml is not None:
        facts["unit_ml"] = plain_decimal(step.unit_ml)
    if step.beside:
        facts["beside"] = [
            {"strength_mg": plain_decimal(strength.in_milligrams().value), "capsules": count}
            for strength, count in step.beside
        ]
    return facts


def vial_from_facts(steps: Iterable[Mapping[str, Any]], capsules: int) -> Vial:
    """The vial that `vial_steps_facts` wrote down."""
    return Vial(tuple(_vial_step(step) for step in steps), capsules)


def _vial_step(facts: Mapping[str, Any]) -> VialStep:
    beside = tuple(
        (Micrograms.from_milligrams(Decimal(other["strength_mg"])), other["capsules"])
        for other in facts.get("beside", ())
    )
    unit_ml = Decimal(facts["unit_ml"]) if "unit_ml" in facts else None
    time_of_day = TimeOfDay(facts["time_of_day"])
    return VialStep(**{**facts, "time_of_day": time_of_day, "beside": beside, "unit_ml": unit_ml})
