"""Batch plans at the API: worked out from the queue, explained, kept, accepted."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, select, text
from werkzeug.test import TestResponse

from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.store import audit
from pharmacy.store import batch_plans as books
from pharmacy.store.base import new_id
from pharmacy.store.batches import Batch, BatchStatus
from pharmacy.usecases.planning_inputs import hash_of
from tests.benching import bench_api
from tests.books import Clock, row_counts
from tests.callers import StaffApi
from tests.web.api.answers import kind, pointers
from tests.work import Work

StaffByRole = Callable[[Role], StaffApi]
REASON = "A clinic opens on Monday and its first orders are announced."


@pytest.fixture
def tess(staff_api: StaffByRole) -> StaffApi:
    return staff_api(Role.TECHNICIAN)


def planned(staff: StaffApi, **asked: Any) -> dict[str, Any]:
    answer = staff.post("/batch-plans", asked)
    assert answer.status_code == 201, answer.text
    plan: dict[str, Any] = answer.get_json()
    return plan


def test_the_lines_of_two_orders_are_pooled_by_strength(tess: StaffApi, work: Work) -> None:
    for _ in range(2):
        work.bring_to(OrderStatus.QUEUED)

    plan = planned(tess)

    assert [(batch["strength_mg"], batch["capsules"], len(batch["lines"])) for batch in plan["batches"]] == [
        ("1.5", 14, 2), ("3", 14, 2), ("4.5", 32, 2),
    ]  # fmt: skip
    assert (plan["made_batches"], plan["bound"], plan["gap_pct"], plan["queued_lines"]) == (3, 3, "0.00", 6)
    assert all(batch["because"] for batch in plan["batches"])


def test_a_plan_is_kept_and_its_hash_is_that_of_its_inputs(tess: StaffApi, work: Work) -> None:
    work.bring_to(OrderStatus.QUEUED)

    plan = planned(tess)

    assert tess.get(f"/batch-plans/{plan['id']}").get_json() == plan
    assert [each["id"] for each in tess.get("/batch-plans").get_json()["batch_plans"]] == [plan["id"]]
    with work.sessions.read() as session:
        run = books.get(session, UUID(plan["id"]))
        assert hash_of(run.inputs) == run.inputs_sha256 == plan["inputs_sha256"]


def test_the_same_books_give_the_same_plan(tess: StaffApi, work: Work) -> None:
    work.bring_to(OrderStatus.QUEUED)

    first, second = planned(tess), planned(tess)

    same = {"batches", "left_out", "inputs_sha256", "bound", "pools"}
    assert {name: first[name] for name in same} == {name: second[name] for name in same}


def test_planning_makes_nothing(tess: StaffApi, work: Work, connection: Connection) -> None:
    work.bring_to(OrderStatus.QUEUED)
    before = row_counts(connection)

    planned(tess)

    after = row_counts(connection)
    assert {name for name in after if after[name] != before[name]} == {
        "batch_plans",
        "audit",
        "audit_unsealed",
        "staff_answers",
    }


def test_an_accepted_plan_is_batches_and_its_orders_go_on(tess: StaffApi, work: Work) -> None:
    ids = [work.bring_to(OrderStatus.QUEUED) for _ in range(2)]
    plan = planned(tess)

    accepted = tess.post(f"/batch-plans/{plan['id']}/accept")

    assert accepted.status_code == 200, accepted.text
    assert accepted.get_json()["state"] == "accepted"
    with work.sessions.read() as session:
        made = session.scalars(
            select(Batch.capsules_required).where(Batch.status == BatchStatus.PLANNED)
        ).all()
    assert sorted(made) == [14, 14, 32]
    assert {work.order(order_id).status for order_id in ids} == {OrderStatus.COMPOUNDING}
    assert planned(tess)["queued_lines"] == 0
    assert kind(tess.post(f"/batch-plans/{plan['id']}/accept"), 409) == "plan-accepted"


def test_a_plan_of_another_queue_is_not_accepted(tess: StaffApi, work: Work, connection: Connection) -> None:
    order_id = work.bring_to(OrderStatus.QUEUED)
    plan = planned(tess)
    work.act(order_id, Act.HOLD, reason="The patient asked to wait a week.")
    before = row_counts(connection)

    assert kind(tess.post(f"/batch-plans/{plan['id']}/accept"), 409) == "plan-outdated"

    assert row_counts(connection)["batches"] == before["batches"]


def test_yesterday_s_plan_is_not_accepted(
    tess: StaffApi, work: Work, clock: Clock, staff_api: StaffByRole
) -> None:
    work.bring_to(OrderStatus.QUEUED)
    plan = planned(tess)
    clock.now += timedelta(days=1)

    assert kind(staff_api(Role.TECHNICIAN).post(f"/batch-plans/{plan['id']}/accept"), 409) == "plan-outdated"


def test_what_planned_batches_will_take_is_not_planned_again(tess: StaffApi, work: Work) -> None:
    work.bring_to(OrderStatus.QUEUED)
    first = planned(tess)
    tess.post(f"/batch-plans/{first['id']}/accept")
    work.bring_to(OrderStatus.QUEUED)

    second = planned(tess)

    with work.sessions.read() as session:
        before, after = (books.get(session, UUID(plan["id"])).inputs["stock"] for plan in (first, second))
    taken = {lot["number"]: lot["on_hand_ug"] for lot in before}
    drawn: dict[str, int] = {}
    for draw in (draw for batch in first["batches"] for draw in batch["draws"]):
        drawn[draw["number"]] = drawn.get(draw["number"], 0) + int(Decimal(draw["mass_mg"]) * 1000)
    assert {
        lot["number"]: taken[lot["number"]] - lot["on_hand_ug"] for lot in after if lot["number"] in drawn
    } == drawn


@pytest.mark.parametrize("case_id", ["ANT-01"])
def test_capsules_without_a_prescription_are_limited_by_what_was_dispensed(
    tess: StaffApi, work: Work, staff_api: StaffByRole, case_id: str
) -> None:
    work.bring_to(OrderStatus.SHIPPED)  # 16 capsules of 4.5 mg are all that was ever dispensed.
    seventeen = {"ahead": [{"strength_mg": "4.5", "capsules": 17}]}

    within = planned(tess, ahead=[{"strength_mg": "4.5", "capsules": 16}])
    beyond = tess.post("/batch-plans", seventeen)
    by_technician = tess.post("/batch-plans", {**seventeen, "override_reason": REASON})
    in_charge = planned(staff_api(Role.PHARMACIST_IN_CHARGE), **seventeen, override_reason=REASON)

    assert within["allowances"][0] | {"asked": 0} == {
        "strength_mg": "4.5", "limit": 16, "on_hand": 0, "may_make": 16, "asked": 0, "reason": None,
    }  # fmt: skip
    assert kind(beyond, 422) == "beyond-anticipation"
    assert pointers(beyond) == ["/ahead"]
    assert kind(by_technician, 403) == "override-not-yours"
    assert in_charge["allowances"][0]["reason"] == REASON
    assert [(batch["ahead"], batch["promised_on"]) for batch in in_charge["batches"]] == [(17, None)]
    assert case_id


def test_queued_lines_are_never_limited(tess: StaffApi, work: Work) -> None:
    work.bring_to(OrderStatus.QUEUED)

    assert planned(tess)["left_out"] == []


def test_a_line_that_the_powder_does_not_reach_is_left_out_with_the_lot_s_name(
    tess: StaffApi, work: Work, connection: Connection
) -> None:
    work.bring_to(OrderStatus.QUEUED)
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    connection.execute(text("UPDATE stock_levels SET on_hand_ug = 1000"))
    connection.execute(text("SET LOCAL session_replication_role = origin"))

    plan = planned(tess)

    assert plan["batches"] == []
    assert {left["cause"] for left in plan["left_out"]} == {"stock"}
    assert all("has 1 mg left" in left["because"] for left in plan["left_out"])


def test_lines_promised_later_wait(tess: StaffApi, work: Work) -> None:
    work.bring_to(OrderStatus.QUEUED)

    plan = planned(tess, promised_through="2026-11-23")

    assert {left["cause"] for left in plan["left_out"]} == {"not_yet_due"}


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"most_batches": 0}, "/most_batches"),
        ({"ahead": [{"strength_mg": 4.5, "capsules": 1}]}, "/ahead/0/strength_mg"),
        ({"ahead": [{"strength_mg": "4.5", "capsules": 1}] * 21}, "/ahead"),
        ({"largest": 5}, "/largest"),
    ],
)
def test_a_plan_that_is_asked_for_out_of_shape_is_refused(
    tess: StaffApi, connection: Connection, asked: dict[str, Any], pointer: str
) -> None:
    before = row_counts(connection)

    assert pointers(tess.post("/batch-plans", asked), 400) == [pointer]

    assert row_counts(connection) == before


def test_a_plan_that_is_not_there_is_not_shown(tess: StaffApi) -> None:
    assert kind(tess.get(f"/batch-plans/{new_id()}"), 404) == "batch-plan-not-found"
    assert kind(tess.post(f"/batch-plans/{new_id()}/accept"), 404) == "batch-plan-not-found"


def test_shipping_plans_no_batches(staff_api: StaffByRole) -> None:
    assert kind(staff_api(Role.SHIPPING).post("/batch-plans", {}), 403) == "not-for-this-role"


def test_what_is_being_made_without_a_prescription_counts_against_the_limit(
    tess: StaffApi, work: Work
) -> None:
    work.bring_to(OrderStatus.SHIPPED)  # 16 capsules of 4.5 mg are all that was ever dispensed.
    sixteen = {"ahead": [{"strength_mg": "4.5", "capsules": 16}]}
    made = tess.post(f"/batch-plans/{planned(tess, **sixteen)['id']}/accept")

    again = tess.post("/batch-plans", sixteen)

    assert made.status_code == 200, made.text
    assert kind(again, 422) == "beyond-anticipation"
    assert "16 lie unreserved" in again.get_json()["detail"]


@pytest.mark.parametrize(("basis", "served"), [("naltrexone_base", 0), ("naltrexone_hydrochloride", 1)])
def test_capsules_on_the_shelf_serve_lines_of_the_same_substance_alone(
    tess: StaffApi, work: Work, staff_api: StaffByRole, basis: str, served: int
) -> None:
    bench = bench_api(staff_api)
    bench.released(bench.plan(capsules={"strength_mg": "4.5", "capsules": 16, "strength_basis": basis}))
    work.bring_to(OrderStatus.QUEUED)

    assert len(planned(tess)["from_shelf"]) == served


def by_hand(person: StaffApi, capsules: int, **more: str) -> TestResponse:
    """A batch of 4.5 mg capsules beside the planner's; the queue of one order needs 16."""
    return person.post("/batches", {"capsules": {"strength_mg": "4.5", "capsules": capsules}, **more})


def test_by_hand_no_more_is_made_than_orders_need_and_the_limit_leaves(tess: StaffApi, work: Work) -> None:
    work.bring_to(OrderStatus.QUEUED)

    more = by_hand(tess, 17)
    needed = by_hand(tess, 16)
    again = by_hand(tess, 16)

    assert (more.status_code, needed.status_code, again.status_code) == (422, 201, 422)
    assert "1 capsules of 4.5 mg without a prescription are more than the 0" in more.get_json()["detail"]
    assert "16 capsules of 4.5 mg without a prescription are more than the 0" in again.get_json()["detail"]


def test_only_the_pharmacist_in_charge_makes_more_by_hand_and_the_reason_is_on_record(
    tess: StaffApi, work: Work, staff_api: StaffByRole
) -> None:
    not_hers = by_hand(tess, 17, override_reason=REASON)
    in_charge = by_hand(staff_api(Role.PHARMACIST_IN_CHARGE), 17, override_reason=REASON)

    assert (not_hers.status_code, in_charge.status_code) == (403, 201)
    with work.sessions.read() as session:
        entries = audit.of_subject(session, UUID(in_charge.get_json()["id"]))
    assert [each.detail.get("reason") for each in entries if each.action == "batch.beyond_limit"] == [REASON]
