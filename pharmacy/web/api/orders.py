"""Orders: submitted in one call, listed, read, followed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pharmacy.domain.calendar import local_day
from pharmacy.store import audit
from pharmacy.store import orders as books
from pharmacy.store.audit import AuditEntry
from pharmacy.store.door import Arriving
from pharmacy.store.pages import page_of
from pharmacy.usecases.commands import Submission
from pharmacy.usecases.known_profile import keys_of
from pharmacy.usecases.order_document import order_document
from pharmacy.usecases.submit_order import submit_order
from pharmacy.web.api.input_schemas import OrderInput, OrdersQuery
from pharmacy.web.api.output_schemas import OrderOutput, OrderPage, Timeline
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.current import the_pharmacy
from pharmacy.web.door import answer_once, reading
from pharmacy.web.guards import needs_scope
from pharmacy.web.wording import worded_by

blueprint = Blueprint("orders", __name__, url_prefix="/api/v1/orders", description="Orders")
_TOLD = ("status", "act", "kind", "overrides", "started_on")
_WORDED = worded_by(OrderOutput())


@blueprint.post("")
@needs_scope("orders.write")
@blueprint.arguments(OrderInput())
@blueprint.response(201, OrderOutput)
def submit(submission: Submission) -> Any:
    """Order the first fill of a titration: patient, prescriber, plan and supply in one call, all or nothing."""
    now = the_pharmacy().clock()
    return answer_once(
        "orders.write",
        lambda session, admission: submit_order(
            session, submission, admission=admission, by=admission.actor, now=now
        ),
        _WORDED,
        arriving=Arriving(npi=submission.prescriber.npi, patient=keys_of(submission.patient)),
    )


@blueprint.get("")
@needs_scope("orders.read")
@blueprint.arguments(OrdersQuery(), location="query")
@blueprint.response(200, OrderPage)
def listing(asked: dict[str, Any]) -> Any:
    """Orders of this practice, newest first."""
    bookmark = read_bookmark(asked["page"])
    with reading("orders.read") as (session, knock):
        query = books.newest_first(practice_id=knock.practice_id, status=asked["status"])
        page = page_of(session, query, asked["limit"], bookmark)
    return {"orders": page.records, "next_page": sign_bookmark(page.next_bookmark)}


@blueprint.get("/<uuid:order_id>")
@needs_scope("orders.read")
@blueprint.etag
@blueprint.response(200, OrderOutput)
def show(order_id: UUID) -> Any:
    """One order of this practice, with every figure behind its batches and its price."""
    pharmacy = the_pharmacy()
    today = local_day(pharmacy.clock(), pharmacy.zone)
    with reading("orders.read") as (session, knock):
        order = books.of_practice(session, order_id, knock.practice_id)
        reference = pharmacy.reference.current(session, today, knock.reference_version)
        return order_document(session, order, reference)


@blueprint.get("/<uuid:order_id>/timeline")
@needs_scope("orders.read")
@blueprint.response(200, Timeline)
def timeline(order_id: UUID) -> Any:
    """What happened to the order, when, and by whom."""
    with reading("orders.read") as (session, knock):
        order = books.of_practice(session, order_id, knock.practice_id)
        return {"entries": [_told(entry) for entry in audit.of_subject(session, order.id)]}


def _told(entry: AuditEntry) -> dict[str, Any]:
    """What a practice learns of an entry: neither who works here nor what they wrote for each other."""
    detail = {name: entry.detail[name] for name in _TOLD if name in entry.detail}
    return {"at": entry.at, "action": entry.action, "by": entry.actor_kind, "detail": detail}
