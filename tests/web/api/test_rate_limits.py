"""A system that asks too often is told to wait, and how long; nobody else waits for it."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection
from werkzeug.test import TestResponse

from pharmacy.bootstrap import Pharmacy
from pharmacy.store.base import new_id
from pharmacy.store.reference import Setting
from pharmacy.usecases.open_demo import DEMO_CLIENT_ID, DEMO_SECRET
from tests.books import Clock, row_counts
from tests.builders import an_order
from tests.callers import Api
from tests.rows import another_practice
from tests.web.api.answers import kind, problem

LIMITS = {"client_a_minute": 3, "proof_a_minute": 2, "address_a_minute": 5, "refusals_on_record_a_minute": 2}
CREDENTIALS = {
    "grant_type": "client_credentials",
    "client_id": DEMO_CLIENT_ID,
    "client_secret": DEMO_SECRET,
}


@pytest.fixture(autouse=True)
def _narrow(pharmacy: Pharmacy, clock: Clock) -> None:
    limit(pharmacy, clock, LIMITS)


def limit(pharmacy: Pharmacy, clock: Clock, value: dict[str, int]) -> None:
    with pharmacy.sessions.write() as session:
        setting: dict[str, Any] = {"id": new_id(), "name": "rate_limits", "value": value}
        session.add(
            Setting(**setting, source="a test", owner="a test", reason="to be met soon", set_at=clock())
        )


def let_in(api: Api) -> None:
    """The first request tells the process whose token it is, and counts for the address."""
    assert api.get("/orders").status_code == 200


def told(answer: TestResponse) -> tuple[str, str]:
    return answer.headers["RateLimit-Policy"], answer.headers["RateLimit"]


def prove(client: FlaskClient, **form: str) -> TestResponse:
    return client.post("/api/v1/oauth/token", data=CREDENTIALS | form)


def test_every_answer_says_what_is_left_and_until_when(api: Api, clock: Clock) -> None:
    let_in(api)
    clock.now += timedelta(seconds=20)

    answers = [api.get("/orders"), api.get("/orders/nothing"), api.post("/orders", {})]

    assert {told(each)[0] for each in answers if "RateLimit" in each.headers} == {'"client";q=3;w=60'}
    assert told(answers[0])[1] == '"client";r=2;t=40'
    assert told(answers[2])[1] == '"client";r=1;t=40'


def test_who_asks_too_often_waits_for_the_next_minute(api: Api, clock: Clock, connection: Connection) -> None:
    let_in(api)
    clock.now += timedelta(seconds=50)
    assert [api.get("/orders").status_code for _ in range(3)] == [200] * 3
    before = row_counts(connection)

    refused = api.post("/orders", an_order())

    assert problem(refused, 429)["detail"].endswith("Wait 10 seconds, then go on.")
    assert kind(refused, 429) == "rate-exceeded"
    assert refused.headers["Retry-After"] == "10"
    assert told(refused) == ('"client";q=3;w=60', '"client";r=0;t=10')
    assert row_counts(connection) == before
    clock.now += timedelta(seconds=int(refused.headers["Retry-After"]))
    assert api.post("/orders", an_order()).status_code == 201


def test_a_flood_does_not_reach_the_books(api: Api, count_queries: Any) -> None:
    let_in(api)
    for _ in range(3):
        api.get("/orders")

    with count_queries() as queries:
        assert [api.get("/orders").status_code for _ in range(20)] == [429] * 20

    assert queries == []


def test_another_system_is_not_kept_waiting(api: Api, client: FlaskClient, pharmacy: Pharmacy) -> None:
    with pharmacy.sessions.write() as session:
        another_practice(session, "a-token-of-another")
    another = Api(client, "a-token-of-another")
    let_in(api)
    let_in(another)
    for _ in range(4):
        api.get("/orders")

    assert api.get("/orders").status_code == 429
    assert another.get("/orders").status_code == 200


def test_tokens_that_nobody_knows_count_against_their_address(client: FlaskClient) -> None:
    answers = [Api(client, f"a-guess-{number}").get("/orders") for number in range(6)]

    assert [each.status_code for each in answers] == [401] * 5 + [429]
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    assert Api(client, "a-guess").get("/orders", environ_base=elsewhere).status_code == 401


def test_a_client_id_is_tried_at_one_address_only_so_often(client: FlaskClient) -> None:
    tried = [prove(client, client_secret="a guess").status_code for _ in range(2)]

    refused = prove(client)

    assert tried == [401, 401]
    assert problem(refused, 429)["error"] == "invalid_request"
    assert refused.headers["Retry-After"] == "60"
    # Whoever guesses elsewhere does not keep the practice's own system out.
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    assert client.post("/api/v1/oauth/token", data=CREDENTIALS, environ_base=elsewhere).status_code == 200


def test_many_client_ids_from_one_address_are_tried_only_so_often(client: FlaskClient) -> None:
    tried = [prove(client, client_id=f"somebody {number}").status_code for number in range(6)]

    assert tried == [401] * 5 + [429]


def test_a_changed_setting_is_in_force_within_half_a_minute(
    api: Api, pharmacy: Pharmacy, clock: Clock
) -> None:
    let_in(api)
    clock.now += timedelta(seconds=1)
    limit(pharmacy, clock, LIMITS | {"client_a_minute": 700})

    before = told(api.get("/orders"))[0]
    clock.now += timedelta(seconds=30)

    assert (before, told(api.get("/orders"))[0]) == ('"client";q=3;w=60', '"client";q=700;w=60')
