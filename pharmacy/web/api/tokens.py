"""Where an API client trades its id and secret for a short bearer token (OAuth 2, client credentials)."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from pharmacy.usecases.issue_token import TOKEN_LASTS, InvalidClient, issue_token
from pharmacy.web.api.input_schemas import TokenInput
from pharmacy.web.api.output_schemas import TokenOutput
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import public

blueprint = Blueprint("tokens", __name__, url_prefix="/api/v1/oauth", description="Access tokens")


@blueprint.post("/token")
@public("here a client proves who it is")
@blueprint.arguments(TokenInput(), location="form")
@blueprint.response(200, TokenOutput)
def token(asked: dict[str, Any]) -> Any:
    """A bearer token for 15 minutes, for client id and secret (in the form, or by Basic authorization)."""
    pharmacy = the_pharmacy()
    basic = request.authorization if request.authorization and request.authorization.type == "basic" else None
    client_id = basic.username if basic else asked["client_id"]
    secret = basic.password if basic else asked["client_secret"]
    if not (client_id and client_id.isprintable() and secret and secret.isprintable()):
        raise InvalidClient
    issued = issue_token(pharmacy.sessions, client_id, secret, now=pharmacy.clock())
    return {
        "access_token": issued.token,
        "token_type": "Bearer",
        "expires_in": int(TOKEN_LASTS.total_seconds()),
        "scope": " ".join(issued.scopes),
    }


@blueprint.after_request
def never_kept(response: Response) -> Response:
    """Nobody between us and the client keeps a token (RFC 6749, 5.1)."""
    response.headers["Cache-Control"] = "no-store"
    return response
