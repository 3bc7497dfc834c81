"""A pharmacist accepts a change of the plan: what blocks is overridden after a call, whoever knows of it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import inspect, select

from pharmacy.store.base import new_id
from pharmacy.store.patients import Patient
from tests.rows import another_practice
from tests.web.api.answers import pointers
from tests.web.api.courses import Course

Begin = Callable[..., Course]
LIVER_FAILURE = {"conditions": [{"text": "liver failure", "system": "house", "code": "liver_failure"}]}
REASON = "The liver was looked at once more, and it is fine."


def known_here(made: Course) -> None:
    with made.work.sessions.write() as session:
        patient = session.scalars(select(Patient)).one()
        patient.profile = {**patient.profile, **LIVER_FAILURE}


def known_elsewhere(made: Course) -> None:
    """Another practice's record of the same person says so."""
    with made.work.sessions.write() as session:
        patient = session.scalars(select(Patient)).one()
        columns = {column.key: getattr(patient, column.key) for column in inspect(Patient).columns}
        other = another_practice(session, "elsewhere").practice_id
        session.add(Patient(**{**columns, "id": new_id(), "practice_id": other, "profile": LIVER_FAILURE}))


def asked(made: Course, kind: str = "stay") -> dict[str, Any]:
    body = {"kind": kind, "days": 3, "from_day": 11, "reason": "Not well.", "authorization": made.signed()}
    answer = made.ask(body)
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.get_json()
    return document


def accepted(made: Course, adjustment: dict[str, Any], **said: str) -> Any:
    return made.staff.post(f"/adjustments/{adjustment['id']}/accept", said)


def test_what_blocks_is_overridden_at_a_change_of_plan_only_after_a_call(course: Begin) -> None:
    made = course()
    known_here(made)
    adjustment = asked(made)

    alone = accepted(made, adjustment, reason=REASON)
    after = accepted(made, adjustment, reason=REASON, contact="Dr Gray, 23 Nov, 14:05")

    assert pointers(alone) == ["/contact"]
    assert after.get_json()["state"] == "in_force"


def test_a_change_of_plan_is_held_against_what_other_practices_know(course: Begin) -> None:
    made = course()
    known_elsewhere(made)
    adjustment = asked(made)

    alone = accepted(made, adjustment)

    assert pointers(alone) == ["/reason"]
    assert "S-LIVER-ACUTE" in alone.get_json()["detail"]


def test_nobody_calls_the_prescriber_before_a_dose_is_left_out(course: Begin) -> None:
    made = course()
    known_here(made)

    paused = accepted(made, asked(made, "pause"), reason=REASON)

    assert paused.get_json()["state"] == "in_force"


def test_the_fill_that_a_change_makes_unlearns_nothing_that_was_learnt_since(course: Begin) -> None:
    made = course()
    oxycodone = {"text": "oxycodone 5 mg", "system": "rxnorm", "code": "7804"}
    with made.work.sessions.write() as session:
        patient = session.scalars(select(Patient)).one()
        patient.profile = {**patient.profile, "medicines": [oxycodone]}

    changed = accepted(made, asked(made), reason=REASON, contact="Dr Gray, 23 Nov, 14:05")

    assert changed.status_code == 200, changed.text
    filled = made.work.order(UUID(changed.get_json()["order_id"]))
    assert filled.patient.profile["medicines"] == [oxycodone]
    assert "S-OPIOID-CURRENT" in {finding.code for finding in filled.findings}
