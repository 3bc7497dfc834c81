"""The worksheet of a batch, as it is kept and shown: weighings, figures, instructions, mixing rounds, loads."""

from __future__ import annotations

from typing import Any

from pharmacy.domain.batch_calculation import Calculation
from pharmacy.domain.figures import shown
from pharmacy.domain.weighing_plan import PlannedWeighing, WeighingStep
from pharmacy.usecases.calculation_certificate import Certified, answers_of

_FILL_PLACES = 2  # A fill weight is read to a hundredth of a milligram.
_SHARE_PLACES = 2


def kept_worksheet(certified: Certified) -> dict[str, Any]:
    """What is kept with the batch: every figure with its formula, and what is weighed in which order."""
    calculation = certified.calculation
    return {
        **answers_of(calculation, certified.beyond_use),
        **_summary(calculation),
        "route": calculation.route.value,
        "weighings": [_weighing(each) for each in calculation.weighings],
    }


def _weighing(planned: PlannedWeighing) -> dict[str, Any]:
    weighing = planned.weighing
    return {
        "step": planned.step.value,
        "ingredient": planned.ingredient.value,
        "name": planned.name,
        "exact_mg": shown(weighing.exact.value, 3),
        "target_mg": weighing.figure.text,
    }


def _summary(calculation: Calculation) -> dict[str, Any]:
    """The masses in one line, as order pages show them; only capsules have a fill."""
    by_step = {each.step: each.weighing for each in calculation.weighings}
    active, filler = by_step[WeighingStep.ACTIVE], by_step.get(WeighingStep.FILLER)
    numbers = {name: calculation.number(name) for name in ("theoretical_fill", "delivered_pct", "blend")}
    facts: dict[str, Any] = {
        "active_exact_mg": shown(active.exact.value, 3),
        "active_mg": shown(active.target.value),
    }
    if filler is not None:
        facts["filler_mg"] = shown(filler.target.value)
    if numbers["delivered_pct"] is not None:
        facts["delivered_pct"] = shown(numbers["delivered_pct"], _SHARE_PLACES)
    if numbers["theoretical_fill"] is not None and numbers["blend"] is not None:
        facts["capsules_prepared"] = calculation.prepared
        facts["blend_mg"] = shown(numbers["blend"])
        facts["theoretical_fill_mg"] = shown(numbers["theoretical_fill"], _FILL_PLACES)
    return facts
