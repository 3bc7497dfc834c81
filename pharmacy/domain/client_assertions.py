"""What a client's signed assertion must claim (RFC 7523; SMART Backend Services).

The client names itself as issuer and subject and us as audience; the assertion ends within five minutes and
is used once. Whether the signature holds is found out elsewhere, with one of ALGORITHMS and no other: `none` and
whatever an attacker would rather have are refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from pharmacy.domain.errors import NotAllowed

ALGORITHMS = ("RS384", "ES384")
LONGEST = timedelta(minutes=5)
# How far a client's clock may be ahead of ours, or behind.
CLOCKS_APART = timedelta(seconds=30)
LONGEST_JTI = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_SECOND = 10**11


@dataclass(eq=False)
class AssertionRefused(NotAllowed):
    """`reason` is for the audit trail; the client is told as little as with a wrong secret."""

    reason: str

    def __str__(self) -> str:
        return "The client could not be authenticated."


@dataclass(frozen=True, slots=True)
class Claims:
    """What is left to check against the books: nobody used `jti` before."""

    jti: str
    expires_at: datetime


def checked(claims: Mapping[str, Any], client_id: str, audience: str, now: datetime) -> Claims:
    """The claims of an assertion that `client_id` made for `audience`; AssertionRefused otherwise.

    `exp` lies after `now` and at most LONGEST after it; `iat` and `nbf`, where given, are not to come.
    """
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise AssertionRefused("another issuer or subject")
    aud = claims.get("aud")
    if audience not in (aud if isinstance(aud, list) else [aud]):
        raise AssertionRefused("another audience")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_JTI or not jti.isprintable():
        raise AssertionRefused("no usable jti")
    return Claims(jti=jti, expires_at=_checked_times(claims, now))


def _checked_times(claims: Mapping[str, Any], now: datetime) -> datetime:
    """The instant at which the assertion ends; AssertionRefused when it has, or begins later."""
    expires_at = _instant(claims.get("exp"))
    if expires_at is None or expires_at <= now - CLOCKS_APART:
        raise AssertionRefused("expired")
    if expires_at > now + LONGEST + CLOCKS_APART:
        raise AssertionRefused("lasts too long")
    for name in {"iat", "nbf"} & set(claims):
        instant = _instant(claims[name])
        if instant is None or instant > now + CLOCKS_APART:
            raise AssertionRefused(f"{name} is still to come")
    return expires_at


def _instant(seconds: object) -> datetime | None:
    """Seconds since 1970, as JWT count (RFC 7519); None for what is no number of a calendar."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | Decimal) or not 0 <= seconds < _LAST_SECOND:
        return None
    return _EPOCH + timedelta(seconds=int(seconds))
