"""Free text becomes a proposal, and nothing more until a pharmacist says so."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection

from pharmacy.domain.orders import Role
from tests.books import row_counts
from tests.builders import a_plan
from tests.callers import StaffApi
from tests.web.api.answers import kind

TEXT = "LDN 1.5mg caps #69 1 qhs x7d, 2 qhs x7d, 3 qhs thereafter"
RANGE = "1.5-4.5 mg as tolerated"
StaffByRole = Callable[[Role], StaffApi]


@pytest.fixture
def pharmacist(staff_api: StaffByRole) -> StaffApi:
    return staff_api(Role.PHARMACIST)


def _proposed(staff: StaffApi, text: str = TEXT) -> dict[str, Any]:
    answer = staff.post("/plan-proposals", {"text": text})
    assert answer.status_code == 201, answer.text
    proposal: dict[str, Any] = answer.get_json()
    return proposal


def test_a_text_is_kept_with_what_was_read_and_orders_nothing(
    pharmacist: StaffApi, connection: Connection
) -> None:
    before = row_counts(connection)

    proposal = _proposed(pharmacist)

    assert [(step["intakes"], step["duration_days"]) for step in proposal["proposed_plan"]] == [
        ([{"time_of_day": "bedtime", "dose_mg": "1.5"}], 7),
        ([{"time_of_day": "bedtime", "dose_mg": "3"}], 7),
        ([{"time_of_day": "bedtime", "dose_mg": "4.5"}], None),
    ]
    assert (proposal["status"], proposal["text"], proposal["accepted_plan"]) == ("proposed", TEXT, None)
    assert proposal["spans"][0] == {"start": 0, "end": 3, "meaning": "the drug, naltrexone"}
    after = row_counts(connection)
    grown = {table for table in after if after[table] != before[table]}
    assert grown == {"plan_proposals", "audit", "audit_unsealed", "staff_answers"}


def test_a_pharmacist_accepts_what_was_read_once(pharmacist: StaffApi) -> None:
    proposal = _proposed(pharmacist)

    accepted = pharmacist.post(f"/plan-proposals/{proposal['id']}/accept", {}).get_json()

    assert accepted["status"] == "accepted"
    assert accepted["accepted_plan"] == proposal["proposed_plan"]
    again = pharmacist.post(f"/plan-proposals/{proposal['id']}/decline", {"reason": "changed my mind"})
    assert kind(again, 409) == "proposal-decided"
    assert pharmacist.get(f"/plan-proposals/{proposal['id']}").get_json() == accepted


def test_what_could_not_be_read_is_accepted_only_as_the_pharmacist_puts_it_right(
    pharmacist: StaffApi,
) -> None:
    proposal = _proposed(pharmacist, RANGE)
    assert proposal["proposed_plan"] is None
    assert [RANGE[each["start"] : each["end"]] for each in proposal["unread"]] == [
        "1.5-4.5 mg",
        "as tolerated",
    ]

    refused = pharmacist.post(f"/plan-proposals/{proposal['id']}/accept", {})
    assert kind(refused, 422) == "no-plan-read"
    assert refused.get_json()["errors"][0]["pointer"] == "/plan"

    right = {"plan": a_plan(("1.5", 14), ("4.5", None))}
    accepted = pharmacist.post(f"/plan-proposals/{proposal['id']}/accept", right).get_json()
    assert [step["duration_days"] for step in accepted["accepted_plan"]] == [14, None]


def test_a_dose_over_the_maximum_is_accepted_by_nobody(pharmacist: StaffApi) -> None:
    proposal = _proposed(pharmacist, "naltrexone 50 mg qhs")

    refused = pharmacist.post(f"/plan-proposals/{proposal['id']}/accept", {})

    assert kind(refused, 422) == "dose-over-maximum"
    assert refused.get_json()["errors"][0]["pointer"] == "/plan/steps/0/dose_mg"


def test_only_pharmacists_decide(staff_api: StaffByRole) -> None:
    technician = staff_api(Role.TECHNICIAN)
    proposal = _proposed(technician)

    for path, body in (("accept", {}), ("decline", {"reason": "not readable"})):
        refused = technician.post(f"/plan-proposals/{proposal['id']}/{path}", body)
        assert kind(refused, 403) == "not-for-this-role"


def test_line_breaks_are_white_space_and_other_control_characters_are_refused(pharmacist: StaffApi) -> None:
    proposal = _proposed(pharmacist, "LDN 4.5mg caps\n1 qhs")

    assert len(proposal["proposed_plan"]) == 1
    assert kind(pharmacist.post("/plan-proposals", {"text": "4.5 mg\u0000qhs"}), 400)
