"""Adjusting in the console: the whole difference before anything is recorded, then the record, then acceptance."""

from uuid import UUID

from sqlalchemy import Connection
from werkzeug.test import TestResponse

from pharmacy.domain.orders import OrderStatus
from pharmacy.store import adjustments, prescriptions
from pharmacy.usecases.open_demo import DEMO_PASSWORD
from tests.books import row_counts
from tests.web.console.pages import Console, words
from tests.work import Work

MORNING = {
    "kind": "move_time_of_day", "time_of_day": "morning", "usual_bedtime": "22:30",
    "reason": "Vivid dreams every night since day 8.",
}  # fmt: skip
BACK = {"kind": "step_back", "from_day": "11", "reason": "Insomnia on the third day of 3 mg."}
BY_WORD = {"signed_kind": "verbal", "signed_at": "2026-11-23T09:30", "signed_agent": "Nurse Lee"}


def ask(console: Console, prescription_id: UUID, step: str, **typed: str) -> TestResponse:
    path = f"/prescriptions/{prescription_id}/adjust"
    return console.client.post(f"/console{path}", data={**console.hidden(path), "step": step, **typed})


def decide(console: Console, work: Work, prescription_id: UUID, act: str, **typed: str) -> TestResponse:
    with work.sessions.read() as session:
        newest = adjustments.of_prescription(session, prescription_id)[0]
    return console.post(f"/adjustments/{newest.id}/{act}", **typed)


def shipped(work: Work) -> UUID:
    return work.order(work.bring_to(OrderStatus.SHIPPED)).prescription_id


def test_after_vivid_dreams_the_dose_moves_to_the_morning_once_the_difference_was_seen(
    work: Work, paul: Console, connection: Connection
) -> None:
    prescription_id = shipped(work)
    before = row_counts(connection)

    shown = ask(paul, prescription_id, "preview", **MORNING)

    page = words(shown)
    assert shown.status_code == 200
    assert "Nothing is recorded yet." in page
    assert "4.5 mg at bedtime" in page
    assert "4.5 mg in the morning" in page
    assert "Nothing is to be made, and nothing is charged." in page
    assert "Vivid dreams every night since day 8.</textarea>" in shown.text
    # That the patient was looked at is on record, and nothing else.
    changed = {name for name, count in row_counts(connection).items() if count != before[name]}
    assert changed <= {"audit", "audit_unsealed"}

    assert ask(paul, prescription_id, "record", **MORNING).status_code == 303
    assert "To be accepted" in words(paul.get(f"/prescriptions/{prescription_id}/adjust"))
    unsigned = decide(paul, work, prescription_id, "accept")
    assert unsigned.status_code == 422
    assert "Sign with your password." in words(unsigned)
    assert decide(paul, work, prescription_id, "accept", signature=DEMO_PASSWORD).status_code == 303
    with work.sessions.read() as session:
        assert prescriptions.get(session, prescription_id).plan_versions[-1].version == 2
    assert "In force Move the time of day, in the morning" in words(
        paul.get(f"/prescriptions/{prescription_id}/adjust")
    )


def test_a_step_back_needs_the_prescribers_word_which_a_pharmacist_may_write_down(
    work: Work, paul: Console
) -> None:
    prescription_id = shipped(work)
    refused = ask(paul, prescription_id, "preview", **BACK)
    assert refused.status_code == 403
    assert "gives no envelope" in words(refused)

    shown = ask(paul, prescription_id, "preview", **BACK, **BY_WORD)

    page = words(shown)
    assert "authorised by the prescriber" in page
    assert "To make" in page
    assert "Total" in page
    assert ask(paul, prescription_id, "record", **BACK, **BY_WORD).status_code == 303
    assert (
        decide(paul, work, prescription_id, "decline", reason="The patient feels better.").status_code == 303
    )
    assert "Declined Step back to the dose before, from day 11" in words(
        paul.get(f"/prescriptions/{prescription_id}/adjust")
    )


def test_what_cannot_be_read_is_said_at_its_field_and_stays(work: Work, paul: Console) -> None:
    prescription_id = shipped(work)

    answer = ask(paul, prescription_id, "record", kind="stay", days="some", from_day="0", reason="")

    assert answer.status_code == 422
    for name in ("days", "from_day", "reason"):
        assert f'id="{name}-fault"' in answer.text
    assert 'value="some"' in answer.text
    unsaid = ask(paul, prescription_id, "preview", **BACK, signed_kind="verbal")
    assert "Say on which day, and when, the prescriber authorised it." in words(unsaid)
