"""What is signed, when it is tried again, and where nothing is ever sent."""

import hashlib
import hmac
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.webhooks import (
    Delivered,
    Parked,
    TryAgain,
    as_told,
    is_public,
    outcome,
    secret_of,
    signature,
)

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
WAITS = [timedelta(seconds=5), timedelta(minutes=5), timedelta(hours=2)]
KEY = b"k" * 32


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_2xx_is_taken(status: int) -> None:
    assert outcome(status, "", 1, WAITS, NOW) == Delivered()


@pytest.mark.parametrize("status", [100, 301, 302, 307, 400, 404, 429, 500, 503])
def test_everything_else_is_tried_again_after_the_next_wait(status: int) -> None:
    tries = [outcome(status, "", attempts, WAITS, NOW) for attempts in (1, 2, 3, 4)]

    assert tries == [*(TryAgain(NOW + wait, f"HTTP {status}") for wait in WAITS), Parked(f"HTTP {status}")]


def test_silence_is_tried_again_and_parked_in_its_own_words() -> None:
    assert outcome(None, "no answer", 1, WAITS, NOW) == TryAgain(NOW + WAITS[0], "no answer")
    assert outcome(None, "no answer", 4, WAITS, NOW) == Parked("no answer")


def test_who_says_gone_is_not_asked_again() -> None:
    assert outcome(410, "", 1, WAITS, NOW) == Parked("HTTP 410")


@given(
    attempts=st.integers(1, 50),
    waits=st.lists(st.integers(1, 10**6).map(lambda s: timedelta(seconds=s)), max_size=12),
)
def test_trying_ends(attempts: int, waits: list[timedelta]) -> None:
    became = outcome(500, "", attempts, waits, NOW)

    assert isinstance(became, Parked) == (attempts > len(waits))


def test_the_signature_is_that_of_standard_webhooks() -> None:
    secret = secret_of(KEY, "endpoint", 1)

    signed = signature([secret], "msg_1", 1_700_000_000, b'{"a":1}')

    told = b64decode(as_told(secret).removeprefix("whsec_"))
    due = hmac.digest(told, b'msg_1.1700000000.{"a":1}', hashlib.sha256)
    assert b64decode(signed.removeprefix("v1,")) == due


def test_during_a_change_both_secrets_sign() -> None:
    old, new = (secret_of(KEY, "endpoint", version) for version in (1, 2))

    assert old != new
    assert signature([new, old], "1", 1, b"").split(" ") == [
        signature([new], "1", 1, b""),
        signature([old], "1", 1, b""),
    ]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0",
        "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "2002:a00:1::",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2001:db8::1", "name.example", "",
    ],
)  # fmt: skip
def test_nothing_is_sent_into_our_own_networks(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "64:ff9b::808:808"])
def test_the_open_internet_is_public(address: str) -> None:
    assert is_public(address)


@given(inner=st.ip_addresses(v=4))
def test_an_address_is_as_public_as_the_one_it_leads_to(inner: IPv4Address) -> None:
    mapped = IPv6Address(f"::ffff:{inner}")

    assert is_public(str(mapped)) == is_public(str(inner))
