"""Signed assertions as a prescriber's system makes them, and keys to make them with."""

import json
from datetime import datetime, timedelta
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from pharmacy.web.api.token_shapes import ASSERTION_TYPE

AUDIENCE = "http://127.0.0.1:8000/api/v1/oauth/token"
Key = RSAKey | ECKey


def an_ec_key() -> ECKey:
    return ECKey.generate_key("P-384")


def an_rsa_key() -> RSAKey:
    return RSAKey.generate_key(2048)


def public_half(key: Key, kid: str = "first") -> dict[str, Any]:
    """What is registered of the pair."""
    return {**key.as_dict(private=False), "kid": kid}


def an_assertion(
    key: Key, client_id: str, now: datetime, /, header: dict[str, Any] | None = None, **claims: Any
) -> str:
    """An assertion that holds for four minutes, unless `claims` say otherwise; None leaves a claim out."""
    algorithm = "ES384" if isinstance(key, ECKey) else "RS384"
    said = {
        "iss": client_id,
        "sub": client_id,
        "aud": AUDIENCE,
        "jti": "once",
        "exp": int((now + timedelta(minutes=4)).timestamp()),
        **claims,
    }
    kept = {name: value for name, value in said.items() if value is not None}
    head = {"alg": algorithm, "kid": "first", **(header or {})}
    return jws.serialize_compact(head, json.dumps(kept), key, algorithms=[head["alg"]])


def form_of(assertion: str, **more: str) -> dict[str, str]:
    """The token request that carries the assertion."""
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
        **more,
    }
