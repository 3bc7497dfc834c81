"""Public keys of API clients: which are taken, and whether a signed assertion is theirs.

A key set that is registered holds public keys alone; a private one that was sent by mistake is refused, never
kept. RSA keys have 2048 bits or more, elliptic ones lie on P-384, as RS384 and ES384 want them.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey, import_key

from pharmacy.domain.client_assertions import ALGORITHMS, AssertionRefused
from pharmacy.domain.errors import Unfit

SMALLEST_RSA_BITS = 2048
_PUBLIC = {"RSA": ("kty", "n", "e"), "EC": ("kty", "crv", "x", "y")}
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "k", "oth"})
_ALGORITHM_OF = {"RSA": "RS384", "EC": "ES384"}


@dataclass(eq=False)
class KeyUnfit(Unfit):
    reason: str

    def __str__(self) -> str:
        return f"This key is not taken: {self.reason}."


@dataclass(frozen=True, slots=True)
class Signed:
    """An assertion as it came, with what it says of itself; nothing of it is believed yet."""

    compact: jws.CompactSignature
    kid: str
    claims: Mapping[str, Any]


def public_key(jwk: Mapping[str, Any]) -> dict[str, str]:
    """The public members of that JWK, and no other; KeyUnfit for what is private, weak or of another kind."""
    if _PRIVATE & set(jwk):
        raise KeyUnfit("it is private; make a new pair, and send its public half")
    members = _PUBLIC.get(str(jwk.get("kty")))
    if members is None:
        raise KeyUnfit("RSA or EC is due")
    kept = {name: jwk[name] for name in members if isinstance(jwk.get(name), str)}
    _imported(kept)
    return kept


def read(assertion: str) -> Signed:
    """What the assertion says; AssertionRefused when it is none, or asks for an algorithm that is not ours."""
    try:
        compact = jws.extract_compact(assertion.encode("ascii"))
        header, claims = compact.headers(), json.loads(compact.payload, parse_float=Decimal)
    except (JoseError, ValueError, RecursionError):
        raise AssertionRefused("unreadable") from None
    if header.get("alg") not in ALGORITHMS:
        raise AssertionRefused("another algorithm")
    kid = header.get("kid")
    if not isinstance(kid, str) or "crit" in header or not isinstance(claims, dict):
        raise AssertionRefused("unreadable")
    return Signed(compact, kid, claims)


def require_signed_by(signed: Signed, jwk: Mapping[str, Any]) -> None:
    """The assertion was signed by the private half of that key; AssertionRefused otherwise."""
    expected = _ALGORITHM_OF[jwk["kty"]]
    try:
        holds = signed.compact.headers()["alg"] == expected and jws.validate_compact(
            signed.compact, _imported(jwk), algorithms=[expected]
        )
    except (JoseError, ValueError):
        holds = False
    if not holds:
        raise AssertionRefused("another signature")


def _imported(jwk: Mapping[str, Any]) -> RSAKey | ECKey:
    try:
        with warnings.catch_warnings():
            # Weak keys are refused below, with a sentence.
            warnings.simplefilter("ignore")
            key = import_key(dict(jwk))
            bits = key.raw_value.key_size  # type: ignore[union-attr]  # RSA and EC keys have a size.
    except (JoseError, ValueError, TypeError, AttributeError, KeyError):
        raise KeyUnfit("it cannot be read") from None
    if isinstance(key, RSAKey) and bits >= SMALLEST_RSA_BITS:
        return key
    if isinstance(key, ECKey) and key.curve_name == "P-384":
        return key
    raise KeyUnfit("RSA of 2048 bits or more, or EC on P-384 is due")
