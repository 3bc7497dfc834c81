"""A batch plan is worked out and kept, or accepted: then its batches are planned, and its lines promised them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.batch_calculation import CapsulesAsked as BatchAsked
from pharmacy.domain.batch_calculation import TriturateAsked
from pharmacy.domain.capsules import Route
from pharmacy.domain.errors import Conflict
from pharmacy.domain.plan_batches import plan_batches
from pharmacy.domain.potency import StrengthBasis
from pharmacy.domain.quantities import Micrograms, Milligrams
from pharmacy.store import audit, batch_plans
from pharmacy.store.base import new_id
from pharmacy.store.batch_plans import BatchPlanRun, PlanState
from pharmacy.usecases.allocate_capsules import CapsulesAsked, Shelf, allocate
from pharmacy.usecases.batch_plan_views import result_facts
from pharmacy.usecases.bench_policy import bench_policy
from pharmacy.usecases.plan_batch import NewBatch, plan_batch
from pharmacy.usecases.planning_inputs import PlanAsked, hash_of, planning_inputs
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.scanned_bench import Scanned


@dataclass(eq=False)
class PlanOutdated(Conflict):
    """The queue, the stock or the day are no longer those that the plan was worked out from."""

    def __str__(self) -> str:
        return "Queue or stock have changed since this plan was worked out. Plan again, then accept that."


@dataclass(eq=False)
class PlanAccepted(Conflict):
    def __str__(self) -> str:
        return "This plan is accepted already."


def make_batch_plan(
    session: Session, asked: PlanAsked, reference: Reference, *, by: Actor, now: datetime
) -> BatchPlanRun:
    """The plan of today, kept with its inputs and their hash.

    Raises NotEquipped when nothing can be made, BeyondAnticipation when too much would be made ahead, and
    OverrideNotYours when somebody else than the pharmacist-in-charge would go beyond that limit.
    """
    inputs = planning_inputs(session, asked, reference)
    plan = plan_batches(inputs.lines, inputs.ahead, inputs.day)
    facts = inputs.facts()
    run = BatchPlanRun(
        id=new_id(),
        planned_on=reference.on,
        state=PlanState.PROPOSED,
        inputs=facts,
        inputs_sha256=hash_of(facts),
        result=result_facts(plan),
        planned_at=now,
        planned_by=by.id,
    )
    session.add(run)
    detail = {"batches": len(plan.batches), "bound": plan.bound, "inputs": run.inputs_sha256}
    overrides = [each.reason for each in inputs.ahead if each.reason is not None]
    if overrides:
        detail["anticipation_override"] = overrides[0]
    audit.record(session, "batch_plan.made", run.id, by=by, at=now, **detail)
    return run


def accept_batch_plan(
    session: Session, plan_id: UUID, shelf: Shelf, *, by: Actor, now: datetime
) -> BatchPlanRun:
    """Every batch of the plan is planned on its lots, and its lines are promised their capsules.

    Raises PlanAccepted, and PlanOutdated when the plan would not be worked out the same way now; then nothing is
    made. Lines that the shelf serves are promised those capsules.
    """
    run = batch_plans.get_for_update(session, plan_id)
    if run.state is PlanState.ACCEPTED:
        raise PlanAccepted
    _require_current(session, run, shelf.reference)
    for batch in run.result["batches"]:
        _make(session, batch, shelf, by=by, now=now)
    for triturate in run.result.get("triturates", []):
        _make_triturate(session, triturate, shelf.reference, by=by, now=now)
    for served in run.result["from_shelf"]:
        wanted = CapsulesAsked(order_line_id=UUID(served["line_id"]), capsules=served["capsules"])
        allocate(session, UUID(served["batch_id"]), wanted, shelf, by=by, now=now)
    run.state, run.accepted_at, run.accepted_by = PlanState.ACCEPTED, now, by.id
    audit.record(session, "batch_plan.accepted", run.id, by=by, at=now, batches=len(run.result["batches"]))
    return run


def _require_current(session: Session, run: BatchPlanRun, reference: Reference) -> None:
    """The same inputs today; orders of the plan are held first, so that they stay so."""
    batch_plans.hold_orders(session, [UUID(line["id"]) for line in run.inputs["lines"]])
    now = planning_inputs(session, PlanAsked(), reference).facts()
    same = ("on", "lines", "stock", "shelf")
    if any(now[name] != run.inputs[name] for name in same):
        raise PlanOutdated


def _make_triturate(
    session: Session, triturate: dict[str, Any], reference: Reference, *, by: Actor, now: datetime
) -> None:
    """It is planned as a batch of its own; the lines it is for are planned again once it is released."""
    api, filler = triturate["draws"]
    asked = TriturateAsked(
        fraction=Decimal(triturate["strength_pct"]) / 100, total=Milligrams(Decimal(triturate["total_mg"]))
    )
    scanned = Scanned(api_lot=api["number"], filler_lot=filler["number"])
    plan_batch(session, NewBatch(asked=asked, scanned=scanned), reference, by=by, now=now)


def _make(session: Session, batch: dict[str, Any], shelf: Shelf, *, by: Actor, now: datetime) -> None:
    is_direct = batch["route"] == Route.DIRECT
    asked = BatchAsked(
        strength=Micrograms.from_milligrams(Decimal(batch["strength_mg"])),
        required=batch["capsules"],
        basis=StrengthBasis(batch["strength_basis"]),
        route=Route(batch["route"]),
        portion=None,
        plate=bench_policy(session).plate,
    )
    carrier, filler = batch["draws"]
    scanned = Scanned(
        api_lot=carrier["number"] if is_direct else None,
        triturate=None if is_direct else carrier["number"],
        filler_lot=filler["number"],
    )
    made = plan_batch(session, NewBatch(asked=asked, scanned=scanned), shelf.reference, by=by, now=now)
    session.flush()  # The promises below name the batch.
    for line in batch["lines"]:
        wanted = CapsulesAsked(order_line_id=UUID(line["line_id"]), capsules=line["capsules"])
        allocate(session, made.id, wanted, shelf, by=by, now=now)
