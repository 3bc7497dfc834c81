"""Shapes of the door at which clients prove who they are; forms, as OAuth 2 has them."""

from __future__ import annotations

from enum import StrEnum

from marshmallow import fields

from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.fields import OneOf, Text

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_ASSERTION = 8_000


class GrantType(StrEnum):
    CLIENT_CREDENTIALS = "client_credentials"


class ProofInput(Asked):
    """A secret with its id, or a signed assertion with its type."""

    client_id = Text(load_default=None)
    client_secret = Text(load_default=None, load_only=True)
    client_assertion_type = Text(load_default=None, metadata={"description": ASSERTION_TYPE})
    client_assertion = Text(most=LONGEST_ASSERTION, load_default=None, load_only=True)


class TokenInput(ProofInput):
    grant_type = OneOf(GrantType, required=True)
    scope = Text(most=2000, load_default=None)


class RevocationInput(ProofInput):
    token = Text(most=500, required=True, load_only=True)
    token_type_hint = Text(load_default=None)


class TokenOutput(Answered):
    access_token = fields.String()
    token_type = fields.String()
    expires_in = fields.Integer()
    scope = fields.String()
