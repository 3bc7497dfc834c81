"""The second factor, passwords by link, one's own account, and emergency access, page by page."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.orders import OrderStatus
from pharmacy.store.audit import AuditEntry
from pharmacy.store.tasks import Task
from pharmacy.usecases.keep_staff import NewMember, Role, invite_member
from pharmacy.usecases.open_demo import DEMO_PASSWORD
from tests.authenticators import code_at
from tests.books import Clock
from tests.web.console.pages import Console, words
from tests.work import Work

GOOD = "eleven otters juggle quietly"
_SECRET = re.compile(r"<code>([A-Z2-7]{32})</code>")
_CODE = re.compile(r"<code>([A-Z2-7-]{19})</code>")


def _enrol(console: Console, clock: Clock) -> str:
    """An authenticator is set up from the account; its secret."""
    console.post("/second-factor/begin")
    page = console.get("/account")
    found = _SECRET.search(page.text)
    assert found
    shown = console.post("/second-factor/confirm", code=code_at(found[1], clock.now))
    assert len(_CODE.findall(shown.text)) == 10
    return found[1]


def test_the_second_factor_stands_between_the_password_and_every_room(
    stranger: Console, tess: Console, clock: Clock
) -> None:
    secret = _enrol(tess, clock)
    clock.now += timedelta(minutes=1)

    given = stranger.sign_in("tess", onward="/console/account")

    assert given.location == "/console/second-factor?next=/console/account"
    assert stranger.get("/orders").location.startswith("/console/second-factor")
    form = stranger.hidden("/second-factor")
    wrong = stranger.client.post("/console/second-factor", data={**form, "code": "000000"})
    assert wrong.status_code == 403
    assert "That code does not hold." in words(wrong)
    assert 'value="000000"' in wrong.text
    code = code_at(secret, clock.now)
    right = stranger.client.post(
        "/console/second-factor", data={**form, "code": code, "next": "/console/account"}
    )
    assert right.location == "/console/account"
    assert "Tess Technician" in words(stranger.get("/orders"))


def test_recovery_codes_are_shown_once_and_made_anew_only_with_a_signature(
    tess: Console, clock: Clock
) -> None:
    _enrol(tess, clock)

    assert not _CODE.findall(tess.get("/account").text)
    refused = tess.post("/account/recovery-codes", signature="wrong")
    assert refused.status_code == 422
    assert "That is not your password" in words(refused)
    assert len(_CODE.findall(tess.post("/account/recovery-codes", signature=DEMO_PASSWORD).text)) == 10
    removed = tess.post("/account/authenticator/remove", signature=DEMO_PASSWORD)
    assert removed.status_code == 303
    assert "Set up an authenticator" in words(tess.get("/account"))


@pytest.fixture
def link(pharmacy: Pharmacy) -> str:
    """The link by which Nora Newcomer chooses her password."""
    new = NewMember(username="nora", full_name="Nora Newcomer", initials="NN", role=Role.TECHNICIAN)
    with pharmacy.sessions.write() as session:
        _, token = invite_member(session, new, by=pharmacy.clockwork, now=pharmacy.clock())
    return f"/set-password/{token}"


def _choose(stranger: Console, link: str, password: str, again: str | None = None) -> object:
    form = stranger.hidden(link)
    sent = {**form, "password": password, "again": password if again is None else again}
    return stranger.client.post(f"/console{link}", data=sent)


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("short", None, "At least 12 characters."),
        ("password1234", None, "easy to guess"),
        ("NoraNewcomer1", None, "guess"),
        (GOOD, "something else", "The two are not alike."),
        ("", None, "At least 12 characters."),
    ],
)
def test_a_password_that_is_guessed_is_refused_in_words(
    stranger: Console, link: str, password: str, again: str | None, said: str
) -> None:
    answer = _choose(stranger, link, password, again)

    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert said in words(answer)  # type: ignore[arg-type]
    assert stranger.sign_in("nora", password).status_code == 403


def test_a_link_lets_choose_a_password_once(stranger: Console, link: str) -> None:
    assert _choose(stranger, link, GOOD).location == "/console/sign-in"  # type: ignore[attr-defined]

    assert stranger.sign_in("nora", GOOD).status_code == 303
    assert stranger.get(link).status_code == 404
    assert "Ask an administrator for another." in words(stranger.get(link))


def test_a_link_grows_old(stranger: Console, link: str, clock: Clock) -> None:
    clock.now += timedelta(hours=73)

    assert stranger.get(link).status_code == 404


def test_the_meter_says_how_hard_a_guess_would_be(stranger: Console, link: str) -> None:
    form = stranger.hidden(link)

    weak = stranger.client.post(f"/console{link}/strength", data={**form, "password": "nora1234"})
    strong = stranger.client.post(f"/console{link}/strength", data={**form, "password": GOOD})

    assert "It is not enough yet." in words(weak)
    assert "very hard to guess" in words(strong)
    assert GOOD not in strong.text


def test_a_new_password_ends_every_other_sign_in(
    at_work: Callable[[str], Console], stranger: Console, tess: Console
) -> None:
    stranger.sign_in("tess")
    assert stranger.get("/orders").status_code == 200

    assert tess.post("/account/password", password=GOOD, again=GOOD, signature="no").status_code == 422
    assert (
        tess.post("/account/password", password=GOOD, again=GOOD, signature=DEMO_PASSWORD).status_code == 303
    )

    assert stranger.get("/orders").status_code == 303
    assert tess.get("/orders").status_code == 200
    assert stranger.sign_in("tess", GOOD).status_code == 303


def test_somebody_ends_their_own_sign_ins_and_nobody_elses(app: Flask, tess: Console, paul: Console) -> None:
    elsewhere = Console(app.test_client())
    elsewhere.sign_in("tess")
    ends = re.findall(r'action="/console(/account/sign-ins/[^"]+/end)"', tess.get("/account").text)
    assert len(ends) == 1

    assert paul.post(unescape(ends[0])).status_code == 404
    assert elsewhere.get("/orders").status_code == 200
    assert tess.post(unescape(ends[0])).status_code == 303
    assert elsewhere.get("/orders").status_code == 303


def test_emergency_access_reads_for_an_hour_and_signs_nothing_and_is_not_unseen(
    at_work: Callable[[str], Console], work: Work, pharmacy: Pharmacy, clock: Clock
) -> None:
    order_id = work.bring_to(OrderStatus.RECEIVED)
    ada = at_work("ada")
    assert ada.get("/patients").status_code == 403

    short = ada.post("/emergency", reason="x", signature=DEMO_PASSWORD)
    assert short.status_code == 422
    taken = ada.post(
        "/emergency", reason="Patient in the emergency room asks what she takes", signature=DEMO_PASSWORD
    )
    assert taken.status_code == 303

    assert ada.get("/patients").status_code == 200
    assert "Emergency access until" in words(ada.get("/patients"))
    patient = work.order(order_id).patient_id
    assert ada.get(f"/patients/{patient}").status_code == 200
    assert ada.post(f"/patients/{patient}/merge").status_code == 403
    with pharmacy.sessions.read() as session:
        task = session.scalars(select(Task).where(Task.kind == "emergency.review")).one()
        read = session.scalars(select(AuditEntry).where(AuditEntry.action == "emergency.read")).all()
    assert "Ada Administrator" in task.wording
    assert [each.subject_id for each in read if each.subject_id == patient] == [patient]

    clock.now += timedelta(minutes=25)
    assert ada.get("/patients").status_code == 200
    clock.now += timedelta(minutes=25)
    assert ada.get("/patients").status_code == 200
    clock.now += timedelta(minutes=11)
    assert ada.get("/patients").status_code == 403
