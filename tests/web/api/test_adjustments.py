"""An adjustment from the first call to the plan in force, as both doors see it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, text

from pharmacy.domain.orders import Act, OrderStatus
from tests.books import MORNING, row_counts
from tests.callers import Api
from tests.rows import another_practice
from tests.web.api.answers import kind, pointers, problem
from tests.web.api.courses import Course, course_order
from tests.work import Work

BACK = {"kind": "step_back", "from_day": 11, "reason": "Insomnia on the third day of 3 mg."}
ENVELOPE = {"most_mg_a_day": "4.5", "least_step_days": 7}


def test_a_step_back_shows_everything_that_it_changes_and_changes_nothing_yet(
    course: Callable[..., Course], connection: Connection
) -> None:
    made = course()
    before = made.schedule()

    asked = made.ask(BACK)

    assert asked.status_code == 201, asked.text
    found = asked.get_json()
    assert (found["state"], found["authority"]) == ("proposed", None)
    difference = found["difference"]
    # TIT-06: 7 of 1.5 mg and 3 of 3 mg are short; 4 of 3 mg and 16 of 4.5 mg at home still serve.
    told = ("strength_mg", "at_home", "still_serve", "surplus", "to_make")
    assert [{name: each[name] for name in told} for each in difference["capsules"]] == [
        {"strength_mg": "1.5", "at_home": 0, "still_serve": 0, "surplus": 0, "to_make": 7},
        {"strength_mg": "3", "at_home": 4, "still_serve": 4, "surplus": 0, "to_make": 3},
        {"strength_mg": "4.5", "at_home": 16, "still_serve": 16, "surplus": 0, "to_make": 0},
    ]
    assert [line["capsules"] for line in difference["to_make"]["lines"]] == [7, 3]
    assert difference["to_make"]["total_usd"] > "0"
    assert (difference["before"]["covered_through_day"], difference["after"]["covered_through_day"]) == (
        30,
        40,
    )
    assert [step["last_day"] for step in difference["after"]["steps"]] == [7, 10, 17, 24, 40]
    assert difference["labels"]["to_come"][0]["directions"] == [
        "Step 3 of 5, days 11 to 17:", "take 1 capsule by mouth at bedtime.",
    ]  # fmt: skip
    assert {each["strength_mg"] for each in difference["labels"]["outdated"]} == {"3", "4.5"}
    assert [each["step"] for each in difference["before"]["notices"] if each["kind"] == "step"] == [2, 3]
    assert [each["step"] for each in difference["after"]["notices"] if each["kind"] == "step"] == [2, 3, 4, 5]
    assert difference["before"]["earliest_refill_on"] < difference["after"]["earliest_refill_on"]
    assert made.schedule() == before


def test_in_force_it_is_a_new_version_an_order_and_other_notices(course: Callable[..., Course]) -> None:
    made = course()
    told_before = {(each.kind, each.step_position, each.due_on) for each in made.work.notices(made.order_id)}

    found = made.adjust(BACK)

    assert (found["state"], found["authority"]) == ("in_force", "prescriber")
    schedule = made.schedule()
    assert schedule["plan_version"] == 2
    assert [step["last_day"] for step in schedule["steps"]] == [7, 10, 17, 24, 40]
    order = made.work.order(UUID(found["order_id"]))
    assert order.status is OrderStatus.RECEIVED
    assert [(line.strength_ug, line.capsules) for line in order.lines] == [(1500, 7), (3000, 3)]
    assert (order.fill_number, order.refill_number, order.first_day) == (1, 0, 11)
    assert sum(line.amount_cents for line in order.price_lines) == order.total_cents
    # Without the capsules of 1.5 mg nothing can be told of step 3: its notice goes with the parcel.
    told = {(each.kind, each.step_position, each.due_on) for each in made.work.notices(made.order_id)}
    assert {step for _, step, _ in told} < {step for _, step, _ in told_before}
    made.work.carry_out()
    assert {label.kind.value for label in made.work.labels(order.id)} == {"proof"}


def test_the_new_fill_goes_the_whole_way_and_its_notices_follow_the_new_plan(
    course: Callable[..., Course],
) -> None:
    made = course()
    order_id = UUID(made.adjust(BACK)["order_id"])
    start = date.fromisoformat(made.schedule()["start"]["on"])

    made.work.carry_out()
    made.work.act(order_id, Act.START_REVIEW)
    made.work.act(order_id, Act.APPROVE, reason="Short batches, checked by hand.")
    for act in (Act.RECORD_PAYMENT, Act.START_COMPOUNDING):
        made.work.act(order_id, act)
    made.work.carry_out()
    for act in (Act.FINISH_LABELLING, Act.VERIFY, Act.SHIP):
        made.work.act(order_id, act)

    told = {each.step_position: each.due_on for each in made.work.notices(order_id) if each.kind == "step"}
    moved = date.fromisoformat(made.schedule()["start"]["on"])
    # The parcel comes two days after the capsules are due, so the days of the plan move with it.
    assert moved == start + timedelta(days=2)
    assert told == {
        3: moved + timedelta(days=9), 4: moved + timedelta(days=16), 5: moved + timedelta(days=23),
    }  # fmt: skip


def test_a_pharmacist_without_an_envelope_records_pause_stop_and_time_of_day_alone(
    course: Callable[..., Course], connection: Connection
) -> None:
    made = course()
    assert made.staff
    before = row_counts(connection)

    refused = made.ask_as_pharmacist(BACK)

    assert problem(refused, 403)["detail"].startswith("The prescription gives no envelope")
    # That it was refused is on record; nothing else has changed.
    on_record = ("audit", "audit_unsealed")
    after = row_counts(connection)
    assert {**after, **dict.fromkeys(on_record)} == {**before, **dict.fromkeys(on_record)}
    paused = made.ask_as_pharmacist({"kind": "pause", "days": 5, "reason": "Surgery on Friday."})
    assert (paused.get_json()["state"], paused.get_json()["authority"]) == ("authorised", "pharmacist")
    assert paused.get_json()["from_day"] == 11
    assert made.accept(paused.get_json()).get_json()["state"] == "in_force"


def test_within_the_envelope_the_prescriber_has_signed_in_advance(course: Callable[..., Course]) -> None:
    made = course(course_order(envelope=ENVELOPE))

    within = made.ask_as_pharmacist(BACK).get_json()

    assert (within["state"], within["authority"]) == ("authorised", "envelope")
    made.staff.post(f"/staff/adjustments/{within['id']}/decline", {"reason": "The patient feels better."})
    outside = made.ask_as_pharmacist({"kind": "skip", "reason": "Wants to go on sooner."}).get_json()
    assert (outside["state"], outside["authority"]) == ("proposed", None)
    signed = made.api.post(f"/adjustments/{outside['id']}/authorize", {"authorization": made.signed()})
    assert (signed.get_json()["state"], signed.get_json()["authority"]) == ("authorised", "prescriber")


def test_nothing_is_accepted_that_nobody_authorised(course: Callable[..., Course]) -> None:
    made = course()
    asked = made.ask(BACK).get_json()

    assert "cannot become" in problem(made.accept(asked), 409)["detail"]
    withdrawn = made.api.post(f"/adjustments/{asked['id']}/withdraw", {"reason": "Not needed any more."})
    assert withdrawn.get_json()["state"] == "withdrawn"
    assert (
        "cannot become"
        in problem(
            made.api.post(f"/adjustments/{asked['id']}/authorize", {"authorization": made.signed()}), 409
        )["detail"]
    )


def test_one_adjustment_is_decided_before_the_next_is_asked_for(course: Callable[..., Course]) -> None:
    made = course()
    made.ask(BACK)

    assert "decide or withdraw" in problem(made.ask(BACK), 409)["detail"]


def test_the_same_request_again_is_answered_as_before(course: Callable[..., Course]) -> None:
    made = course()
    path = f"/prescriptions/{made.id}/adjustments"

    first, again = (made.api.post(path, BACK, key="once") for _ in range(2))

    assert first.get_json() == again.get_json()
    assert again.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"from_day": 9}, "/from_day"),
        ({"kind": "stay", "days": None}, "/days"),
        ({"kind": "move_time_of_day"}, "/time_of_day"),
        ({"kind": "resume"}, "/kind"),
        ({"kind": "pause", "days": 15}, "/days"),
        ({"from_day": 0}, "/from_day"),
        ({"kind": "faster"}, "/kind"),
        ({"unknown": 1}, "/unknown"),
        ({"usual_bedtime": "25:00"}, "/usual_bedtime"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_with_its_place_and_nothing_is_written(
    course: Callable[..., Course], connection: Connection, changes: dict[str, Any], where: str
) -> None:
    made = course()
    before = row_counts(connection)
    body = {**BACK, **changes}

    answer = made.ask({name: value for name, value in body.items() if value is not None})

    assert pointers(answer) == [where]
    assert row_counts(connection) == before


def test_a_signature_of_somebody_else_authorises_nothing(course: Callable[..., Course]) -> None:
    made = course()

    answer = made.ask({**BACK, "authorization": made.signed(signer_npi="1245319599")})

    assert pointers(answer) == ["/authorization/signer_npi"]


def test_an_order_that_waits_is_cancelled_and_made_anew_by_the_changed_plan(
    course: Callable[..., Course],
) -> None:
    made = course(day=None, status=OrderStatus.AWAITING_PAYMENT)

    found = made.adjust({"kind": "slower", "days": 14, "from_day": 1, "reason": "A careful start."})

    assert made.work.order(made.order_id).status is OrderStatus.CANCELLED
    assert [each["id"] for each in found["difference"]["orders_replaced"]] == [str(made.order_id)]
    order = made.work.order(UUID(found["order_id"]))
    assert [(line.strength_ug, line.capsules) for line in order.lines] == [(1500, 14), (3000, 14), (4500, 16)]
    assert (order.first_day, order.days, order.refill_number) == (1, 44, 0)
    assert all(label.voided_at is not None for label in made.work.labels(made.order_id))


def test_capsules_that_exist_are_held_and_never_leave_with_the_old_directions(
    course: Callable[..., Course],
) -> None:
    made = course(day=None, status=OrderStatus.LABELLED)

    made.adjust({"kind": "slower", "days": 14, "from_day": 1, "reason": "A careful start."})

    held = made.work.order(made.order_id)
    assert held.status is OrderStatus.ON_HOLD
    with pytest.raises(Exception, match="The plan has changed from day 1"):
        made.work.act(made.order_id, Act.RESUME)
    tasks = made.staff.get("/tasks").get_json()["tasks"]
    assert "order.plan_changed" in {task["kind"] for task in tasks}


def test_labels_of_what_is_held_are_void_with_the_change_and_not_only_when_somebody_prints_them(
    course: Callable[..., Course], connection: Connection
) -> None:
    made = course(day=None, status=OrderStatus.LABELLED)
    living = [label.id for label in made.work.labels(made.order_id) if label.voided_at is None]

    made.adjust({"kind": "slower", "days": 14, "from_day": 1, "reason": "A careful start."})

    labels = {label.id: label for label in made.work.labels(made.order_id)}
    why = "the plan was changed from day 1 (slower): A careful start."
    assert len(living) == 3
    assert {labels[each].void_reason for each in living} == {why}
    assert {labels[each].voided_at for each in living} == {made.clock.now}
    on_record = connection.scalars(
        text("SELECT detail ->> 'reason' FROM audit WHERE action = 'label.voided' AND subject_id = :order"),
        {"order": made.order_id},
    ).all()
    assert on_record.count(why) == len(living)


def test_labels_for_days_before_the_change_stay(course: Callable[..., Course]) -> None:
    made = course(day=None, status=OrderStatus.LABELLED)

    made.adjust({"kind": "pause", "days": 7, "from_day": 31, "reason": "Surgery."})

    assert made.work.order(made.order_id).status is OrderStatus.LABELLED
    assert len([label for label in made.work.labels(made.order_id) if label.voided_at is None]) == 3


def test_several_in_a_row_and_a_pause_that_ends(course: Callable[..., Course]) -> None:
    made = course()

    made.adjust({"kind": "pause", "reason": "A fever."})
    assert made.schedule()["steps"][-1]["last_day"] == 10
    made.go_to_day(13)
    back = made.adjust({"kind": "resume", "from_day": 14, "reason": "The fever is gone."})

    assert back["order_id"] is None
    assert [step["last_day"] for step in made.schedule()["steps"]] == [7, 10, 13, 17, 33]
    assert made.schedule()["plan_version"] == 3


def test_after_more_than_14_days_off_the_way_back_is_a_restart_with_authority(
    course: Callable[..., Course],
) -> None:
    made = course(course_order(envelope=ENVELOPE))
    made.adjust({"kind": "pause", "reason": "A long illness."})
    made.go_to_day(25)

    late = made.ask({"kind": "resume", "from_day": 26, "reason": "Well again."})

    assert "restarts at step 1" in problem(late, 422)["detail"]
    restart = {"kind": "restart", "from_day": 26, "reason": "Well again."}
    asked = made.ask_as_pharmacist(restart).get_json()
    assert asked["state"] == "proposed"
    made.api.post(f"/adjustments/{asked['id']}/withdraw", {"reason": "To be signed at once."})
    found = made.adjust(restart)
    # The capsules of 4.5 mg are all still there, and 4 of 3 mg.
    assert {each["strength_mg"]: each["to_make"] for each in found["difference"]["capsules"]} == {
        "1.5": 7, "3": 3, "4.5": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("bedtime", "last_days", "not_before"),
    [
        (None, [7, 10, 14, 30], "08:00"),
        ("01:30", [7, 10, 11, 15, 31], "08:00"),
        ("23:59", [7, 10, 14, 30], "08:00"),
    ],
)
def test_from_bedtime_to_the_morning_never_two_on_one_date(
    course: Callable[..., Course], bedtime: str | None, last_days: list[int], not_before: str
) -> None:
    made = course()
    body = {"kind": "move_time_of_day", "time_of_day": "morning", "from_day": 11, "reason": "Vivid dreams."}

    asked = made.ask_as_pharmacist(body if bedtime is None else {**body, "usual_bedtime": bedtime})
    found = made.accept(asked.get_json()).get_json()

    assert found["state"] == "in_force"
    assert found["difference"]["first_morning_not_before"] == not_before
    assert [step["last_day"] for step in made.schedule()["steps"]] == last_days
    days = made.schedule()["days"]
    assert all(len(day["intakes"]) <= 1 for day in days)
    assert days[9]["intakes"][0]["time_of_day"] == "bedtime"
    assert days[11]["intakes"][0]["time_of_day"] == "morning"


def test_another_practice_neither_sees_nor_moves_it(
    course: Callable[..., Course], work: Work, api: Api
) -> None:
    made = course()
    asked = made.ask(BACK).get_json()
    with work.sessions.write() as session:
        another_practice(session, "stranger")
    stranger = Api(api.client, key="stranger")

    answers = [
        stranger.post(f"/prescriptions/{made.id}/adjustments", BACK),
        stranger.get(f"/prescriptions/{made.id}/adjustments"),
        *(
            stranger.post(f"/adjustments/{asked['id']}/{act}", {"reason": "Not mine."})
            for act in ("decline", "withdraw")
        ),
        stranger.post(f"/adjustments/{asked['id']}/authorize", {"authorization": made.signed()}),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert (
        made.api.get(f"/prescriptions/{made.id}/adjustments").get_json()["adjustments"][0]["state"]
        == "proposed"
    )


def test_plan_versions_name_author_authority_and_first_day_and_never_change(
    course: Callable[..., Course], connection: Connection
) -> None:
    made = course()
    made.adjust(BACK)

    rows = connection.execute(
        text("SELECT version, authority, first_day, created_by IS NOT NULL FROM plan_versions"
             " WHERE prescription_id = :id ORDER BY version"), {"id": made.id}
    ).all()  # fmt: skip

    assert [tuple(row) for row in rows] == [(1, "prescription", 1, True), (2, "prescriber", 11, True)]
    assert made.clock.now > MORNING
    assert kind(made.ask(BACK), 422) != "shape"
