"""Final verification: every vial against its label and its worksheet, scanned one by one, and then signed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import render_template, url_for

from pharmacy.domain.actors import Actor
from pharmacy.domain.hand_over import ScanPurpose
from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.store import orders
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.act_gates import exception_due, why_not
from pharmacy.usecases.act_on_order import ActRequest, Surroundings, act_on_order
from pharmacy.usecases.scan_vial import Scan, scan_vial
from pharmacy.web.console.attempts import tried, tried_signed
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form, seen_version
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext
from pharmacy.web.console.openings import opened
from pharmacy.web.console.order import gather
from pharmacy.web.console.order_sheet import order_sheet
from pharmacy.web.console.presence import the_actor
from pharmacy.web.console.queue import reference_of_today, the_viewer
from pharmacy.web.console.vials_shown import Seen, scanning
from pharmacy.web.console.words import with_days_in_words
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_role

_PHARMACISTS = (Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
_LONGEST_CODE = 100


@blueprint.get("/orders/<uuid:order_id>/verification")
@needs_role(*_PHARMACISTS)
def verification_page(order_id: UUID) -> Any:
    """The order as its verifier sees it."""
    return show_verification(order_id, Form())


@blueprint.post("/orders/<uuid:order_id>/verification/scans")
@needs_role(*_PHARMACISTS)
def verify_scan(order_id: UUID) -> Any:
    """A vial is scanned against the order."""
    form = Form.typed("code", name="scan", longest=_LONGEST_CODE).lacking({"code": gettext("Scan a vial.")})
    return tried(
        scan_work(order_id, form["code"], ScanPurpose.VERIFICATION),
        form,
        lambda again: show_verification(order_id, again),
        url_for("console.verification_page", order_id=order_id),
    )


@blueprint.post("/orders/<uuid:order_id>/verification")
@needs_role(*_PHARMACISTS)
def verify(order_id: UUID) -> Any:
    """The pharmacist answers for the order, with their signature."""
    form = Form.typed("reason", name="sign")
    request = ActRequest(
        order_id=order_id, act=Act.VERIFY, seen_version=seen_version(), reason=form["reason"]
    )
    return tried_signed(
        act_work(request),
        form,
        lambda again: show_verification(order_id, again),
        url_for("console.order_page", order_id=order_id),
    )


def show_verification(order_id: UUID, form: Form) -> str:
    """The page; with what was refused, where something was."""
    viewer, pharmacy = the_viewer(), the_pharmacy()
    with told_apart(), pharmacy.sessions.read() as session:
        order = orders.get(session, order_id)
        gathered = gather(session, order)
        around = frame(session, "verify")
    refusal = why_not(order, Act.VERIFY, the_actor(), gathered.standing)
    return render_template(
        "console/verification.html",
        frame=around,
        company=opened(order, gathered.standing.reference),
        order=order_sheet(gathered, viewer),
        vials=scanning(
            order, gathered.scanned(ScanPurpose.VERIFICATION), ScanPurpose.VERIFICATION, seen_here()
        ),
        form=form,
        is_open=order.status is OrderStatus.LABELLED,
        why_not=with_days_in_words(refusal.reason) if refusal else "",
        reason_due=exception_due(order, Act.VERIFY, the_actor(), gathered.standing) or "",
    )


def seen_here() -> Seen:
    """How vials are looked at in this pharmacy."""
    pharmacy = the_pharmacy()
    return Seen(zone=pharmacy.zone, is_demo=pharmacy.is_demo)


def scan_work(order_id: UUID, code: str, purpose: ScanPurpose) -> Any:
    """Ticking off the vial that bears the code."""
    codes = the_pharmacy().imprint.codes

    def work(session: Session, by: Actor, now: Any) -> None:
        scan_vial(session, Scan(order_id=order_id, code=code, purpose=purpose), codes, by=by, now=now)

    return work


def act_work(request: ActRequest) -> Any:
    """That act on the order."""

    def work(session: Session, by: Actor, now: Any) -> None:
        around = Surroundings(reference=reference_of_today(session), imprint=the_pharmacy().imprint)
        act_on_order(session, request, around, by=by, now=now)

    return work
