"""A member of staff reads what is on record of a patient: the reading is on record too."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.store import audit, patients
from pharmacy.store.patients import Patient


def read_patient(session: Session, patient_id: UUID, *, by: Actor, now: datetime) -> Patient:
    """The whole record; PatientNotFound otherwise. Who read it and when is in the audit trail."""
    patient = patients.get(session, patient_id)
    audit.record(session, "patient.read", patient.id, by=by, at=now)
    return patient


def patient_seen(session: Session, patient_id: UUID, *, by: Actor, now: datetime) -> None:
    """The reading of a record that came with its order is in the audit trail."""
    audit.record(session, "patient.read", patient_id, by=by, at=now)


def patients_listed(session: Session, patient_ids: Iterable[UUID], *, by: Actor, now: datetime) -> None:
    """Who was seen in a list is on record, one entry for each."""
    for patient_id in patient_ids:
        audit.record(session, "patient.listed", patient_id, by=by, at=now)
