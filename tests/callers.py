"""Those who call the pharmacy over HTTP: a prescriber's system, a member of staff, each with a token of its own."""

import json
from dataclasses import dataclass
from itertools import count
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.rows import STANDING_TOKEN

# One row of numbers for all callers: two sign-ins of one person would else send the same key twice.
_KEYS = count(1)


@dataclass
class Caller:
    """Somebody who lets themselves in with a bearer token, and sends a fresh key with whatever creates."""

    client: FlaskClient
    key: str

    def post(self, path: str, body: Any = None, *, key: str | None = None, **options: Any) -> TestResponse:
        """Send `body` as JSON; bytes go as they are."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        options["headers"] = {
            "Idempotency-Key": key or f"key-{next(_KEYS)}",
            **options.pop("headers", {}),
        }
        options.setdefault("content_type", "application/json")
        return self.send("POST", path, data=sent, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.send("GET", path, **options)

    def send(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.key}", **options.pop("headers", {})}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **options)


class StaffApi(Caller):
    """A member of staff at the API, by a key that a sign-in gave."""


@dataclass
class Api(Caller):
    """A prescriber's system, by an access token."""

    key: str = STANDING_TOKEN

    def order(self, body: Any) -> dict[str, Any]:
        """The answer to an order that must be accepted."""
        answer = self.post("/orders", body)
        assert answer.status_code == 201, answer.text
        accepted: dict[str, Any] = answer.get_json()
        return accepted


class WholeAnswers(FlaskClient):
    """A caller that takes each answer to its end and closes it, as a server's caller does."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        return super().open(*args, **{"buffered": True, **options})
