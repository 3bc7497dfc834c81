"""What the pharmacy knows of a patient: the record itself, what staff have merged with it, and what is alike.

A record that may be of the same person counts as if it were until staff have told the two apart: a withdrawal
cannot be taken back, a needless question can. What another practice's record says makes findings that tell
that practice a code and nothing else (`Origin.ELSEWHERE`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.calendar import age_on
from pharmacy.domain.identity import IdentityKeys, name_key, phone_key, zip_code
from pharmacy.domain.screening.statements import Origin, Profile
from pharmacy.store import known_patients, patient_links
from pharmacy.store.known_patients import KnownPatient
from pharmacy.store.patient_links import PatientLink
from pharmacy.store.patients import Patient
from pharmacy.usecases.patient_facts import from_origin, listed, opioid_of
from pharmacy.usecases.reference import Reference

_LISTS = ("allergies", "medicines", "conditions")


def known_profile(
    session: Session,
    patient: Patient,
    reference: Reference,
    *,
    prescription_id: UUID | None = None,
) -> Profile:
    """All that is known of the patient; orders of that prescription are no duplicates of one another."""
    found = known_patients.around(
        session, patient, keys_of(patient), prescription_id=prescription_id, on=reference.on
    )
    possible = _undecided(patient, found.alike, patient_links.about(session, patient.id))
    others = (*found.merged, *possible)
    duplicates = (*(Origin.RECORD for _ in found.running), *duplicates_of(others, patient.practice_id))
    return Profile(
        on=reference.on,
        age=age_on(patient.birth_on, reference.on),
        formula=reference.formula,
        duplicate_orders=duplicates,
        possible_matches=len(possible),
        **statements(patient.profile, others, patient.practice_id),
    )


def possible_matches(
    session: Session, patient: Patient, decisions: Iterable[PatientLink], *, on: date
) -> tuple[KnownPatient, ...]:
    """The records alike that are neither merged with this one nor, by these decisions about it, told apart from it."""
    return _undecided(patient, known_patients.alike(session, keys_of(patient), on=on), decisions)


def _undecided(
    patient: Patient, alike: Iterable[KnownPatient], decisions: Iterable[PatientLink]
) -> tuple[KnownPatient, ...]:
    apart = patient_links.told_apart(patient.id, decisions)
    return tuple(
        each
        for each in alike
        if each.id != patient.id
        and each.id not in apart
        and (each.person_id is None or each.person_id != patient.person_id)
    )


def keys_of(patient: Any) -> IdentityKeys:
    """What a record, or a patient in a new order, is found by."""
    return IdentityKeys(
        name_key=name_key(patient.full_name),
        birth_on=patient.birth_on,
        phone_key=phone_key(patient.phone),
        zip_code=zip_code(patient.postal_code),
    )


def statements(
    own: Mapping[str, Any], others: Iterable[KnownPatient], practice_id: UUID
) -> dict[str, tuple[Any, ...]]:
    """Opioids, allergies, medicines and conditions, from the record itself and from the others."""
    known: dict[str, tuple[Any, ...]] = {name: listed(own, name, Origin.ORDER) for name in _LISTS}
    known["opioids"] = (opioid_of(own.get("opioid") or {}, Origin.ORDER),)
    for each in others:
        origin = _origin_of(each, practice_id)
        for name in _LISTS:
            known[name] += from_origin(listed(each.profile, name, origin), origin)
        known["opioids"] += (opioid_of(each.profile.get("opioid") or {}, origin),)
    return known


def duplicates_of(others: Iterable[KnownPatient], practice_id: UUID) -> tuple[Origin, ...]:
    """Where each order for the same days stands that these records have."""
    return tuple(_origin_of(each, practice_id) for each in others for _ in each.orders)


def _origin_of(known: KnownPatient, practice_id: UUID) -> Origin:
    return Origin.RECORD if known.practice_id == practice_id else Origin.ELSEWHERE
