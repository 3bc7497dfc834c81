"""Staff decide about two records: one person, two people, or one person after all not.

Nothing is copied and nothing lost: merged records share a `person_id`, and taking that back leaves each as it
was. A pharmacist decides, with a reason; both records' orders are screened again by what is now known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict, Unfit
from pharmacy.domain.screening import require_reason
from pharmacy.store import audit, patients
from pharmacy.store.base import new_id
from pharmacy.store.patient_links import LinkKind, PatientLink
from pharmacy.store.patients import Patient
from pharmacy.store.tasks import close_about
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.screen_again import ScreenAgain, screen_again
from pharmacy.usecases.submitted_patient import MATCH_TASK

_OUTCOMES = {
    LinkKind.MERGED: "merged with another record",
    LinkKind.TOLD_APART: "told apart from another record",
    LinkKind.UNMERGED: "taken apart again",
}


@dataclass(eq=False)
class OneRecord(Unfit):
    def __str__(self) -> str:
        return "A record is not held against itself."


@dataclass(eq=False)
class AlreadyMerged(Conflict):
    def __str__(self) -> str:
        return "These two records are one person already."


@dataclass(eq=False)
class NotMerged(Conflict):
    def __str__(self) -> str:
        return "These two records are not merged."


@dataclass(frozen=True, slots=True, kw_only=True)
class Linking:
    """What is decided about the two records, and why."""

    patient_id: UUID
    other_id: UUID
    kind: LinkKind
    reason: str
    reference: Reference


def link_patients(session: Session, linking: Linking, *, by: Actor, now: datetime) -> Patient:
    """The decision is on record and in force, and the orders of both are screened by it.

    Raises PatientNotFound, OneRecord, AlreadyMerged, NotMerged, or ReasonTooShort; then nothing is decided.
    """
    if linking.patient_id == linking.other_id:
        raise OneRecord(where=("other_id",))
    require_reason(linking.reason)
    # In the order of their ids, so that two who decide at once wait for one another and never in a circle.
    locked = {
        each: patients.get_for_update(session, each)
        for each in sorted((linking.patient_id, linking.other_id))
    }
    patient, other = locked[linking.patient_id], locked[linking.other_id]
    _decide(patient, other, linking.kind)
    session.add(
        PatientLink(
            id=new_id(),
            patient_id=patient.id,
            other_id=other.id,
            kind=linking.kind,
            decided_by=by.id,
            decided_at=now,
            reason=linking.reason,
        )
    )
    for each in (patient, other):
        each.profile_changed_at = now
        audit.record(session, f"patient.{linking.kind}", each.id, by=by, at=now, reason=linking.reason)
    close_about(session, MATCH_TASK, patient.id, _OUTCOMES[linking.kind], by=by, now=now)
    session.flush()  # Screening reads the records as they are now.
    again = ScreenAgain(patient_ids=frozenset(locked), reference=linking.reference)
    screen_again(session, again, by=by, now=now)
    return patient


def _decide(patient: Patient, other: Patient, kind: LinkKind) -> None:
    """Merged records share a person; taken apart, this one stands alone and the others stay as they are."""
    are_one = patient.person_id is not None and patient.person_id == other.person_id
    match kind:
        case LinkKind.MERGED if are_one:
            raise AlreadyMerged
        case LinkKind.MERGED:
            person_id = other.person_id or patient.person_id or new_id()
            patient.person_id = other.person_id = person_id
        case LinkKind.UNMERGED if not are_one:
            raise NotMerged
        case LinkKind.UNMERGED:
            patient.person_id = None
        case LinkKind.TOLD_APART if are_one:
            raise AlreadyMerged
        case LinkKind.TOLD_APART:
            pass
