"""A quote binds: the order that cites it is charged exactly that, once, until it expires."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.pricing import HOUSE_PRICES
from pharmacy.store.reference import PriceBook
from pharmacy.usecases.price_book import facts_of
from tests.books import MORNING, Clock, row_counts
from tests.builders import a_plan, a_supply, an_order
from tests.callers import Api
from tests.web.api.answers import kind, pointers, prices


def test_a_quote_is_read_back_as_it_was_given(api: Api) -> None:
    given = api.post("/quotes", a_supply()).get_json()

    read = api.get(f"/quotes/{given['id']}").get_json()

    assert {**read, "other_options": None} == {**given, "other_options": None}
    assert given["expires_at"] == "2026-12-07T15:00:00+00:00"


def test_an_order_is_charged_what_was_quoted_though_prices_have_risen(api: Api, pharmacy: Pharmacy) -> None:
    quote = api.post("/quotes", a_supply()).get_json()
    dearer = {**facts_of(HOUSE_PRICES), "script_fee": "40.00"}
    with pharmacy.sessions.write() as session:
        session.add(
            PriceBook(
                version="dearer",
                effective_on=date(2026, 11, 23),
                rules=dearer,
                approved_by="Paul",
                created_at=MORNING,
            )
        )

    fresh = api.order(an_order())
    cited = api.order(an_order(quote_id=quote["id"]))

    assert Decimal(fresh["total_usd"]) > Decimal("65.45")
    assert cited["total_usd"] == quote["total_usd"] == "65.45"
    assert cited["quote_id"] == quote["id"]
    assert prices(cited) == prices(quote["offer"])
    assert prices(api.get(f"/orders/{cited['id']}").get_json()) == prices(cited)


def test_the_quoted_way_to_supply_is_taken_when_the_order_names_none(api: Api) -> None:
    quote = api.post("/quotes", a_supply(supply_option="multiples_of_one_strength")).get_json()

    order = api.order(an_order(quote_id=quote["id"], supply_option=None))

    assert (order["supply_option"], order["total_usd"]) == ("multiples_of_one_strength", "51.95")


@pytest.mark.parametrize(
    "other",
    [
        {"plan": a_plan(("1.5", 7), ("3", 7), ("4.5", 15))},
        {"plan": a_plan(("1", 7), ("3", 7), ("4.5", 16))},
        {"delivery": "pick_up"},
        {"supply_option": "multiples_of_one_strength"},
        {"days": 20},
    ],
    ids=["days of a step", "dose of a step", "delivery", "option", "days"],
)
def test_a_quote_for_something_else_is_refused(
    api: Api, connection: Connection, other: dict[str, Any]
) -> None:
    quote = api.post("/quotes", a_supply()).get_json()
    filed = row_counts(connection)

    answer = api.post("/orders", an_order(quote_id=quote["id"], **other))

    assert pointers(answer) == ["/quote_id"]
    assert kind(answer, 422) == "quote-is-for-another"
    assert row_counts(connection) == filed


def test_another_strength_basis_is_something_else_too(api: Api) -> None:
    quote = api.post("/quotes", a_supply()).get_json()

    answer = api.post("/orders", an_order(quote_id=quote["id"], strength_basis="naltrexone_base"))

    assert kind(answer, 422) == "quote-is-for-another"


def test_a_quote_binds_until_the_moment_it_expires(api: Api, clock: Clock) -> None:
    quotes = [api.post("/quotes", a_supply()).get_json()["id"] for _ in range(2)]

    clock.now += timedelta(days=14, seconds=-1)
    assert api.post("/orders", an_order(quote_id=quotes[0])).status_code == 201
    clock.now += timedelta(seconds=1)
    answer = api.post("/orders", an_order(quote_id=quotes[1]))

    assert kind(answer, 409) == "quote-expired"
    assert pointers(answer, 409) == ["/quote_id"]


def test_a_quote_serves_one_order(api: Api, connection: Connection) -> None:
    quote = api.post("/quotes", a_supply()).get_json()
    api.order(an_order(quote_id=quote["id"]))
    filed = row_counts(connection)

    answer = api.post("/orders", an_order(quote_id=quote["id"]))

    assert kind(answer, 409) == "quote-already-used"
    assert row_counts(connection) == filed


def test_two_orders_at_once_cannot_both_cite_a_quote(app: Flask, committed: Pharmacy, engine: Engine) -> None:
    app.extensions["pharmacy"] = committed
    quote = Api(app.test_client()).post("/quotes", a_supply(), key="quote").get_json()
    together = Barrier(4)

    def submit(number: int) -> int:
        api = Api(app.test_client())
        together.wait(10)
        return api.post("/orders", an_order(quote_id=quote["id"]), key=f"key {number}").status_code

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(submit, range(4)))

    assert answers == [201, 409, 409, 409]
    with engine.connect() as connection:
        assert row_counts(connection)["orders"] == 1


def test_the_same_order_sent_twice_at_once_is_answered_twice_alike(
    app: Flask, committed: Pharmacy, engine: Engine
) -> None:
    app.extensions["pharmacy"] = committed
    quote = Api(app.test_client()).post("/quotes", a_supply(), key="quote").get_json()
    together = Barrier(6)

    def submit(_: int) -> tuple[int, bytes]:
        api = Api(app.test_client())
        together.wait(10)
        answer = api.post("/orders", an_order(quote_id=quote["id"]), key="at once")
        return answer.status_code, answer.data

    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(submit, range(6)))

    assert [status for status, _ in answers] == [201]
    with engine.connect() as connection:
        assert row_counts(connection)["orders"] == 1


def test_another_order_under_the_key_of_one_that_just_used_the_quote_is_refused_as_ever(api: Api) -> None:
    quote = api.post("/quotes", a_supply()).get_json()
    api.post("/orders", an_order(quote_id=quote["id"]), key="once")

    other = an_order({"/patient/full_name": "Berta Sample"}, quote_id=quote["id"])

    assert kind(api.post("/orders", other, key="once"), 422) == "idempotency-key-reused"
