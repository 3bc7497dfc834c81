"""Rules of webhooks: what is signed, when it is tried again, and to which addresses nothing is ever sent.

The form is that of Standard Webhooks: the id, the second and the body are signed together, so that no part can
be exchanged or said again later. Trying ends after the last wait of the house's list; then the delivery is parked,
and a person sends it again.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address

GONE = 410


@dataclass(frozen=True, slots=True)
class Delivered:
    """The subscriber has taken it."""


@dataclass(frozen=True, slots=True)
class TryAgain:
    at: datetime
    because: str


@dataclass(frozen=True, slots=True)
class Parked:
    """It is not tried again by itself."""

    because: str


Outcome = Delivered | TryAgain | Parked


def outcome(
    status: int | None, failure: str, attempts: int, waits: Sequence[timedelta], now: datetime
) -> Outcome:
    """What follows from an answer with that status, or from none at all (`failure` says why).

    `attempts` counts this one. Any 2xx is taken; 410 says that nobody listens there any more; everything else,
    redirects too, is tried again after the next of `waits`, until none is left.
    """
    if status is not None and 200 <= status < 300:
        return Delivered()
    because = failure if status is None else f"HTTP {status}"
    if status == GONE or attempts > len(waits):
        return Parked(because)
    return TryAgain(now + waits[attempts - 1], because)


def secret_of(key: bytes, endpoint: str, version: int) -> bytes:
    """The endpoint's secret of that version: derived, so that the books hold none."""
    return hmac.digest(key, f"webhook {endpoint} {version}".encode(), hashlib.sha256)


def as_told(secret: bytes) -> str:
    """The secret as subscribers keep it."""
    return f"whsec_{b64encode(secret).decode()}"


def signature(secrets: Sequence[bytes], message_id: str, timestamp: int, body: bytes) -> str:
    """One v1 signature for each secret that holds, so that subscribers change over without a gap."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return " ".join(
        f"v1,{b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()}" for secret in secrets
    )


def is_public(address: str) -> bool:
    """Whether that is an address of the open internet: none of our own networks, nor one that leads into them."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or _translated(found)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


def _translated(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that NAT64 (RFC 6052, 64:ff9b::/96) makes of it."""
    return IPv4Address(address.packed[12:]) if address.packed[:12] == _NAT64 else None


_NAT64 = bytes.fromhex("0064ff9b") + bytes(8)
