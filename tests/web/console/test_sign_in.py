"""Who comes into the console, for how long, and who does not."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from pharmacy.bootstrap import Pharmacy
from pharmacy.store.staff import StaffMember, StaffSession
from pharmacy.usecases.sign_in import hash_of
from tests.books import Clock
from tests.web.console.pages import Console, words

A_MINUTE = timedelta(minutes=1)
# What the house's setting says.
MOST_FAILURES, LOCKED_AFTER = 5, 20
FAILURES_COUNT_FOR = timedelta(minutes=15)
LONGEST_IDLE, LONGEST_SESSION = timedelta(minutes=30), timedelta(hours=12)


def test_name_and_password_open_the_queue(stranger: Console) -> None:
    answer = stranger.sign_in("tess")

    assert (answer.status_code, answer.location) == (303, "/console/orders")
    assert "Tess Technician" in words(stranger.get("/orders"))


def test_the_key_is_kept_from_scripts_and_other_sites_and_the_books_keep_its_hash_only(
    stranger: Console, pharmacy: Pharmacy
) -> None:
    cookie = next(
        value for value in stranger.sign_in("tess").headers.getlist("Set-Cookie") if "console_key" in value
    )

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/console" in cookie
    key = cookie.partition("=")[2].partition(";")[0]
    with pharmacy.sessions.read() as session:
        assert session.scalars(select(StaffSession.key_hash)).all() == [hash_of(key)]


@pytest.mark.parametrize(
    ("username", "password"), [("tess", "wrong"), ("nobody", "titrate-slowly"), ("", "")]
)
def test_a_wrong_password_and_an_unknown_name_are_answered_alike(
    stranger: Console, username: str, password: str
) -> None:
    answer = stranger.sign_in(username, password)

    assert answer.status_code == 403
    assert "Name and password do not belong together." in words(answer)
    assert f'value="{username}"' in answer.text
    assert stranger.get("/orders").status_code == 303


@pytest.mark.parametrize("username", ["tess", "nobody"])
def test_a_name_tried_too_often_waits_even_with_the_right_password(
    stranger: Console, clock: Clock, username: str
) -> None:
    for _ in range(MOST_FAILURES):
        stranger.sign_in(username, "wrong")

    answer = stranger.sign_in(username)
    assert answer.status_code == 429
    assert "Wait 15 minutes" in words(answer)

    clock.now += FAILURES_COUNT_FOR + A_MINUTE
    assert stranger.sign_in("tess").status_code == 303


@pytest.mark.parametrize("username", ["tess", "nobody"])
def test_a_name_tried_in_vain_for_a_day_is_locked_until_somebody_opens_it(
    stranger: Console, clock: Clock, pharmacy: Pharmacy, username: str
) -> None:
    for round_of_tries in range(LOCKED_AFTER):
        if round_of_tries and round_of_tries % MOST_FAILURES == 0:
            clock.now += FAILURES_COUNT_FOR + A_MINUTE
        stranger.sign_in(username, "wrong")
    clock.now += FAILURES_COUNT_FOR + A_MINUTE

    answer = stranger.sign_in(username)
    assert answer.status_code == 429
    assert "An administrator or the pharmacist-in-charge can open it again." in words(answer)

    with pharmacy.sessions.write() as session:
        session.execute(
            update(StaffMember).where(StaffMember.username == username).values(opened_again_at=clock.now)
        )
    assert stranger.sign_in(username).status_code == (303 if username == "tess" else 429)


def test_who_is_not_signed_in_is_led_to_the_form_and_then_onward(stranger: Console) -> None:
    asked = stranger.get("/orders?room=verify")

    assert asked.status_code == 303
    assert asked.location == "/console/sign-in?next=/console/orders"
    assert stranger.sign_in("paul", onward="/console/orders").location == "/console/orders"


@pytest.mark.parametrize("path", ["/search?q=Anna+Sample", "/orders?room=verify", "/orders?%3Fq=Anna"])
def test_what_was_asked_for_is_not_carried_through_the_sign_in(stranger: Console, path: str) -> None:
    asked = stranger.get(path)

    assert asked.location.count("?") == 1
    assert asked.location == f"/console/sign-in?next=/console{path.partition('?')[0]}"
    entered = stranger.sign_in("paul", onward=f"/console{path}")
    assert "?" not in entered.location


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/console/..//evil.example",
        "/console/\\evil",
        "/api/docs",
        "x",
    ],
)
def test_the_form_leads_nowhere_but_into_the_console(stranger: Console, elsewhere: str) -> None:
    assert stranger.sign_in("tess", onward=elsewhere).location == "/console/orders"


def test_half_an_hour_of_silence_ends_a_sign_in(tess: Console, clock: Clock) -> None:
    clock.now += LONGEST_IDLE - A_MINUTE
    assert tess.get("/orders").status_code == 200

    clock.now += LONGEST_IDLE - A_MINUTE
    assert tess.get("/orders").status_code == 200

    clock.now += LONGEST_IDLE + A_MINUTE
    assert tess.get("/orders").status_code == 303


def test_twelve_hours_end_a_sign_in_however_busy_it_was(tess: Console, clock: Clock) -> None:
    until = clock.now + LONGEST_SESSION
    while clock.now + LONGEST_IDLE < until:
        clock.now += LONGEST_IDLE - A_MINUTE
        assert tess.get("/orders").status_code == 200

    clock.now = until + A_MINUTE
    assert tess.get("/orders").status_code == 303


def test_signing_out_closes_the_door_for_copies_of_the_key_too(tess: Console) -> None:
    key = tess.client.get_cookie("console_key", path="/console")
    assert key is not None

    assert tess.post("/sign-out").location == "/console/sign-in"

    tess.client.set_cookie("console_key", key.value, path="/console")
    assert tess.get("/orders").status_code == 303


def test_who_leaves_the_pharmacy_is_out_at_once(tess: Console, pharmacy: Pharmacy, clock: Clock) -> None:
    with pharmacy.sessions.write() as session:
        session.execute(
            update(StaffMember).where(StaffMember.username == "tess").values(disabled_at=clock.now)
        )

    assert tess.get("/orders").status_code == 303
    assert tess.sign_in("tess").status_code == 403


def test_a_form_without_its_token_does_nothing(tess: Console, pharmacy: Pharmacy) -> None:
    answer = tess.client.post("/console/sign-out", data={})

    assert answer.status_code == 400
    assert "load the page again" in words(answer)
    assert tess.get("/orders").status_code == 200


def test_unkeepable_text_is_refused_in_words(tess: Console, pharmacy: Pharmacy) -> None:
    answer = tess.post("/sign-out", nothing="a\x00b")

    assert answer.status_code == 400
    assert answer.content_type.startswith("text/html")


def test_reading_pages_writes_nothing_but_once_a_minute_that_somebody_is_there(
    at_work: Callable[[str], Console], pharmacy: Pharmacy, clock: Clock
) -> None:
    tess = at_work("tess")
    seen = select(func.max(StaffSession.last_seen_at))
    begun = clock.now

    clock.now += timedelta(seconds=59)
    tess.get("/orders")
    with pharmacy.sessions.read() as session:
        assert session.scalar(seen) == begun

    clock.now += timedelta(seconds=1)
    tess.get("/orders")
    with pharmacy.sessions.read() as session:
        assert session.scalar(seen) == clock.now


def test_the_front_door_leads_to_the_console(app: Flask) -> None:
    answer = app.test_client().get("/")

    assert (answer.status_code, answer.location) == (303, "/console/orders")
