"""Recalls at the API: opened, drilled, answered, closed; and what is recalled goes nowhere."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.store.base import new_id
from pharmacy.store.batches import Allocation, Batch, BatchKind
from pharmacy.store.orders import OrderLine
from pharmacy.store.reference import ComponentKind, ComponentLot
from pharmacy.usecases.act_on_order import ActNotOpen
from tests.books import row_counts
from tests.callers import StaffApi
from tests.web.api.answers import kind, pointers
from tests.web.api.courses import Course
from tests.work import Work

StaffByRole = Callable[[Role], StaffApi]
REASON = "The maker withdrew the lot: foreign particles."


@pytest.fixture
def pharmacist(staff_api: StaffByRole) -> StaffApi:
    return staff_api(Role.PHARMACIST)


def filler_id(work: Work) -> UUID:
    with work.sessions.read() as session:
        return session.scalars(
            select(ComponentLot.id)
            .where(ComponentLot.kind == ComponentKind.FILLER)
            .order_by(ComponentLot.expires_on)
        ).first()  # type: ignore[return-value]  # The demonstration has one.


def a_recall(work: Work, **changes: Any) -> dict[str, Any]:
    """The lot of filler that every capsule of the demonstration holds."""
    return {"subject": "component_lot", "subject_id": str(filler_id(work)), "reason": REASON, **changes}


def opened(pharmacist: StaffApi, work: Work, **changes: Any) -> dict[str, Any]:
    answer = pharmacist.post("/recalls", a_recall(work, **changes))
    assert answer.status_code == 201, answer.text
    recall: dict[str, Any] = answer.get_json()
    return recall


def test_a_recall_lists_whoever_has_some_of_it_with_what_is_left(pharmacist: StaffApi, work: Work) -> None:
    order_id = work.bring_to(OrderStatus.SHIPPED)

    recall = opened(pharmacist, work)

    (patient,) = recall["patients"]
    assert patient["order_id"] == str(order_id)
    assert (patient["capsules"], patient["capsules_left"], patient["answer"]) == (30, 30, "to_notify")
    assert recall["report"]["capsules_dispensed"] == 30
    assert recall["report"]["patients"] == recall["report"]["practices"] == 1
    assert recall["elapsed_ms"] >= 0


def test_whoever_is_to_be_called_and_told_is_a_task(pharmacist: StaffApi, work: Work) -> None:
    work.bring_to(OrderStatus.SHIPPED)
    work.bring_to(OrderStatus.COMPOUNDING)

    opened(pharmacist, work)

    tasks = pharmacist.get("/tasks").get_json()["tasks"]
    kinds = sorted(task["kind"] for task in tasks if task["kind"].startswith("recall."))
    assert kinds == ["recall.order", "recall.phone", "recall.practice"]
    assert not any("mg" in task["wording"] or "naltrexone" in task["wording"] for task in tasks)


def test_the_practice_s_system_hears_of_it(pharmacist: StaffApi, work: Work, connection: Connection) -> None:
    order_id = work.bring_to(OrderStatus.SHIPPED)

    opened(pharmacist, work)

    heard = connection.execute(
        text("SELECT count(*) FROM events WHERE kind = 'order.recalled' AND order_id = :order"),
        {"order": order_id},
    )
    assert heard.scalar() == 1


def test_lot_and_batches_are_recalled_and_nothing_is_made_of_them(pharmacist: StaffApi, work: Work) -> None:
    work.bring_to(OrderStatus.SHIPPED)

    recall = opened(pharmacist, work)

    trace = pharmacist.get(f"/component-lots/{recall['subject_id']}/trace").get_json()
    assert {batch["status"] for batch in trace["batches"]} == {"recalled"}
    with work.sessions.read() as session:
        assert session.get_one(ComponentLot, UUID(recall["subject_id"])).status == "recalled"


def test_an_order_that_holds_recalled_capsules_does_not_leave(pharmacist: StaffApi, work: Work) -> None:
    order_id = work.bring_to(OrderStatus.VERIFIED)
    opened(pharmacist, work)

    with pytest.raises(ActNotOpen, match="is recalled"):
        work.act(order_id, Act.SHIP)

    assert work.order(order_id).status is OrderStatus.VERIFIED


def test_the_books_themselves_let_no_recalled_capsules_leave(
    pharmacist: StaffApi, work: Work, connection: Connection
) -> None:
    order_id = work.bring_to(OrderStatus.VERIFIED)
    opened(pharmacist, work)

    with pytest.raises(DBAPIError, match="holds capsules of a recalled batch"), connection.begin_nested():
        connection.execute(text("UPDATE orders SET status = 'shipped' WHERE id = :id"), {"id": order_id})


def test_the_books_themselves_promise_and_release_nothing_recalled(
    pharmacist: StaffApi, work: Work, connection: Connection
) -> None:
    order_id = work.bring_to(OrderStatus.COMPOUNDING)
    opened(pharmacist, work)
    with work.sessions.read() as session:
        batch = session.scalars(select(Batch).where(Batch.kind == BatchKind.CAPSULES).limit(1)).one()
        line_id = session.scalars(select(OrderLine.id).where(OrderLine.order_id == order_id).limit(1)).one()
        allocation = session.scalars(select(Allocation).limit(1)).one()

    statements = {
        "INSERT INTO allocations (id, batch_id, order_line_id, capsules, allocated_at, allocated_by)"
        " VALUES (:id, :batch, :line, 1, now(), :id)": {"id": new_id(), "batch": batch.id, "line": line_id},
        "UPDATE allocations SET capsules = 2 WHERE id = :id": {"id": allocation.id},
        "UPDATE batches SET status = 'released' WHERE id = :id": {"id": batch.id},
    }
    for statement, values in statements.items():
        with pytest.raises(DBAPIError), connection.begin_nested():
            connection.execute(text(statement), values)


def test_a_lot_recalled_behind_every_rule_still_keeps_its_triturates_capsules_from_release(
    work: Work, connection: Connection
) -> None:
    work.bring_to(OrderStatus.LABELLED)
    connection.execute(text("UPDATE component_lots SET status = 'recalled' WHERE kind = 'api'"))
    from_triturate = connection.scalar(text("SELECT id FROM batches WHERE triturate_id IS NOT NULL LIMIT 1"))
    # As it was just before its release: everything weighed, checked and counted.
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    connection.execute(text("UPDATE batches SET status = 'qc_passed' WHERE id = :id"), {"id": from_triturate})
    connection.execute(text("SET LOCAL session_replication_role = origin"))

    with pytest.raises(DBAPIError, match="is recalled"), connection.begin_nested():
        connection.execute(
            text("UPDATE batches SET status = 'released' WHERE id = :id"), {"id": from_triturate}
        )


def test_a_drill_answers_the_same_and_changes_nothing(
    pharmacist: StaffApi, work: Work, connection: Connection
) -> None:
    order_id = work.bring_to(OrderStatus.SHIPPED)
    opened_kinds = {"recalls", "audit", "audit_unsealed", "staff_answers"}
    before = row_counts(connection)
    order_before = work.order(order_id).version

    drill = opened(pharmacist, work, drill=True)

    after = row_counts(connection)
    assert {name for name in after if after[name] != before[name]} == opened_kinds
    assert (drill["drill"], drill["patients"], drill["report"]["capsules_left"]) == (True, [], 30)
    assert work.order(order_id).version == order_before
    trace = pharmacist.get(f"/component-lots/{drill['subject_id']}/trace").get_json()
    assert "recalled" not in {batch["status"] for batch in trace["batches"]}
    assert (
        kind(pharmacist.post(f"/recalls/{drill['id']}/close", {"outcome": "Took a second."}), 409)
        == "recall-closed"
    )


def test_a_recall_goes_from_call_to_return_to_its_end(pharmacist: StaffApi, work: Work) -> None:
    order_id = work.bring_to(OrderStatus.SHIPPED)
    recall = opened(pharmacist, work)
    address = f"/recalls/{recall['id']}"
    early = pharmacist.post(f"{address}/close", {"outcome": "All told."})

    def say(answer: str, **more: Any) -> Any:
        body = {"order_id": str(order_id), "answer": answer, "note": "Spoke with the patient.", **more}
        return pharmacist.post(f"{address}/responses", body)

    assert kind(early, 409) == "not-all-reached"
    assert say("notified").get_json()["patients"][0]["answer"] == "notified"
    assert pointers(say("returned")) == ["/capsules_returned"]
    assert pointers(say("returned", capsules_returned=31)) == ["/capsules_returned"]
    assert say("returned", capsules_returned=23).get_json()["patients"][0]["capsules_returned"] == 23
    assert kind(say("notified"), 409) == "no-step-back"
    told = {"practice_id": recall["practices"][0]["practice_id"], "told_whom": "Dr. Example"}
    assert (
        pharmacist.post(f"{address}/practices", told).get_json()["practices"][0]["told_whom"] == "Dr. Example"
    )
    closed = pharmacist.post(
        f"{address}/close", {"outcome": "All told, 23 returned and destroyed."}
    ).get_json()
    assert closed["closed_at"] is not None
    assert pharmacist.get("/tasks").get_json()["tasks"] == []
    assert kind(say("returned", capsules_returned=1), 409) == "recall-closed"


def test_whoever_is_not_reached_stays_on_the_list(pharmacist: StaffApi, work: Work) -> None:
    order_id = work.bring_to(OrderStatus.SHIPPED)
    recall = opened(pharmacist, work)

    body = {"order_id": str(order_id), "answer": "unreachable", "note": "No answer, three times."}
    pharmacist.post(f"/recalls/{recall['id']}/responses", body)

    assert "recall.phone" in {task["kind"] for task in pharmacist.get("/tasks").get_json()["tasks"]}


def test_a_batch_is_recalled_alone(pharmacist: StaffApi, work: Work) -> None:
    work.bring_to(OrderStatus.SHIPPED)
    trace = pharmacist.get(f"/component-lots/{filler_id(work)}/trace").get_json()
    batch_id = next(batch["id"] for batch in trace["batches"] if batch["strength_mg"] == "4.5")

    recall = opened(pharmacist, work, subject="batch", subject_id=batch_id)

    assert recall["report"]["capsules_dispensed"] == 16
    after = pharmacist.get(f"/component-lots/{filler_id(work)}/trace").get_json()["batches"]
    assert [batch["status"] for batch in after if batch["id"] == batch_id] == ["recalled"]
    assert "released" in {batch["status"] for batch in after}


@pytest.mark.parametrize(
    ("changes", "status", "problem"),
    [
        ({"subject_id": "00000000-0000-4000-8000-000000000000"}, 404, "nothing-to-trace"),
        ({"reason": "bad"}, 422, "reason-too-short"),
        ({"subject": "pallet"}, 400, "shape"),
    ],
)
def test_a_recall_that_cannot_be_opened_changes_nothing(
    pharmacist: StaffApi,
    work: Work,
    connection: Connection,
    changes: dict[str, Any],
    status: int,
    problem: str,
) -> None:
    before = row_counts(connection)

    assert kind(pharmacist.post("/recalls", a_recall(work, **changes)), status) == problem

    # That it was refused is on record.
    on_record = {"audit", "audit_unsealed"}
    after = row_counts(connection)
    assert {name for name in after if after[name] != before[name]} <= on_record


def test_a_thing_is_recalled_once(pharmacist: StaffApi, work: Work) -> None:
    opened(pharmacist, work)

    assert kind(pharmacist.post("/recalls", a_recall(work)), 409) == "already-recalled"


def test_the_same_key_opens_one_recall(pharmacist: StaffApi, work: Work) -> None:
    first = pharmacist.post("/recalls", a_recall(work), key="once")
    again = pharmacist.post("/recalls", a_recall(work), key="once")

    assert first.get_json() == again.get_json()
    assert len(pharmacist.get("/recalls").get_json()["recalls"]) == 1


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.SHIPPING])
def test_a_pharmacist_opens_a_recall_and_nobody_else(staff_api: StaffByRole, work: Work, role: Role) -> None:
    assert kind(staff_api(role).post("/recalls", a_recall(work)), 403) == "not-for-this-role"


def test_an_order_is_not_in_a_recall_that_does_not_concern_it(pharmacist: StaffApi, work: Work) -> None:
    recall = opened(pharmacist, work)
    body = {"order_id": str(new_id()), "answer": "notified", "note": "Called."}
    told = {"practice_id": str(new_id()), "told_whom": "Somebody"}

    assert kind(pharmacist.post(f"/recalls/{recall['id']}/responses", body), 404) == "recall-not-found"
    assert kind(pharmacist.post(f"/recalls/{recall['id']}/practices", told), 404) == "recall-not-found"
    assert kind(pharmacist.get(f"/recalls/{new_id()}"), 404) == "recall-not-found"


def test_after_a_step_back_what_is_left_follows_the_plan_in_force(
    course: Callable[..., Course], work: Work
) -> None:
    made = course()
    made.adjust({"kind": "step_back", "from_day": 11, "reason": "Insomnia on the third day of 3 mg."})
    made.go_to_day(15)

    path = f"/component-lots/{filler_id(work)}/trace"
    found = made.staff.get(path).get_json()["holdings"]

    # Since day 11 the plan takes 1.5 mg, of which none is at home: 4 of 3 mg and 16 of 4.5 mg stay where they are.
    mine = {each["strength_mg"]: each for each in found if each["order_id"] == str(made.order_id)}
    assert {strength: each["capsules_left"] for strength, each in mine.items()} == {
        "1.5": 0, "3": 4, "4.5": 16,
    }  # fmt: skip
    assert mine["3"]["plan_day"] == 15


def test_whoever_has_some_of_it_at_home_is_due_a_notice_and_nobody_else(
    pharmacist: StaffApi, work: Work
) -> None:
    at_home, in_house = work.bring_to(OrderStatus.SHIPPED), work.bring_to(OrderStatus.COMPOUNDING)

    opened(pharmacist, work, drill=True)
    drilled = [notice.kind for notice in work.notices(at_home)]
    opened(pharmacist, work)

    assert "recall" not in drilled
    assert [notice.kind for notice in work.notices(at_home)].count("recall") == 1
    assert "recall" not in [notice.kind for notice in work.notices(in_house)]
