"""Local days, business days, months and ages."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.calendar import age_on, business_day_after, local_day, months_after
from tests.domain.strategies import dates

NEW_YORK = ZoneInfo("America/New_York")


def test_an_instant_falls_on_the_day_of_its_zone():
    instant = datetime(2026, 3, 3, 4, 30, tzinfo=UTC)

    assert local_day(instant, NEW_YORK) == date(2026, 3, 2)
    assert local_day(instant, ZoneInfo("Europe/London")) == date(2026, 3, 3)


def test_a_naive_instant_has_no_day():
    naive = datetime(2026, 3, 3, 4, 30, tzinfo=UTC).replace(tzinfo=None)

    with pytest.raises(ValueError, match="zone"):
        local_day(naive, NEW_YORK)


@pytest.mark.parametrize(
    ("start", "count", "closed_on", "expected"),
    [
        (date(2026, 3, 5), 3, (), date(2026, 3, 10)),
        (date(2026, 3, 7), 1, (), date(2026, 3, 9)),
        (date(2026, 12, 23), 3, (date(2026, 12, 25),), date(2026, 12, 29)),
    ],
    ids=["over a weekend", "from a Saturday", "over Christmas"],
)
def test_business_days_skip_weekends_and_closed_days(start, count, closed_on, expected):
    assert business_day_after(start, count, closed_on) == expected


def test_business_days_are_counted_from_one():
    with pytest.raises(ValueError, match="from 1"):
        business_day_after(date(2026, 3, 5), 0, ())


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 1, 30), 1, date(2026, 2, 28)),
        (date(2026, 1, 29), 1, date(2026, 2, 28)),
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 15), 0, date(2026, 12, 15)),
    ],
)
def test_months_end_where_they_end(day, months, expected):
    assert months_after(day, months) == expected


def test_months_are_counted_forward():
    with pytest.raises(ValueError, match="forward"):
        months_after(date(2026, 1, 1), -1)


@pytest.mark.parametrize(
    ("birth_on", "day", "age"),
    [
        (date(1980, 5, 1), date(2026, 4, 30), 45),
        (date(1980, 5, 1), date(2026, 5, 1), 46),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2026, 1, 1), date(2026, 1, 1), 0),
    ],
)
def test_a_year_of_life_is_complete_on_the_birthday(birth_on, day, age):
    assert age_on(birth_on, day) == age


def test_nobody_has_an_age_before_birth():
    with pytest.raises(ValueError, match="before birth"):
        age_on(date(2026, 1, 2), date(2026, 1, 1))


@given(start=dates(), count=st.integers(1, 30))
def test_a_business_day_is_open_and_the_next_one_is_later(start, count):
    day = business_day_after(start, count, ())

    assert day.weekday() < 5
    assert business_day_after(start, count + 1, ()) > day >= start + timedelta(days=count)
