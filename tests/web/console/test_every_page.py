"""Every address of the console, for a stranger, a wrong role, a missing thing, a forged form: never a 5xx.

The addresses are taken from the application itself, so that no room is left out; `standing.py` says how a new
one is opened with something that stands.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from pharmacy.domain.orders import Role
from pharmacy.usecases.open_demo import DEMO_STAFF
from tests.web.console.pages import Console
from tests.web.console.standing import FILLED, REAL, Standing
from tests.work import Work

AT_WORK = {login.role: login.username for login in DEMO_STAFF}
_NOBODY = UUID(int=1)
_MISSING = {"UUIDConverter": _NOBODY, "IntegerConverter": 999_999_999}
_ODD = "state=zzz&page=forged&room=cellar&first=loudest&from=never&q=%25&person=x&%F0%9F%92%8A=1"


@dataclass(frozen=True)
class Door:
    """One address and method of the console, and who may come in."""

    rule: Rule
    method: str
    roles: frozenset[Role]

    @property
    def name(self) -> str:
        return f"{self.method} {self.rule.rule}"

    def path(self, app: Flask, parts: dict[str, Any]) -> str:
        with app.test_request_context():
            return str(app.url_map.bind("").build(self.rule.endpoint, parts))

    def missing(self) -> dict[str, Any]:
        """Parts of the address that name nothing."""
        return {
            name: _MISSING.get(type(converter).__name__, "no-such-thing")
            for name, converter in self.rule._converters.items()
        }

    def real(self, standing: Standing) -> dict[str, Any] | None:
        """Parts of the address that name what stands; None where nobody has said what that is."""
        names = self.rule.arguments
        return {name: standing.real(name) for name in names} if names <= REAL.keys() else None


@pytest.fixture
def doors(app: Flask) -> list[Door]:
    """Every address of the console that asks who comes."""
    found = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.endpoint.startswith("console.") and not view.guard.startswith("public"):  # type: ignore[attr-defined]
            roles = getattr(view, "roles", frozenset(Role))
            found += [
                Door(rule, method, roles) for method in ("GET", "POST") if method in (rule.methods or ())
            ]
    assert len(found) >= 12
    return found


@pytest.fixture
def browsers(at_work: Callable[[str], Console]) -> Callable[[Role], Console]:
    """The browser of somebody in that role, signed in; one for each role."""
    opened: dict[Role, Console] = {}

    def browser(role: Role) -> Console:
        if role not in opened:
            opened[role] = at_work(AT_WORK[role])
        return opened[role]

    return browser


def _send(door: Door, console: Console, path: str, token: str = "") -> TestResponse:
    if door.method == "GET":
        return console.client.get(path)
    form = {**FILLED.get(door.rule.endpoint, {}), "csrf_token": token, "version": "1"}
    return console.client.post(path, data=form)


def _usual(door: Door) -> Role:
    """Who comes here usually: the first who may, in the order of the demonstration's people."""
    return next(role for role in AT_WORK if role in door.roles)


def _wrong(
    answers: Iterator[tuple[Door, TestResponse]], right: Callable[[Door, TestResponse], bool]
) -> list[str]:
    return [f"{door.name}: {answer.status_code}" for door, answer in answers if not right(door, answer)]


def test_a_stranger_is_led_to_the_sign_in(app: Flask, doors: list[Door], stranger: Console) -> None:
    token = stranger.hidden("/sign-in")["csrf_token"]
    answers = ((door, _send(door, stranger, door.path(app, door.missing()), token)) for door in doors)

    assert not _wrong(
        answers,
        lambda _, answer: answer.status_code == 303 and answer.location.startswith("/console/sign-in"),
    )


def test_whoever_has_another_role_is_told_whose_it_is(
    app: Flask, doors: list[Door], browsers: Callable[[Role], Console]
) -> None:
    def answers() -> Iterator[tuple[Door, TestResponse]]:
        for door in doors:
            for role in sorted(set(AT_WORK) - door.roles):
                console = browsers(role)
                token = console.hidden("/orders")["csrf_token"] if door.method == "POST" else ""
                yield door, _send(door, console, door.path(app, door.missing()), token)

    assert not _wrong(answers(), lambda _, answer: answer.status_code == 403 and "only." in answer.text)


def test_what_is_not_there_is_said_to_be_missing(
    app: Flask, doors: list[Door], browsers: Callable[[Role], Console]
) -> None:
    def answers() -> Iterator[tuple[Door, TestResponse]]:
        for door in doors:
            if door.rule.arguments:
                console = browsers(_usual(door))
                token = console.hidden("/orders")["csrf_token"] if door.method == "POST" else ""
                yield door, _send(door, console, door.path(app, door.missing()), token)

    def is_missing(door: Door, answer: TestResponse) -> bool:
        # A form of which nobody has said what makes it whole may be refused for its fields first.
        is_told = door.method == "GET" or door.rule.endpoint in FILLED
        return answer.status_code in ({404} if is_told else {404, 409, 422})

    assert not _wrong(answers(), is_missing)


def test_a_form_without_our_token_does_nothing(
    app: Flask, doors: list[Door], browsers: Callable[[Role], Console]
) -> None:
    answers = (
        (door, _send(door, browsers(_usual(door)), door.path(app, door.missing())))
        for door in doors
        if door.method == "POST"
    )

    assert not _wrong(
        answers, lambda _, answer: answer.status_code == 400 and "load the page again" in answer.text
    )


def test_what_stands_is_shown_and_odd_questions_break_nothing(
    app: Flask, doors: list[Door], browsers: Callable[[Role], Console], work: Work
) -> None:
    standing = Standing(work)

    def answers(query: str) -> Iterator[tuple[Door, TestResponse]]:
        for door in doors:
            parts = door.real(standing)
            if door.method == "GET" and parts is not None:
                path = door.path(app, parts)
                yield door, browsers(_usual(door)).client.get(f"{path}?{query}")

    assert not _wrong(answers(""), lambda _, answer: answer.status_code in {200, 303})
    assert not _wrong(answers(_ODD), lambda _, answer: answer.status_code < 500)


def test_an_empty_form_is_refused_in_words_or_asks_for_nothing(
    app: Flask, doors: list[Door], browsers: Callable[[Role], Console], work: Work
) -> None:
    standing = Standing(work)

    def answers() -> Iterator[tuple[Door, TestResponse]]:
        for door in doors:
            parts = door.real(standing)
            if door.method == "POST" and parts is not None and door.rule.endpoint != "console.leave":
                console = browsers(_usual(door))
                token = console.hidden("/orders")["csrf_token"]
                yield door, console.client.post(door.path(app, parts), data={"csrf_token": token})

    assert not _wrong(answers(), lambda _, answer: answer.status_code < 500)
