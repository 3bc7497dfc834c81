"""No page of the console asks the books more than twelve questions, however many orders there are.

Every statement counts, whether it reads or writes: who is at work, the page itself, the rail, and the record of whose
facts were shown. Beginning and ending a transaction is no question, nor is a savepoint, which only these tests set.
What happens seldom is not counted: once a minute it is noted that somebody is still there, and whoever looks first
after a lot, a price or a setting has changed reads the reference anew.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from flask import Flask
from werkzeug.routing import Rule

from pharmacy.domain.orders import OrderStatus, Role
from pharmacy.usecases.open_demo import DEMO_STAFF
from tests.web.console.pages import Console
from tests.web.console.standing import REAL, Standing
from tests.work import Work

MOST = 12
# The rail counts most for the pharmacist-in-charge, who may open nearly every room.
_LOGINS = {login.role: login.username for login in DEMO_STAFF}
_READERS = (Role.PHARMACIST_IN_CHARGE, *_LOGINS)
# Drawings and files are made without the rail, by the questions of the page that they belong to.
_NO_PAGES = ("/picture", "/csv", "/points", ".pdf", ".ttf")


def _pages(app: Flask) -> Iterator[tuple[Rule, Role]]:
    """Every page of the console for people who are signed in, and who reads it."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        is_page = "GET" in (rule.methods or ()) and not any(each in rule.rule for each in _NO_PAGES)
        if not rule.endpoint.startswith("console.") or not is_page or view.guard.startswith("public"):  # type: ignore[attr-defined]
            continue
        roles = getattr(view, "roles", frozenset(Role))
        yield rule, next(role for role in _READERS if role in roles)


def test_every_page_asks_twelve_questions_at_most(
    app: Flask,
    at_work: Callable[[str], Console],
    work: Work,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    standing = Standing(work)
    shipped = standing.work.bring_to(OrderStatus.SHIPPED)
    browsers = {role: at_work(username) for role, username in _LOGINS.items()}
    asked, unopened = {}, []
    for rule, reader in _pages(app):
        assert rule.arguments <= REAL.keys(), f"standing.py does not say what {rule.rule} is opened with"
        parts = {name: standing.real(name) for name in rule.arguments}
        for given in (parts, parts | {"order_id": shipped}) if "order_id" in parts else (parts,):
            with app.test_request_context():
                path = app.url_map.bind("").build(rule.endpoint, given)
            with count_queries() as statements:
                answer = browsers[reader].client.get(path)
            asked[path] = len(statements)
            if answer.status_code not in {200, 303}:
                unopened.append(path)

    assert unopened == []
    assert len(asked) > 40
    assert {path: count for path, count in asked.items() if count > MOST} == {}
