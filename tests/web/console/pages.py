"""The console as a person without a browser uses it: pages read as words, forms sent with what they carry."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from pharmacy.usecases.open_demo import DEMO_PASSWORD

_TAG = re.compile(r"<(title|script|style)[^>]*>.*?</\1>|<[^>]+>", re.DOTALL)
_QUANTITY_PARTS = re.compile(r'</span><span class="(fraction|unit)">')
_FIELD = re.compile(r'<input type="hidden" name="(csrf_token|version)" value="([^"]*)">')


def words(answer: TestResponse) -> str:
    """What a person reads on the page, without its title and tooltips, evenly spaced."""
    return " ".join(
        unescape(_TAG.sub(" ", _QUANTITY_PARTS.sub("", answer.text))).replace("\xa0", " ").split()
    )


@dataclass
class Console:
    """One browser of one person; it follows no redirect unless it is asked to."""

    client: FlaskClient

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(f"/console{path}", **options)

    def sign_in(self, username: str, password: str = DEMO_PASSWORD, onward: str = "") -> TestResponse:
        hidden = self.hidden("/sign-in")
        form = {**hidden, "username": username, "password": password, "next": onward}
        return self.client.post("/console/sign-in", data=form)

    def hidden(self, path: str) -> dict[str, str]:
        """What the forms of that page carry: the token, and the version of the order if there is one."""
        return dict(_FIELD.findall(self.get(path).text))

    def order(self, order_id: UUID) -> TestResponse:
        return self.get(f"/orders/{order_id}")

    def act(self, order_id: UUID, act: str, **typed: str) -> TestResponse:
        """Look at the order, then press that button."""
        form = {**self.hidden(f"/orders/{order_id}"), **typed}
        return self.client.post(f"/console/orders/{order_id}/acts/{act}", data=form)

    def approve(self, order_id: UUID, **typed: str) -> TestResponse:
        """Look at the order in review, then approve it."""
        return self._in_room(order_id, "review", "/approve", typed)

    def reject(self, order_id: UUID, **typed: str) -> TestResponse:
        """Look at the order in review, then reject it."""
        return self._in_room(order_id, "review", "/reject", typed)

    def verify(self, order_id: UUID, **typed: str) -> TestResponse:
        """Look at the order as its verifier does, then sign."""
        return self._in_room(order_id, "verification", "", {"signature": DEMO_PASSWORD, **typed})

    def at_counter(self, order_id: UUID, form: str, **typed: str) -> TestResponse:
        """Look at the bag of the order, then send that form of the counter."""
        return self._in_room(order_id, "counter", f"/{form}", typed)

    def _in_room(self, order_id: UUID, room: str, form: str, typed: dict[str, str]) -> TestResponse:
        path = f"/orders/{order_id}/{room}"
        return self.client.post(f"/console{path}{form}", data={**self.hidden(path), **typed})

    def answer(self, order_id: UUID, **typed: str) -> TestResponse:
        """Look at the order, then send the answers to what it was asked."""
        form = {**self.hidden(f"/orders/{order_id}"), **typed}
        return self.client.post(f"/console/orders/{order_id}/answers", data=form)

    def post(self, path: str, **form: str) -> TestResponse:
        """Send a form with a token and these fields."""
        hidden = self.hidden("/orders")
        return self.client.post(f"/console{path}", data={"csrf_token": hidden["csrf_token"], **form})
