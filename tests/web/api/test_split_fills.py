"""A fill in parts: one script fee and one shipping, parts that sum to the whole, and an answer that says so."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, update

from pharmacy.domain.orders import Act
from pharmacy.domain.pricing import HOUSE_PRICES
from pharmacy.store.batches import Batch, BatchKind
from pharmacy.store.reference import PriceBook
from pharmacy.usecases.price_book import facts_of
from tests.builders import a_supply, an_order
from tests.callers import Api
from tests.web.api.answers import problem
from tests.web.api.courses import OPEN_PLAN, Course, course_order

Begin = Callable[..., Course]


def _charged(*orders: dict[str, Any]) -> Decimal:
    return sum((Decimal(order["total_usd"]) for order in orders), start=Decimal(0))


def _kinds(order: dict[str, Any]) -> set[str]:
    return {line["kind"] for line in order["price_lines"]}


def _shelf_ends(connection: Connection, on: date) -> None:
    """The only triturate may be used until that day."""
    connection.execute(update(Batch).where(Batch.kind == BatchKind.TRITURATE).values(beyond_use_on=on))


def test_the_rest_of_a_partial_fill_is_pro_rata_and_pays_no_second_fee(course: Begin) -> None:
    made = course(course_order(refills=1), day=27)

    first = made.refill(days=10).get_json()
    made.hand_over(UUID(first["id"]))
    second = made.refill(days=5).get_json()
    made.hand_over(UUID(second["id"]))
    rest = made.refill().get_json()

    parts = (first, second, rest)
    assert [(each["first_day"], each["days"]) for each in parts] == [(31, 10), (41, 5), (46, 15)]
    # Thirty capsules of 4.5 mg: what a refill in one piece costs.
    assert {each["split_fill"]["total_usd"] for each in parts} == {"46.45"}
    assert _charged(*parts) == Decimal("46.45")
    assert {"script_and_vial_fees", "shipping"} <= _kinds(first)
    assert not {"script_and_vial_fees", "shipping"} & (_kinds(second) | _kinds(rest))
    assert "10 of 30 days were asked for" in first["split_fill"]["because"]
    assert problem(made.refill(), 409)["detail"].startswith("Rx")


def test_a_part_that_is_cancelled_gives_its_share_back(course: Begin) -> None:
    made = course(course_order(refills=1), day=27)
    first = made.refill(days=10).get_json()
    made.work.act(UUID(first["id"]), Act.CANCEL, reason="The patient travels.")

    whole = made.refill().get_json()

    assert (whole["days"], whole["total_usd"], whole["split_fill"]) == (30, "46.45", None)


def test_a_new_price_book_does_not_touch_the_rest(course: Begin) -> None:
    made = course(course_order(refills=1), day=27)
    first = made.refill(days=10).get_json()
    made.hand_over(UUID(first["id"]))
    dearer = {**facts_of(HOUSE_PRICES), "labour_per_minute": "9.00", "script_fee": "40.00"}
    with made.work.sessions.write() as session:
        session.add(
            PriceBook(
                version="dearer",
                effective_on=date(2026, 12, 1),
                rules=dearer,
                approved_by="Paul",
                created_at=made.clock.now,
            )
        )

    rest = made.refill().get_json()

    assert _charged(first, rest) == Decimal("46.45")


def test_while_a_rest_is_due_a_refill_is_offered_and_no_renewal(course: Begin) -> None:
    made = course(course_order(refills=1), day=27)
    first = made.refill(days=10).get_json()

    made.hand_over(UUID(first["id"]))

    assert "refill" in {notice.kind.value for notice in made.work.notices(UUID(first["id"]))}
    kinds = {task["kind"] for task in made.staff.get("/tasks").get_json()["tasks"]}
    assert "fill.rest" in kinds
    assert "prescription.renew" not in kinds
    made.refill()
    assert "fill.rest" not in {task["kind"] for task in made.staff.get("/tasks").get_json()["tasks"]}


@pytest.mark.parametrize("is_quoted", [False, True], ids=["at the price of the day", "by a quote"])
def test_what_no_batch_carries_to_the_last_dose_is_split_and_the_answer_says_so(
    api: Api, connection: Connection, is_quoted: bool
) -> None:
    # Taken from 30 November on at the latest: twenty-one days end by 20 December.
    own = {"supply_option": "one_strength_per_step"}
    quote = api.post("/quotes", a_supply(plan=OPEN_PLAN, days=30, **own)).get_json() if is_quoted else None
    _shelf_ends(connection, date(2026, 12, 20))
    body = an_order(plan=OPEN_PLAN, days=30, **own, **({"quote_id": quote["id"]} if quote else {}))

    order = api.order(body)

    assert order["days"] == 21
    assert [(line["strength_mg"], line["capsules"]) for line in order["lines"]] == [
        ("1.5", 7),
        ("3", 7),
        ("4.5", 7),
    ]
    assert [batch["covers_last_dose"] for batch in order["batches"]] == [True] * 3
    (told,) = [each for each in order["findings"] if each["code"] == "F-BEYOND-USE-SPLIT"]
    assert "days 1 to 21 now, days 22 to 30 from a later batch" in told["because"]
    whole = order["split_fill"]
    assert (whole["days"], whole["total_usd"]) == (30, "65.45")
    # Twenty-one capsules of thirty pay seven tenths of 31.50 and of the other lines; fees and shipping are whole.
    charged = {line["kind"]: line["amount_usd"] for line in order["price_lines"]}
    assert (charged["labour"], charged["script_and_vial_fees"], charged["shipping"]) == (
        "22.05",
        "16.00",
        "6.95",
    )
    assert api.get(f"/orders/{order['id']}").get_json()["split_fill"] == whole


def test_both_parts_of_what_was_split_by_the_beyond_use_date_cost_the_whole(
    course: Begin, connection: Connection
) -> None:
    _shelf_ends(connection, date(2026, 12, 20))
    made = course(course_order())
    first = made.api.get(f"/orders/{made.order_id}").get_json()
    _shelf_ends(connection, date(2027, 4, 21))

    rest = made.refill().get_json()

    assert (first["days"], rest["first_day"], rest["days"]) == (21, 22, 9)
    assert made.work.order(UUID(rest["id"])).refill_number == 0
    assert _charged(first, rest) == Decimal(first["split_fill"]["total_usd"])


def test_a_simulation_says_that_a_fill_would_be_split(api: Api, connection: Connection) -> None:
    _shelf_ends(connection, date(2026, 12, 20))

    option = api.post("/titrations/simulate", a_supply()).get_json()["options"][0]

    assert [each["code"] for each in option["findings"]] == ["F-BEYOND-USE-SPLIT"]
    assert "for one script fee and one shipping" in option["findings"][0]["because"]


def test_under_a_week_the_whole_fill_waits(api: Api, connection: Connection) -> None:
    _shelf_ends(connection, date(2026, 12, 3))

    order = api.order(an_order())

    assert (order["days"], order["split_fill"]) == (30, None)
    assert "F-BEYOND-USE-TOO-SHORT" in {each["code"] for each in order["findings"]}
