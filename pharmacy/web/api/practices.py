"""Practices, their systems, and the prescribers on their roster, kept by staff."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response

from pharmacy.domain.calendar import local_day
from pharmacy.domain.orders import Role
from pharmacy.store import practices as books
from pharmacy.store.pages import page_of
from pharmacy.usecases import keep_practices as kept
from pharmacy.usecases.keep_practices import NewClient, VerifiedPrescriber
from pharmacy.web.api import practice_shapes as shapes
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_staff
from pharmacy.web.staff_door import staff_answer_once, staff_reading, staff_writing
from pharmacy.web.wording import worded_by

blueprint = Blueprint("practices", __name__, url_prefix="/api/v1/practices", description="Practices")
clients = Blueprint("clients", __name__, url_prefix="/api/v1/clients", description="Systems of practices")
prescribers = Blueprint(
    "prescribers", __name__, url_prefix="/api/v1/prescribers", description="Prescribers on rosters"
)
# Who decides which practice may come in, and for whom it may order (house policy).
KEEPERS = (Role.ADMINISTRATOR, Role.PHARMACIST_IN_CHARGE)


@blueprint.post("")
@needs_staff(*KEEPERS)
@blueprint.arguments(shapes.PracticeInput())
@blueprint.response(201, shapes.PracticeOutput)
def open_practice(asked: dict[str, str]) -> Any:
    """A new practice, with nobody in it."""
    now = the_pharmacy().clock()
    return staff_answer_once(
        lambda session, by: kept.open_practice(session, asked["name"], by=by, now=now),
        worded_by(shapes.PracticeOutput()),
    )


@blueprint.get("")
@needs_staff(*KEEPERS)
@blueprint.arguments(shapes.PageQuery(), location="query")
@blueprint.response(200, shapes.PracticePage)
def listing(asked: dict[str, Any]) -> Any:
    """Every practice, by name."""
    return _page(asked, books.by_name(), "practices")


@blueprint.post("/<uuid:practice_id>/clients")
@needs_staff(*KEEPERS)
@blueprint.arguments(shapes.ClientInput())
@blueprint.response(201, shapes.ClientOutput)
def add_client(asked: dict[str, Any], practice_id: UUID) -> Any:
    """A system of the practice; it comes in once it has a secret or a key."""
    now = the_pharmacy().clock()
    new = NewClient(practice_id=practice_id, **asked)
    return staff_answer_once(
        lambda session, by: kept.add_client(session, new, by=by, now=now), worded_by(shapes.ClientOutput())
    )


@blueprint.get("/<uuid:practice_id>/clients")
@needs_staff(*KEEPERS)
@blueprint.arguments(shapes.PageQuery(), location="query")
@blueprint.response(200, shapes.ClientPage)
def clients_of(asked: dict[str, Any], practice_id: UUID) -> Any:
    """The practice's systems."""
    return _page(asked, books.clients_of(practice_id), "clients")


@blueprint.post("/<uuid:practice_id>/prescribers")
@needs_staff(*KEEPERS)
@blueprint.arguments(shapes.RosterInput())
@blueprint.response(201, shapes.RosterOutput)
def verify(asked: dict[str, Any], practice_id: UUID) -> Any:
    """The prescriber is verified and on the roster, or verified anew."""
    pharmacy = the_pharmacy()
    now = pharmacy.clock()
    today, verified = local_day(now, pharmacy.zone), VerifiedPrescriber(practice_id=practice_id, **asked)
    return staff_answer_once(
        lambda session, by: kept.verify_prescriber(session, verified, today, by=by, now=now),
        worded_by(shapes.RosterOutput()),
    )


@blueprint.get("/<uuid:practice_id>/prescribers")
@needs_staff(*KEEPERS)
@blueprint.arguments(shapes.PageQuery(), location="query")
@blueprint.response(200, shapes.RosterPage)
def roster(asked: dict[str, Any], practice_id: UUID) -> Any:
    """Who is or was on the practice's roster, by name."""
    return _page(asked, books.roster_of(practice_id), "prescribers")


@prescribers.post("/<uuid:prescriber_id>/withdraw")
@needs_staff(*KEEPERS)
@prescribers.arguments(shapes.ReasonInput())
@prescribers.response(200, shapes.RosterOutput)
def withdraw(asked: dict[str, str], prescriber_id: UUID) -> Any:
    """The practice may not order for that prescriber any more."""
    with staff_writing() as (session, by):
        return kept.withdraw_prescriber(
            session, prescriber_id, asked["reason"], by=by, now=the_pharmacy().clock()
        )


@clients.post("/<uuid:api_client_id>/secret")
@needs_staff(*KEEPERS)
@clients.arguments(shapes.OverlapInput())
@clients.response(200, shapes.SecretOutput)
def give_secret(asked: dict[str, int], api_client_id: UUID) -> Any:
    """A new secret, seen this once; the one before holds for some hours more, or ends at once."""
    with staff_writing() as (session, by):
        fresh = kept.give_secret(session, api_client_id, _overlap(asked), by=by, now=the_pharmacy().clock())
    return {
        "client_id": fresh.client.client_id,
        "client_secret": fresh.secret,
        "previous_secret_until": fresh.client.previous_secret_until,
    }


@clients.post("/<uuid:api_client_id>/keys")
@needs_staff(*KEEPERS)
@clients.arguments(shapes.JwkInput())
@clients.response(201, shapes.KeyOutput)
def register_key(asked: dict[str, Any], api_client_id: UUID) -> Any:
    """A public key with which the client's assertions are checked from now on."""
    now = the_pharmacy().clock()
    jwk = {name: value for name, value in asked.items() if value is not None}
    kid = jwk.pop("kid")
    return staff_answer_once(
        lambda session, by: kept.register_key(session, api_client_id, kid, jwk, by=by, now=now),
        worded_by(shapes.KeyOutput()),
    )


@clients.get("/<uuid:api_client_id>/keys")
@needs_staff(*KEEPERS)
@clients.response(200, shapes.KeyList)
def keys(api_client_id: UUID) -> Any:
    """The client's public keys, those that have ended too."""
    with staff_reading() as (session, _):
        return {"keys": books.keys_of(session, api_client_id)}


@clients.post("/<uuid:api_client_id>/keys/<string(maxlength=100):kid>/end")
@needs_staff(*KEEPERS)
@clients.arguments(shapes.OverlapInput())
@clients.response(200, shapes.KeyOutput)
def end_key(asked: dict[str, int], api_client_id: UUID, kid: str) -> Any:
    """The key ends after some hours; at once with 0, and then with every token the client has."""
    with staff_writing() as (session, by):
        return kept.end_key(session, api_client_id, kid, _overlap(asked), by=by, now=the_pharmacy().clock())


@clients.post("/<uuid:api_client_id>/scopes")
@needs_staff(*KEEPERS)
@clients.arguments(shapes.ScopesInput())
@clients.response(200, shapes.ClientOutput)
def set_scopes(asked: dict[str, Any], api_client_id: UUID) -> Any:
    """What the client may do, from the next request on."""
    with staff_writing() as (session, by):
        return kept.set_scopes(session, api_client_id, asked["scopes"], by=by, now=the_pharmacy().clock())


@clients.post("/<uuid:api_client_id>/shut-out")
@needs_staff(*KEEPERS)
@clients.arguments(shapes.ReasonInput())
@clients.response(200, shapes.ClientOutput)
def shut_out(asked: dict[str, str], api_client_id: UUID) -> Any:
    """The client is refused from the next request on, with every token it has."""
    with staff_writing() as (session, by):
        return kept.shut_out(session, api_client_id, asked["reason"], by=by, now=the_pharmacy().clock())


@clients.post("/<uuid:api_client_id>/let-in-again")
@needs_staff(*KEEPERS)
@clients.arguments(shapes.ReasonInput())
@clients.response(200, shapes.ClientOutput)
def let_in_again(asked: dict[str, str], api_client_id: UUID) -> Any:
    """The client may ask for tokens again."""
    with staff_writing() as (session, by):
        return kept.let_in_again(session, api_client_id, asked["reason"], by=by, now=the_pharmacy().clock())


@clients.after_request
def never_kept(response: Response) -> Response:
    """Nobody between us and the member of staff keeps a secret."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _overlap(asked: dict[str, int]) -> timedelta:
    return timedelta(hours=asked["overlap_hours"])


def _page(asked: dict[str, Any], query: Any, name: str) -> dict[str, Any]:
    bookmark = read_bookmark(asked["page"])
    with staff_reading() as (session, _):
        page = page_of(session, query, asked["limit"], bookmark)
    return {name: page.records, "next_page": sign_bookmark(page.next_bookmark)}
