"""The first morning dose after the last one at bedtime: never two on one date, nor under eight hours apart."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.moving_time import NOON, first_morning
from tests.domain.strategies import dates

NEW_YORK = ZoneInfo("America/New_York")
EIGHT_HOURS = timedelta(hours=8)
MORNING = time(8)
ZONES = st.sampled_from(["America/New_York", "Pacific/Honolulu", "America/Anchorage", "Pacific/Guam"]).map(
    ZoneInfo
)


@pytest.mark.parametrize(
    ("of", "taken_at", "on", "not_before"),
    [
        (date(2026, 3, 4), time(22), date(2026, 3, 5), time(8)),
        (date(2026, 3, 4), time(23, 59), date(2026, 3, 5), time(8)),
        # After midnight: the dose belongs to the 4th and lies on the 5th, so the morning of the 5th waits.
        (date(2026, 3, 4), time(0, 30), date(2026, 3, 6), time(8)),
        (date(2028, 2, 28), time(22), date(2028, 2, 29), time(8)),
        # The clocks go forward in the night of 8 March 2026: 23:30 and eight hours are 08:30.
        (date(2026, 3, 7), time(23, 30), date(2026, 3, 8), time(8, 30)),
        # They go back on 1 November 2026: 23:30 and eight hours are 06:30.
        (date(2026, 10, 31), time(23, 30), date(2026, 11, 1), time(8)),
    ],
    ids=str,
)
def test_when_the_first_morning_dose_is_taken(of, taken_at, on, not_before):
    found = first_morning(of, taken_at, MORNING, EIGHT_HOURS, NEW_YORK)

    assert (found.on, found.not_before) == (on, not_before)
    assert found.waits_a_day(of + timedelta(days=1)) == (on > of + timedelta(days=1))


@given(of=dates(), taken_at=st.times(), morning=st.times(time(5), time(11)), zone=ZONES)
def test_never_two_on_one_date_nor_under_eight_hours_apart(of, taken_at, morning, zone):
    found = first_morning(of, taken_at, morning, EIGHT_HOURS, zone)

    taken_on = of + timedelta(days=1) if taken_at < NOON else of
    taken = datetime.combine(taken_on, taken_at, tzinfo=zone).astimezone(UTC)
    first = datetime.combine(found.on, found.not_before, tzinfo=zone).astimezone(UTC)
    assert found.on > taken_on
    assert first - taken >= EIGHT_HOURS - timedelta(hours=1 if found.not_before.fold else 0)
    assert found.on <= of + timedelta(days=2)
