"""Where an API client trades a proof of who it is for a short bearer token, and ends one before its time.

OAuth 2 client credentials: an id with its secret (in the form, or by Basic authorization), or an assertion
signed with the client's private key (RFC 7523, SMART Backend Services).
"""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint as PlainBlueprint
from flask import Response, request

from pharmacy.domain.client_assertions import ALGORITHMS
from pharmacy.domain.scopes import Scope
from pharmacy.usecases.authenticate_client import (
    AssertionProof,
    InvalidClient,
    Proof,
    SecretProof,
    name_said,
)
from pharmacy.usecases.issue_token import TOKEN_LASTS, issue_token, revoke_token
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.api.token_shapes import ASSERTION_TYPE, RevocationInput, TokenInput, TokenOutput
from pharmacy.web.current import the_pharmacy
from pharmacy.web.errors import PROBLEM
from pharmacy.web.guards import public
from pharmacy.web.rates import spend_for_proof

blueprint = Blueprint("tokens", __name__, url_prefix="/api/v1/oauth", description="Access tokens")
well_known = PlainBlueprint("well_known", __name__, url_prefix="/.well-known")
TOKEN_PATH = "/api/v1/oauth/token"
REVOCATION_PATH = "/api/v1/oauth/revoke"
_OAUTH_ERRORS = frozenset({"invalid_client", "invalid_scope"})


@blueprint.post("/token")
@public("here a client proves who it is")
@blueprint.arguments(TokenInput(), location="form")
@blueprint.response(200, TokenOutput)
@blueprint.alt_response(429, description="Too many proofs in this minute.")
def token(asked: dict[str, Any]) -> Any:
    """A bearer token for 15 minutes, for a secret or for an assertion signed with the client's private key."""
    pharmacy = the_pharmacy()
    scope = asked["scope"]
    issued = issue_token(
        pharmacy.sessions,
        _proof(asked),
        tuple(scope.split()) if scope else None,
        by=pharmacy.clockwork,
        now=pharmacy.clock(),
    )
    return {
        "access_token": issued.token,
        "token_type": "Bearer",
        "expires_in": int(TOKEN_LASTS.total_seconds()),
        "scope": " ".join(issued.scopes),
    }


@blueprint.post("/revoke")
@public("here a client proves who it is")
@blueprint.arguments(RevocationInput(), location="form")
@blueprint.response(200)
@blueprint.alt_response(429, description="Too many proofs in this minute.")
def revoke(asked: dict[str, Any]) -> None:
    """The token opens nothing any more; of one that is not the client's own nothing is said (RFC 7009)."""
    pharmacy = the_pharmacy()
    revoke_token(
        pharmacy.sessions, _proof(asked), asked["token"], by=pharmacy.clockwork, now=pharmacy.clock()
    )


@blueprint.after_request
def never_kept(response: Response) -> Response:
    """Nobody between us and the client keeps a token (RFC 6749, 5.1)."""
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.after_request
def named_as_oauth_names_it(response: Response) -> Response:
    """A refusal here has a member `error` besides (RFC 6749, 5.2)."""
    if response.mimetype == PROBLEM:
        told = orjson.loads(response.get_data())
        name = told["type"].rpartition("/")[2].replace("-", "_")
        told["error"] = name if name in _OAUTH_ERRORS else "invalid_request"
        response.set_data(orjson.dumps(told))
    return response


@well_known.get("/oauth-authorization-server")
@public("tells systems where to ask for tokens")
def authorization_server() -> dict[str, Any]:
    """Where and how tokens are asked for (RFC 8414)."""
    return {"issuer": the_pharmacy().public_url, **_endpoints()}


@well_known.get("/smart-configuration")
@public("tells systems where to ask for tokens")
def smart_configuration() -> dict[str, Any]:
    """The same for systems that speak SMART Backend Services."""
    return {**_endpoints(), "capabilities": ["client-confidential-asymmetric", "permission-v2"]}


def _endpoints() -> dict[str, Any]:
    here = the_pharmacy().public_url
    ways = ["private_key_jwt", "client_secret_basic", "client_secret_post"]
    return {
        "token_endpoint": here + TOKEN_PATH,
        "token_endpoint_auth_methods_supported": ways,
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "revocation_endpoint": here + REVOCATION_PATH,
        "revocation_endpoint_auth_methods_supported": ways,
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "scopes_supported": [scope.value for scope in Scope],
        "service_documentation": here + "/api/docs",
    }


def _proof(asked: dict[str, Any]) -> Proof:
    """How the client proves who it is; InvalidClient when it does not, or in two ways at once, RateExceeded
    when it has tried too often."""
    proof = _proof_brought(asked)
    spend_for_proof(name_said(proof))
    return proof


def _proof_brought(asked: dict[str, Any]) -> Proof:
    basic = request.authorization if request.authorization and request.authorization.type == "basic" else None
    if asked["client_assertion"] is not None:
        if basic or asked["client_secret"] or asked["client_assertion_type"] != ASSERTION_TYPE:
            raise InvalidClient
        audience = the_pharmacy().public_url + TOKEN_PATH
        return AssertionProof(asked["client_assertion"], audience, asked["client_id"])
    client_id = basic.username if basic else asked["client_id"]
    secret = basic.password if basic else asked["client_secret"]
    if not (client_id and client_id.isprintable() and secret and secret.isprintable()):
        raise InvalidClient
    return SecretProof(client_id, secret)
