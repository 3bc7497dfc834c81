"""The description of the API (OpenAPI 3.1) and the page on which it can be tried, served from here alone.

What decorators cannot know is added to each operation here: the scope that its guard asks for, the refusals
that may come, and the idempotency key of whatever creates something.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

import flask_smorest
from apispec import BasePlugin
from flask import Blueprint, Flask, render_template
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.routing import Rule

from pharmacy.web.api import (
    adjustments,
    audit,
    batch_plans,
    batches,
    bench,
    component_lots,
    consents,
    equipment,
    events,
    figures,
    formulations,
    hand_overs,
    label_papers,
    label_printing,
    labels,
    notice_queue,
    notices,
    order_entries,
    orders,
    packets,
    patients,
    payments,
    plan_proposals,
    practices,
    prescriptions,
    price_books,
    quality,
    quotes,
    recalls,
    refills,
    screenings,
    staff_sessions,
    tasks,
    titrations,
    tokens,
    traces,
)
from pharmacy.web.api.output_schemas import ProblemOutput
from pharmacy.web.door import LONGEST_KEY
from pharmacy.web.errors import PROBLEM
from pharmacy.web.guards import public, scope_of, staff_roles_of

API_VERSION = "0.1.0"
EXTENSION = "pharmacy-api"
_DESCRIPTION = (
    "Orders titrations of low-dose naltrexone. A titration is one object; capsules, batches, price, labels and "
    "calendar are derived from it. Every refusal is a problem document (RFC 9457)."
)
_BEARER: Mapping[str, Any] = {
    "type": "http",
    "scheme": "bearer",
    "description": "A token from /api/v1/oauth/token (client credentials); each operation names the scope it needs.",
}
_STAFF: Mapping[str, Any] = {
    "type": "http",
    "scheme": "bearer",
    "description": "The key of a member of staff from /api/v1/staff/sessions; each operation names the roles it is for.",
}
_IDEMPOTENCY_KEY: Mapping[str, Any] = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "description": "The same key with the same body is answered as before, with another body refused.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[ -~]+$"},
}
_SECONDS = {"description": "Seconds to wait before asking again.", "schema": {"type": "string"}}
_LEFT: Mapping[str, Any] = {
    "RateLimit": {
        "description": "What is left (r) of the policy that is named, and the seconds (t) until it is whole again.",
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {
        "description": "How many requests (q) are taken in a window of so many seconds (w).",
        "schema": {"type": "string"},
    },
}
_HEADERS: Mapping[int, Mapping[str, Any]] = {
    HTTPStatus.UNAUTHORIZED: {
        "WWW-Authenticate": {"description": "Which kind of token is due.", "schema": {"type": "string"}}
    },
    HTTPStatus.CONFLICT: {"Retry-After": _SECONDS},
    HTTPStatus.TOO_MANY_REQUESTS: {"Retry-After": _SECONDS, **_LEFT},
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": _SECONDS},
}
_IN_A_BODY = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)

pages = Blueprint("api_pages", __name__, url_prefix="/api", template_folder="templates")


@pages.get("/docs")
@public("the description holds no patient's data")
def docs() -> str:
    """The interactive page."""
    return render_template("api_docs.html")


class Doors(BasePlugin):
    """Adds to each operation what its guard, its body and its success imply."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def operation_helper(
        self, path: str | None = None, operations: dict[str, Any] | None = None, **known: Any
    ) -> None:
        rule: Rule = known["rule"]
        security = _security(self._app.view_functions[rule.endpoint])
        for operation in (operations or {}).values():
            operation["security"] = security
            if HTTPStatus.CREATED in operation["responses"]:
                operation.setdefault("parameters", []).append(dict(_IDEMPOTENCY_KEY))
            if _counts(operation):
                _describe_what_is_left(operation["responses"])
            documented = [status for status in operation["responses"] if _is_refusal(status)]
            for status in (*documented, *_refusals(operation, rule)):
                operation["responses"][status] = _problem_name(status)


def _counts(operation: Mapping[str, Any]) -> bool:
    """Whether requests are counted there: wherever a client's token opens."""
    return any("bearer" in way for way in operation["security"])


def _describe_what_is_left(responses: Mapping[Any, Any]) -> None:
    for status, response in responses.items():
        if isinstance(response, dict) and not _is_refusal(status):
            response.setdefault("headers", {}).update(_LEFT)


class DescribedApi(flask_smorest.Api):  # type: ignore[misc]  # The package publishes no types.
    """Describes refusals as what they are, and leaves answering them to `errors`."""

    def _register_error_handlers(self) -> None:
        """Nothing: there is one table of refusals, and it is ours."""

    def _register_pagination_header(self) -> None:
        """Nothing: the next page stands in the answer, not in a header."""

    def _register_responses(self) -> None:
        for status, words in HTTP_STATUS_CODES.items():
            if _is_refusal(status):
                self._describe(_problem_name(status), words, _HEADERS.get(status, {}))
        self._describe(self.DEFAULT_ERROR_RESPONSE_NAME, "Any other refusal", {})
        not_modified = {"description": HTTPStatus.NOT_MODIFIED.phrase}
        self.spec.components.response(HTTPStatus.NOT_MODIFIED.name, not_modified, lazy=True)

    def _describe(self, name: str, description: str, headers: Mapping[str, Any]) -> None:
        described = {"description": description, "content": {PROBLEM: {"schema": ProblemOutput}}}
        if headers:
            described["headers"] = dict(headers)
        self.spec.components.response(name, described, lazy=True)


def _is_refusal(status: int | str) -> bool:
    return isinstance(status, int) and status >= HTTPStatus.BAD_REQUEST


def _problem_name(status: int) -> str:
    """Numbers, because the names of statuses change with the version of Python."""
    return f"Problem{int(status)}"


def _security(view: Callable[..., Any]) -> list[dict[str, list[str]]]:
    """Whose token opens the view: a client's with a scope, a member of staff's with one of these roles, nobody's."""
    scope, roles = scope_of(view), staff_roles_of(view)
    clients = [{"bearer": [scope]}] if scope else []
    return clients + ([{"staff": sorted(roles)}] if roles else [])


def _refusals(operation: Mapping[str, Any], rule: Rule) -> Iterator[HTTPStatus]:
    """The refusals that may come besides those that any request may meet."""
    yield HTTPStatus.SERVICE_UNAVAILABLE
    # An address may hold what no database keeps.
    yield HTTPStatus.BAD_REQUEST
    yield HTTPStatus.UNAUTHORIZED
    if operation["security"]:
        yield HTTPStatus.FORBIDDEN
        if _counts(operation):
            yield HTTPStatus.TOO_MANY_REQUESTS
        yield HTTPStatus.CONFLICT  # What is asked for is not ready, or a lot or a balance is missing.
    if rule.arguments or HTTPStatus.CREATED in operation["responses"]:
        yield HTTPStatus.NOT_FOUND
    if "requestBody" in operation:
        yield from _IN_A_BODY


def description(app: Flask) -> dict[str, Any]:
    """The OpenAPI document of the registered API."""
    document: dict[str, Any] = app.extensions[EXTENSION].spec.to_dict()
    return document


def register(app: Flask) -> None:
    """The doors of the API, described together."""
    app.config.update(
        API_TITLE="LDN pharmacy",
        API_VERSION=API_VERSION,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = DescribedApi(
        app,
        spec_kwargs={
            "extra_plugins": [Doors(app)],
            "info": {"description": _DESCRIPTION},
            "components": {"securitySchemes": {"bearer": dict(_BEARER), "staff": dict(_STAFF)}},
        },
    )
    for module in (
        tokens,
        staff_sessions,
        titrations,
        quotes,
        price_books,
        orders,
        payments,
        prescriptions,
        label_papers,
        label_printing,
        labels,
        notices,
        notice_queue,
        consents,
        tasks,
        audit,
        patients,
        screenings,
        hand_overs,
        order_entries,
        batch_plans,
        traces,
        recalls,
        adjustments,
        refills,
        batches,
        bench,
        plan_proposals,
        component_lots,
        equipment,
        formulations,
        quality,
        figures,
        packets,
        events,
    ):
        api.register_blueprint(module.blueprint)
    for blueprint in (practices.blueprint, practices.clients, practices.prescribers):
        api.register_blueprint(blueprint)
    app.register_blueprint(tokens.well_known)
    app.register_blueprint(pages)
    app.extensions[EXTENSION] = api
