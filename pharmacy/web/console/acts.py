"""Acting on an order: every act is a form that carries the version which the person saw.

What is not carried out shows the order as it is now, says why, and keeps what was typed.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import redirect, url_for

from pharmacy.domain.errors import NotFound, PharmacyError
from pharmacy.domain.orders import Act, Role
from pharmacy.store import orders
from pharmacy.store.orders import OrderNotFound
from pharmacy.store.waits import told_apart
from pharmacy.usecases.act_on_order import (
    ActRequest,
    SomebodyElseWasFaster,
    Surroundings,
    act_on_order,
)
from pharmacy.usecases.confirm_start import confirm_start
from pharmacy.web.console.act_panel import ROOM_OF
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import back_to, given, seen_version
from pharmacy.web.console.language import gettext
from pharmacy.web.console.order import START, Attempt, reference_of_today, show_order
from pharmacy.web.console.presence import the_actor
from pharmacy.web.current import the_pharmacy
from pharmacy.web.errors import status_of
from pharmacy.web.guards import needs_role, signed_in

_LONGEST_REASON = 500


@blueprint.post("/orders/<uuid:order_id>/acts/<act_name>")
@signed_in
def act(order_id: UUID, act_name: str) -> Any:
    """The act is done and the order shown; or the order shown with the reason why not."""
    if act_name not in set(Act):
        raise OrderNotFound
    wanted = Act(act_name)
    _require_there(order_id)
    if wanted in ROOM_OF:
        return redirect(url_for(ROOM_OF[wanted], order_id=order_id), code=303)
    typed = {"reason": given("reason")[:_LONGEST_REASON]}
    asked = ActRequest(order_id=order_id, act=wanted, seen_version=seen_version(), reason=typed["reason"])
    pharmacy = the_pharmacy()
    try:
        with told_apart(), pharmacy.sessions.write() as session:
            around = Surroundings(reference=reference_of_today(session), imprint=pharmacy.imprint)
            act_on_order(session, asked, around, by=the_actor(), now=pharmacy.clock())
    except NotFound:
        raise
    except PharmacyError as refusal:
        at_fault = "_".join(str(part) for part in refusal.where)
        attempt = Attempt(act=wanted, sentence=str(refusal), field_at_fault=at_fault, typed=typed)
        return show_order(order_id, attempt), status_of(refusal)
    return back_to(order_id)


@blueprint.post("/orders/<uuid:order_id>/start")
@needs_role(Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE, Role.SHIPPING)
def start(order_id: UUID) -> Any:
    """The first day of dosing is confirmed, as the patient told it."""
    typed = given("started_on")
    try:
        started_on = date.fromisoformat(typed)
    except ValueError:
        return _start_refused(
            order_id, gettext("Give the day on which the first capsule was taken."), typed
        ), 422
    pharmacy = the_pharmacy()
    try:
        with told_apart(), pharmacy.sessions.write() as session:
            if orders.get_for_update(session, order_id).version != seen_version():
                raise SomebodyElseWasFaster
            reference = reference_of_today(session)
            confirm_start(session, order_id, started_on, reference, by=the_actor(), now=pharmacy.clock())
    except NotFound:
        raise
    except PharmacyError as refusal:
        return _start_refused(order_id, str(refusal), typed), status_of(refusal)
    return back_to(order_id)


def _start_refused(order_id: UUID, sentence: str, typed: str) -> str:
    attempt = Attempt(act=START, sentence=sentence, field_at_fault="started_on", typed={"started_on": typed})
    return show_order(order_id, attempt)


def _require_there(order_id: UUID) -> None:
    """OrderNotFound for an order that is not there."""
    with told_apart(), the_pharmacy().sessions.read() as session:
        orders.get(session, order_id)
