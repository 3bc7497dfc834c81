"""The patient of a submission: the row to be filed, what is known for screening, and who it may be.

Every submission files a record of its own. Records that may be of the same person are screened together at
once and put before staff as a task; nothing is merged by a submission.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import age_on
from pharmacy.domain.screening.statements import CodeSystem, Profile, Stated
from pharmacy.store.base import new_id
from pharmacy.store.tasks import NewTask, task_row
from pharmacy.usecases.admission import AnyAdmission
from pharmacy.usecases.commands import Submission
from pharmacy.usecases.known_profile import duplicates_of, keys_of, statements
from pharmacy.usecases.patient_facts import opioid_facts, stated_facts

Row = dict[str, Any]
MATCH_TASK = "patient.match"
_MATCH_WORDING = "This patient may be known already: merge the records, or tell them apart."


def patient_row(submission: Submission, by: Actor, now: datetime) -> Row:
    """The record of the patient as submitted, with what it is found by and what it says for screening."""
    given = {name: getattr(submission.patient, name) for name in submission.patient.__slots__}
    del given["consents"]
    keys = keys_of(submission.patient)
    return {
        "id": new_id(),
        "practice_id": by.practice_id,
        "created_at": now,
        **given,
        "name_key": keys.name_key,
        "phone_key": keys.phone_key,
        "person_id": None,
        "profile": {
            "opioid": opioid_facts(submission.opioid),
            "allergies": [stated_facts(each) for each in submission.allergies or ()],
            "medicines": [stated_facts(each) for each in submission.medicines or ()],
            "conditions": [stated_facts(each) for each in _conditions(submission)],
        },
        "profile_changed_at": now,
        "version": 1,
        # What the medicine is for stands on the label until the patient asks to leave it off.
        "purpose_on_label": True,
    }


def _conditions(submission: Submission) -> tuple[Stated, ...]:
    """What the patient has, as stated and as diagnosed."""
    diagnosed = (
        Stated(text=code, system=CodeSystem.ICD_10_CM, code=code) for code in submission.diagnosis_codes
    )
    return (*submission.conditions, *diagnosed)


def submitted_profile(submission: Submission, patient: Row, admission: AnyAdmission) -> Profile:
    """What is known when the order comes in: what it says, and what records alike say."""
    known, practice_id = admission.knock.known, admission.knock.practice_id
    reference = admission.reference
    return Profile(
        on=reference.on,
        age=age_on(submission.patient.birth_on, reference.on),
        formula=reference.formula,
        duplicate_orders=duplicates_of(known, practice_id),
        possible_matches=len(known),
        **statements(patient["profile"], known, practice_id),
    )


def stated_answers(submission: Submission) -> Row:
    """The answers of the order, as people read them."""
    return {
        "opioid_last_14_days": submission.opioid_last_14_days,
        "opioid_detail": submission.opioid_detail or _opioid_words(submission),
        "allergies": _texts(submission.allergies),
        "no_known_allergies": submission.no_known_allergies,
        "medicines": _texts(submission.medicines),
        "conditions": _texts(submission.conditions),
    }


def _opioid_words(submission: Submission) -> str | None:
    agent, last = submission.opioid_agent, submission.opioid_last_dose_on
    said = [agent.text] if agent is not None else []
    said += [f"last dose {last.isoformat()}"] if last is not None else []
    return ", ".join(said) or None


def _texts(stated: Sequence[Stated] | None) -> list[str] | None:
    return None if stated is None else [each.text for each in stated]


def match_tasks(profile: Profile, order: Row, today: date, *, by: Actor, now: datetime) -> list[Row]:
    """The task to look at records alike, due today; none where there are none."""
    if not profile.possible_matches:
        return []
    match = NewTask(
        kind=MATCH_TASK,
        subject_id=order["patient_id"],
        wording=_MATCH_WORDING,
        due_on=today,
        order_id=order["id"],
        patient_id=order["patient_id"],
        practice_id=order["practice_id"],
    )
    return [task_row(match, by=by, now=now)]
