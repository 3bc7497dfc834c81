"""A fill is screened like a first order: the questions are asked again, and what is known is looked at again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pharmacy.domain.calendar import age_on
from pharmacy.domain.findings import Finding
from pharmacy.domain.screening import Answers, OpioidAnswer, clarifications, screen, with_plan_findings
from pharmacy.domain.screening.statements import Profile
from pharmacy.store.prescriptions import Prescription
from pharmacy.usecases.known_profile import statements
from pharmacy.usecases.patient_facts import profile_with
from pharmacy.usecases.reference import Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """What must be asked first, and what review will look at."""

    questions: tuple[Finding, ...]
    findings: tuple[Finding, ...]


def screen_fill(
    prescription: Prescription,
    answers: Mapping[str, Any],
    reference: Reference,
    *,
    is_on_roster: bool,
    extra: Iterable[Finding] = (),
) -> Screened:
    """The answers of a fill, in the shape of an order's, and what is on record of the patient, screened today.

    The order that comes of it is screened again by everything the pharmacy knows (`file_fill`).
    """
    rules = reference.screening.rules
    found = screen(_profile(prescription, answers, reference), None, rules)
    questions = questions_of(prescription, answers, is_on_roster=is_on_roster)
    return Screened(questions=questions, findings=with_plan_findings(found, extra, rules))


def questions_of(
    prescription: Prescription, answers: Mapping[str, Any], *, is_on_roster: bool
) -> tuple[Finding, ...]:
    """What those answers leave open, in the shape of an order's."""
    opioid, allergies, medicines = (
        answers.get(name) for name in ("opioid_last_14_days", "allergies", "medicines")
    )
    known = Answers(
        opioid_last_14_days=OpioidAnswer(opioid) if opioid else None,
        allergies=None if allergies is None else tuple(allergies),
        no_known_allergies=bool(answers.get("no_known_allergies")),
        medicines=None if medicines is None else tuple(medicines),
    )
    return clarifications(
        known,
        has_authorisation=prescription.authorization_npi == prescription.prescriber_npi,
        prescriber_on_roster=is_on_roster,
    )


def _profile(prescription: Prescription, answers: Mapping[str, Any], reference: Reference) -> Profile:
    """What the record will know of the patient once the fill is filed."""
    patient = prescription.patient
    known = statements(profile_with(patient.profile, answers), (), patient.practice_id)
    return Profile(
        on=reference.on,
        age=age_on(patient.birth_on, reference.on),
        formula=reference.formula,
        opioids=known["opioids"],
        allergies=known["allergies"],
        medicines=known["medicines"],
        conditions=known["conditions"],
    )
