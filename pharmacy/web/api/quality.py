"""Trainings, and the logs an inspector asks for: each entry with its person and time, none ever changed."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from pharmacy.domain.calendar import local_day
from pharmacy.domain.orders import Role
from pharmacy.store import quality_logs as books
from pharmacy.store import stock_ledger, training
from pharmacy.store.pages import page_of
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
from pharmacy.usecases.record_training import NewTraining, record_training, trainings_today
from pharmacy.web.api.quality_shapes import (
    CleaningInput,
    CleaningOutput,
    CleaningPage,
    IncidentEntryInput,
    IncidentEntryOutput,
    IncidentFile,
    IncidentInput,
    IncidentOutput,
    IncidentPage,
    IncidentsQuery,
    Paged,
    RoomReadingInput,
    RoomReadingOutput,
    RoomReadingPage,
    RoomReadingsQuery,
    TrainingInput,
    TrainingLog,
    TrainingOutput,
    TrainingsToday,
    WastePage,
)
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_staff
from pharmacy.web.staff_door import staff_answer_once, staff_reading
from pharmacy.web.wording import worded_by

blueprint = Blueprint("quality", __name__, url_prefix="/api/v1", description="Trainings and quality logs")
_PHARMACISTS = (Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
_BENCH = (Role.TECHNICIAN, *_PHARMACISTS)
_COUNTER = (Role.SHIPPING, *_BENCH)
# Complaints and adverse events tell of patients.
_FILES = (*_BENCH, Role.AUDITOR)


@blueprint.get("/trainings")
@needs_staff()
@blueprint.response(200, TrainingsToday)
def trainings() -> Any:
    """Everybody who works here, and whether their training is in force today."""
    with staff_reading() as (session, _):
        return {"members": trainings_today(session, _today())}


@blueprint.get("/staff-members/<uuid:staff_member_id>/trainings")
@needs_staff()
@blueprint.response(200, TrainingLog)
def trainings_of(staff_member_id: UUID) -> Any:
    """The training log of one person, newest first."""
    with staff_reading() as (session, _):
        return {"trainings": training.records_of(session, staff_member_id)}


@blueprint.post("/staff-members/<uuid:staff_member_id>/trainings")
@needs_staff(*_PHARMACISTS)
@blueprint.arguments(TrainingInput())
@blueprint.response(201, TrainingOutput)
def train(asked: dict[str, Any], staff_member_id: UUID) -> Any:
    """Record that somebody was trained; whoever records it has assessed it, and is somebody else."""
    now = the_pharmacy().clock()
    new = NewTraining(
        staff_member_id=staff_member_id,
        expires_on=asked.pop("training_expires_on"),
        today=_today(),
        **asked,
    )
    return staff_answer_once(
        lambda session, actor: _fields(record_training(session, new, by=actor, now=now)),
        worded_by(TrainingOutput()),
    )


@blueprint.get("/incidents")
@needs_staff(*_FILES)
@blueprint.arguments(IncidentsQuery(), location="query")
@blueprint.response(200, IncidentPage)
def incidents(asked: dict[str, Any]) -> Any:
    """Complaints and adverse events, newest first."""
    return _page("incidents", books.incidents(asked["kind"]), asked)


@blueprint.post("/incidents")
@needs_staff(*_COUNTER)
@blueprint.arguments(IncidentInput())
@blueprint.response(201, IncidentOutput)
def report(asked: dict[str, Any]) -> Any:
    """Record a complaint or an adverse event."""
    now = the_pharmacy().clock()
    new = NewIncident(today=_today(), **asked)
    return staff_answer_once(
        lambda session, actor: _fields(record_incident(session, new, by=actor, now=now)),
        worded_by(IncidentOutput()),
    )


@blueprint.get("/incidents/<uuid:incident_id>")
@needs_staff(*_FILES)
@blueprint.response(200, IncidentFile)
def incident(incident_id: UUID) -> Any:
    """One incident with all that was found out and done about it."""
    with staff_reading() as (session, _):
        return incident_file(session, incident_id)


@blueprint.post("/incidents/<uuid:incident_id>/entries")
@needs_staff(*_PHARMACISTS)
@blueprint.arguments(IncidentEntryInput())
@blueprint.response(201, IncidentEntryOutput)
def follow_up(asked: dict[str, Any], incident_id: UUID) -> Any:
    """Record what was found out, done, reported to MedWatch, or how it ended."""
    now = the_pharmacy().clock()
    new = NewEntry(incident_id=incident_id, **asked)
    return staff_answer_once(
        lambda session, actor: _fields(follow_up_incident(session, new, by=actor, now=now)),
        worded_by(IncidentEntryOutput()),
    )


@blueprint.get("/room-readings")
@needs_staff()
@blueprint.arguments(RoomReadingsQuery(), location="query")
@blueprint.response(200, RoomReadingPage)
def readings(asked: dict[str, Any]) -> Any:
    """Temperature and humidity as recorded, newest first."""
    return _page("readings", books.room_readings(asked["room"]), asked)


@blueprint.post("/room-readings")
@needs_staff(*_BENCH)
@blueprint.arguments(RoomReadingInput())
@blueprint.response(201, RoomReadingOutput)
def read(asked: dict[str, Any]) -> Any:
    """Record temperature and humidity of a room; beyond its limits a task is opened."""
    pharmacy = the_pharmacy()
    now = pharmacy.clock()
    new = NewReading(on=local_day(asked["read_at"], pharmacy.zone), **asked)
    return staff_answer_once(
        lambda session, actor: _fields(record_room_reading(session, new, by=actor, now=now)),
        worded_by(RoomReadingOutput()),
    )


@blueprint.get("/cleanings")
@needs_staff()
@blueprint.arguments(Paged(), location="query")
@blueprint.response(200, CleaningPage)
def cleanings(asked: dict[str, Any]) -> Any:
    """Cleanings as recorded, newest first."""
    return _page("cleanings", books.cleanings(), asked)


@blueprint.post("/cleanings")
@needs_staff(*_BENCH)
@blueprint.arguments(CleaningInput())
@blueprint.response(201, CleaningOutput)
def clean(asked: dict[str, Any]) -> Any:
    """Record that a room or a piece of equipment was cleaned."""
    now = the_pharmacy().clock()
    return staff_answer_once(
        lambda session, actor: _fields(record_cleaning(session, NewCleaning(**asked), by=actor, now=now)),
        worded_by(CleaningOutput()),
    )


@blueprint.get("/waste")
@needs_staff()
@blueprint.arguments(Paged(), location="query")
@blueprint.response(200, WastePage)
def waste(asked: dict[str, Any]) -> Any:
    """What was wasted or destroyed of any stock, newest first."""
    return _page("waste", stock_ledger.thrown_away(), asked)


def _page(name: str, query: Any, asked: dict[str, Any]) -> dict[str, Any]:
    bookmark = read_bookmark(asked["page"])
    with staff_reading() as (session, _):
        page = page_of(session, query, asked["limit"], bookmark)
    return {name: page.records, "next_page": sign_bookmark(page.next_bookmark)}


def _today() -> date:
    pharmacy = the_pharmacy()
    return local_day(pharmacy.clock(), pharmacy.zone)


def _fields(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}
