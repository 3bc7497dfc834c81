"""A batch plan as its readers see it: facts that are kept, and the run around them."""

from __future__ import annotations

from datetime import date
from typing import Any

from pharmacy.domain.batch_planning import BatchPlan, FromShelf, LeftOut, OpenLine, PlannedBatch, PoolSum
from pharmacy.domain.dose_text import plain_decimal
from pharmacy.domain.figures import shown
from pharmacy.domain.plan_shelf import Draw, Pool
from pharmacy.domain.plan_triturates import ProposedTriturate
from pharmacy.domain.quantities import Micrograms
from pharmacy.store.batch_plans import BatchPlanRun

_GAP_PLACES = 2


def plan_document(run: BatchPlanRun) -> dict[str, Any]:
    """The run with its result."""
    return {
        "id": run.id,
        "planned_on": run.planned_on,
        "state": run.state,
        "planned_at": run.planned_at,
        "accepted_at": run.accepted_at,
        "inputs_sha256": run.inputs_sha256,
        "queued_lines": len(run.inputs["lines"]),
        "allowances": [_allowance(each) for each in run.inputs["allowances"]],
        "triturates": [],  # Plans of before triturates were proposed hold none.
        **run.result,
    }


def result_facts(plan: BatchPlan) -> dict[str, Any]:
    """The plan as plain facts."""
    return {
        "batches": [_batch(batch, place) for place, batch in enumerate(plan.batches, start=1)],
        "from_shelf": [_served(served) for served in plan.from_shelf],
        "left_out": [_left(left) for left in plan.left_out],
        "triturates": [_proposed(each) for each in plan.triturates],
        "late": [line.label for batch in plan.batches for line in batch.lines if line.promised_on < plan.on],
        "pools": [_sum(pool) for pool in plan.pools],
        "made_batches": len(plan.batches),
        "bound": plan.bound,
        "gap_pct": shown(plan.gap_pct, _GAP_PLACES),
        "remarks": list(plan.remarks),
    }


def _batch(batch: PlannedBatch, place: int) -> dict[str, Any]:
    made = batch.made
    return {
        "place": place,
        **_pool(batch.pool),
        "capsules": batch.capsules,
        "ahead": batch.ahead,
        "capsules_prepared": made.batch.prepared,
        "route": made.batch.route.value,
        "machine_loads": batch.loads,
        "lines": [_line(line) for line in batch.lines],
        "draws": [_draw(draw) for draw in made.draws],
        "beyond_use_on": made.beyond_use.on.isoformat(),
        "beyond_use_limited_by": made.beyond_use.limited_by,
        "promised_on": None if batch.promised_on == date.max else batch.promised_on.isoformat(),
        "dispense_by": batch.dispense_by.isoformat(),
        "because": list(made.because),
    }


def _pool(pool: Pool) -> dict[str, Any]:
    return {
        "strength_mg": plain_decimal(pool.strength.in_milligrams().value),
        "strength_basis": pool.basis.value,
    }


def _line(line: OpenLine) -> dict[str, Any]:
    return {
        "line_id": str(line.id),
        "line": line.label,
        "capsules": line.capsules,
        "promised_on": line.promised_on.isoformat(),
        "last_dose_on": line.last_dose_on.isoformat(),
    }


def _draw(draw: Draw) -> dict[str, Any]:
    return {
        "stock_id": str(draw.stock_id),
        "number": draw.number,
        "name": draw.name,
        "mass_mg": plain_decimal(Micrograms(draw.ug).in_milligrams().value),
    }


def _served(served: FromShelf) -> dict[str, Any]:
    return {**_line(served.line), "batch_id": str(served.batch.id), "batch_number": served.batch.number}


def _left(left: LeftOut) -> dict[str, Any]:
    return {
        **_line(left.line),
        **_pool(left.line.pool),
        "cause": left.cause.value,
        "because": left.because,
        "days_that_fit": left.days_that_fit,
    }


def _proposed(triturate: ProposedTriturate) -> dict[str, Any]:
    return {
        "strength_pct": shown(triturate.fraction * 100),
        "total_mg": plain_decimal(triturate.total.value),
        "draws": [_draw(draw) for draw in triturate.draws],
        "beyond_use_on": triturate.beyond_use.on.isoformat(),
        "serves": list(triturate.serves),
        "because": triturate.because,
    }


def _sum(pool: PoolSum) -> dict[str, Any]:
    return {
        **_pool(pool.pool),
        "lines": pool.lines,
        "capsules": pool.capsules,
        "batches": pool.batches,
        "bound": pool.bound,
    }


def _allowance(facts: dict[str, Any]) -> dict[str, Any]:
    strength = Micrograms(facts["strength_ug"]).in_milligrams().value
    return {
        "strength_mg": plain_decimal(strength),
        **{name: facts[name] for name in facts if name != "strength_ug"},
    }
