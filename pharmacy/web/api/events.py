"""The event log of a practice, the endpoints that hear of it, and parked deliveries for staff."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response

from pharmacy.domain.events import MEANINGS
from pharmacy.domain.orders import Role
from pharmacy.store import events as log
from pharmacy.store import webhooks as books
from pharmacy.store.pages import page_of
from pharmacy.store.sessions import Session
from pharmacy.usecases.admission import Admission, kept_answer
from pharmacy.usecases.event_document import event_document
from pharmacy.usecases.keep_webhooks import (
    add_endpoint,
    end_endpoint,
    give_endpoint_secret,
    require_fit,
    send_again,
)
from pharmacy.web.api import event_shapes as shapes
from pharmacy.web.api.shapes import Blueprint, NothingInput
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.current import the_pharmacy
from pharmacy.web.door import answer_once, reading, writing
from pharmacy.web.guards import needs_scope, needs_staff
from pharmacy.web.staff_door import staff_reading, staff_writing
from pharmacy.web.wording import worded_by

blueprint = Blueprint("events", __name__, url_prefix="/api/v1", description="Events")
_WORDED = worded_by(shapes.EndpointOutput())
_KEEPERS = (Role.ADMINISTRATOR, Role.PHARMACIST_IN_CHARGE)


@blueprint.get("/event-types")
@needs_scope("events.read")
@blueprint.response(200, shapes.EventTypes)
def types() -> Any:
    """Every type of event, and what it says."""
    with reading("events.read"):
        return {"types": [{"type": kind, "meaning": meaning} for kind, meaning in MEANINGS.items()]}


@blueprint.get("/events")
@needs_scope("events.read")
@blueprint.arguments(shapes.EventsQuery(), location="query")
@blueprint.response(200, shapes.EventPage)
def listing(asked: dict[str, int]) -> Any:
    """The practice's log after a position: read it as often as you like, and nothing is missed."""
    with reading("events.read") as (session, knock):
        found = log.after(session, knock.practice_id, asked["after"], asked["limit"])
    next_after = found[-1].position if found else asked["after"]
    return {"events": [event_document(event) for event in found], "next_after": next_after}


@blueprint.post("/webhook-endpoints")
@needs_scope("webhooks.write")
@blueprint.arguments(shapes.EndpointInput())
@blueprint.response(201, shapes.EndpointOutput)
def add(asked: dict[str, Any]) -> Any:
    """An address to which events are sent once it has its secret."""
    pharmacy = the_pharmacy()
    now = pharmacy.clock()

    def work(session: Session, admission: Admission) -> str:
        require_fit(asked["url"], may_be_private=pharmacy.teller.post.may_be_private)
        endpoint = add_endpoint(session, asked["url"], asked["types"], by=admission.actor, now=now)
        return kept_answer(session, admission, endpoint, now)

    return answer_once("webhooks.write", work, _WORDED)


@blueprint.get("/webhook-endpoints")
@needs_scope("webhooks.write")
@blueprint.response(200, shapes.EndpointList)
def endpoints() -> Any:
    """The practice's endpoints."""
    with reading("webhooks.write") as (session, knock):
        return {"endpoints": session.scalars(books.endpoints_of(knock.practice_id)).all()}


@blueprint.post("/webhook-endpoints/<uuid:endpoint_id>/secret")
@needs_scope("webhooks.write")
@blueprint.arguments(shapes.EndpointOverlapInput())
@blueprint.response(200, shapes.EndpointSecretOutput)
def give_secret(asked: dict[str, int], endpoint_id: UUID) -> Any:
    """A new secret, seen this once; the one before signs too for some hours more."""
    pharmacy = the_pharmacy()
    overlap = timedelta(hours=asked["overlap_hours"])
    with writing("webhooks.write") as (session, knock):
        endpoint = books.endpoint_of_practice(session, endpoint_id, knock.practice_id)
        secret = give_endpoint_secret(
            session, endpoint, pharmacy.teller.key, overlap, by=knock.actor, now=pharmacy.clock()
        )
    return {"secret": secret, "previous_secret_until": endpoint.previous_secret_until}


@blueprint.delete("/webhook-endpoints/<uuid:endpoint_id>")
@needs_scope("webhooks.write")
@blueprint.response(204)
def end(endpoint_id: UUID) -> None:
    """Nothing more is sent there."""
    with writing("webhooks.write") as (session, knock):
        endpoint = books.endpoint_of_practice(session, endpoint_id, knock.practice_id)
        end_endpoint(session, endpoint, by=knock.actor, now=the_pharmacy().clock())


@blueprint.get("/webhook-deliveries")
@needs_staff(*_KEEPERS)
@blueprint.arguments(shapes.DeliveriesQuery(), location="query")
@blueprint.response(200, shapes.DeliveryPage)
def deliveries(asked: dict[str, Any]) -> Any:
    """Deliveries that are parked (or waiting, or made), newest first, of every practice."""
    bookmark = read_bookmark(asked["page"])
    with staff_reading() as (session, _):
        page = page_of(session, books.deliveries(asked["state"]), asked["limit"], bookmark)
    return {"deliveries": page.records, "next_page": sign_bookmark(page.next_bookmark)}


@blueprint.post("/webhook-deliveries/<uuid:delivery_id>/redeliver")
@needs_staff(*_KEEPERS)
@blueprint.arguments(NothingInput())
@blueprint.response(200, shapes.DeliveryOutput)
def redeliver(_: dict[str, Any], delivery_id: UUID) -> Any:
    """A parked delivery is due again at once; 409 for one that is not parked."""
    with staff_writing() as (session, by):
        return send_again(session, delivery_id, by=by, now=the_pharmacy().clock())


@blueprint.after_request
def never_kept(response: Response) -> Response:
    """Nobody between us and a practice keeps a secret."""
    response.headers["Cache-Control"] = "no-store"
    return response
