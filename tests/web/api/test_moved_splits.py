"""A fill in parts whose plan changes: it goes on by the new plan, pays its fees once, and loses no day in silence."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, select, update

from pharmacy.domain.orders import Act, OrderStatus
from pharmacy.store.batches import Batch, BatchKind
from pharmacy.store.orders import Order
from tests.builders import a_plan, an_order
from tests.web.api.courses import Course, course_order

Begin = Callable[..., Course]
FEES = {"script_and_vial_fees", "shipping"}


def _shelf_ends(connection: Connection, on: date) -> None:
    """The only triturate may be used until that day."""
    connection.execute(update(Batch).where(Batch.kind == BatchKind.TRITURATE).values(beyond_use_on=on))


def _order(made: Course, order_id: Any) -> dict[str, Any]:
    document: dict[str, Any] = made.api.get(f"/orders/{order_id}").get_json()
    return document


def _kinds(order: dict[str, Any]) -> set[str]:
    return {line["kind"] for line in order["price_lines"]}


def _lines(order: dict[str, Any]) -> list[tuple[str, int]]:
    return [(line["strength_mg"], line["capsules"]) for line in order["lines"]]


def _rest_task(made: Course) -> str:
    tasks = made.staff.get("/tasks").get_json()["tasks"]
    return " ".join(task["wording"] for task in tasks if task["kind"] == "fill.rest")


def test_the_rest_of_a_split_fill_follows_the_plan_that_was_changed_midway(
    course: Begin, connection: Connection
) -> None:
    # Twenty-one days by beyond-use date, of thirty; stepped back on day 11, ten days later everything comes.
    _shelf_ends(connection, date(2026, 12, 20))
    made = course(course_order())
    assert "days 22 to 30" in _rest_task(made)
    _shelf_ends(connection, date(2027, 4, 21))

    back = made.adjust({"kind": "step_back", "from_day": 11, "reason": "Insomnia at 3 mg."})

    assert "days 32 to 40" in _rest_task(made)
    made.hand_over(UUID(back["order_id"]))
    answer = made.refill()
    assert answer.status_code == 201, answer.text
    rest = answer.get_json()
    assert (rest["first_day"], rest["days"], _lines(rest)) == (32, 9, [("4.5", 9)])
    assert not FEES & _kinds(rest)
    assert rest["split_fill"] == _order(made, made.order_id)["split_fill"]
    assert Decimal(rest["total_usd"]) == sum(Decimal(line["amount_usd"]) for line in rest["price_lines"])
    assert _rest_task(made) == ""


def test_a_waiting_part_that_is_made_anew_stays_a_part_and_the_rest_is_as_long_as_before(
    course: Begin,
) -> None:
    made = course(course_order(refills=1), day=27)
    first = made.refill(days=10).get_json()
    made.hand_over(UUID(first["id"]))
    waiting = made.refill(days=5).get_json()

    paused = made.adjust({"kind": "pause", "from_day": 42, "days": 3, "reason": "Surgery."})

    assert made.work.order(UUID(waiting["id"])).status is OrderStatus.CANCELLED
    anew = _order(made, paused["order_id"])
    # The five days of the part and three without a dose; the fees were paid with the first part.
    assert (anew["first_day"], anew["days"], _lines(anew)) == (41, 8, [("4.5", 5)])
    assert anew["split_fill"]["total_usd"] == first["split_fill"]["total_usd"]
    assert not FEES & _kinds(anew)
    assert anew["total_usd"] == paused["difference"]["to_make"]["total_usd"]
    assert "days 49 to 63" in _rest_task(made)
    made.hand_over(UUID(anew["id"]))
    rest = made.refill().get_json()
    assert (rest["first_day"], rest["days"], _lines(rest)) == (49, 15, [("4.5", 15)])
    assert not FEES & _kinds(rest)


def test_missed_days_move_the_rest_and_its_task(course: Begin) -> None:
    made = course(course_order(refills=1), day=27)
    made.hand_over(UUID(made.refill(days=10).get_json()["id"]))
    assert "days 41 to 60" in _rest_task(made)

    late = made.staff.post(f"/prescriptions/{made.id}/missed-days", {"first_on": "2026-12-15", "days": 2})

    assert late.status_code == 200, late.text
    assert "days 43 to 62" in _rest_task(made)
    rest = made.refill().get_json()
    assert (rest["first_day"], rest["days"]) == (43, 20)


def test_a_stopped_course_has_no_rest_to_fill(course: Begin, connection: Connection) -> None:
    _shelf_ends(connection, date(2026, 12, 20))
    made = course(course_order())

    stopped = made.ask_as_pharmacist({"kind": "stop", "from_day": 11, "reason": "The patient wants no more."})
    assert made.accept(stopped.get_json()).status_code == 200

    assert _rest_task(made) == ""


ONCE = [{"time_of_day": "bedtime", "dose_mg": "1"}]
BOTH = [{"time_of_day": "morning", "dose_mg": "1.5"}, {"time_of_day": "bedtime", "dose_mg": "1.5"}]
TWICE = {"steps": [{"intakes": ONCE, "duration_days": 10}, {"intakes": BOTH, "duration_days": None}]}


@pytest.mark.parametrize(
    ("body", "asked", "now", "rest"),
    [
        # Two capsules of 0.5 mg a day, then six: 296 in 56 days, 306 in 61; 300 last for 60 days.
        (
            an_order(plan=TWICE, days=56, supply_option="multiples_of_one_strength"),
            {"kind": "stay", "days": 5, "from_day": 5},
            (60, 300),
            (61, 1, 6),
        ),
        # 104 days of which an order covers 90.
        (
            an_order(plan=a_plan(("1.5", 7), ("3", 7), ("4.5", None)), days=90),
            {"kind": "slower", "days": 14, "from_day": 1},
            (90, 90),
            (91, 14, 14),
        ),
    ],
    ids=["300 capsules", "90 days"],
)
def test_what_one_order_cannot_hold_after_a_change_is_filled_in_parts(
    course: Begin,
    body: dict[str, Any],
    asked: dict[str, Any],
    now: tuple[int, int],
    rest: tuple[int, int, int],
) -> None:
    made = course(body, status=OrderStatus.QUEUED, day=None)

    changed = made.adjust({**asked, "reason": "A sensitive patient."})

    first = _order(made, changed["order_id"])
    assert (first["days"], sum(line["capsules"] for line in first["lines"])) == now
    assert "F-FILL-SPLIT" in {each["code"] for each in changed["difference"]["findings"]}
    assert first["split_fill"]["days"] == now[0] + rest[1]
    made.hand_over(UUID(first["id"]))
    second = made.refill().get_json()
    assert (second["first_day"], second["days"]) == rest[:2]
    assert sum(line["capsules"] for line in second["lines"]) == rest[2]
    assert not FEES & _kinds(second)
    charged = Decimal(first["total_usd"]) + Decimal(second["total_usd"])
    assert (
        f"{charged:.2f}" == first["split_fill"]["total_usd"] == changed["difference"]["to_make"]["total_usd"]
    )


def _alive(made: Course) -> list[Order]:
    with made.work.sessions.read() as session:
        found = session.scalars(
            select(Order.id).where(Order.prescription_id == made.id).order_by(Order.number)
        )
        orders = [made.work.order(each) for each in found]
    return [order for order in orders if order.status is not OrderStatus.CANCELLED]


def _hand_over_waiting(made: Course) -> None:
    for order in _alive(made):
        if order.status is OrderStatus.RECEIVED:
            made.hand_over(order.id)


def test_the_rest_of_a_fill_that_moved_brings_only_what_is_not_at_home(
    course: Begin, connection: Connection
) -> None:
    """Seven of 4.5 mg are at home when the patient steps back; the rest counts them, and ends."""
    _shelf_ends(connection, date(2026, 12, 20))
    made = course(course_order())
    assert _lines(_order(made, made.order_id)) == [("1.5", 7), ("3", 7), ("4.5", 7)]
    waiting = made.refill()
    assert waiting.status_code == 201, waiting.text
    _shelf_ends(connection, date(2026, 12, 22))

    made.adjust({"kind": "step_back", "from_day": 11, "reason": "Insomnia at 3 mg."})
    _shelf_ends(connection, date(2027, 4, 21))
    _hand_over_waiting(made)
    rests = []
    while "days" in _rest_task(made):
        answer = made.refill()
        assert answer.status_code == 201, answer.text
        rests.append(answer.get_json())
        made.hand_over(UUID(rests[-1]["id"]))

    (rest,) = rests
    assert (rest["first_day"], rest["days"], _lines(rest)) == (22, 19, [("3", 3), ("4.5", 9)])
    # One capsule for every day that the plan has come to cover, whichever order brought it.
    assert sum(line.capsules for order in _alive(made) for line in order.lines) == 40
    assert _rest_task(made) == ""


def test_the_rest_of_a_skipped_plan_is_priced_and_made(course: Begin, connection: Connection) -> None:
    _shelf_ends(connection, date(2026, 12, 20))
    plan = a_plan(("1.5", 14), ("3", 14), ("4.5", None))
    made = course(an_order(plan=plan, days=30, supply_option="multiples_of_one_strength"), day=3)
    _shelf_ends(connection, date(2027, 4, 21))
    made.adjust({"kind": "skip", "from_day": 4, "reason": "Wants to go on sooner."})
    _hand_over_waiting(made)

    answer = made.refill()

    assert answer.status_code == 201, answer.text
    rest = answer.get_json()
    # Two days of two capsules and seven of three; a single one that is left makes up no dose.
    assert (rest["first_day"], rest["days"], _lines(rest)) == (16, 9, [("1.5", 25)])
    assert not FEES & _kinds(rest)
    assert Decimal(rest["total_usd"]) == sum(Decimal(line["amount_usd"]) for line in rest["price_lines"])


def test_a_fill_that_a_change_made_longer_than_one_may_be_is_followed_by_one_that_may(course: Begin) -> None:
    plan = a_plan(("1.5", 7), ("3", 7), ("4.5", None))
    made = course(an_order(plan=plan, days=90), status=OrderStatus.QUEUED, day=None)
    made.adjust({"kind": "slower", "days": 14, "from_day": 1, "reason": "A sensitive patient."})
    _hand_over_waiting(made)
    made.hand_over(UUID(made.refill().get_json()["id"]))
    made.go_to_day(102)

    answer = made.refill()

    assert answer.status_code == 201, answer.text
    assert (answer.get_json()["first_day"], answer.get_json()["days"]) == (105, 90)


def test_a_part_that_was_being_made_is_never_supplied_twice(course: Begin) -> None:
    """It is held and cancelled by hand; the order in its place belongs to the same fill and pays no fee again."""
    made = course(course_order(refills=1), day=27)
    made.hand_over(UUID(made.refill(days=10).get_json()["id"]))
    held = UUID(made.refill().get_json()["id"])
    made.work.carry_out()
    made.work.act(held, Act.START_REVIEW)
    made.work.act(held, Act.APPROVE, reason="Checked by hand, in full.", contact="Dr Gray, 14:00")
    for act in (Act.RECORD_PAYMENT, Act.START_COMPOUNDING):
        made.work.act(held, act)

    paused = made.adjust({"kind": "pause", "from_day": 42, "days": 3, "reason": "Surgery."})
    assert made.work.order(held).status is OrderStatus.ON_HOLD
    made.work.act(held, Act.CANCEL, reason="The plan has changed.")
    made.hand_over(UUID(paused["order_id"]))
    made.refill()

    of_the_refill = [order for order in _alive(made) if order.refill_number == 1]
    assert sum(line.capsules for order in of_the_refill for line in order.lines) == 30
    assert not FEES & _kinds(_order(made, paused["order_id"]))
    assert _rest_task(made) == ""
