"""From refusal to answer: the one table, and one wording for each face.

Four families of refusal become 404, 409, 403 and 422; a request out of shape is 400; anything else is
a 500 and a bug. The API answers in RFC 9457 problem documents with a JSON pointer per fault; below the paths
that a face of its own has claimed (`speak_as`), that face words the answer.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

from pharmacy.domain.errors import Conflict, NotAllowed, NotFound, PharmacyError, Unfit
from pharmacy.store.pages import BookmarkUnreadable
from pharmacy.store.waits import AlreadyThere, BooksUnavailable, StillRunning
from pharmacy.usecases.authenticate_client import InvalidClient
from pharmacy.usecases.issue_token import InvalidScope
from pharmacy.usecases.rate_limits import RateExceeded
from pharmacy.usecases.second_factor import TooManyCodes
from pharmacy.usecases.sign_in import TooManyTries
from pharmacy.web.door import FirstStillRunning, IdempotencyKeyMissing
from pharmacy.web.guards import Unauthenticated
from pharmacy.web.strict_json import BadJson

PROBLEM = "application/problem+json"
TYPES = "https://ldn-pharmacy.example/problems/"

_STATUS: Mapping[type[PharmacyError], int] = {
    IdempotencyKeyMissing: 400,
    BookmarkUnreadable: 400,
    InvalidClient: 401,
    InvalidScope: 400,
    TooManyTries: 429,
    TooManyCodes: 429,
    RateExceeded: 429,
    NotFound: 404,
    Conflict: 409,
    NotAllowed: 403,
    Unfit: 422,
}

_FACES = "error-faces"
# Status, sentence, headers: how a face words a refusal.
Face = Callable[[int, str, Mapping[str, str]], Response]

log = structlog.get_logger()


def status_of(refusal: PharmacyError) -> int:
    """The status of the refusal's own type or of the first family it belongs to."""
    return next(_STATUS[kind] for kind in type(refusal).__mro__ if kind in _STATUS)


def problem(
    status: int,
    name: str,
    detail: str,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem document; `errors` has a pointer, a code and a sentence for each fault."""
    body: dict[str, Any] = {
        "type": TYPES + name,
        # Werkzeug's words, because those of the standard library change with the version of Python.
        "title": HTTP_STATUS_CODES[status],
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = errors
    return Response(orjson.dumps(body), status, dict(headers or {}), content_type=PROBLEM)


def pointer(path: tuple[str | int, ...]) -> str:
    """The JSON pointer (RFC 6901) of that path."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def speak_as(app: Flask, path: str, face: Face) -> None:
    """Refusals at this path and below it are worded by that face."""
    app.extensions.setdefault(_FACES, {})[path] = face


def register(app: Flask) -> None:
    """Every refusal of the API leaves as a problem document; console pages word theirs themselves."""
    app.register_error_handler(PharmacyError, _refused)
    app.register_error_handler(Unauthenticated, _unauthenticated)
    app.register_error_handler(BadJson, lambda bad: _answer(400, "not-readable", str(bad)))
    app.register_error_handler(StillRunning, _busy)
    app.register_error_handler(AlreadyThere, _busy)
    app.register_error_handler(BooksUnavailable, _unavailable)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _bug)


def _refused(refusal: PharmacyError) -> Response:
    name = _kebab(type(refusal).__name__)
    fault = {"pointer": pointer(refusal.where), "code": name, "detail": str(refusal)}
    headers = {"Retry-After": str(wait)} if (wait := _seconds_to_wait(refusal)) else None
    return _answer(status_of(refusal), name, str(refusal), [fault] if refusal.where else None, headers)


def _seconds_to_wait(refusal: PharmacyError) -> int:
    """How long the caller should wait before asking again; 0 where waiting does not help."""
    match refusal:
        case FirstStillRunning():
            return 1
        case TooManyTries(minutes=minutes):
            return minutes * 60
        case RateExceeded(allowance=allowance):
            return allowance.seconds
        case _:
            return 0


def _unauthenticated(_: Unauthenticated) -> Response:
    detail = (
        "A bearer token is due; get one from /api/v1/oauth/token, or as staff from /api/v1/staff/sessions."
    )
    return _answer(
        401, "unauthenticated", detail, headers={"WWW-Authenticate": 'Bearer realm="ldn-pharmacy"'}
    )


def _busy(_: StillRunning | AlreadyThere) -> Response:
    return _answer(
        409, "busy", "Somebody else is at it; ask again in a moment.", headers={"Retry-After": "1"}
    )


def _unavailable(_: BooksUnavailable) -> Response:
    detail = "The books cannot be opened at the moment. Nothing was changed; ask again."
    return _answer(503, "unavailable", detail, headers={"Retry-After": "2"})


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if "messages" in getattr(error, "data", {}):
        return _shape(error)
    # What Werkzeug knows besides the status must reach the caller: Allow for 405, Location for redirects.
    kept = {
        name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After", "Location"}
    }
    if status < HTTPStatus.BAD_REQUEST:
        return Response(status=status, headers=kept)
    return _answer(status, _kebab(type(error).__name__), error.description or "", headers=kept)


def _shape(error: HTTPException) -> Response:
    """A body or query that does not have its shape: every fault with its pointer."""
    messages = error.data["messages"]  # type: ignore[attr-defined]  # Put there by the parser.
    faults = [
        {"pointer": pointer(path), "code": "shape", "detail": sentence}
        for part in messages.values()
        for path, sentence in _flat(part)
    ]
    return _answer(400, "shape", "The request does not have the shape that is due.", faults)


def _flat(messages: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(messages, Mapping):
        for name, below in messages.items():
            yield from _flat(below, path if name == "_schema" else (*path, name))
    elif isinstance(messages, list):
        for each in messages:
            yield from _flat(each, path)
    else:
        yield path, str(messages)


def _bug(error: Exception) -> Response:
    # The class and the places alone: a message may quote what a patient is called.
    places = traceback.format_tb(error.__traceback__)
    log.error("bug", error=type(error).__name__, rule=str(request.url_rule), places=places)
    return _answer(500, "bug", "This is our mistake. It has been noted; nothing was changed.")


def _answer(
    status: int,
    name: str,
    detail: str,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    for path, face in current_app.extensions.get(_FACES, {}).items():
        if request.path == path or request.path.startswith(path + "/"):
            worded: Response = face(status, detail, headers or {})
            return worded
    return problem(status, name, detail, errors, headers)


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[ _]", "-", name).lower()
