"""What an inspector asks to see: complaints and adverse events, temperature and humidity, cleaning.

Every row has its person and time and stays as it was written (a trigger refuses the rest): a mistake is corrected
by a row that names it, once, and what is found out later about a complaint is an entry of its own. Waste and
destruction are movements of the stock ledger, calibrations and trainings have their own tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Select, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.errors import NotFound
from pharmacy.store.base import Model, new_id, one_of


class IncidentKind(StrEnum):
    COMPLAINT = "complaint"
    ADVERSE_EVENT = "adverse_event"


class Severity(StrEnum):
    MINOR = "minor"
    MODERATE = "moderate"
    SERIOUS = "serious"


class IncidentEntryKind(StrEnum):
    INVESTIGATION = "investigation"
    PREVENTIVE_ACTION = "preventive_action"
    MEDWATCH = "medwatch"
    CORRECTION = "correction"
    OUTCOME = "outcome"


@dataclass(eq=False)
class IncidentNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such complaint or adverse event."


class Incident(Model):
    """A complaint or an adverse event, about a prescription, a batch, a component lot, or several of them."""

    __tablename__ = "incidents"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[IncidentKind] = mapped_column(one_of(IncidentKind, "kind"))
    severity: Mapped[Severity] = mapped_column(one_of(Severity, "severity"))
    reported_on: Mapped[date]
    source: Mapped[str]
    description: Mapped[str]
    prescription_id: Mapped[UUID | None] = mapped_column(ForeignKey("prescriptions.id"), index=True)
    batch_id: Mapped[UUID | None] = mapped_column(ForeignKey("batches.id"), index=True)
    component_lot_id: Mapped[UUID | None] = mapped_column(ForeignKey("component_lots.id"), index=True)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"))
    __table_args__ = (
        CheckConstraint("num_nonnulls(prescription_id, batch_id, component_lot_id) >= 1", name="about"),
    )


class IncidentEntry(Model):
    """What was found out or done about an incident; an outcome closes it, until an entry after it."""

    __tablename__ = "incident_entries"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    kind: Mapped[IncidentEntryKind] = mapped_column(one_of(IncidentEntryKind, "kind"))
    wording: Mapped[str]
    medwatch_number: Mapped[str | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"))
    __table_args__ = (
        CheckConstraint("(kind = 'medwatch') = (medwatch_number is not null)", name="medwatch_number"),
    )


class RoomReading(Model):
    """Temperature and humidity of one room at one time, with the limits that held then; both ends are within."""

    __tablename__ = "room_readings"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    room: Mapped[str]
    read_on: Mapped[date]
    read_at: Mapped[datetime]
    temperature_c: Mapped[Decimal]
    humidity_pct: Mapped[Decimal]
    least_c: Mapped[Decimal]
    most_c: Mapped[Decimal]
    most_humidity_pct: Mapped[Decimal]
    is_within: Mapped[bool]
    remark: Mapped[str | None]
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("room_readings.id"), unique=True)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"))
    __table_args__ = (
        CheckConstraint("humidity_pct >= 0 and humidity_pct <= 100", name="humidity"),
        CheckConstraint(
            "is_within = (temperature_c >= least_c and temperature_c <= most_c"
            " and humidity_pct <= most_humidity_pct)",
            name="within",
        ),
    )


class Cleaning(Model):
    __tablename__ = "cleanings"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    place: Mapped[str]
    agent: Mapped[str]
    cleaned_at: Mapped[datetime]
    remark: Mapped[str | None]
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("cleanings.id"), unique=True)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"))


def incident(session: Session, incident_id: UUID) -> Incident:
    found = session.get(Incident, incident_id)
    if found is None:
        raise IncidentNotFound
    return found


def entries_of(session: Session, incident_id: UUID) -> Sequence[IncidentEntry]:
    """What was found out and done, oldest first."""
    query = select(IncidentEntry).where(IncidentEntry.incident_id == incident_id)
    return session.scalars(query.order_by(IncidentEntry.id)).all()


def incidents(kind: IncidentKind | None) -> Select[Incident]:
    """Complaints and adverse events, newest first; of one kind where it is named."""
    query = select(Incident)
    if kind is not None:
        query = query.where(Incident.kind == kind)
    return query.order_by(Incident.id.desc())


def room_readings(room: str | None) -> Select[RoomReading]:
    """Readings as they were recorded, newest first; of one room where it is named."""
    query = select(RoomReading)
    if room is not None:
        query = query.where(RoomReading.room == room)
    return query.order_by(RoomReading.id.desc())


def cleanings() -> Select[Cleaning]:
    return select(Cleaning).order_by(Cleaning.id.desc())
