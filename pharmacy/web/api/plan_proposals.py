"""Directions in free text: read, and then accepted or declined by a pharmacist."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from pharmacy.domain.calendar import local_day
from pharmacy.domain.orders import Role
from pharmacy.store import plan_proposals as books
from pharmacy.usecases.propose_plan import accept_proposal, decline_proposal, propose_plan
from pharmacy.web.api.plan_proposal_shapes import (
    AcceptInput,
    DeclineInput,
    DirectionsInput,
    PlanProposalOutput,
)
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_staff
from pharmacy.web.staff_door import staff_answer_once, staff_reading, staff_writing

blueprint = Blueprint(
    "plan_proposals",
    __name__,
    url_prefix="/api/v1/plan-proposals",
    description="Plans read from free text; a pharmacist accepts them",
)
_PHARMACISTS = (Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
_ANSWER = PlanProposalOutput()


@blueprint.post("")
@needs_staff(Role.TECHNICIAN, *_PHARMACISTS)
@blueprint.arguments(DirectionsInput())
@blueprint.response(201, PlanProposalOutput)
def propose(asked: dict[str, str]) -> Response:
    """What the text seems to say, with the place of what was and was not read. It orders nothing."""
    now = the_pharmacy().clock()
    return staff_answer_once(
        lambda session, actor: _document(propose_plan(session, asked["text"], by=actor, now=now)),
        lambda document: _ANSWER.dumps(document),
    )


@blueprint.get("/<uuid:proposal_id>")
@needs_staff()
@blueprint.response(200, PlanProposalOutput)
def read(proposal_id: UUID) -> Any:
    """The text, what was read, and what became of it."""
    with staff_reading() as (session, _):
        return books.get(session, proposal_id)


@blueprint.post("/<uuid:proposal_id>/accept")
@needs_staff(*_PHARMACISTS)
@blueprint.arguments(AcceptInput())
@blueprint.response(200, PlanProposalOutput)
def accept(asked: dict[str, Any], proposal_id: UUID) -> Any:
    """The plan as read is accepted, or the one given in its place; 409 once somebody has decided."""
    pharmacy = the_pharmacy()
    now = pharmacy.clock()
    with staff_writing() as (session, actor):
        reference = pharmacy.reference.current(session, local_day(now, pharmacy.zone))
        return accept_proposal(session, proposal_id, asked["plan"], reference.dose_limits, by=actor, now=now)


@blueprint.post("/<uuid:proposal_id>/decline")
@needs_staff(*_PHARMACISTS)
@blueprint.arguments(DeclineInput())
@blueprint.response(200, PlanProposalOutput)
def decline(asked: dict[str, str], proposal_id: UUID) -> Any:
    """The proposal is declined for a reason; 409 once somebody has decided."""
    with staff_writing() as (session, actor):
        return decline_proposal(session, proposal_id, asked["reason"], by=actor, now=the_pharmacy().clock())


def _document(proposal: books.PlanProposal) -> dict[str, Any]:
    return {column.name: getattr(proposal, column.name) for column in books.PlanProposal.__table__.columns}
