"""The web application: Flask, blueprints, error handlers, and the rules of the door; nothing else."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Flask, Response, current_app, request
from flask.json.provider import JSONProvider
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.middleware.proxy_fix import ProxyFix

from pharmacy.bootstrap import Pharmacy, build
from pharmacy.config import Config
from pharmacy.store.waits import told_apart
from pharmacy.usecases.refuse_demo import DemoInProduction, refuse_demo
from pharmacy.web import console, errors, fhir, health, hooks, openapi, patient
from pharmacy.web.api.input_schemas import OrderInput
from pharmacy.web.current import EXTENSION
from pharmacy.web.strict_json import BadJson, read_json, require_keepable_text

LARGEST_BODY = 1_000_000
# A scanned sheet of 4 MB, as base64, and what stands around it.
LARGEST_WITH_FILE = 6_000_000

# Nothing on our pages comes from elsewhere, and nothing is inline.
_SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class StrictJson(JSONProvider):
    """Reads strictly and writes fast."""

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return read_json(s.encode() if isinstance(s, str) else s)

    def dumps(self, obj: Any, **_: Any) -> str:
        return orjson.dumps(obj, default=str).decode()


def create_app(pharmacy: Pharmacy) -> Flask:
    """The application that serves this pharmacy."""
    app = Flask("pharmacy", static_folder="web/static", template_folder="web/templates")
    app.json = StrictJson(app)
    app.extensions[EXTENSION] = pharmacy
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        SECRET_KEY=pharmacy.secret_key,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=pharmacy.public_url.startswith("https:"),
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.before_request(_guard_the_door)
    errors.register(app)
    openapi.register(app)
    app.register_blueprint(health.blueprint)
    console.register(app, OrderInput().load)
    patient.register(app)
    hooks.register(app)
    fhir.register(app)
    app.after_request(_secured)
    return app


def from_environment() -> Flask:
    """What the web server loads. Raises DemoInProduction where everybody would know a password."""
    config = Config.from_env()
    pharmacy = build(config)
    if not pharmacy.is_demo:
        try:
            with told_apart(), pharmacy.sessions.read() as session:
                refuse_demo(session)
        except DemoInProduction:
            pharmacy.close()
            raise
    return behind(create_app(pharmacy), config.trusted_proxies)


def behind(app: Flask, proxies: int) -> Flask:
    """The application behind so many proxies of the house: a caller's address is the one that the outermost of
    them has seen. What a caller writes into X-Forwarded-For itself is never believed.
    """
    if proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # As werkzeug's own documentation does.
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=0, x_port=0, x_prefix=0
        )
    return app


def _guard_the_door() -> None:
    """What no view should have to look at: unkeepable text in addresses, bodies of a kind nobody reads."""
    try:
        require_keepable_text(request.path)
        for name, value in request.args.items(multi=True):
            require_keepable_text(name)
            require_keepable_text(value)
    except BadJson as bad:
        raise BadRequest(str(bad)) from None
    view = current_app.view_functions.get(request.endpoint or "")
    largest = LARGEST_WITH_FILE if getattr(view, "takes_files", False) else LARGEST_BODY
    request.max_content_length = largest
    # A body that comes in chunks tells no length, and Werkzeug would cut it off at the limit without a word.
    is_cut = not request.content_length and len(request.get_data()) >= largest
    if is_cut or (request.content_length or 0) > largest:
        raise RequestEntityTooLarge
    reads_forms = request.path.startswith(("/console", patient.PREFIX, "/api/v1/oauth/"))
    # Where nothing is sent there is nothing to misread: whoever needs a body says so.
    has_body = bool(request.content_length or request.content_type or request.get_data())
    if request.method in {"POST", "PUT", "PATCH"} and has_body and not reads_forms and not request.is_json:
        raise UnsupportedMediaType("This door reads application/json.")


def _secured(response: Response) -> Response:
    for name, value in _SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    return response
