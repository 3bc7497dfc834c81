"""No page of the console asks the books more than twelve questions, however many orders there are."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from flask import Flask

from pharmacy.domain.orders import OrderStatus, Role
from pharmacy.usecases.open_demo import DEMO_STAFF
from tests.web.console.pages import Console
from tests.web.console.standing import REAL, Standing
from tests.work import Work

MOST = 12
# The rail counts most for the pharmacist-in-charge, who may open nearly every room.
_LOGINS = {login.role: login.username for login in DEMO_STAFF}
_READERS = (Role.PHARMACIST_IN_CHARGE, *_LOGINS)


def test_every_page_asks_twelve_questions_at_most(
    app: Flask,
    at_work: Callable[[str], Console],
    work: Work,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    work.bring_to(OrderStatus.SHIPPED)
    standing = Standing(work)
    browsers = {role: at_work(username) for role, username in _LOGINS.items()}
    asked = {}
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        is_list = (
            rule.endpoint.startswith("console.") and "GET" in (rule.methods or ()) and not rule.arguments
        )
        if not is_list or view.guard.startswith("public") or not rule.arguments <= REAL.keys():  # type: ignore[attr-defined]
            continue
        roles = getattr(view, "roles", frozenset(Role))
        reader = next(role for role in _READERS if role in roles)
        with app.test_request_context():
            path = app.url_map.bind("").build(
                rule.endpoint, {name: REAL[name](standing) for name in rule.arguments}
            )
        with count_queries() as statements:
            browsers[reader].client.get(path)
        asked[path] = sum(each.startswith(("SELECT", "WITH")) for each in statements)

    assert len(asked) > 8
    assert {path: count for path, count in asked.items() if count > MOST} == {}
