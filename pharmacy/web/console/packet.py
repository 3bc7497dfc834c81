"""The room of the inspector's packet: by the number that stands on the vial or the sheet, or by days; signed."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import render_template

from pharmacy.domain.errors import PharmacyError
from pharmacy.store import batches, component_lots, orders
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.inspectors_packet import (
    NothingToPack,
    PacketRequest,
    PacketSubject,
    most_in_packet,
    read_packet,
)
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext
from pharmacy.web.console.presence import the_actor
from pharmacy.web.console.signature import require_signature
from pharmacy.web.console.words import order_number
from pharmacy.web.current import the_pharmacy
from pharmacy.web.errors import status_of
from pharmacy.web.figure_days import days_asked
from pharmacy.web.guards import needs_role
from pharmacy.web.packet_files import PACKET_READERS, PacketForm, packet_answer

_FIELDS = ("subject", "number", "first_on", "last_on", "reason", "form")
_LEAST_REASON = 10


@blueprint.get("/packet")
@needs_role(*PACKET_READERS)
def packet_page() -> Any:
    """What is to be in it, and why."""
    usual = days_asked(None, None).period
    return _page(
        Form.showing(
            {
                "subject": PacketSubject.PRESCRIPTION,
                "form": PacketForm.PDF,
                "first_on": usual.first_on.isoformat(),
                "last_on": usual.last_on.isoformat(),
            }
        )
    )


@blueprint.post("/packet")
@needs_role(*PACKET_READERS)
def make_packet() -> Any:
    """The packet as a file; or the form again, with what it lacks."""
    form = _whole(Form.typed(*_FIELDS))
    if form.is_refused:
        return _page(form), 422
    pharmacy = the_pharmacy()
    try:
        require_signature()
        with told_apart(), pharmacy.sessions.write() as session:
            wanted = _wanted(session, form)
            read_packet(session, wanted, by=the_actor(), now=pharmacy.clock())
        return packet_answer(wanted, PacketForm(form["form"]), by=the_actor())
    except PharmacyError as refusal:
        if isinstance(refusal, NothingToPack):
            refusal.where = ("number",)
        return _page(form.refused(refusal, (*_FIELDS, "signature"))), status_of(refusal)


def _page(form: Form) -> str:
    with told_apart(), the_pharmacy().sessions.read() as session:
        around, most = frame(session, "packet"), most_in_packet(session)
    return render_template(
        "console/packet.html",
        frame=around,
        form=form,
        most=f"{most:,}",
        subjects=[
            (PacketSubject.PRESCRIPTION, gettext("One prescription")),
            (PacketSubject.BATCH, gettext("One batch")),
            (PacketSubject.COMPONENT_LOT, gettext("One component lot")),
            (PacketSubject.DAYS, gettext("The orders of some days")),
        ],
        ways=[
            (PacketForm.PDF, gettext("One PDF, to read")),
            (PacketForm.CSV, gettext("CSV files in a ZIP, to reckon with")),
        ],
    )


def _whole(form: Form) -> Form:
    """The form, with a fault at every field that is due and is not there."""
    if form["subject"] not in set(PacketSubject):
        form = form.at_fault("subject", gettext("Choose what it is about."))
    if form["form"] not in set(PacketForm):
        form = form.at_fault("form", gettext("Choose PDF or CSV."))
    if len(form["reason"]) < _LEAST_REASON:
        form = form.at_fault("reason", gettext("Say in ten letters or more why it is read."))
    if form["subject"] == PacketSubject.DAYS:
        for name in ("first_on", "last_on"):
            if _day(form[name]) is None:
                form = form.at_fault(name, gettext("A day is due here."))
    elif not form["number"]:
        form = form.at_fault("number", gettext("Give the number, as it is printed or scanned."))
    return form


def _wanted(session: Session, form: Form) -> PacketRequest:
    subject = PacketSubject(form["subject"])
    is_of_days = subject is PacketSubject.DAYS
    return PacketRequest(
        subject=subject,
        subject_id=None if is_of_days else _named(session, subject, form["number"]),
        asked=days_asked(_day(form["first_on"]), _day(form["last_on"]))
        if is_of_days
        else days_asked(None, None),
        reason=form["reason"],
    )


def _named(session: Session, subject: PacketSubject, number: str) -> UUID:
    """What bears that number. Raises NothingToPack."""
    found: UUID | None = None
    if subject is PacketSubject.BATCH:
        found = batches.numbered(session, number).id
    elif subject is PacketSubject.COMPONENT_LOT:
        lot = component_lots.lot_numbered(session, number)
        found = None if lot is None else lot.id
    elif (digits := order_number(number)) and (order_id := orders.id_of_number(session, int(digits))):
        found = orders.get(session, order_id).prescription_id
    if found is None:
        raise NothingToPack(subject)
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
