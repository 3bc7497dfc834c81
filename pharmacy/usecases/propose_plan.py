"""A text of directions becomes a proposed plan, which a pharmacist accepts, puts right, or declines.

Nothing is ordered by it: an accepted plan is what the pharmacist read, kept beside the raw text, for an order to be
entered from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict, Unfit, within
from pharmacy.domain.free_text import Proposal, read_directions
from pharmacy.domain.sig_reader import ProposedStep, Reading
from pharmacy.domain.titration import DoseLimits, TitrationPlan, check_plan
from pharmacy.store import audit, plan_proposals
from pharmacy.store.base import new_id
from pharmacy.store.plan_proposals import PlanProposal, ProposalStatus
from pharmacy.usecases.plan_as_facts import plan_facts, plan_from_facts


@dataclass(eq=False)
class ProposalDecided(Conflict):
    """Somebody has accepted or declined the proposal already."""

    status: ProposalStatus

    def __str__(self) -> str:
        return f"This proposal was {self.status} already."


@dataclass(eq=False)
class NoPlanRead(Unfit):
    """The text leaves something to choose, so that there is no plan to accept without the pharmacist's own."""

    lacks: tuple[str, ...]

    def __str__(self) -> str:
        return "No whole plan was read, so the plan must be given: " + " ".join(self.lacks)


def propose_plan(session: Session, text: str, *, by: Actor, now: datetime) -> PlanProposal:
    """The text is kept with what was read from it and what was not. Raises TextTooLong."""
    proposal = PlanProposal(
        id=new_id(),
        practice_id=by.practice_id,
        text=text,
        reading=reading_facts(read_directions(text)),
        status=ProposalStatus.PROPOSED,
        proposed_at=now,
        proposed_by=by.id,
    )
    session.add(proposal)
    audit.record(session, "plan_proposal.made", proposal.id, by=by, at=now)
    return proposal


def accept_proposal(
    session: Session,
    proposal_id: UUID,
    plan: TitrationPlan | None,
    limits: DoseLimits,
    *,
    by: Actor,
    now: datetime,
) -> PlanProposal:
    """The plan as read, or as the pharmacist puts it right, is accepted; whether it was put right is on record.

    Raises NoPlanRead when none was read and none is given, ProposalDecided, DoseOverMaximum.
    """
    proposal = _undecided(session, proposal_id)
    read = proposal.reading["plan"]
    accepted = plan or (None if read is None else plan_from_facts(read))
    if accepted is None:
        raise NoPlanRead(tuple(proposal.reading["lacks"]), where=("plan",))
    with within("plan"):
        check_plan(accepted, limits)
    facts = plan_facts(accepted)
    proposal.status, proposal.accepted_plan = ProposalStatus.ACCEPTED, facts
    proposal.decided_at, proposal.decided_by = now, by.id
    audit.record(session, "plan_proposal.accepted", proposal.id, by=by, at=now, put_right=facts != read)
    return proposal


def decline_proposal(
    session: Session, proposal_id: UUID, reason: str, *, by: Actor, now: datetime
) -> PlanProposal:
    """The proposal is declined for that reason. Raises ProposalDecided."""
    proposal = _undecided(session, proposal_id)
    proposal.status, proposal.reason = ProposalStatus.DECLINED, reason
    proposal.decided_at, proposal.decided_by = now, by.id
    audit.record(session, "plan_proposal.declined", proposal.id, by=by, at=now)
    return proposal


def _undecided(session: Session, proposal_id: UUID) -> PlanProposal:
    proposal = plan_proposals.get_for_update(session, proposal_id)
    if proposal.status is not ProposalStatus.PROPOSED:
        raise ProposalDecided(proposal.status)
    return proposal


def reading_facts(read: Proposal) -> dict[str, Any]:
    """What was read, as plain facts; places count characters from zero, the end excluded."""
    return {
        "plan": None if read.plan is None else plan_facts(read.plan),
        "steps": [_step_facts(step, position) for position, step in enumerate(read.steps, start=1)],
        "strength_ug": None if read.strength is None else read.strength.value,
        "quantity": read.quantity,
        "refills": read.refills,
        "spans": [_span(reading) for reading in read.readings],
        "unread": [_span(reading) for reading in read.unread],
        "lacks": list(read.lacks),
    }


def _step_facts(step: ProposedStep, position: int) -> dict[str, Any]:
    return {
        "position": position,
        "doses_ug": [dose.value for dose in step.doses],
        "times_of_day": [time.value for time in step.times],
        "duration_days": step.duration_days,
        "is_open": step.is_open,
        "arithmetic": list(step.arithmetic),
    }


def _span(reading: Reading) -> dict[str, Any]:
    return {"start": reading.start, "end": reading.end, "meaning": reading.meaning}
