"""The only reader of Flask's globals: which pharmacy serves, who calls, under which key."""

from __future__ import annotations

from dataclasses import replace
from typing import cast
from uuid import UUID

from flask import current_app, g, request

from pharmacy.bootstrap import Pharmacy
from pharmacy.usecases.readings import WatchedSessions

EXTENSION = "pharmacy"


def the_pharmacy() -> Pharmacy:
    """The pharmacy that serves; while one is watched, the watched one."""
    return cast(Pharmacy, g.get("pharmacy") or current_app.extensions[EXTENSION])


def watch_readings() -> None:
    """From now on in this request, whose facts are loaded is noted."""
    pharmacy = the_pharmacy()
    g.pharmacy = replace(pharmacy, sessions=WatchedSessions(pharmacy.sessions))


def patients_shown() -> frozenset[UUID]:
    """The patients whose facts were loaded since this request is watched."""
    sessions = the_pharmacy().sessions
    return frozenset(sessions.patients) if isinstance(sessions, WatchedSessions) else frozenset()


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
