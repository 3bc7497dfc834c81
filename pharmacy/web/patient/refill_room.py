"""Please refill: one tap, once; a person at the pharmacy sees to it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import render_template

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import local_day
from pharmacy.store import orders, tasks
from pharmacy.store.inbound import ReplyKind
from pharmacy.store.private_links import PrivateLink
from pharmacy.store.sessions import Session
from pharmacy.usecases.request_refill import RefillWish, request_refill
from pharmacy.web.current import the_pharmacy
from pharmacy.web.patient.blueprint import house


def show(session: Session, link: PrivateLink, given_pass: str) -> str:
    """The button; or that the refill has been asked for."""
    order = orders.get(session, link.subject_id)
    is_asked = tasks.is_open(session, ReplyKind.REFILL, order.prescription_id)
    return _page(order.number, given_pass, is_asked=is_asked)


def act(session: Session, link: PrivateLink, form: Mapping[str, str], by: Actor) -> str:
    """The refill is asked for."""
    pharmacy = the_pharmacy()
    now = pharmacy.clock()
    wish = RefillWish(
        patient_id=link.patient_id,
        source="private link",
        on=local_day(now, pharmacy.zone),
        order_id=link.subject_id,
    )
    request_refill(session, wish, by=by, now=now)
    return _page(orders.get(session, link.subject_id).number, "", is_asked=True)


def _page(number: int, given_pass: str, *, is_asked: bool) -> str:
    return render_template(
        "patient/refill.html", house=house(), number=number, given_pass=given_pass, is_asked=is_asked
    )
