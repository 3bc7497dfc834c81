"""What an inspector asks for: complaints and adverse events, rooms, cleaning, waste, trainings; read and written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import local_day
from pharmacy.domain.errors import NotFound, Unfit
from pharmacy.domain.orders import Role
from pharmacy.domain.readiness import Competency
from pharmacy.store import orders, staff
from pharmacy.store.quality_logs import IncidentEntryKind, IncidentKind, Severity
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.incident_file import incident_file
from pharmacy.usecases.quality_records import (
    NewCleaning,
    NewEntry,
    NewIncident,
    NewReading,
    follow_up_incident,
    record_cleaning,
    record_incident,
    record_room_reading,
)
from pharmacy.usecases.recognise_scan import ScanKind, recognise_scan
from pharmacy.usecases.record_training import NewTraining, record_training
from pharmacy.usecases.refusals import Of
from pharmacy.usecases.scanned_bench import NothingScanned
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext
from pharmacy.web.console.lists import Pages
from pharmacy.web.console.logs_rows import READS
from pharmacy.web.console.names import named
from pharmacy.web.console.presence import the_member
from pharmacy.web.console.queue import the_viewer
from pharmacy.web.console.stock_rows import BENCH, PHARMACISTS
from pharmacy.web.console.tries import attempt
from pharmacy.web.console.typed import NoDay, a_day, a_day_or_none, a_number, a_text
from pharmacy.web.console.words import in_words, instant_moment, order_number
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_role

_READERS = (
    Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE, Role.SHIPPING, Role.AUDITOR,
)  # fmt: skip
_WRITERS = (Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE, Role.SHIPPING)
# Complaints and adverse events tell of patients.
_FILES = frozenset({Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE, Role.AUDITOR})
_LOGS = ("incidents", "rooms", "cleaning", "waste", "training")
_FIELDS = (
    "kind", "severity", "reported_on", "source", "description", "about", "room", "read_at", "temperature_c",
    "humidity_pct", "remark", "place", "agent", "cleaned_at", "staff_member_id", "competency", "trained_on",
    "expires_on", "method", "wording", "medwatch_number",
)  # fmt: skip


class NoSuchLog(NotFound):
    def __str__(self) -> str:
        return gettext("There is no such log.")


class NotOfTheList(Unfit):
    def __str__(self) -> str:
        return gettext("One of the list is due here.")


@blueprint.get("/stock/logs")
@needs_role(*_READERS)
def logs_page() -> Any:
    """One of the logs, newest first, and the form that writes into it."""
    chosen = request.args.get("log", "rooms")
    return _page(chosen if chosen in _LOGS else "rooms", Form())


@blueprint.post("/stock/logs/<log_name>")
@needs_role(*_WRITERS)
def write_log(log_name: str) -> Any:
    """A line is written; or the log shown with the reason why not."""
    if log_name not in _WRITES:
        raise NoSuchLog
    form = Form.typed(*_FIELDS, longest=2000)
    role = the_viewer().role
    if (log_name == "training" and role not in PHARMACISTS) or (
        log_name != "incidents" and role not in BENCH
    ):
        return _page(log_name, Form(refusal=gettext("This is not for your role."))), 403
    tried = attempt(
        form,
        lambda session, by, now: (_WRITES[log_name](session, form, by, now), True)[1],
        of=Of.LOG,
        about=the_member().id,
    )
    if tried.is_refused:
        return _page(log_name, tried.form), tried.status
    return redirect(url_for("console.logs_page", log=log_name), code=303)


@blueprint.get("/stock/incidents/<uuid:incident_id>")
@needs_role(Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE, Role.AUDITOR)
def incident_page(incident_id: UUID) -> Any:
    """One complaint or adverse event, with all that was found out and done."""
    return _incident(incident_id, Form())


@blueprint.post("/stock/incidents/<uuid:incident_id>")
@needs_role(Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
def follow_up(incident_id: UUID) -> Any:
    """What was found out or done stands beside the incident."""
    form = Form.typed("kind", "wording", "medwatch_number", longest=2000)

    def work(session: Session, by: Actor, now: datetime) -> bool:
        new = NewEntry(
            incident_id=incident_id,
            kind=IncidentEntryKind(_one_of(form, "kind", {each.value for each in IncidentEntryKind})),
            wording=a_text(form, "wording", gettext("What was found out")),
            medwatch_number=form["medwatch_number"] or None,
        )
        follow_up_incident(session, new, by=by, now=now)
        return True

    tried = attempt(form, work, of=Of.LOG, about=incident_id)
    if tried.is_refused:
        return _incident(incident_id, tried.form), tried.status
    return redirect(url_for("console.incident_page", incident_id=incident_id), code=303)


def _page(log: str, form: Form) -> str:
    viewer, pharmacy = the_viewer(), the_pharmacy()
    bookmark = read_bookmark(request.args.get("page") or None) if request.method == "GET" else None
    with told_apart(), pharmacy.sessions.read() as session:
        hidden = log == "incidents" and viewer.role not in _FILES
        rows, following = ([], None) if hidden else READS[log](session, bookmark)
        members = [(str(member.id), member.full_name) for member in staff.at_work(session)]
        around = frame(session, "stock")
    next_page = sign_bookmark(following)
    now = pharmacy.clock().astimezone(pharmacy.zone)
    return render_template(
        "console/logs.html",
        frame=around,
        log=log,
        logs=[(each, _log_words(each)) for each in _LOGS],
        rows=rows,
        pages=Pages(
            next_href=url_for("console.logs_page", log=log, page=next_page) if next_page else "",
            first_href=url_for("console.logs_page", log=log) if bookmark else "",
        ),
        form=form
        if form.values or form.is_refused
        else Form.showing(
            {
                "read_at": now.strftime("%Y-%m-%dT%H:%M"),
                "cleaned_at": now.strftime("%Y-%m-%dT%H:%M"),
                "reported_on": viewer.today.isoformat(),
                "trained_on": viewer.today.isoformat(),
            }
        ),
        may_write=log in _WRITES
        and (
            viewer.role in PHARMACISTS or (viewer.role in BENCH and log != "training") or log == "incidents"
        ),
        members=members,
        kinds=[(each.value, named(each.value)) for each in IncidentKind],
        severities=[(each.value, each.value) for each in Severity],
        competencies=[(each.value, named(each.value)) for each in Competency],
    )


def _log_words(log: str) -> str:
    words: Mapping[str, str] = {
        "incidents": gettext("Complaints and adverse events"),
        "rooms": gettext("Temperature and humidity"),
        "cleaning": gettext("Cleaning"),
        "waste": gettext("Waste and destruction"),
        "training": gettext("Training"),
    }
    return words[log]


def _incident(incident_id: UUID, form: Form) -> str:
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.read() as session:
        told = incident_file(session, incident_id)
        names = staff.names_of(
            session, [told["recorded_by"], *(each.recorded_by for each in told["entries"])]
        )
        around = frame(session, "stock")
    return render_template(
        "console/incident.html",
        frame=around,
        in_words=in_words,
        incident=told,
        recorded=instant_moment(told["recorded_at"], pharmacy.zone),
        by=names[told["recorded_by"]],
        entries=[
            {
                "kind": named(each.kind.value),
                "wording": each.wording,
                "medwatch_number": each.medwatch_number,
                "at": instant_moment(each.recorded_at, pharmacy.zone),
                "by": names[each.recorded_by],
            }
            for each in told["entries"]
        ],
        may_write=the_viewer().role in PHARMACISTS,
        kinds=[(each.value, named(each.value)) for each in IncidentEntryKind],
        form=form,
    )


def _record_incident(session: Session, form: Form, by: Actor, now: datetime) -> Any:
    prescription_id, batch_id, lot_id = _about(session, form["about"])
    new = NewIncident(
        kind=IncidentKind(_one_of(form, "kind", {each.value for each in IncidentKind})),
        severity=Severity(_one_of(form, "severity", {each.value for each in Severity})),
        reported_on=a_day(form, "reported_on", gettext("The day of the report")),
        source=a_text(form, "source", gettext("Who told it")),
        description=a_text(form, "description", gettext("What happened")),
        prescription_id=prescription_id,
        batch_id=batch_id,
        component_lot_id=lot_id,
        today=the_viewer().today,
    )
    return record_incident(session, new, by=by, now=now)


def _about(session: Session, text: str) -> tuple[UUID | None, UUID | None, UUID | None]:
    """The prescription of an order, a batch or a lot, as it was scanned or typed."""
    found = recognise_scan(session, text, the_viewer().today)
    if found is not None and found.kind in {ScanKind.BATCH, ScanKind.TRITURATE}:
        return None, found.id, None
    if found is not None and found.kind is ScanKind.LOT:
        return None, None, found.id
    number = order_number(text)
    order_id = orders.id_of_number(session, int(number)) if number else None
    if order_id is None:
        raise NothingScanned(
            gettext("order, batch or lot"), text or gettext("of no number"), where=("about",)
        )
    return orders.get(session, order_id).prescription_id, None, None


def _record_reading(session: Session, form: Form, by: Actor, now: datetime) -> Any:
    read_at = _instant(form, "read_at", gettext("The time of the reading"))
    new = NewReading(
        room=a_text(form, "room", gettext("The room")),
        read_at=read_at,
        temperature_c=a_number(form, "temperature_c", gettext("The temperature")),
        humidity_pct=a_number(form, "humidity_pct", gettext("The humidity")),
        remark=form["remark"] or None,
        corrects_id=None,
        on=local_day(read_at, the_pharmacy().zone),
    )
    return record_room_reading(session, new, by=by, now=now)


def _record_cleaning(session: Session, form: Form, by: Actor, now: datetime) -> Any:
    new = NewCleaning(
        place=a_text(form, "place", gettext("What was cleaned")),
        agent=a_text(form, "agent", gettext("What it was cleaned with")),
        cleaned_at=_instant(form, "cleaned_at", gettext("The time of the cleaning")),
        remark=form["remark"] or None,
        corrects_id=None,
    )
    return record_cleaning(session, new, by=by, now=now)


def _record_training(session: Session, form: Form, by: Actor, now: datetime) -> Any:
    try:
        member_id = UUID(form["staff_member_id"])
    except ValueError:
        raise NotOfTheList(where=("staff_member_id",)) from None
    new = NewTraining(
        staff_member_id=member_id,
        competency=Competency(_one_of(form, "competency", {each.value for each in Competency})),
        trained_on=a_day(form, "trained_on", gettext("The day of the training")),
        expires_on=a_day_or_none(form, "expires_on", gettext("The last day")),
        method=a_text(form, "method", gettext("How it was assessed")),
        corrects_id=None,
        today=the_viewer().today,
    )
    return record_training(session, new, by=by, now=now)


_WRITES: Mapping[str, Callable[[Session, Form, Actor, datetime], Any]] = {
    "incidents": _record_incident,
    "rooms": _record_reading,
    "cleaning": _record_cleaning,
    "training": _record_training,
}


def _instant(form: Form, name: str, what: str) -> datetime:
    """A time on the pharmacy's clock."""
    try:
        return datetime.fromisoformat(form[name]).replace(tzinfo=the_pharmacy().zone)
    except ValueError:
        raise NoDay(gettext("%(what)s, by day and hour,", what=what), where=(name,)) from None


def _one_of(form: Form, name: str, choices: set[str]) -> str:
    if form[name] not in choices:
        raise NotOfTheList(where=(name,))
    return form[name]
