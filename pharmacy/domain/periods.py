"""Spans of calendar days that figures and packets are asked for: both ends belong to them, a leap year at most."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from pharmacy.domain.errors import Unfit

MOST_DAYS = 366
_ONE_DAY = timedelta(days=1)


@dataclass(eq=False)
class PeriodUnfit(Unfit):
    """The last day lies before the first, or a year is not long enough for all of them."""

    def __str__(self) -> str:
        return (
            f"The last day is the first or a later one, and at most {MOST_DAYS} days are looked at together."
        )


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day through the last. Raises PeriodUnfit."""

    first_on: date
    last_on: date

    def __post_init__(self) -> None:
        if not 1 <= (self.last_on - self.first_on).days + 1 <= MOST_DAYS:
            raise PeriodUnfit(where=("last_on",))

    @property
    def days(self) -> int:
        return (self.last_on - self.first_on).days + 1

    def each_day(self) -> Iterator[date]:
        return (self.first_on + timedelta(days=days) for days in range(self.days))


def quarters_of(period: Period) -> tuple[Period, ...]:
    """The calendar quarters in which the days of the period lie, whole, the earliest first.

    From 28 February through 1 April 2026 these are January to March and April to June.
    """
    found = [_quarter_of(period.first_on)]
    while found[-1].last_on < period.last_on:
        found.append(_quarter_of(found[-1].last_on + _ONE_DAY))
    return tuple(found)


def _quarter_of(day: date) -> Period:
    first_month = day.month - (day.month - 1) % 3
    begins = date(day.year, first_month, 1)
    following = date(day.year + first_month // 10, (first_month + 2) % 12 + 1, 1)
    return Period(begins, following - _ONE_DAY)
