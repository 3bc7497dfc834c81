"""The calendar is read again by a calendar's own reader."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from pharmacy.domain.supply import VialStep
from pharmacy.domain.titration import TimeOfDay
from pharmacy.gateways.calendar_file import CalendarEntry, calendar_entries, calendar_file, entry_title

NEW_YORK = ZoneInfo("America/New_York")
CHANGED_AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
START = date(2026, 3, 4)
BEDTIME, MORNING = TimeOfDay.BEDTIME, TimeOfDay.MORNING


def a_step(
    position: int,
    first_day: int,
    last_day: int,
    *,
    capsules: int = 1,
    time: TimeOfDay = BEDTIME,
    of_steps: int = 3,
) -> VialStep:
    return VialStep(
        position=position,
        of_steps=of_steps,
        first_day=first_day,
        last_day=last_day,
        time_of_day=time,
        capsules_per_dose=capsules,
    )


TYPICAL = (a_step(1, 1, 7), a_step(2, 8, 14), a_step(3, 15, 30))


def a_file(*steps: VialStep, zone: ZoneInfo = NEW_YORK, note: str = "") -> bytes:
    entries = calendar_entries(steps, start_on=START)
    return calendar_file(entries, reference="0199e0f3", zone=zone, stamped_at=CHANGED_AT, note=note)


def days_of(event: object) -> list[date]:
    """The days on which a calendar shows the event, by the rule written in it."""
    first, count = event["DTSTART"].dt, event["RRULE"]["COUNT"][0]  # type: ignore[index]
    assert event["RRULE"]["FREQ"] == ["DAILY"]  # type: ignore[index]
    return [first.date() + timedelta(days=number) for number in range(count)]


def test_each_step_is_one_entry_repeated_on_its_days() -> None:
    events = Calendar.from_ical(a_file(*TYPICAL)).walk("VEVENT")

    assert [(days[0], days[-1]) for days in map(days_of, events)] == [
        (date(2026, 3, 4), date(2026, 3, 10)),
        (date(2026, 3, 11), date(2026, 3, 17)),
        (date(2026, 3, 18), date(2026, 4, 2)),
    ]


def test_bedtime_is_nine_in_the_evening_and_morning_eight_in_the_patients_zone() -> None:
    morning, bedtime = Calendar.from_ical(a_file(a_step(1, 1, 7), a_step(1, 1, 7, time=MORNING))).walk(
        "VEVENT"
    )

    assert (morning["DTSTART"].dt.hour, bedtime["DTSTART"].dt.hour) == (8, 21)
    assert bedtime["DTSTART"].params["TZID"] == "America/New_York"


def test_the_hour_stays_when_the_clocks_change() -> None:
    # In New York they change on 2026-03-08, within the first step.
    calendar = Calendar.from_ical(a_file(a_step(1, 1, 7)))

    (zone,) = calendar.walk("VTIMEZONE")
    (event,) = calendar.walk("VEVENT")
    rules = zone.to_tz(lookup_tzid=False)
    offsets = {datetime(2026, 3, day, 21, tzinfo=rules).utcoffset() for day in (4, 10)}
    assert offsets == {timedelta(hours=-5), timedelta(hours=-4)}
    assert event["DTSTART"].dt.replace(tzinfo=None) == datetime(2026, 3, 4, 21)  # noqa: DTZ001 - the wall clock is meant


def test_titles_say_step_and_capsules_only() -> None:
    events = Calendar.from_ical(a_file(*TYPICAL)).walk("VEVENT")

    assert [str(event["SUMMARY"]) for event in events] == [
        "Step 1, 1 capsule at bedtime",
        "Step 2, 1 capsule at bedtime",
        "Step 3, 1 capsule at bedtime",
    ]


def test_a_single_step_is_not_numbered_and_capsules_are_counted() -> None:
    assert entry_title(a_step(1, 1, 30, of_steps=1, capsules=3, time=MORNING)) == "3 capsules in the morning"


def test_the_file_names_neither_drug_nor_strength_nor_condition() -> None:
    text = a_file(*TYPICAL, note="Questions? (555) 010-0000").decode().lower()

    assert [word for word in ("naltrexone", "ldn ", " mg", "mcg", "fibromyalgia") if word in text] == []


def test_a_pause_has_no_entry() -> None:
    events = Calendar.from_ical(a_file(a_step(1, 1, 7), a_step(2, 8, 10, capsules=0), a_step(3, 11, 14)))

    assert [str(event["SUMMARY"])[:6] for event in events.walk("VEVENT")] == ["Step 1", "Step 3"]


def test_a_plan_that_is_all_pause_is_an_empty_calendar() -> None:
    assert Calendar.from_ical(a_file(a_step(1, 1, 7, capsules=0))).walk("VEVENT") == []


def test_the_note_is_shown_in_every_entry() -> None:
    events = Calendar.from_ical(a_file(*TYPICAL, note="Have you started?\nTell us; thank you.")).walk(
        "VEVENT"
    )

    assert {str(event["DESCRIPTION"]) for event in events} == {"Have you started?\nTell us; thank you."}


def test_a_title_cannot_bring_lines_of_its_own() -> None:
    entry = CalendarEntry(
        key="k", title="Step 1\r\nATTENDEE:mailto:x@example.com", first_on=START, days=1, time_of_day=BEDTIME
    )

    text = calendar_file([entry], reference="r", zone=NEW_YORK, stamped_at=CHANGED_AT)

    assert not any(line.startswith(b"ATTENDEE") for line in text.splitlines())


def test_the_same_schedule_is_the_same_file_to_the_byte() -> None:
    assert a_file(*TYPICAL) == a_file(*TYPICAL)


def test_an_entry_keeps_its_identifier_when_the_schedule_is_stamped_anew() -> None:
    entries = calendar_entries(TYPICAL, start_on=START)
    older, newer = (
        Calendar.from_ical(calendar_file(entries, reference="0199e0f3", zone=NEW_YORK, stamped_at=stamped_at))
        for stamped_at in (CHANGED_AT, CHANGED_AT + timedelta(days=1))
    )

    identifiers = [str(event["UID"]) for event in older.walk("VEVENT")]
    assert identifiers == [str(event["UID"]) for event in newer.walk("VEVENT")]
    assert len(set(identifiers)) == len(TYPICAL)


@pytest.mark.parametrize(
    "zone", ["America/Phoenix", "America/Anchorage", "Pacific/Honolulu", "Asia/Kolkata", "UTC"]
)
def test_every_zone_is_written_so_that_it_is_read_again(zone: str) -> None:
    (event,) = Calendar.from_ical(a_file(a_step(1, 1, 7), zone=ZoneInfo(zone))).walk("VEVENT")

    expected = datetime.combine(START, event["DTSTART"].dt.time(), ZoneInfo(zone))
    assert event["DTSTART"].dt.utcoffset() == expected.utcoffset()


@pytest.mark.slow
@settings(deadline=None)
@given(durations=st.lists(st.integers(1, 30), min_size=1, max_size=8))
def test_every_day_with_a_dose_is_in_exactly_one_entry(durations: list[int]) -> None:
    steps, first_day = [], 1
    for position, days in enumerate(durations, start=1):
        steps.append(a_step(position, first_day, first_day + days - 1, of_steps=len(durations)))
        first_day += days

    shown = [day for event in Calendar.from_ical(a_file(*steps)).walk("VEVENT") for day in days_of(event)]

    assert shown == [START + timedelta(days=number) for number in range(sum(durations))]
