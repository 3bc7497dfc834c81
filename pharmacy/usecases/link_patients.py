"""Staff decide about two records: one person, two people, or one person after all not.

Nothing is copied and nothing lost: merged records share a `person_id`, which follows from the mergers that stand, so
that taking one back leaves every record exactly as it was before it. A pharmacist decides, with a reason; both records'
orders are screened again by what is now known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict, Unfit
from pharmacy.domain.screening import require_reason
from pharmacy.store import audit, patient_links, patients
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


@dataclass(eq=False)
class MergedByAnother(NotMerged):
    def __str__(self) -> str:
        return "These two are one person by way of a third record. Take that one apart."


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
    pair = frozenset({linking.patient_id, linking.other_id})
    standing = _standing(session, pair)
    # In the order of their ids, so that two who decide at once wait for one another and never in a circle.
    locked = {each: patients.get_for_update(session, each) for each in sorted(pair.union(*standing))}
    patient, other = locked[linking.patient_id], locked[linking.other_id]
    # What was decided while we waited counts.
    _settle(locked, _decided(_standing(session, pair), pair, linking.kind, patient, other))
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


def _standing(session: Session, pair: frozenset[UUID]) -> frozenset[frozenset[UUID]]:
    """The mergers that stand among all records that hang together with one of the two."""
    return frozenset().union(*(patient_links.standing_mergers(session, each) for each in pair))


def _decided(
    standing: frozenset[frozenset[UUID]], pair: frozenset[UUID], kind: LinkKind, one: Patient, other: Patient
) -> frozenset[frozenset[UUID]]:
    """The mergers that stand once that is decided. Raises AlreadyMerged and NotMerged."""
    are_one = one.person_id is not None and one.person_id == other.person_id
    match kind:
        case LinkKind.MERGED | LinkKind.TOLD_APART if are_one:
            raise AlreadyMerged
        case LinkKind.UNMERGED if pair not in standing:
            raise MergedByAnother if are_one else NotMerged
        case LinkKind.MERGED:
            return standing | {pair}
        case LinkKind.UNMERGED:
            return standing - {pair}
        case LinkKind.TOLD_APART:
            return standing


def _settle(records: Mapping[UUID, Patient], standing: frozenset[frozenset[UUID]]) -> None:
    """Records that hang together by standing mergers are one person, named by the oldest of them; others by none."""
    for patient_id, record in records.items():
        person = {patient_id}
        while joined := {each for pair in standing if pair & person for each in pair} - person:
            person |= joined
        record.person_id = min(person) if len(person) > 1 else None
