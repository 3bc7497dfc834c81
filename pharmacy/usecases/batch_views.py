"""Batches as readers see them: planned from today's bench, or as they were compounded."""

from __future__ import annotations

from typing import Any

from pharmacy.domain.beyond_use import BeyondUse
from pharmacy.domain.capsules import CapsuleBatch
from pharmacy.domain.figures import shown
from pharmacy.domain.liquids import LiquidBatch
from pharmacy.usecases.derivation import LineBatch, Option
from pharmacy.usecases.figures_as_facts import figure_facts, figures_facts

_FILL_PLACES = 2  # A fill weight is read to a hundredth of a milligram.
_SHARE_PLACES = 2


def planned_batches(option: Option) -> list[dict[str, Any]]:
    """One entry for each line: what would be weighed today. A line that cannot be weighed says why."""
    return [batch_facts(each, position) for position, each in enumerate(option.batches, start=1)]


def batch_facts(derived: LineBatch, position: int) -> dict[str, Any]:
    """The weighings of one line's batch, without the figures behind them."""
    facts: dict[str, Any] = {
        "line": position,
        "strength_ug": derived.line.strength.value,
        "capsules_required": derived.line.capsules,
        "unit_ml": derived.line.unit_ml,
        "refusal": derived.refusal,
        "covers_last_dose": derived.covers_last_dose,
    }
    if derived.batch is None or derived.beyond_use is None:
        return facts
    return facts | weighing_facts(derived.batch) | beyond_use_facts(derived.beyond_use)


def weighing_facts(batch: CapsuleBatch | LiquidBatch) -> dict[str, Any]:
    """What is weighed, in milligrams as the balance shows them."""
    if isinstance(batch, LiquidBatch):
        return {
            "active_exact_mg": shown(batch.active.exact.value, 3),
            "active_mg": shown(batch.active.target.value),
            "delivered_pct": shown(batch.delivered_pct, _SHARE_PLACES),
        }
    return {
        "capsules_prepared": batch.prepared,
        "route": batch.route.value,
        "active_exact_mg": shown(batch.active.exact.value, 3),
        "active_mg": shown(batch.active.target.value),
        "filler_mg": shown(batch.filler.target.value),
        "blend_mg": shown(batch.blend.value),
        "theoretical_fill_mg": shown(batch.theoretical_fill.value, _FILL_PLACES),
        "delivered_pct": shown(batch.delivered_pct, _SHARE_PLACES),
    }


def beyond_use_facts(beyond_use: BeyondUse) -> dict[str, Any]:
    return {"beyond_use_on": beyond_use.on, "beyond_use_limited_by": beyond_use.limited_by}


def worksheet_facts(derived: LineBatch) -> dict[str, Any]:
    """The whole worksheet of one line: every figure with its formula, and the instructions in order."""
    if derived.batch is None or derived.beyond_use is None:
        return {"figures": [], "instructions": [], "refusal": derived.refusal}
    return {
        **weighing_facts(derived.batch),
        "figures": [*figures_facts(derived.batch.figures), figure_facts(derived.beyond_use.figure)],
        "instructions": list(derived.batch.instructions),
    }
