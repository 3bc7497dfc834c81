"""The only reader of Flask's globals: which pharmacy serves, who calls, under which key."""

from __future__ import annotations

from typing import cast

from flask import current_app, request

from pharmacy.bootstrap import Pharmacy

EXTENSION = "pharmacy"


def the_pharmacy() -> Pharmacy:
    return cast(Pharmacy, current_app.extensions[EXTENSION])


def bearer_token() -> str | None:
    """The token of the Authorization header, if it is a bearer token."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None


def idempotency_key() -> str | None:
    return request.headers.get("Idempotency-Key")
