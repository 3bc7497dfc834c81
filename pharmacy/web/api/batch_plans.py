"""Batch plans: which batches to make today."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pharmacy.domain.actors import Actor
from pharmacy.domain.anticipation import Override
from pharmacy.domain.calendar import local_day
from pharmacy.domain.orders import Role
from pharmacy.store import batch_plans as books
from pharmacy.store.pages import page_of
from pharmacy.store.sessions import Session
from pharmacy.usecases.allocate_capsules import Shelf
from pharmacy.usecases.batch_plan_views import plan_document
from pharmacy.usecases.make_batch_plan import accept_batch_plan, make_batch_plan
from pharmacy.usecases.planning_inputs import PlanAsked
from pharmacy.web.api.batch_plan_shapes import (
    BatchPlanInput,
    BatchPlanOutput,
    BatchPlanPage,
    BatchPlansQuery,
)
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.api.traces import READERS
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_staff
from pharmacy.web.staff_door import staff_answer_once, staff_reading, staff_writing
from pharmacy.web.wording import worded_by

blueprint = Blueprint("batch_plans", __name__, url_prefix="/api/v1/batch-plans", description="Batch plans")
_WORDED = worded_by(BatchPlanOutput())
_BENCH = (Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)


@blueprint.post("")
@needs_staff(*_BENCH)
@blueprint.arguments(BatchPlanInput())
@blueprint.response(201, BatchPlanOutput)
def make(asked: dict[str, Any]) -> Any:
    """A plan for all queued lines, kept with its inputs; nothing is made yet."""
    pharmacy = the_pharmacy()
    now = pharmacy.clock()

    def work(session: Session, actor: Actor) -> dict[str, Any]:
        reason = asked["override_reason"]
        wanted = PlanAsked(
            promised_through=asked["promised_through"],
            most_batches=asked["most_batches"],
            ahead=tuple(asked["ahead"]),
            override=None if reason is None else Override(actor, reason),
        )
        reference = pharmacy.reference.current(session, local_day(now, pharmacy.zone))
        return plan_document(make_batch_plan(session, wanted, reference, by=actor, now=now))

    return staff_answer_once(work, _WORDED)


@blueprint.get("")
@needs_staff(*READERS)
@blueprint.arguments(BatchPlansQuery(), location="query")
@blueprint.response(200, BatchPlanPage)
def listing(asked: dict[str, Any]) -> Any:
    """Plans, newest first."""
    bookmark = read_bookmark(asked["page"])
    with staff_reading() as (session, _):
        page = page_of(session, books.newest_first(), asked["limit"], bookmark)
        found = [plan_document(run) for run in page.records]
    return {"batch_plans": found, "next_page": sign_bookmark(page.next_bookmark)}


@blueprint.get("/<uuid:plan_id>")
@needs_staff(*READERS)
@blueprint.response(200, BatchPlanOutput)
def show(plan_id: UUID) -> Any:
    """One plan as it was worked out."""
    with staff_reading() as (session, _):
        return plan_document(books.get(session, plan_id))


@blueprint.post("/<uuid:plan_id>/accept")
@needs_staff(*_BENCH)
@blueprint.response(200, BatchPlanOutput)
def accept(plan_id: UUID) -> Any:
    """The plan's batches are planned and its lines promised their capsules; 409 when queue or stock have changed."""
    pharmacy = the_pharmacy()
    now = pharmacy.clock()
    with staff_writing() as (session, actor):
        reference = pharmacy.reference.current(session, local_day(now, pharmacy.zone))
        shelf = Shelf(reference=reference, imprint=pharmacy.imprint)
        return plan_document(accept_batch_plan(session, plan_id, shelf, by=actor, now=now))
