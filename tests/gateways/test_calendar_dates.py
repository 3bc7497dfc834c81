"""Calendar files expanded as a calendar program expands them: over clock changes, leap days, month ends, zones."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import DAILY, rrule
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar

from pharmacy.domain.set_supply import from_strengths
from pharmacy.domain.supply import Window, own_strength
from pharmacy.gateways.calendar_file import calendar_entries, calendar_file
from tests.domain.plans import bedtime_plan, mg, usual_plan

CHANGED_AT = datetime(2026, 11, 23, 15, tzinfo=ZoneInfo("UTC"))
# With and without clock changes, ahead of and behind the pharmacy, and one that skipped a whole day once.
ZONES = [
    "America/New_York",
    "America/Los_Angeles",
    "America/Phoenix",
    "Pacific/Honolulu",
    "Pacific/Apia",
    "UTC",
]


def _expanded(file, zone):
    """Every reminder with its title, as clocks on the wall in the zone show it."""
    told = []
    for event in Calendar.from_ical(file).walk("VEVENT"):
        begins = event["DTSTART"].dt
        assert begins.tzinfo is not None
        # A repetition is reckoned in local time (RFC 5545, 3.3.10).
        rule = event["RRULE"]
        count = rule["COUNT"][0]
        assert rule["FREQ"] == ["DAILY"]
        for each in rrule(DAILY, dtstart=begins.replace(tzinfo=None), count=count):
            told.append((each, str(event["SUMMARY"])))
    return sorted(told)


def _steps(supply):
    return [step for line in supply.lines for vial in line.vials for step in vial.steps]


@given(
    start_on=st.dates(date(2024, 1, 1), date(2032, 12, 31)),
    zone=st.sampled_from(ZONES),
    days=st.integers(1, 90),
)
@example(start_on=date(2028, 2, 20), zone="America/New_York", days=30)  # Over 29 February.
@example(start_on=date(2027, 3, 1), zone="America/New_York", days=30)  # Clocks go forward on the 14th.
@example(start_on=date(2026, 10, 20), zone="America/Los_Angeles", days=30)  # Clocks go back on 1 November.
@example(start_on=date(2027, 1, 31), zone="UTC", days=31)  # Over two month ends.
def test_every_day_has_its_dose_at_its_hour_and_no_day_has_two(start_on, zone, days):
    supply = own_strength(usual_plan(), Window(1, days))
    entries = calendar_entries(_steps(supply), start_on=start_on)

    file = calendar_file(entries, reference="r", zone=ZoneInfo(zone), stamped_at=CHANGED_AT)

    told = _expanded(file, zone)
    assert [each for each, _ in told] == [
        datetime.combine(start_on + timedelta(days=day), time(21)) for day in range(days)
    ]


def test_a_dose_from_two_vials_is_one_reminder():
    supply = from_strengths(bedtime_plan(("3", 7), ("4.5", None)), Window(1, 30), [mg("1.5"), mg("3")])

    entries = calendar_entries(_steps(supply), start_on=date(2026, 12, 1))

    assert [(entry.title, entry.days) for entry in entries] == [
        ("Step 1, 1 capsule at bedtime", 7),
        ("Step 2, 2 capsules at bedtime", 23),
    ]


@pytest.mark.parametrize("zone", ZONES)
def test_a_night_on_which_clocks_change_has_one_dose_by_the_zone_s_own_clock(zone):
    supply = own_strength(usual_plan(), Window(1, 30))
    entries = calendar_entries(_steps(supply), start_on=date(2026, 10, 20))

    calendar = Calendar.from_ical(
        calendar_file(entries, reference="r", zone=ZoneInfo(zone), stamped_at=CHANGED_AT)
    )

    for event in calendar.walk("VEVENT"):
        assert event["DTSTART"].dt.astimezone(ZoneInfo(zone)).time() == time(21)
