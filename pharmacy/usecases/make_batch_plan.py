"""A batch plan is worked out from the books as they are, and kept with what it follows from; nothing is made."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.plan_batches import plan_batches
from pharmacy.store import audit
from pharmacy.store.base import new_id
from pharmacy.store.batch_plans import BatchPlanRun, PlanState
from pharmacy.usecases.batch_plan_views import result_facts
from pharmacy.usecases.planning_inputs import PlanAsked, hash_of, planning_inputs
from pharmacy.usecases.reference import Reference


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
