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


def operation_asked() -> str:
    """The method and the rule of the address, without what was named in it."""
    return f"{request.method} {request.url_rule}"


def address_of_caller() -> str:
    """Where the request comes from, as the outermost trusted proxy sees it, or the server itself."""
    return request.remote_addr or "unknown"


def idempotency_key() -> str | None:
    return request.headers.get("Idempotency-Key")
