"""When something fails on our side: said honestly, without a word about anybody, and with nothing changed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.actors import CLOCKWORK
from pharmacy.store.sessions import Sessions
from pharmacy.usecases.relay_outbox import relay_outbox
from pharmacy.web.bookmarks import sign_bookmark
from tests.books import AUDIT_KEY, MORNING
from tests.builders import an_order
from tests.callers import Api
from tests.web.api.answers import kind, pointers, problem
from tests.work import Work


@pytest.fixture
def closed_books(app: Flask, pharmacy: Pharmacy) -> Iterator[Api]:
    """An API whose database cannot be reached."""
    nowhere = create_engine("postgresql+psycopg://nobody@/books?host=/nonexistent")
    app.extensions["pharmacy"] = replace(pharmacy, sessions=Sessions(nowhere, info={"audit_key": AUDIT_KEY}))
    yield Api(app.test_client())
    nowhere.dispose()


@pytest.fixture
def crowded_books(app: Flask, committed: Pharmacy, database_url: str) -> Iterator[Api]:
    """An API whose only connection is taken."""
    one = create_engine(database_url, pool_size=1, max_overflow=0, pool_timeout=0.05)
    app.extensions["pharmacy"] = replace(committed, sessions=Sessions(one, info={"audit_key": AUDIT_KEY}))
    with one.connect():
        yield Api(app.test_client())
    one.dispose()


def test_books_that_cannot_be_reached_are_503_and_ask_to_come_again(closed_books: Api) -> None:
    for answer in (closed_books.get("/orders"), closed_books.post("/orders", an_order())):
        assert kind(answer, 503) == "unavailable"
        assert answer.headers["Retry-After"] == "2"


def test_when_every_connection_is_taken_the_answer_is_503_too(crowded_books: Api) -> None:
    assert kind(crowded_books.post("/orders", an_order()), 503) == "unavailable"


def test_a_bug_is_a_problem_that_tells_nothing_and_logs_no_text(
    app: Flask, pharmacy: Pharmacy, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> datetime:
        raise RuntimeError(" ".join(("Anna", "Sample")))  # Joined, because the log shows lines of code.

    app.extensions["pharmacy"] = replace(pharmacy, clock=broken)

    answer = Api(app.test_client()).post("/orders", an_order())

    document = problem(answer, 500)
    written = "".join(capsys.readouterr())
    assert "Anna Sample" not in str(document) + written
    assert "RuntimeError" in written
    assert "RuntimeError" not in str(document)


def test_a_bookmark_of_another_kind_of_list_is_refused(app: Flask, api: Api) -> None:
    with app.test_request_context():
        bookmarks = [sign_bookmark(text) for text in (">s:no such column", "nonsense", ">i:1~i:2~i:3")]

    for bookmark in bookmarks:
        assert pointers(api.get(f"/orders?page={bookmark}"), 400) == ["/page"]


def test_life_readiness_and_numbers_are_told_to_anybody(client: FlaskClient, work: Work) -> None:
    work.submit()
    relay_outbox(work.sessions, lambda topic, ids: None, by=CLOCKWORK, now=MORNING)

    alive, ready, metrics = (client.get(path) for path in ("/healthz", "/readyz", "/metrics"))

    assert alive.get_json() == {"status": "alive"}
    told = ready.get_json()
    assert (told["status"], told["messages_waiting"], told["seconds_since_relay"]) == ("ready", 1, 0)
    assert told["seconds_since_notice_sweep"] is None
    assert "pharmacy_messages_waiting 1.0" in metrics.text
    assert 'pharmacy_seconds_since{job="relay"} 0.0' in metrics.text
    assert "pharmacy_notices_uncertain 0.0" in metrics.text


def test_without_its_books_a_process_lives_but_is_not_ready(closed_books: Api) -> None:
    assert closed_books.client.get("/healthz").status_code == 200
    assert closed_books.client.get("/readyz").status_code == 503


def test_every_answer_forbids_what_pages_do_not_need(client: FlaskClient) -> None:
    for path in ("/healthz", "/api/docs", "/api/v1/orders", "/nothing"):
        headers = client.get(path).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
