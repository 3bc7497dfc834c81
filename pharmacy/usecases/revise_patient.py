"""Staff correct what is on record of a patient: address, contact, allergies, medicines, conditions.

An allergy is taken off the record here and nowhere else, by a person and with a reason. Whatever changes what
screening knows has the patient's orders screened again in the same transaction. What a patient agrees to hear is no
correction: see `change_consent`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict, NotAllowed, Unfit
from pharmacy.domain.identity import name_key, phone_key
from pharmacy.domain.orders import HANDED_OVER, Role
from pharmacy.domain.screening import require_reason
from pharmacy.domain.screening.statements import Stated
from pharmacy.store import audit, notices, orders, patients
from pharmacy.store.orders import Order
from pharmacy.store.patients import Patient
from pharmacy.usecases.patient_facts import stated_facts
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.schedule_notices import schedule_notices
from pharmacy.usecases.screen_again import ScreenAgain, screen_again


@dataclass(eq=False)
class PatientChanged(Conflict):
    def __str__(self) -> str:
        return "Somebody has changed this patient since you looked. Look again, then act."


@dataclass(eq=False)
class NothingRevised(Unfit):
    def __str__(self) -> str:
        return "Say what is to be changed."


@dataclass(eq=False)
class AllergyStays(NotAllowed):
    def __str__(self) -> str:
        return "Only a pharmacist takes an allergy off the record."


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What is different from now on. Lists replace those on record; None leaves them as they are."""

    seen_version: int
    reason: str
    reference: Reference
    fields: Mapping[str, str | bool | None] = field(default_factory=dict)
    lists: Mapping[str, tuple[Stated, ...]] = field(default_factory=dict)


def revise_patient(
    session: Session, patient_id: UUID, revision: Revision, *, by: Actor, now: datetime
) -> Patient:
    """The record says what was revised, and the patient's orders are screened by it.

    Raises PatientNotFound, PatientChanged for a stale reading, ReasonTooShort, NothingRevised.
    """
    told_later = _hold_told(session, patient_id, revision)
    patient = patients.get_for_update(session, patient_id)
    if patient.version != revision.seen_version:
        raise PatientChanged
    require_reason(revision.reason)
    _require_pharmacist_to_remove(patient, revision, by)
    changed = sorted(
        {
            *_revise_fields(patient, revision.fields),
            *_revise_lists(patient, revision.lists, now),
        }
    )
    if not changed:
        raise NothingRevised
    audit.record(
        session, "patient.revised", patient.id, by=by, at=now, changed=changed, reason=revision.reason
    )
    session.flush()  # Screening reads the record as it is now.
    if not set(changed).isdisjoint(_SCREENED):
        again = ScreenAgain(patient_ids=frozenset({patient.id}), reference=revision.reference)
        screen_again(session, again, by=by, now=now)
    if "time_zone" in changed:
        # Evenings are the patient's: what waits is due by the new clock.
        for order in told_later:
            schedule_notices(session, order, revision.reference, by=by, now=now)
    return patient


def _hold_told(session: Session, patient_id: UUID, revision: Revision) -> list[Order]:
    """The handed-over orders of which something waits to be told, held before the patient as deliveries hold them."""
    if "time_zone" not in revision.fields:
        return []
    held = [orders.get_for_update(session, each) for each in notices.orders_told_later(session, patient_id)]
    return [order for order in held if order.status in HANDED_OVER]


_PHARMACISTS = frozenset({Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE})
_SCREENED = frozenset({"full_name", "allergies", "medicines", "conditions", "phone", "postal_code"})


def _require_pharmacist_to_remove(patient: Patient, revision: Revision, by: Actor) -> None:
    """Whoever is no pharmacist adds allergies and takes none off: that is a review."""
    if by.role in _PHARMACISTS or "allergies" not in revision.lists:
        return
    kept = {each.text for each in revision.lists["allergies"]}
    if any(each["text"] not in kept for each in patient.profile.get("allergies", ())):
        raise AllergyStays(where=("allergies",))


def _revise_fields(patient: Patient, given: Mapping[str, str | bool | None]) -> set[str]:
    changed = {name for name, value in given.items() if getattr(patient, name) != value}
    for name in changed:
        setattr(patient, name, given[name])
    # By these the record is found when somebody of that name comes by another door.
    patient.name_key, patient.phone_key = name_key(patient.full_name), phone_key(patient.phone)
    return changed


def _revise_lists(patient: Patient, given: Mapping[str, tuple[Stated, ...]], now: datetime) -> set[str]:
    facts: dict[str, Any] = {name: [stated_facts(each) for each in stated] for name, stated in given.items()}
    changed = {name for name, stated in facts.items() if patient.profile.get(name, []) != stated}
    if changed:
        patient.profile = {**patient.profile, **{name: facts[name] for name in changed}}
        patient.profile_changed_at = now
    return changed
