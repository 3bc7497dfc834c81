"""For every operation of the API one line that says what of a practice it touches.

One module for each noun, each with `REACHES`: from (method, path as described) to a `Reach`. The isolation
matrix sends it for every actor; an operation without a line fails the matrix. What one practice owns stands
in `Owned`; give it a field when a new noun comes, and fill it in `owned_by`.

An operation for staff needs a line only if it has a body, `to_staff(body)`: its path is filled by itself.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from werkzeug.test import TestResponse

from pharmacy.domain.orders import OrderStatus
from tests.builders import a_plan, a_supply, an_order
from tests.callers import Api
from tests.work import Work

Operation = tuple[str, str]
Body = Callable[["Owned"], Any]


@dataclass(frozen=True)
class Owned:
    """What one practice owns, by the name of the path parameter or body member that names it."""

    order_id: str
    prescription_id: str
    label_id: str
    quote_id: str
    # Made when asked for, because most operations touch none of them.
    others: Mapping[str, Callable[[], str]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.others[name]() if name in self.others else str(getattr(self, name))


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How one operation reaches what a practice owns.

    Path parameters are filled from `Owned`. `body` makes the body; with `names` it cites that member of
    `Owned`, and the matrix cites another practice's and a missing one in its place. `works` are the statuses
    with which the owner's own request may be answered. `form` sends the body as a form. `lists` says that
    what it answers with is a list of what the caller owns.
    """

    body: Body | None = None
    names: tuple[str, ...] = ()
    works: tuple[int, ...] = (200, 201, 202, 204)
    form: bool = False
    lists: bool = False
    is_open: bool = False


def owns_nothing(body: Any = None, **more: Any) -> Reach:
    """Whoever calls, nothing of a practice is touched."""
    return Reach(body=None if body is None else lambda _: body, **more)


def anybody(body: Any = None, **more: Any) -> Reach:
    """Open to whoever calls: here people come in."""
    return Reach(body=None if body is None else lambda _: body, is_open=True, **more)


def to_staff(body: Any) -> Reach:
    """For staff, with that body; a client never gets as far as having it read."""
    return Reach(body=lambda _: body)


def reaches() -> Mapping[Operation, Reach]:
    """How every operation reaches what a practice owns, noun by noun."""
    gathered: dict[Operation, Reach] = {}
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        gathered.update(importlib.import_module(module.name).REACHES)
    return gathered


def owned_by(api: Api, work: Work) -> Owned:
    """One of everything, made by that practice's own system."""
    order = api.order(an_order())
    quote = api.post("/quotes", a_supply()).get_json()
    work.carry_out()
    vials = api.get(f"/orders/{order['id']}").get_json()["lines"][0]["vials"]
    return Owned(
        order_id=order["id"],
        prescription_id=order["prescription"]["id"],
        label_id=vials[0]["labels"][0]["id"],
        quote_id=quote["id"],
        others={
            "endpoint_id": cache(
                lambda: _made(api.post("/webhook-endpoints", {"url": "https://hooks.example/"}))
            ),
            "adjustment_id": cache(lambda: _adjustment(api, work)),
        },
    )


def _made(answer: TestResponse) -> str:
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


def _adjustment(api: Api, work: Work) -> str:
    """One that the practice has asked for, of an order that was shipped."""
    plan = a_plan(("1.5", 7), ("3", 7), ("4.5", None))
    order = work.order(work.bring_to(OrderStatus.SHIPPED, an_order(plan=plan, days=30)))
    asked = {"kind": "step_back", "from_day": 11, "reason": "Insomnia."}
    return _made(api.post(f"/prescriptions/{order.prescription_id}/adjustments", asked))


MISSING = str(UUID(int=7))


def missing() -> Owned:
    """Ids of nothing."""
    return Owned(*[MISSING] * 4, others=_Whatever())


class _Whatever(dict[str, Callable[[], str]]):
    def __contains__(self, _: object) -> bool:
        return True

    def __getitem__(self, _: str) -> Callable[[], str]:
        return lambda: MISSING
