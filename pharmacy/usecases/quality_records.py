"""What is written into the logs an inspector asks for: complaints, adverse events, rooms, cleaning.

Nothing here is ever changed: a correction is a row that names the one it takes the place of. A serious adverse
event and a room beyond its limits leave a task for a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import NotFound, Unfit
from pharmacy.store import audit, quality_logs
from pharmacy.store.base import new_id
from pharmacy.store.batches import Batch
from pharmacy.store.corrections import require_correctable
from pharmacy.store.prescriptions import Prescription
from pharmacy.store.quality_logs import (
    Cleaning,
    Incident,
    IncidentEntry,
    IncidentEntryKind,
    IncidentKind,
    RoomReading,
    Severity,
)
from pharmacy.store.reference import ComponentLot, settings_in_force
from pharmacy.store.tasks import NewTask, close_about, open_task

REPORT = "incident.report"


@dataclass(eq=False)
class AboutNothing(Unfit):
    def __str__(self) -> str:
        return "A complaint or adverse event names a prescription, a batch or a component lot."


@dataclass(eq=False)
class SubjectNotFound(NotFound):
    what: str

    def __str__(self) -> str:
        return f"There is no such {self.what}."


@dataclass(eq=False)
class NotYet(Unfit):
    def __str__(self) -> str:
        return "What is to come is not recorded."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIncident:
    """What was reported, by whom and about what; at least one of the three is named."""

    kind: IncidentKind
    severity: Severity
    reported_on: date
    source: str
    description: str
    prescription_id: UUID | None
    batch_id: UUID | None
    component_lot_id: UUID | None
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """What was found out or done about an incident."""

    incident_id: UUID
    kind: IncidentEntryKind
    wording: str
    medwatch_number: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReading:
    room: str
    read_at: datetime
    temperature_c: Decimal
    humidity_pct: Decimal
    remark: str | None
    corrects_id: UUID | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCleaning:
    place: str
    agent: str
    cleaned_at: datetime
    remark: str | None
    corrects_id: UUID | None


def record_incident(session: Session, new: NewIncident, *, by: Actor, now: datetime) -> Incident:
    """The complaint or adverse event is on record; a serious adverse event is to be reported by a day.

    Raises AboutNothing, SubjectNotFound and NotYet.
    """
    if new.reported_on > new.today:
        raise NotYet(where=("reported_on",))
    _require_subjects(session, new)
    row = Incident(
        id=new_id(),
        kind=new.kind,
        severity=new.severity,
        reported_on=new.reported_on,
        source=new.source,
        description=new.description,
        prescription_id=new.prescription_id,
        batch_id=new.batch_id,
        component_lot_id=new.component_lot_id,
        recorded_at=now,
        recorded_by=by.id,
    )
    session.add(row)
    audit.record(session, f"{new.kind}.recorded", row.id, by=by, at=now, severity=new.severity.value)
    if new.kind is IncidentKind.ADVERSE_EVENT and new.severity is Severity.SERIOUS:
        days = settings_in_force(session)["serious_event_days"]
        report = NewTask(
            kind=REPORT,
            subject_id=row.id,
            wording="A serious adverse event: report it (form FDA 3500) and enter the MedWatch number.",
            due_on=new.reported_on + timedelta(days=days),
        )
        open_task(session, report, by=by, now=now)
    return row


def follow_up_incident(session: Session, new: NewEntry, *, by: Actor, now: datetime) -> IncidentEntry:
    """What was found out is on record beside the incident; a MedWatch number closes the task to report it.

    Raises IncidentNotFound, and Unfit for a MedWatch entry without its number or a number elsewhere.
    """
    quality_logs.incident(session, new.incident_id)
    if (new.kind is IncidentEntryKind.MEDWATCH) != (new.medwatch_number is not None):
        raise MedwatchNumberMisplaced(where=("medwatch_number",))
    row = IncidentEntry(
        id=new_id(),
        incident_id=new.incident_id,
        kind=new.kind,
        wording=new.wording,
        medwatch_number=new.medwatch_number,
        recorded_at=now,
        recorded_by=by.id,
    )
    session.add(row)
    audit.record(session, "incident.followed_up", new.incident_id, by=by, at=now, kind=new.kind.value)
    if new.medwatch_number is not None:
        outcome = f"Reported under {new.medwatch_number}."
        close_about(session, REPORT, new.incident_id, outcome, by=by, now=now)
    return row


@dataclass(eq=False)
class MedwatchNumberMisplaced(Unfit):
    def __str__(self) -> str:
        return "A MedWatch entry, and only that, has a MedWatch number."


def record_room_reading(session: Session, new: NewReading, *, by: Actor, now: datetime) -> RoomReading:
    """The reading is on record with the limits of today; beyond them a task is open.

    Raises NotYet, NothingToCorrect and AlreadyCorrected.
    """
    if new.read_at > now:
        raise NotYet(where=("read_at",))
    require_correctable(session, RoomReading, new.corrects_id)
    everywhere: Mapping[str, Any] = settings_in_force(session)["room_limits"]
    limits = everywhere["rooms"].get(new.room, everywhere)
    least, most = Decimal(limits["least_c"]), Decimal(limits["most_c"])
    most_humidity = Decimal(limits["most_humidity_pct"])
    is_within = least <= new.temperature_c <= most and new.humidity_pct <= most_humidity
    row = RoomReading(
        id=new_id(),
        room=new.room,
        read_on=new.on,
        read_at=new.read_at,
        temperature_c=new.temperature_c,
        humidity_pct=new.humidity_pct,
        least_c=least,
        most_c=most,
        most_humidity_pct=most_humidity,
        is_within=is_within,
        remark=new.remark,
        corrects_id=new.corrects_id,
        recorded_at=now,
        recorded_by=by.id,
    )
    session.add(row)
    audit.record(session, "room.read", row.id, by=by, at=now, room=new.room, within=is_within)
    if not is_within:
        task = NewTask(
            kind="room.excursion",
            subject_id=row.id,
            wording=(
                f"{new.room}: {new.temperature_c} C and {new.humidity_pct} % humidity are beyond the limits of"
                f" {least} to {most} C and {most_humidity} %. Look into it and into what is stored there."
            ),
            due_on=new.on,
        )
        open_task(session, task, by=by, now=now)
    return row


def record_cleaning(session: Session, new: NewCleaning, *, by: Actor, now: datetime) -> Cleaning:
    """The cleaning is on record. Raises NotYet, NothingToCorrect and AlreadyCorrected."""
    if new.cleaned_at > now:
        raise NotYet(where=("cleaned_at",))
    require_correctable(session, Cleaning, new.corrects_id)
    row = Cleaning(
        id=new_id(),
        place=new.place,
        agent=new.agent,
        cleaned_at=new.cleaned_at,
        remark=new.remark,
        corrects_id=new.corrects_id,
        recorded_at=now,
        recorded_by=by.id,
    )
    session.add(row)
    audit.record(session, "place.cleaned", row.id, by=by, at=now, place=new.place)
    return row


def _require_subjects(session: Session, new: NewIncident) -> None:
    named = (
        ("prescription", Prescription, new.prescription_id),
        ("batch", Batch, new.batch_id),
        ("component lot", ComponentLot, new.component_lot_id),
    )
    if all(identifier is None for _, _, identifier in named):
        raise AboutNothing
    for what, record, identifier in named:
        if (
            identifier is not None
            and session.scalar(select(record.id).where(record.id == identifier)) is None
        ):
            raise SubjectNotFound(what)
