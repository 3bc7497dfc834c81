"""Ship and pick-up: the bag is filled vial by vial, counselling is offered, and somebody takes it.

A parcel and a person at the counter share one room; which of the two forms it shows is the order's delivery. What
comes back is taken back here too.
"""

from __future__ import annotations

import base64
import binascii
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from flask import render_template, url_for

from pharmacy.domain.actors import Actor
from pharmacy.domain.hand_over import (
    Carrier,
    ClosureAsker,
    CounsellingOutcome,
    CounsellingWay,
    IdentityDocument,
    Relation,
    ReturnKind,
    ScanPurpose,
)
from pharmacy.domain.orders import FINAL, HANDED_OVER, Act, Role
from pharmacy.domain.pricing import Delivery
from pharmacy.store import hand_overs, orders
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.act_gates import why_not
from pharmacy.usecases.act_on_order import ActRequest
from pharmacy.usecases.offer_counselling import Offer, OtherClosure, ask_closure, offer_counselling
from pharmacy.usecases.record_leaving import ComeBack, Leaving, Parcel, PickUp
from pharmacy.web.console.attempts import tried
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.counter_shown import OPTIONS, Settled, bag_shown
from pharmacy.web.console.forms import Form, given, seen_version
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext
from pharmacy.web.console.openings import opened
from pharmacy.web.console.order import gather
from pharmacy.web.console.order_sheet import order_sheet
from pharmacy.web.console.presence import the_actor
from pharmacy.web.console.queue import the_viewer
from pharmacy.web.console.verification import act_work, scan_work, seen_here
from pharmacy.web.console.vials_shown import scanning
from pharmacy.web.console.words import with_days_in_words
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_role

_COUNTER = (Role.SHIPPING, Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
_DRAWN = "data:image/png;base64,"
_LONGEST_DRAWING = 300_000
_Choice = TypeVar("_Choice", bound=StrEnum)


@blueprint.get("/orders/<uuid:order_id>/counter")
@needs_role(*_COUNTER)
def counter_page(order_id: UUID) -> Any:
    """The bag of the order."""
    return show_counter(order_id, Form())


@blueprint.post("/orders/<uuid:order_id>/counter/scans")
@needs_role(*_COUNTER)
def bag_scan(order_id: UUID) -> Any:
    """A vial goes into the bag."""
    form = Form.typed("code", name="scan", longest=100).lacking({"code": gettext("Scan a vial.")})
    return _tried(order_id, scan_work(order_id, form["code"], ScanPurpose.BAG), form)


@blueprint.post("/orders/<uuid:order_id>/counter/counselling")
@needs_role(*_COUNTER)
def counsel(order_id: UUID) -> Any:
    """Counselling was offered, and how the offer was met."""
    form = Form.typed("way", "outcome", "offered_to", "note", name="counselling").lacking(
        {
            "way": gettext("Say how it was offered."),
            "outcome": gettext("Say how the offer was met."),
            "offered_to": gettext("Say to whom it was offered."),
        }
    )
    way, outcome = _chosen(CounsellingWay, form, "way"), _chosen(CounsellingOutcome, form, "outcome")

    def work(session: Session, by: Actor, now: Any) -> None:
        told = form.given("offered_to", "note")
        offer = Offer(order_id=order_id, way=way, outcome=outcome, **told)
        offer_counselling(session, offer, by=by, now=now)

    return _tried(order_id, work, form)


@blueprint.post("/orders/<uuid:order_id>/counter/closure")
@needs_role(*_COUNTER)
def closure(order_id: UUID) -> Any:
    """Somebody asks for vials that are not child-resistant."""
    form = Form.typed("asked_by", "asked_by_name", "reason", name="closure").lacking(
        {
            "asked_by": gettext("Say who asks: the patient or the prescriber."),
            "asked_by_name": gettext("Give their name."),
            "reason": gettext("Give their reason."),
        }
    )
    asker = _chosen(ClosureAsker, form, "asked_by")

    def work(session: Session, by: Actor, now: Any) -> None:
        told = form.given("asked_by_name", "reason")
        ask_closure(session, OtherClosure(order_id=order_id, asked_by=asker, **told), by=by, now=now)

    return _tried(order_id, work, form)


@blueprint.post("/orders/<uuid:order_id>/counter/ship")
@needs_role(*_COUNTER)
def ship(order_id: UUID) -> Any:
    """The parcel leaves."""
    form = Form.typed("carrier", "tracking_number", name="ship").lacking(
        {
            "carrier": gettext("Choose the carrier."),
            "tracking_number": gettext("Scan or type the parcel's tracking number."),
        }
    )
    parcel = Parcel(carrier=_chosen(Carrier, form, "carrier"), tracking_number=form["tracking_number"])
    return _tried(order_id, _leaves(order_id, Act.SHIP, parcel), form, is_gone=True)


@blueprint.post("/orders/<uuid:order_id>/counter/pick-up")
@needs_role(*_COUNTER)
def pick_up(order_id: UUID) -> Any:
    """Somebody takes the order, shows who they are, and signs."""
    form = Form.typed("taken_by", "relation", "identity", "signed_as", name="pick-up").lacking(
        {
            "taken_by": gettext("Give the name of who takes it."),
            "relation": gettext("Say who they are to the patient."),
            "identity": gettext("Say what they showed."),
        }
    )
    taken = PickUp(
        taken_by=form["taken_by"],
        relation=_chosen(Relation, form, "relation"),
        identity=_chosen(IdentityDocument, form, "identity"),
        signed_as=form["signed_as"],
        signature=_drawn(),
    )
    return _tried(order_id, _leaves(order_id, Act.PICK_UP, taken), form, is_gone=True)


@blueprint.post("/orders/<uuid:order_id>/counter/take-back")
@needs_role(*_COUNTER)
def take_back(order_id: UUID) -> Any:
    """The order came back."""
    form = Form.typed("kind", "reason", name="back").lacking(
        {"kind": gettext("Say why it came back."), "reason": gettext("Tell what happened, in words.")}
    )
    back = ComeBack(kind=_chosen(ReturnKind, form, "kind"))
    return _tried(order_id, _leaves(order_id, Act.RETURN, back, form["reason"]), form, is_gone=True)


def show_counter(order_id: UUID, form: Form) -> str:
    """The page; with what was refused, where something was."""
    viewer, pharmacy = the_viewer(), the_pharmacy()
    with told_apart(), pharmacy.sessions.read() as session:
        order = orders.get(session, order_id)
        gathered = gather(session, order, *hand_overs.listings_of(order_id))
        around = frame(session, "ship")
    act = Act.SHIP if order.delivery is Delivery.MAIL else Act.PICK_UP
    refusals = {each: why_not(order, each, the_actor(), gathered.standing) for each in (act, Act.RETURN)}
    return render_template(
        "console/counter.html",
        frame=around,
        company=opened(order, gathered.standing.reference),
        order=order_sheet(gathered, viewer),
        vials=scanning(order, gathered.scanned(ScanPurpose.BAG), ScanPurpose.BAG, seen_here()),
        bag=bag_shown(order.patient, Settled.of(gathered.offers, *gathered.besides), pharmacy.zone),
        form=form,
        options=OPTIONS,
        is_mailed=act is Act.SHIP,
        why_not=with_days_in_words(told.reason) if (told := refusals[act]) else "",
        is_here=order.status not in FINAL | HANDED_OVER,
        may_come_back=refusals[Act.RETURN] is None,
    )


def _tried(order_id: UUID, work: Any, form: Form, *, is_gone: bool = False) -> Any:
    page = "console.order_page" if is_gone else "console.counter_page"
    return tried(work, form, lambda again: show_counter(order_id, again), url_for(page, order_id=order_id))


def _leaves(order_id: UUID, act: Act, leaving: Leaving, reason: str = "") -> Any:
    return act_work(
        ActRequest(order_id=order_id, act=act, seen_version=seen_version(), leaving=leaving, reason=reason)
    )


def _chosen(choices: type[_Choice], form: Form, name: str) -> _Choice:
    """What was chosen; the first of them where the form lacks a choice, and then it is not tried."""
    return choices(form[name]) if form[name] in set(choices) else next(iter(choices))


def _drawn() -> bytes:
    """The picture that was drawn in place of a typed name; nothing for whatever is none."""
    sent = given("drawing")
    if not sent.startswith(_DRAWN) or len(sent) > _LONGEST_DRAWING:
        return b""
    try:
        return base64.b64decode(sent.removeprefix(_DRAWN), validate=True)
    except binascii.Error:
        return b""
