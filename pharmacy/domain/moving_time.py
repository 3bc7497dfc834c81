"""From bedtime to morning without two doses on one date, nor two within eight hours.

The evening before the move the dose is taken as ever; the next is due the morning after. A dose taken after
midnight belongs to the day before, so a late one lies on the very date of the morning: then the morning dose waits
a day. Hours are real hours: in the night on which the clocks go forward eight of them end an hour later by the
clock. From morning to bedtime nothing can come too close (house policy).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pharmacy.domain.calendar import ONE_DAY

NOON = time(12)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstMorning:
    """The first dose in the morning: its date, and the local time before which it is not taken."""

    on: date
    not_before: time

    def waits_a_day(self, wanted_on: date) -> bool:
        """Whether it is taken a day later than wanted."""
        return self.on > wanted_on


def first_morning(
    last_bedtime_of: date, taken_at: time, morning: time, least_between: timedelta, zone: ZoneInfo
) -> FirstMorning:
    """The first morning dose after the bedtime dose of that day, taken at that local time.

    A time before noon lies after midnight, on the next date. `morning` is the usual time of a morning dose;
    `least_between` are the hours that must have passed.
    """
    wanted = last_bedtime_of + ONE_DAY
    taken_on = wanted if taken_at < NOON else last_bedtime_of
    taken = datetime.combine(taken_on, taken_at, tzinfo=zone).astimezone(UTC)
    free = (taken + least_between).astimezone(zone)
    on = max(wanted, free.date(), taken_on + ONE_DAY)
    not_before = max(morning, free.time()) if free.date() == on else morning
    return FirstMorning(on=on, not_before=not_before)
