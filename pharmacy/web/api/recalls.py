"""Recalls and recall drills."""

from __future__ import annotations

from time import monotonic_ns
from typing import Any
from uuid import UUID

from pharmacy.domain.calendar import local_day
from pharmacy.domain.orders import Role
from pharmacy.store import recalls as books
from pharmacy.store.pages import page_of
from pharmacy.store.sessions import Session
from pharmacy.usecases.open_recall import NewRecall, open_recall
from pharmacy.usecases.recall_views import recall_document
from pharmacy.usecases.record_recall import (
    PatientAnswer,
    PracticeTold,
    close_recall,
    practice_told,
    record_recall,
)
from pharmacy.usecases.trace_stock import Traced
from pharmacy.web.api.recall_shapes import (
    RecallInput,
    RecallOutcomeInput,
    RecallOutput,
    RecallPage,
    RecallPracticeInput,
    RecallResponseInput,
    RecallsQuery,
)
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.api.traces import READERS
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_staff
from pharmacy.web.staff_door import staff_answer_once, staff_reading, staff_writing
from pharmacy.web.wording import worded_by

blueprint = Blueprint("recalls", __name__, url_prefix="/api/v1/recalls", description="Recalls and drills")
_WORDED = worded_by(RecallOutput())
_PHARMACISTS = (Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
_CALLERS = (Role.TECHNICIAN, *_PHARMACISTS)
_NS_PER_MS = 1_000_000


@blueprint.post("")
@needs_staff(*_PHARMACISTS)
@blueprint.arguments(RecallInput())
@blueprint.response(201, RecallOutput)
def make(asked: dict[str, Any]) -> Any:
    """A lot or batch is recalled with all that was made of it; or the same as a drill, which changes nothing."""
    pharmacy, began = the_pharmacy(), monotonic_ns()
    now = pharmacy.clock()
    new = NewRecall(
        traced=Traced(asked["subject"], asked["subject_id"]),
        reason=asked["reason"],
        is_drill=asked["drill"],
        stopwatch=lambda: (monotonic_ns() - began) // _NS_PER_MS,
    )

    def work(session: Session, actor: Any) -> dict[str, Any]:
        reference = pharmacy.reference.current(session, local_day(now, pharmacy.zone))
        return recall_document(open_recall(session, new, reference, by=actor, now=now))

    return staff_answer_once(work, _WORDED)


@blueprint.get("")
@needs_staff(*READERS)
@blueprint.arguments(RecallsQuery(), location="query")
@blueprint.response(200, RecallPage)
def listing(asked: dict[str, Any]) -> Any:
    """Recalls and drills, newest first."""
    bookmark = read_bookmark(asked["page"])
    with staff_reading() as (session, _):
        page = page_of(session, books.newest_first(), asked["limit"], bookmark)
        found = [recall_document(recall) for recall in page.records]
    return {"recalls": found, "next_page": sign_bookmark(page.next_bookmark)}


@blueprint.get("/<uuid:recall_id>")
@needs_staff(*READERS)
@blueprint.response(200, RecallOutput)
def show(recall_id: UUID) -> Any:
    """One recall, with everybody it concerns."""
    with staff_reading() as (session, _):
        return recall_document(books.get(session, recall_id))


@blueprint.post("/<uuid:recall_id>/responses")
@needs_staff(*_CALLERS)
@blueprint.arguments(RecallResponseInput())
@blueprint.response(200, RecallOutput)
def respond(asked: dict[str, Any], recall_id: UUID) -> Any:
    """What came of a call: notified, answered, returned (with the count), or unreachable."""
    given = PatientAnswer(recall_id=recall_id, **asked)
    with staff_writing() as (session, actor):
        return recall_document(record_recall(session, given, by=actor, now=the_pharmacy().clock()))


@blueprint.post("/<uuid:recall_id>/practices")
@needs_staff(*_CALLERS)
@blueprint.arguments(RecallPracticeInput())
@blueprint.response(200, RecallOutput)
def tell(asked: dict[str, Any], recall_id: UUID) -> Any:
    """A practice was told, and who there."""
    given = PracticeTold(recall_id=recall_id, **asked)
    with staff_writing() as (session, actor):
        return recall_document(practice_told(session, given, by=actor, now=the_pharmacy().clock()))


@blueprint.post("/<uuid:recall_id>/close")
@needs_staff(*_PHARMACISTS)
@blueprint.arguments(RecallOutcomeInput())
@blueprint.response(200, RecallOutput)
def close(asked: dict[str, str], recall_id: UUID) -> Any:
    """The recall is closed once everybody was told; what is recalled stays recalled."""
    with staff_writing() as (session, actor):
        recall = close_recall(session, recall_id, asked["outcome"], by=actor, now=the_pharmacy().clock())
        return recall_document(recall)
