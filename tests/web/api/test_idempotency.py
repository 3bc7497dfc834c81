"""The same creating request, however often and however written: made once, answered alike."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, event, select, text

from pharmacy.bootstrap import Pharmacy
from pharmacy.store.idempotency import IdempotencyKey
from pharmacy.store.practices import ApiClient
from tests.books import row_counts
from tests.builders import a_supply, an_order
from tests.callers import Api
from tests.rows import another_practice
from tests.web.api.answers import kind, pointers


def test_the_second_request_is_answered_with_the_same_bytes(api: Api, connection: Connection) -> None:
    first = api.post("/orders", an_order(), key="once")
    filed = row_counts(connection)

    second = api.post("/orders", an_order(), key="once")

    assert (second.status_code, second.data) == (201, first.data)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert row_counts(connection) == filed


def test_order_of_members_and_white_space_make_no_other_request(api: Api) -> None:
    first = api.post("/orders", an_order(), key="once")
    respelled = json.dumps(dict(reversed(an_order().items())), indent=3).encode()

    second = api.post("/orders", respelled, key="once")

    assert (second.status_code, second.data) == (201, first.data)


def test_the_same_key_with_another_body_is_refused(api: Api, connection: Connection) -> None:
    api.post("/orders", an_order(), key="once")
    filed = row_counts(connection)

    answer = api.post("/orders", an_order({"/plan/steps/0/dose_mg": "2"}), key="once")

    assert kind(answer, 422) == "idempotency-key-reused"
    assert row_counts(connection) == filed


def test_the_same_key_at_another_address_is_refused(api: Api) -> None:
    assert api.post("/quotes", a_supply(), key="once").status_code == 201

    assert kind(api.post("/orders", an_order(), key="once"), 422) == "idempotency-key-reused"


def test_another_practice_may_use_the_same_key(api: Api, pharmacy: Pharmacy) -> None:
    with pharmacy.sessions.write() as session:
        another_practice(session, "another-token")
    first = api.post("/quotes", a_supply(), key="once").get_json()

    second = Api(api.client, "another-token").post("/quotes", a_supply(), key="once").get_json()

    assert second["id"] != first["id"]


@pytest.mark.parametrize("key", ["", "x" * 201, "tab\tin it", "schl\u00fcssel"])
def test_a_creating_request_needs_a_usable_key(api: Api, key: str) -> None:
    answer = api.post("/orders", an_order(), headers={"Idempotency-Key": key})

    assert kind(answer, 400) == "idempotency-key-missing"


def test_a_refused_request_leaves_its_key_free(api: Api) -> None:
    refused = api.post("/orders", an_order({"/plan/steps/0/dose_mg": "11"}), key="once")
    assert pointers(refused) == ["/plan/steps/0/dose_mg"]

    assert api.post("/orders", an_order(), key="once").status_code == 201


@pytest.mark.parametrize("threads", [2, 8])
def test_requests_at_once_with_one_key_make_one_order(
    app: Flask, committed: Pharmacy, engine: Engine, threads: int
) -> None:
    app.extensions["pharmacy"] = committed
    together = Barrier(threads)

    def submit(_: int) -> tuple[int, bytes]:
        api = Api(app.test_client())
        together.wait(10)
        answer = api.post("/orders", an_order(), key="at once")
        return answer.status_code, answer.data

    with ThreadPoolExecutor(threads) as pool:
        answers = set(pool.map(submit, range(threads)))

    assert len(answers) == 1, [status for status, _ in answers]
    assert next(iter(answers))[0] == 201
    with engine.connect() as connection:
        filed = row_counts(connection)
    names = ["patients", "prescriptions", "plan_versions", "orders", "idempotency_keys"]
    assert {name: filed[name] for name in names} == dict.fromkeys(names, 1)
    assert (filed["order_lines"], filed["vials"], filed["price_lines"]) == (3, 3, 6)
    assert filed["outbox"] == 1


def test_requests_at_once_with_keys_of_their_own_make_an_order_each(
    app: Flask, committed: Pharmacy, engine: Engine
) -> None:
    app.extensions["pharmacy"] = committed

    def submit(number: int) -> int:
        return Api(app.test_client()).post("/orders", an_order(), key=f"key {number}").status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(submit, range(8))) == {201}

    with engine.connect() as connection:
        assert row_counts(connection)["orders"] == 8


@pytest.fixture
def impatient(engine: Engine) -> Iterator[None]:
    """Connections that wait for a lock for a tenth of a second, instead of the usual five seconds."""

    def shorten(connection: Connection) -> None:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '100ms'")

    event.listen(engine, "begin", shorten)
    yield
    event.remove(engine, "begin", shorten)


@pytest.mark.usefixtures("impatient")
def test_while_the_first_is_still_running_the_second_waits_and_is_told_to_come_again(
    app: Flask, committed: Pharmacy, engine: Engine
) -> None:
    app.extensions["pharmacy"] = committed
    api = Api(app.test_client())
    with engine.connect() as first:
        first.execute(
            text(
                "INSERT INTO idempotency_keys (api_client_id, key, fingerprint, answer, answered_at)"
                " VALUES (:client, 'held', '', '', now())"
            ),
            {"client": first.scalar(select(ApiClient.id))},
        )

        answer = api.post("/orders", an_order(), key="held")

        assert kind(answer, 409) == "first-still-running"
        assert answer.headers["Retry-After"] == "1"
        first.rollback()

    assert api.post("/orders", an_order(), key="held").status_code == 201
    with engine.connect() as connection:
        assert row_counts(connection)["orders"] == 1


def test_what_is_stored_for_a_key_is_the_answer_that_was_given(api: Api, connection: Connection) -> None:
    answer = api.post("/orders", an_order(), key="once")

    assert connection.scalar(select(IdempotencyKey.answer)) == answer.text
