"""The description of the API (OpenAPI 3.1) and the page on which it can be tried, served from here alone."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, render_template
from flask_smorest import Api

from pharmacy.web.api import labels, orders, prescriptions, quotes, titrations, tokens
from pharmacy.web.guards import public

API_VERSION = "0.1.0"
EXTENSION = "pharmacy-api"
_DESCRIPTION = (
    "Orders titrations of low-dose naltrexone. A titration is one object; capsules, batches, price, labels and "
    "calendar are derived from it. Every refusal is a problem document (RFC 9457)."
)

pages = Blueprint("api_pages", __name__, url_prefix="/api", template_folder="templates")


@pages.get("/docs")
@public("the description holds no patient's data")
def docs() -> str:
    """The interactive page."""
    return render_template("api_docs.html")


def description(app: Flask) -> dict[str, Any]:
    """The OpenAPI document of the registered API."""
    document: dict[str, Any] = app.extensions[EXTENSION].spec.to_dict()
    return document


def register(app: Flask) -> None:
    """The six doors of the API, described together."""
    app.config.update(
        API_TITLE="LDN pharmacy",
        API_VERSION=API_VERSION,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "info": {"description": _DESCRIPTION},
            "components": {
                "securitySchemes": {
                    "bearer": {
                        "type": "oauth2",
                        "flows": {"clientCredentials": {"tokenUrl": "/api/v1/oauth/token", "scopes": {}}},
                    }
                }
            },
            "security": [{"bearer": []}],
        },
    )
    api = Api(app)
    for module in (tokens, titrations, quotes, orders, prescriptions, labels):
        api.register_blueprint(module.blueprint)
    app.register_blueprint(pages)
    app.extensions[EXTENSION] = api
