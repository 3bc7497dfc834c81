"""What an assertion must claim, at the edges of its few minutes."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from pharmacy.domain.client_assertions import CLOCKS_APART, LONGEST, AssertionRefused, checked

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
HERE = "https://pharmacy.example/token"


def claims(**changed: object) -> dict[str, object]:
    ends = int((NOW + timedelta(minutes=4)).timestamp())
    return {"iss": "ehr", "sub": "ehr", "aud": HERE, "jti": "1", "exp": ends, **changed}


def test_an_assertion_may_last_five_minutes_and_clocks_may_be_half_a_minute_apart() -> None:
    longest = int((NOW + LONGEST + CLOCKS_APART).timestamp())

    assert checked(claims(exp=longest), "ehr", HERE, NOW).expires_at == NOW + LONGEST + CLOCKS_APART
    with pytest.raises(AssertionRefused, match="could not be authenticated"):
        checked(claims(exp=longest + 1), "ehr", HERE, NOW)


def test_seconds_may_have_a_fraction() -> None:
    ends = Decimal(int(NOW.timestamp())) + Decimal("60.75")

    assert checked(claims(exp=ends), "ehr", HERE, NOW).expires_at == NOW + timedelta(seconds=60)


@pytest.mark.parametrize("exp", [True, -1, 10**11, "60", None, [1]])
def test_what_is_no_instant_is_refused(exp: object) -> None:
    with pytest.raises(AssertionRefused):
        checked(claims(exp=exp), "ehr", HERE, NOW)
