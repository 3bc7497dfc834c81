"""Shapes of practices, their systems, and the prescribers on their roster."""

from __future__ import annotations

from marshmallow import fields, validate

from pharmacy.domain.scopes import RosterScope, Scope
from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.fields import (
    CalendarDay,
    KeptDay,
    Npi,
    OneOf,
    QueryWhole,
    Text,
    Whole,
)

MOST_OVERLAP_HOURS = 720
_NAME = "^[A-Za-z0-9._~-]+$"


class PracticeInput(Asked):
    name = Text(required=True)


class PageQuery(Asked):
    page = Text(most=400, load_default=None, metadata={"description": "The bookmark of a page."})
    limit = QueryWhole(least=1, most=100, load_default=20)


class PracticeOutput(Answered):
    id = fields.UUID()
    name = fields.String()


class PracticePage(Answered):
    practices = fields.List(fields.Nested(PracticeOutput))
    next_page = fields.String(allow_none=True)


class ScopesInput(Asked):
    scopes = fields.List(OneOf(Scope), required=True, validate=validate.Length(max=40))


class ClientInput(ScopesInput):
    name = Text(required=True)


class ClientOutput(Answered):
    """An API client; `disabled_at` is null while it may come in."""

    id = fields.UUID()
    practice_id = fields.UUID()
    name = fields.String()
    client_id = fields.String()
    scopes = fields.List(fields.String())
    has_secret = fields.Function(lambda client: bool(client.secret_hash), metadata={"type": "boolean"})
    previous_secret_until = fields.AwareDateTime(allow_none=True)
    disabled_at = fields.AwareDateTime(allow_none=True)


class ClientPage(Answered):
    clients = fields.List(fields.Nested(ClientOutput))
    next_page = fields.String(allow_none=True)


class OverlapInput(Asked):
    overlap_hours = Whole(
        least=0,
        most=MOST_OVERLAP_HOURS,
        required=True,
        metadata={"description": "How long what is replaced still holds; 0 ends it at once."},
    )


class SecretOutput(Answered):
    client_id = fields.String()
    client_secret = fields.String(metadata={"description": "Seen here and never again."})
    previous_secret_until = fields.AwareDateTime(allow_none=True)


class JwkInput(Asked):
    """A public key as a JWK (RFC 7517): RSA of 2048 bits or more, or EC on P-384."""

    kty = Text(most=3, required=True)
    kid = Text(most=100, required=True, validate=validate.Regexp(_NAME))
    use = Text(most=10, load_default=None)
    alg = Text(most=10, load_default=None)
    n = Text(most=1400)
    e = Text(most=10)
    crv = Text(most=10)
    x = Text(most=100)
    y = Text(most=100)
    key_ops = fields.List(Text(most=20))
    # Named, so that a private key is refused for what it is.
    d = Text(most=1400)


class KeyOutput(Answered):
    kid = fields.String()
    kty = fields.Function(lambda key: key.jwk["kty"], metadata={"type": "string"})
    added_at = fields.AwareDateTime()
    holds_until = fields.AwareDateTime(allow_none=True)


class KeyList(Answered):
    keys = fields.List(fields.Nested(KeyOutput))


class ReasonInput(Asked):
    reason = Text(least=10, most=1000, required=True)


class RosterInput(Asked):
    npi = Npi(required=True)
    full_name = Text(required=True)
    licence_number = Text(most=50, required=True)
    licence_state = Text(
        least=2,
        most=2,
        required=True,
        validate=validate.Regexp("^[A-Z]{2}$"),
        metadata={"pattern": "^[A-Z]{2}$"},
    )
    scopes = fields.List(OneOf(RosterScope), load_default=lambda: list(RosterScope))
    expires_on = CalendarDay(required=True)


class RosterOutput(Answered):
    id = fields.UUID()
    practice_id = fields.UUID()
    npi = fields.String()
    full_name = fields.String()
    licence_number = fields.String(allow_none=True)
    licence_state = fields.String(allow_none=True)
    scopes = fields.List(fields.String())
    verified_at = fields.AwareDateTime()
    expires_on = KeptDay()
    withdrawn_at = fields.AwareDateTime(allow_none=True)


class RosterPage(Answered):
    prescribers = fields.List(fields.Nested(RosterOutput))
    next_page = fields.String(allow_none=True)
