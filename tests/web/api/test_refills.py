"""What comes after a fill: refills that continue, renewals, a transfer; and what the patient has really done."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection

from pharmacy.domain.orders import Act, OrderStatus
from tests.books import row_counts
from tests.builders import a_plan
from tests.callers import Api
from tests.domain.cases import case
from tests.rows import another_practice
from tests.web.api.answers import pointers, problem
from tests.web.api.courses import Course, course_order
from tests.work import Work

Begin = Callable[..., Course]


def _lines(made: Course, order_id: str) -> list[list[Any]]:
    order = made.work.order(UUID(order_id))
    return [[f"{line.strength_ug / 1000:g}", line.capsules] for line in order.lines]


@pytest.mark.parametrize("worked", [case("TIT-07")], ids=["TIT-07"])
def test_each_refill_continues_the_titration_and_none_repeats_it(course: Begin, worked: Any) -> None:
    made = course(course_order(refills=worked.inputs["refills"]), day=27)
    fills = [[f"{line.strength_ug / 1000:g}", line.capsules] for line in made.work.order(made.order_id).lines]
    found = [{"fill": 0, "items": fills, "days": 30}]

    for number, day in ((1, 27), (2, 58)):
        made.go_to_day(day)
        answer = made.refill()
        assert answer.status_code == 201, answer.text
        order = made.work.order(UUID(answer.get_json()["id"]))
        assert (order.refill_number, order.first_day) == (number, 1 + 30 * number)
        found.append({"fill": number, "items": _lines(made, str(order.id)), "days": order.days})
        made.hand_over(order.id)

    assert found == worked.expected["fills"]
    made.go_to_day(89)
    assert problem(made.refill(), 409)["detail"].startswith("All 2 refills have been used")
    assert "prescription.renew" in {task["kind"] for task in made.staff.get("/tasks").get_json()["tasks"]}


def test_a_refill_before_its_day_is_refused_with_the_day(course: Begin, connection: Connection) -> None:
    made = course(course_order(refills=2))
    before = row_counts(connection)

    # Shipped on 23 November; 24 days later it may be filled again.
    assert problem(made.refill(), 409)["detail"] == "A refill is possible from 2026-12-17."
    assert row_counts(connection) == before


def test_a_refill_asks_everything_again(course: Begin) -> None:
    made = course(course_order(refills=2), day=27)

    asked = made.refill(opioid_last_14_days="unknown", medicines=None).get_json()

    assert asked["status"] == "clarification"
    codes = {finding["code"] for finding in asked["findings"]}
    assert {"C-OPIOID-ANSWER", "C-MEDICINES"} <= codes
    assert "still on its way" in problem(made.refill(), 409)["detail"]


def test_once_a_refill_is_asked_for_nobody_is_told_that_one_is_due(course: Begin) -> None:
    made = course(course_order(refills=2), day=27)
    assert "refill" in {notice.kind.value for notice in made.work.notices(made.order_id)}

    made.refill()

    assert "refill" not in {notice.kind.value for notice in made.work.notices(made.order_id)}


def test_the_rest_of_a_partial_fill_stays_on_the_same_refill(course: Begin) -> None:
    made = course(course_order(refills=1), day=27)

    part = made.work.order(UUID(made.refill(days=10).get_json()["id"]))
    made.hand_over(part.id)
    rest = made.work.order(UUID(made.refill().get_json()["id"]))

    assert [(each.refill_number, each.first_day, each.days) for each in (part, rest)] == [
        (1, 31, 10),
        (1, 41, 20),
    ]


def test_a_cancelled_refill_is_not_used_up(course: Begin) -> None:
    made = course(course_order(refills=1), day=27)
    first = made.refill().get_json()

    made.work.act(UUID(first["id"]), Act.CANCEL, reason="The patient travels.")
    again = made.work.order(UUID(made.refill().get_json()["id"]))

    assert (again.refill_number, again.fill_number, again.first_day) == (1, 2, 31)


def test_a_refill_after_a_step_back_begins_where_the_moved_supply_ends(course: Begin) -> None:
    made = course(course_order(refills=1))
    back = made.adjust({"kind": "step_back", "from_day": 11, "reason": "Insomnia at night."})
    made.hand_over(UUID(back["order_id"]))
    made.go_to_day(38)

    order = made.work.order(UUID(made.refill().get_json()["id"]))

    assert (order.first_day, order.days, order.refill_number) == (41, 30, 1)
    assert _lines(made, str(order.id)) == [["4.5", 30]]


def test_after_the_last_fill_day_a_renewal_is_asked_for_instead(course: Begin) -> None:
    made = course(course_order(refills=2))
    made.go_to_day(400)

    assert "ask for a renewal" in problem(made.refill(), 409)["detail"]
    path = f"/staff/prescriptions/{made.id}/renewals"
    asked = made.staff.post(path, {}, key="ask once")
    assert asked.get_json()["state"] == "asked"
    assert made.staff.post(path, {}, key="ask twice").get_json()["id"] == asked.get_json()["id"]


def _reply(made: Course, **changes: Any) -> Any:
    body = {"answer": "approve", "written_on": "2026-12-20", "refills": 3, "authorization": made.signed()}
    sent = {name: value for name, value in {**body, **changes}.items() if value is not None}
    return made.api.post(f"/prescriptions/{made.id}/renewals", sent)


def test_an_approved_renewal_goes_on_with_the_last_step_alone(course: Begin) -> None:
    made = course(day=28)

    approved = _reply(made)

    assert approved.status_code == 201, approved.text
    assert approved.get_json()["state"] == "approved"
    made.id = UUID(approved.get_json()["renewed_prescription_id"])
    first = made.refill(days=30)
    assert first.status_code == 201, first.text
    assert _lines(made, first.get_json()["id"]) == [["4.5", 30]]
    assert made.work.order(UUID(first.get_json()["id"])).refill_number == 0


def test_a_changed_renewal_brings_its_plan_and_a_denied_one_its_reason(course: Begin) -> None:
    made = course(day=28)

    changed = _reply(made, answer="change", plan=a_plan(("3", None)))
    denied = _reply(made, answer="deny", reason="The patient is to be seen first.")

    assert changed.get_json()["state"] == "changed"
    assert (denied.get_json()["state"], denied.get_json()["renewed_prescription_id"]) == ("denied", None)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"authorization": None}, "/authorization"),
        ({"written_on": None}, "/written_on"),
        ({"written_on": "2027-12-20"}, "/written_on"),
        ({"refills": None}, "/refills"),
        ({"answer": "change"}, "/plan"),
        ({"answer": "deny"}, "/reason"),
        ({"answer": "perhaps"}, "/answer"),
    ],
    ids=str,
)
def test_half_an_answer_is_refused_with_what_it_lacks(
    course: Begin, connection: Connection, changes: dict[str, Any], where: str
) -> None:
    made = course(day=28)
    before = row_counts(connection)

    assert pointers(_reply(made, **changes)) == [where]
    assert row_counts(connection) == before


def test_a_transferred_prescription_is_void_here(course: Begin) -> None:
    made = course(course_order(refills=2), day=27)
    to = {
        "pharmacy": "Other Pharmacy",
        "pharmacist": "Ada Byron",
        "phone": "(555) 010-0100",
        "reason": "Moved away.",
    }

    gone = made.staff.post(f"/prescriptions/{made.id}/transfer", to)

    assert gone.status_code == 200, gone.text
    assert gone.get_json()["refills_transferred"] == 2
    assert gone.get_json()["our_pharmacist"]
    for refused in (
        made.refill(),
        made.ask({"kind": "pause", "days": 2, "reason": "Too late."}),
        made.staff.post(f"/prescriptions/{made.id}/transfer", to),
    ):
        assert "was transferred" in problem(refused, 409)["detail"]
    assert "refill" not in {notice.kind.value for notice in made.work.notices(made.order_id)}


def test_a_late_start_moves_the_calendar_and_every_waiting_notice(course: Begin) -> None:
    made = course(day=4)
    assumed = date.fromisoformat(made.schedule()["start"]["on"])
    late = assumed + timedelta(days=2)

    told = made.staff.post(f"/prescriptions/{made.id}/start", {"started_on": late.isoformat()})

    assert told.get_json()["start_on"] == late.isoformat()
    assert made.schedule()["start"] == {"on": late.isoformat(), "basis": "confirmed"}
    steps = [notice.due_on for notice in made.work.notices(made.order_id) if notice.kind.value == "step"]
    assert steps == [late + timedelta(days=6), late + timedelta(days=13)]


def test_missed_days_move_what_was_due_and_lose_no_dose(course: Begin) -> None:
    made = course(day=12)
    start = date.fromisoformat(made.schedule()["start"]["on"])
    body = {"first_on": (start + timedelta(days=9)).isoformat(), "days": 3}

    found = made.staff.post(f"/prescriptions/{made.id}/missed-days", body)

    assert found.status_code == 200, found.text
    assert (found.get_json()["plan_version"], found.get_json()["supplied_through_day"]) == (2, 33)
    assert [step["last_day"] for step in made.schedule()["steps"]] == [7, 9, 12, 17, 33]
    assert sum(len(day["intakes"]) for day in made.schedule()["days"]) == 30


def test_after_more_than_14_missed_days_a_restart_is_to_be_authorised(course: Begin) -> None:
    made = course(day=27)
    start = date.fromisoformat(made.schedule()["start"]["on"])
    body = {"first_on": (start + timedelta(days=10)).isoformat(), "days": 15}

    found = made.staff.post(f"/prescriptions/{made.id}/missed-days", body)

    assert found.get_json()["is_paused"] is True
    assert "course.restart" in {task["kind"] for task in made.staff.get("/tasks").get_json()["tasks"]}
    late = made.ask({"kind": "resume", "from_day": 27, "reason": "Back again."})
    assert "restarts at step 1" in problem(late, 422)["detail"]


def test_days_to_come_cannot_have_been_missed(course: Begin) -> None:
    made = course(day=12)
    start = date.fromisoformat(made.schedule()["start"]["on"])
    body = {"first_on": (start + timedelta(days=10)).isoformat(), "days": 4}

    assert pointers(made.staff.post(f"/prescriptions/{made.id}/missed-days", body)) == ["/days"]


def test_another_practice_neither_refills_nor_renews(course: Begin, work: Work, api: Api) -> None:
    made = course(course_order(refills=2), day=27)
    with work.sessions.write() as session:
        another_practice(session, "stranger")
    made.api = Api(api.client, key="stranger")

    assert made.refill().status_code == 404
    assert _reply(made).status_code == 404
    assert made.work.order(made.order_id).status is OrderStatus.SHIPPED


def test_a_refill_tells_allergies_and_medicines_with_their_codes_like_a_first_order(course: Begin) -> None:
    made = course(course_order(refills=2), day=27)

    told = made.refill(
        opioid_last_14_days="yes",
        opioid_agent={"text": "methadone", "system": "rxnorm", "code": "6813"},
        opioid_last_dose_on="2026-12-18",
        no_known_allergies=False,
        allergies=[{"text": "E-number capsules", "system": "house", "code": "gelatin"}],
        medicines=[{"text": "Antabuse", "system": "name", "code": "Antabuse"}, "sertraline"],
    ).get_json()

    findings = {finding["code"]: finding["because"] for finding in told["findings"]}
    assert {"S-OPIOID-RECENT", "S-ALLERGY-EXCIPIENT", "S-DISULFIRAM"} <= set(findings)
    order = made.work.order(UUID(told["id"]))
    assert order.answers["medicines"] == ["Antabuse", "sertraline"]
    assert order.answers["opioid_detail"] == "methadone, last dose 2026-12-18"
    assert order.patient.profile["allergies"][-1]["code"] == "gelatin"
    assert order.patient.profile["opioid"]["last_dose_on"] == "2026-12-18"
