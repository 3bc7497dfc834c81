"""The patient answers by a private link: a check-in, the first day, a refill, and the end of messages."""

import re
from datetime import date
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from pharmacy.domain.notices import NoticeKind
from pharmacy.store import orders
from pharmacy.store.events import Event
from pharmacy.store.inbound import CheckIn
from tests.books import Clock
from tests.builders import an_order
from tests.fakes import MailThatRemembers
from tests.usecases.noticing import (
    OPEN_ENDED,
    announcement,
    deliver,
    due,
    shipped,
    step_notice,
    tasks_open,
    utc,
)
from tests.work import Work

BIRTH = an_order()["patient"]["birth_on"]
HOUSE = "http://127.0.0.1:8000"


def enter(client: FlaskClient, path: str) -> TestResponse:
    year, month, day = BIRTH.split("-")
    return client.post(path, data={"year": year, "month": month, "day": day})


def tap(client: FlaskClient, path: str, page: TestResponse, **said: str) -> TestResponse:
    found = re.search('name="pass" value="([^"]*)"', page.text)
    assert found, page.text
    return client.post(f"{path}/act", data={"pass": found[1], **said})


def link_in(mail: MailThatRemembers) -> str:
    """The path of the private link in the newest message: the same in both of its parts."""
    message = mail.sent[-1]
    found = re.search(f"{HOUSE}(/p/[A-Za-z0-9_-]{{43}})\n", message.body)
    assert found, message.body
    assert f'href="{HOUSE}{found[1]}"' in (message.html or "")
    return found[1]


def say_all_up_to(
    work: Work, clock: Clock, order_id: UUID, kind: NoticeKind, mail: MailThatRemembers
) -> None:
    """Every notice is delivered when it is due, up to the first of that kind."""
    for notice in work.notices(order_id):
        clock.now = notice.due_at
        deliver(work, notice.id, mail)
        if notice.kind is kind:
            return


def checked_in(work: Work, clock: Clock) -> tuple[UUID, str]:
    """An order whose patient was asked how it goes, and the path that the message gave."""
    order_id, mail = shipped(work, OPEN_ENDED, days=30), MailThatRemembers()
    say_all_up_to(work, clock, order_id, NoticeKind.CHECK_IN, mail)
    return order_id, link_in(mail)


@pytest.mark.parametrize(
    ("answer", "option"),
    [
        ("headache", "step back, then halve, then slower"),
        ("vivid_dreams", "move time of day, then step back"),
        ("stomach", "To think of: stay."),
        ("stop", "pause, then stop"),
    ],
)
def test_one_tap_opens_a_task_with_the_options_and_tells_the_practice(
    client: FlaskClient, work: Work, clock: Clock, answer: str, option: str
) -> None:
    order_id, path = checked_in(work, clock)
    page = enter(client, path)

    thanks = tap(client, path, page, answer=answer)
    tap(client, path, page, answer=answer)

    assert "A pharmacist will call you" in thanks.text
    assert "911" in thanks.text
    assert "opioid" in thanks.text
    (task,) = [each for each in tasks_open(work) if each.kind == "plan.check_in"]
    assert option in task.wording
    with work.sessions.read() as session:
        kinds = [each.kind for each in session.scalars(select(Event).where(Event.order_id == order_id))]
    assert kinds.count("check_in.answered") == 1


def test_fine_is_kept_and_troubles_nobody(client: FlaskClient, work: Work, clock: Clock) -> None:
    _, path = checked_in(work, clock)

    thanks = tap(client, path, enter(client, path), answer="fine")

    assert "go on as your label says" in thanks.text
    assert "plan.check_in" not in [task.kind for task in tasks_open(work)]
    with work.sessions.read() as session:
        assert [each.answer for each in session.scalars(select(CheckIn))] == ["fine"]
    assert "You told us: <b>I am fine</b>" in enter(client, path).text


def test_the_page_shows_nothing_before_the_birth_date_and_needs_no_script(
    client: FlaskClient, work: Work, clock: Clock
) -> None:
    _, path = checked_in(work, clock)

    before, page = client.get(path), enter(client, path)

    assert "How are you doing" not in before.text
    for shown in (before, page):
        assert "<script" not in shown.text
        assert not re.search(r"naltrexone|\bmg\b|anna", shown.text, re.IGNORECASE)
    assert "without talking to us first" in page.text


def test_an_answer_that_is_none_is_asked_for_again(client: FlaskClient, work: Work, clock: Clock) -> None:
    _, path = checked_in(work, clock)

    again = tap(client, path, enter(client, path), answer="splendid")

    assert "How are you doing?" in again.text
    with work.sessions.read() as session:
        assert session.scalars(select(CheckIn)).all() == []


def test_one_tap_confirms_the_start_and_what_waits_counts_from_it(
    client: FlaskClient, work: Work, clock: Clock
) -> None:
    order_id, mail = shipped(work), MailThatRemembers()
    step_2 = step_notice(work, order_id, 2)
    clock.now = step_2.due_at
    deliver(work, step_2.id, mail)
    path = link_in(mail)
    assert "Have you started?" in mail.sent[-1].body

    page = enter(client, path)
    assert "Today, Wednesday, 2 December" in page.text
    done = tap(client, path, page, started_on="2026-11-30")

    assert "Monday, 30 November" in done.text
    with work.sessions.read() as session:
        assert orders.get(session, order_id).started_on == date(2026, 11, 30)
    assert ("step", 2, utc(12, 6, 23)) in due(work, order_id)


def test_a_day_that_cannot_be_is_refused_with_whom_to_call(
    client: FlaskClient, work: Work, clock: Clock
) -> None:
    order_id, mail = shipped(work), MailThatRemembers()
    step_2 = step_notice(work, order_id, 2)
    clock.now = step_2.due_at
    deliver(work, step_2.id, mail)
    path = link_in(mail)

    refused = tap(client, path, enter(client, path), started_on="2026-01-01")

    assert "lies between" in refused.text
    assert "(555) 010-0000" in refused.text


def test_one_tap_asks_for_the_refill_once(client: FlaskClient, work: Work, clock: Clock) -> None:
    order_id, mail = shipped(work, OPEN_ENDED, days=30), MailThatRemembers()
    say_all_up_to(work, clock, order_id, NoticeKind.REFILL, mail)
    path = link_in(mail)
    page = enter(client, path)

    for _ in range(2):
        assert "We have your request" in tap(client, path, page).text
    assert "We have your request" in enter(client, path).text

    assert [task.kind for task in tasks_open(work)].count("refill.requested") == 1
    follow_up = next(each for each in work.notices(order_id) if each.kind is NoticeKind.FOLLOW_UP)
    clock.now = follow_up.due_at
    assert deliver(work, follow_up.id, mail).reason == "a refill has been asked for"


def test_a_press_in_the_message_ends_such_messages_and_a_look_does_not(
    client: FlaskClient, work: Work
) -> None:
    order_id, mail = shipped(work), MailThatRemembers()
    deliver(work, announcement(work, order_id), mail)
    path = (mail.sent[-1].unsubscribe_url or "").removeprefix(HOUSE)

    def withdrawn() -> object:
        with work.sessions.read() as session:
            return orders.get(session, order_id).patient.consents[0].withdrawn_at

    assert client.get(path).status_code == 200
    assert withdrawn() is None
    assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert withdrawn() is not None
    assert client.post(path).status_code == 200, "pressed twice"


@pytest.mark.parametrize("spoilt", ["x", "ZQ", "A" * 44, "%C3%BC"])
def test_an_address_that_was_not_made_here_ends_nothing(client: FlaskClient, spoilt: str) -> None:
    assert client.get(f"/p/stop/{spoilt}").status_code == 404
    assert client.post(f"/p/stop/{spoilt}").status_code == 404
