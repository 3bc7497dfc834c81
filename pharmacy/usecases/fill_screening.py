"""A fill is screened like a first order: the questions are asked again, and what is known is looked at again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pharmacy.domain.calendar import age_on
from pharmacy.domain.findings import Finding
from pharmacy.domain.screening import Answers, OpioidAnswer, clarifications, screen
from pharmacy.store.prescriptions import Prescription


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """What must be asked first, and what review will look at."""

    questions: tuple[Finding, ...]
    findings: tuple[Finding, ...]


def screen_fill(
    prescription: Prescription,
    answers: Mapping[str, Any],
    today: date,
    *,
    is_on_roster: bool,
    extra: Iterable[Finding] = (),
) -> Screened:
    """The answers of a fill, in the shape of an order's, screened on the pharmacy's `today`."""
    opioid, allergies, medicines = (
        answers.get(name) for name in ("opioid_last_14_days", "allergies", "medicines")
    )
    known = Answers(
        opioid_last_14_days=OpioidAnswer(opioid) if opioid else None,
        allergies=None if allergies is None else tuple(allergies),
        no_known_allergies=bool(answers.get("no_known_allergies")),
        medicines=None if medicines is None else tuple(medicines),
        age=age_on(prescription.patient.birth_on, today),
    )
    questions = clarifications(
        known,
        has_authorisation=prescription.authorization_npi == prescription.prescriber_npi,
        prescriber_on_roster=is_on_roster,
    )
    return Screened(questions=questions, findings=screen(known, extra))
