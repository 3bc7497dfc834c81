"""By which channel a patient would rather hear, and whether we serve them any more.

Whoever has died or moved away is told nothing: notices that wait are suppressed with that reason when their hour
comes, and a recall becomes a telephone call. Nothing is deleted, so that a mistake can be taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict
from pharmacy.domain.notice_rules import Channel
from pharmacy.domain.screening import require_reason
from pharmacy.store import audit, patients
from pharmacy.store.patients import Patient


@dataclass(eq=False)
class ServiceUnchanged(Conflict):
    is_served: bool

    def __str__(self) -> str:
        return (
            "The patient is served already."
            if self.is_served
            else "The patient is not served any more already."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceChange:
    """Whether the patient is served from now on, and why."""

    patient_id: UUID
    is_served: bool
    reason: str


def prefer_channel(
    session: Session, patient_id: UUID, channel: Channel | None, *, by: Actor, now: datetime
) -> Patient:
    """The patient hears by that channel first; None leaves it to us. Raises PatientNotFound."""
    patient = patients.to_reach(session, patient_id)
    before = patient.preferred_channel
    patient.preferred_channel = channel
    audit.record(session, "channel.preferred", patient.id, by=by, at=now, before=before, channel=channel)
    return patient


def change_service(session: Session, change: ServiceChange, *, by: Actor, now: datetime) -> Patient:
    """The patient is told nothing any more, or is again. Raises PatientNotFound, ReasonTooShort, ServiceUnchanged."""
    require_reason(change.reason)
    patient = patients.to_reach(session, change.patient_id)
    if change.is_served is (patient.inactive_since is None):
        raise ServiceUnchanged(change.is_served)
    if change.is_served:
        patient.inactive_since = patient.inactive_because = None
    else:
        patient.inactive_since, patient.inactive_because = now, change.reason.strip()
    event = "patient.served_again" if change.is_served else "patient.no_longer_served"
    audit.record(session, event, patient.id, by=by, at=now, reason=change.reason.strip())
    return patient
