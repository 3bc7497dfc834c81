"""A private link shows nothing of the patient before the birth date is given, and lets nobody guess it."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from pharmacy.domain.orders import OrderStatus, Role
from pharmacy.store.audit import AuditEntry
from pharmacy.store.private_links import PrivateLink, token_hash
from tests.books import Clock
from tests.builders import an_order
from tests.callers import StaffApi
from tests.work import Work

PATIENT = an_order()["patient"]
NAMES = (PATIENT["full_name"], "naltrexone", "Naltrexone", "mg", "65.45", "bedtime")


@pytest.fixture
def order_id(work: Work) -> UUID:
    return work.bring_to(OrderStatus.AWAITING_PAYMENT)


@pytest.fixture
def path(order_id: UUID, staff_api: Callable[[Role], StaffApi]) -> str:
    """The address that staff tell the patient, without the house's own part."""
    answer = staff_api(Role.TECHNICIAN).post(f"/orders/{order_id}/price-acceptance/link", {})
    assert answer.status_code == 200, answer.text
    url: str = answer.get_json()["url"]
    return url.removeprefix("http://127.0.0.1:8000")


def give(client: FlaskClient, path: str, birth: str) -> TestResponse:
    year, month, day = (*birth.split("-"), "", "", "")[:3]
    return client.post(path, data={"year": year, "month": month, "day": day})


def field(page: TestResponse, name: str) -> str:
    found = re.search(f'name="{name}" value="([^"]*)"', page.text)
    assert found, page.text
    return found[1]


def accept(client: FlaskClient, path: str, page: TestResponse) -> TestResponse:
    sent = {name: field(page, name) for name in ("pass", "total_cents")}
    return client.post(f"{path}/act", data=sent)


def test_nothing_of_the_patient_is_shown_before_the_birth_date(client: FlaskClient, path: str) -> None:
    page = client.get(path)

    assert page.status_code == 200
    assert not any(name in page.text for name in NAMES)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in page.headers
    assert "<script" not in page.text


def test_the_patient_sees_every_line_and_accepts_without_script_or_cookie(
    client: FlaskClient, path: str, order_id: UUID, work: Work
) -> None:
    page = give(client, path, PATIENT["birth_on"])
    assert page.status_code == 200
    for line in work.order(order_id).price_lines:
        assert line.wording in page.text

    accepted = accept(client, path, page)

    assert accepted.status_code == 200
    assert "You have accepted the price of <b>65.45 USD</b>" in accepted.text
    assert "You have accepted" in accept(client, path, page).text, "pressed twice"
    assert "You have accepted" in give(client, path, PATIENT["birth_on"]).text, "come back later"
    with work.sessions.read() as session:
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.subject_id == order_id, AuditEntry.action == "price.accepted")
        ).one()
    assert (entry.actor_kind, entry.actor_id) == ("patient", work.order(order_id).patient_id)
    assert PATIENT["full_name"] not in entry.actor_name


def test_five_wrong_dates_close_the_link_for_good(client: FlaskClient, path: str) -> None:
    said = [give(client, path, "1970-01-01") for _ in range(5)]

    assert [page.status_code for page in said] == [403] * 5
    assert "4 more tries" in said[0].text
    assert "one more try" in said[3].text
    assert "closed" in said[4].text
    right = give(client, path, PATIENT["birth_on"])
    assert right.status_code == 404
    assert not any(name in right.text for name in NAMES)


@pytest.mark.parametrize("typed", ["1970-02-30", "x-1-1", "--", "19700-1-1", "0-0-0", "²-1-1"])
def test_what_is_no_day_is_a_try_too(client: FlaskClient, path: str, typed: str) -> None:
    assert "4 more tries" in give(client, path, typed).text


def test_a_link_ends_with_its_time_and_with_a_newer_one(
    client: FlaskClient, path: str, order_id: UUID, staff_api: Callable[[Role], StaffApi], clock: Clock
) -> None:
    newer = staff_api(Role.TECHNICIAN).post(f"/orders/{order_id}/price-acceptance/link", {}).get_json()["url"]
    assert client.get(path).status_code == 404
    assert client.get(newer.removeprefix("http://127.0.0.1:8000")).status_code == 200

    clock.now += timedelta(days=14)

    assert client.get(newer.removeprefix("http://127.0.0.1:8000")).status_code == 404


def test_links_that_never_were_are_answered_like_those_that_are_over(client: FlaskClient, path: str) -> None:
    answers = {client.get(f"/p/{token}").text for token in ("x", "y" * 43, "z" * 500)}

    assert len(answers) == 1
    assert client.get("/p/x").status_code == 404


def test_a_pass_is_for_one_link_and_a_short_while(client: FlaskClient, path: str, clock: Clock) -> None:
    page = give(client, path, PATIENT["birth_on"])
    assert client.post(f"{path}/act", data={"pass": "x", "total_cents": "6545"}).status_code == 403

    clock.now += timedelta(minutes=15)

    again = accept(client, path, page)
    assert again.status_code == 403
    assert "date of birth" in again.text


def test_a_price_that_has_changed_meanwhile_is_shown_and_not_accepted(
    client: FlaskClient, path: str, order_id: UUID, work: Work
) -> None:
    page = give(client, path, PATIENT["birth_on"])

    other = client.post(f"{path}/act", data={"pass": field(page, "pass"), "total_cents": "6500"})

    assert "is 65.45 USD now" in other.text
    with work.sessions.read() as session:
        assert not session.scalars(
            select(AuditEntry).where(AuditEntry.subject_id == order_id, AuditEntry.action == "price.accepted")
        ).all()


def test_the_books_keep_a_hash_and_never_the_address(path: str, work: Work) -> None:
    token = path.removeprefix("/p/")
    assert len(token) >= 43, "256 bits"

    with work.sessions.read() as session:
        (link,) = session.scalars(select(PrivateLink)).all()
        trail = session.scalars(select(AuditEntry)).all()

    assert link.token_hash == token_hash(token)
    assert not any(token in str(entry.detail) for entry in trail)
