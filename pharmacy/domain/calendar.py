"""Days as people count them: local days, business days, months, ages.

A calendar day is a `date`, an instant is an aware `datetime`, and `local_day` is the
only bridge from one to the other, because the same instant is Monday in New York and
Tuesday in London. Whose zone it is must be said: compounding and prices go by the
pharmacy's, dosing and notices by the patient's. Months end where they end: a month
after 31 January is the last day of February.
"""

from calendar import monthrange
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)
_MONTHS_PER_YEAR = 12
_SATURDAY = 5


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The calendar day on which the instant falls in the zone; ValueError for a naive instant."""
    if instant.tzinfo is None:
        raise ValueError("An instant must say its zone")
    return instant.astimezone(zone).date()


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which that day begins on that zone's clock."""
    return datetime.combine(day, time(0), tzinfo=zone)


def business_day_after(start: date, count: int, closed_on: Collection[date]) -> date:
    """The `count`-th business day after `start`, which itself is not counted.

    Monday to Friday are business days, except those in `closed_on`. The third one after
    a Thursday is the Tuesday. `count` is 1 or more.
    """
    if count < 1:
        raise ValueError("Business days are counted from 1")
    day = start
    for _ in range(count):
        day += ONE_DAY
        while day.weekday() >= _SATURDAY or day in closed_on:
            day += ONE_DAY
    return day


def months_after(day: date, months: int) -> date:
    """The same day of the month so many months later, clipped to the end of that month.

    One month after 31 January 2026 is 28 February; a year after 29 February is the 28th.
    """
    if months < 0:
        raise ValueError("Months are counted forward")
    years, month_index = divmod(day.month - 1 + months, _MONTHS_PER_YEAR)
    year, month = day.year + years, month_index + 1
    _, last_day = monthrange(year, month)
    return date(year, month, min(day.day, last_day))


def age_on(birth_on: date, day: date) -> int:
    """The completed years of life on the day; who was born on 29 February ages on 1 March in other years."""
    if day < birth_on:
        raise ValueError("Nobody has an age before birth")
    birthday_to_come = (day.month, day.day) < (birth_on.month, birth_on.day)
    return day.year - birth_on.year - birthday_to_come
