"""Please refill: one tap, once; a person at the pharmacy sees to it."""

from __future__ import annotations

from collections.abc import Mapping

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import local_day
from pharmacy.store import orders, tasks
from pharmacy.store.inbound import ReplyKind
from pharmacy.store.sessions import Session
from pharmacy.usecases.request_refill import RefillWish, request_refill
from pharmacy.web.current import the_pharmacy
from pharmacy.web.patient.blueprint import Visit, page


def show(session: Session, visit: Visit) -> str:
    """The button; or that the refill has been asked for."""
    order = orders.get(session, visit.link.subject_id)
    is_asked = tasks.is_open(session, ReplyKind.REFILL, order.prescription_id)
    return _page(visit, order.number, is_asked=is_asked)


def act(session: Session, visit: Visit, form: Mapping[str, str], by: Actor) -> str:
    """The refill is asked for."""
    pharmacy = the_pharmacy()
    now = pharmacy.clock()
    wish = RefillWish(
        patient_id=visit.link.patient_id,
        source="private link",
        on=local_day(now, pharmacy.zone),
        order_id=visit.link.subject_id,
    )
    request_refill(session, wish, by=by, now=now)
    return _page(visit, orders.get(session, visit.link.subject_id).number, is_asked=True)


def _page(visit: Visit, number: int, *, is_asked: bool) -> str:
    return page("refill", visit.language, number=number, given_pass=visit.given_pass, is_asked=is_asked)
