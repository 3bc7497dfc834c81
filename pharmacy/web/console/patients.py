"""Patients: found by name or birth date, shown with everything that is known, revised, merged and taken apart.

Names are sent in a form and never stand in an address. Whose facts are shown is on record, here as on every page.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for

from pharmacy.domain.errors import NotFound, PharmacyError
from pharmacy.domain.orders import OrderStatus, Role
from pharmacy.store import order_queue, patient_links, staff
from pharmacy.store import patients as books
from pharmacy.store.order_queue import QueueOrder, QueueRequest
from pharmacy.store.pages import page_of
from pharmacy.store.patient_links import LinkKind
from pharmacy.store.patients import Patient
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.known_profile import possible_matches
from pharmacy.usecases.link_patients import Linking, link_patients
from pharmacy.usecases.revise_patient import Revision, revise_patient
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form, given, seen_version
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext
from pharmacy.web.console.order import reference_of_today
from pharmacy.web.console.patient_fields import (
    CONTACT_FIELDS,
    LINK_FIELDS,
    LIST_FIELDS,
    contact_typed,
    lists_typed,
    other_typed,
)
from pharmacy.web.console.patient_shown import (
    LANGUAGE_CHOICES,
    Known,
    patient_row,
    patient_sheet,
)
from pharmacy.web.console.presence import the_actor
from pharmacy.web.console.queue import the_viewer
from pharmacy.web.console.queue_rows import queue_row
from pharmacy.web.console.signature import require_signature
from pharmacy.web.current import the_pharmacy
from pharmacy.web.errors import status_of
from pharmacy.web.guards import needs_role

PHARMACISTS = (Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
READERS = (Role.TECHNICIAN, *PHARMACISTS, Role.SHIPPING, Role.AUDITOR)
KEEPERS = (Role.TECHNICIAN, *PHARMACISTS)
_PER_PAGE = 20
_MOST_ORDERS = 50
_SOUGHT = ("name", "birth_on")
_LINKS: Mapping[str, LinkKind] = {
    "merge": LinkKind.MERGED,
    "unmerge": LinkKind.UNMERGED,
    "tell-apart": LinkKind.TOLD_APART,
}


@blueprint.get("/patients")
@needs_role(*READERS)
def patients_page() -> Any:
    """The newest records, a page of them."""
    return _listing(Form(), request.args.get("page"))


@blueprint.post("/patients")
@needs_role(*READERS)
def find_patients() -> Any:
    """Records of that name, or born on that day."""
    form = Form.typed(*_SOUGHT, longest=100)
    if form["birth_on"] and _day(form["birth_on"]) is None:
        return _listing(form.at_fault("birth_on", gettext("Give a day.")), None), 422
    return _listing(form, given("page") or None)


@blueprint.get("/patients/<uuid:patient_id>")
@needs_role(*READERS)
def patient_page(patient_id: UUID) -> Any:
    """One record, and what belongs to it."""
    return _page(patient_id, {})


@blueprint.post("/patients/<uuid:patient_id>/contact")
@needs_role(*KEEPERS)
def revise_contact(patient_id: UUID) -> Any:
    """Name, address and channels as they are now; or the form again, saying why not."""
    form = Form.typed(*CONTACT_FIELDS, "reason", name="contact")
    return _revised(patient_id, form, lambda session, patient: _contact_revision(session, form, patient))


@blueprint.post("/patients/<uuid:patient_id>/health")
@needs_role(*KEEPERS)
def revise_health(patient_id: UUID) -> Any:
    """What screening knows as it is now; or the form again, saying why not."""
    form = Form.typed(*LIST_FIELDS, "reason", name="health", longest=4000)

    def revision(session: Session, patient: Patient) -> Revision:
        return Revision(
            seen_version=seen_version(),
            reason=form["reason"],
            reference=reference_of_today(session),
            lists=lists_typed(form, patient),
        )

    return _revised(patient_id, form, revision)


@blueprint.post("/patients/<uuid:patient_id>/<deed_name>")
@needs_role(*PHARMACISTS)
def link(patient_id: UUID, deed_name: str) -> Any:
    """Two records are one person, are two people, or are taken apart again."""
    if deed_name not in _LINKS:
        raise books.PatientNotFound
    pharmacy, form = the_pharmacy(), Form.typed(*LINK_FIELDS, name=_form_name(deed_name))
    _require_there(patient_id)
    try:
        other_id = other_typed(form)
        require_signature()
        with told_apart(), pharmacy.sessions.write() as session:
            linking = Linking(
                patient_id=patient_id,
                other_id=other_id,
                kind=_LINKS[deed_name],
                reason=form["reason"],
                reference=reference_of_today(session),
            )
            link_patients(session, linking, by=the_actor(), now=pharmacy.clock())
    except NotFound as nobody:
        shown = form.at_fault("other_id", str(nobody))
        return _page(patient_id, {form.name: shown}), 422
    except PharmacyError as refusal:
        shown = form.refused(refusal, [*LINK_FIELDS, "signature"])
        return _page(patient_id, {form.name: shown}), status_of(refusal)
    return _back(patient_id, "person")


def _contact_revision(session: Session, form: Form, patient: Patient) -> Revision:
    return Revision(
        seen_version=seen_version(),
        reason=form["reason"],
        reference=reference_of_today(session),
        fields=contact_typed(form, patient),
    )


def _revised(patient_id: UUID, form: Form, revision: Any) -> Any:
    pharmacy = the_pharmacy()
    _require_there(patient_id)
    try:
        with told_apart(), pharmacy.sessions.write() as session:
            what = revision(session, books.get(session, patient_id))
            revise_patient(session, patient_id, what, by=the_actor(), now=pharmacy.clock())
    except NotFound:
        raise
    except PharmacyError as refusal:
        return _page(patient_id, {form.name: form.refused(refusal)}), status_of(refusal)
    return _back(patient_id, form.name)


def _form_name(deed_name: str) -> str:
    """Each record that is shown has its form; the other record of one more is typed."""
    return f"{deed_name}-{'' if given('typed') else given('other_id')}"


def _require_there(patient_id: UUID) -> None:
    """Raises PatientNotFound before anything that was typed is looked at."""
    with told_apart(), the_pharmacy().sessions.read() as session:
        books.get(session, patient_id)


def _back(patient_id: UUID, anchor: str) -> Any:
    return redirect(url_for("console.patient_page", patient_id=patient_id, _anchor=anchor), code=303)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _listing(form: Form, page_asked: str | None) -> str:
    viewer = the_viewer()
    bookmark = read_bookmark(page_asked)
    with told_apart(), the_pharmacy().sessions.read() as session:
        query = books.newest_first(form["name"] or None, _day(form["birth_on"]))
        page = page_of(session, query, _PER_PAGE, bookmark)
        around = frame(session, "patients")
    return render_template(
        "console/patients.html",
        frame=around,
        form=form,
        rows=[patient_row(each, viewer.today) for each in page.records],
        next_page=sign_bookmark(page.next_bookmark),
        typed_name=form["name"],
        is_searched=bool(form["name"] or form["birth_on"]),
        is_later_page=bookmark is not None,
    )


def _page(patient_id: UUID, forms: Mapping[str, Form]) -> str:
    viewer = the_viewer()
    with told_apart(), the_pharmacy().sessions.read() as session:
        patient = books.get(session, patient_id)
        known = _known(session, patient)
        rows = [queue_row(each, viewer) for each in _orders_of(session, patient, known)]
        around = frame(session, "patients")
    sheet = patient_sheet(patient, known, viewer)
    return render_template(
        "console/patient.html",
        frame=around,
        patient=sheet,
        orders=rows,
        forms_by_name=forms,
        blank=lambda name, **values: forms.get(name) or Form.showing(values, name=name),
        contact=forms.get("contact") or Form.showing(sheet.contact, name="contact"),
        health=forms.get("health") or Form.showing(sheet.health, name="health"),
        version=seen_version() if {"contact", "health"} & forms.keys() else patient.version,
        languages=LANGUAGE_CHOICES,
        may_revise=viewer.role in KEEPERS,
        may_link=viewer.role in PHARMACISTS,
    )


def _known(session: Session, patient: Patient) -> Known:
    on = the_viewer().today
    decisions = patient_links.about(session, patient.id)
    alike = possible_matches(session, patient, decisions, on=on)
    return Known(
        merged=tuple(books.merged_with(session, patient)),
        possible=tuple(books.of_ids(session, [each.id for each in alike])),
        decisions=tuple(decisions),
        deciders=staff.names_of(session, [each.decided_by for each in decisions]),
        has_sms=the_pharmacy().sms is not None,
        stopped_elsewhere=books.stopped_elsewhere(session, patient),
    )


def _orders_of(session: Session, patient: Patient, known: Known) -> Any:
    """The newest orders of the person, whichever record they were filed under."""
    asked = QueueRequest(
        statuses=frozenset(OrderStatus),
        first=QueueOrder.NEWEST,
        of_patients=frozenset({patient.id, *(each.id for each in known.merged)}),
    )
    return page_of(session, order_queue.queue(asked), _MOST_ORDERS, None).records
