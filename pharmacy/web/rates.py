"""Spends what a caller has left in this minute, and tells it what remains.

The headers are those of the IETF draft `RateLimit` fields: the policy with its quota and window, and what is
left of it until when.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, after_this_request

from pharmacy.store.door import token_hash
from pharmacy.usecases.rate_limits import WINDOW_SECONDS, Allowance, RateExceeded
from pharmacy.web.current import address_of_caller, the_pharmacy


def spend_for_token(token: str) -> None:
    """The request counts for the token's client; RateExceeded when it has none left."""
    pharmacy = the_pharmacy()
    _told(
        lambda: pharmacy.gate.admit_token(
            pharmacy.sessions, token_hash(token), address_of_caller(), now=pharmacy.clock()
        )
    )


def spend_for_proof(client_id: str) -> None:
    """The proof counts for this client id at this address; RateExceeded when it has none left."""
    pharmacy = the_pharmacy()
    _told(
        lambda: pharmacy.gate.admit_proof(
            pharmacy.sessions, client_id, address_of_caller(), now=pharmacy.clock()
        )
    )


def _told(spend: Callable[[], Allowance]) -> None:
    try:
        allowance = spend()
    except RateExceeded as refusal:
        _tell(refusal.allowance)
        raise
    _tell(allowance)


def _tell(allowance: Allowance) -> None:
    @after_this_request
    def tell(response: Response) -> Response:
        name = f'"{allowance.policy}"'
        response.headers["RateLimit-Policy"] = f"{name};q={allowance.limit};w={WINDOW_SECONDS}"
        response.headers["RateLimit"] = f"{name};r={allowance.left};t={allowance.seconds}"
        return response
