"""A batch beside the planner's: whoever plans one by hand makes what is ordered, or little more.

Capsules that queued orders still need are never limited. What goes beyond them is made without a prescription,
and the anticipatory limit holds for it at this door as it does for the planner.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.anticipation import Override, beyond_orders, require_allowed
from pharmacy.domain.batch_calculation import CapsulesAsked
from pharmacy.store import audit, batch_plans
from pharmacy.store.batches import Batch
from pharmacy.usecases.anticipatory_limit import allowance_today
from pharmacy.usecases.plan_batch import NewBatch, plan_batch
from pharmacy.usecases.reference import Reference


def plan_by_hand(
    session: Session, new: NewBatch, reference: Reference, why_more: str | None, *, by: Actor, now: datetime
) -> Batch:
    """The batch is planned; `why_more` is the pharmacist-in-charge's reason to make more than the limit leaves.

    Raises as `plan_batch`, then BeyondAnticipation, OverrideNotYours or ReasonTooShort.
    """
    if not isinstance(new.asked, CapsulesAsked):
        return plan_batch(session, new, reference, by=by, now=now)
    strength = new.asked.strength
    # One at a time for a strength: two plans at once would each find the whole allowance.
    batch_plans.hold_strength(session, strength.value)
    allowed = allowance_today(session, strength, reference)
    owed = batch_plans.owed(session, strength.value, new.asked.basis)
    asked, left = beyond_orders(new.asked.required, owed, allowed)
    batch = plan_batch(session, new, reference, by=by, now=now)
    reason = require_allowed(strength, asked, left, Override(by, why_more) if why_more else None)
    if reason is not None:
        audit.record(session, "batch.beyond_limit", batch.id, by=by, at=now, capsules=asked, reason=reason)
    return batch
