"""The steps of a supply as a calendar that the patient's own telephone can show.

One entry for each step and time of day, repeated daily: 21:00 for bedtime and 08:00 for the
morning (house policy), in the patient's zone and so unmoved by a change of clocks. Titles
say "Step 2, 1 capsule at bedtime": a calendar is seen by whoever looks over a shoulder, so
neither drug nor strength nor condition is named. The bytes depend on nothing but what is
passed in; an entry keeps its identifier when the file is made again, so that a calendar
which has read it before replaces the entry instead of doubling it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vDuration, vRecur

from pharmacy.domain.dose_text import amount_text
from pharmacy.domain.patient_days import whole_doses
from pharmacy.domain.supply import VialStep
from pharmacy.domain.titration import TimeOfDay, date_of

CLOCK_TIMES: Mapping[TimeOfDay, time] = {TimeOfDay.MORNING: time(8), TimeOfDay.BEDTIME: time(21)}
_LENGTH = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """One daily repeated reminder: on `first_on` and every day after it, `days` times in all."""

    key: str
    title: str
    first_on: date
    days: int
    time_of_day: TimeOfDay


def calendar_entries(steps: Iterable[VialStep], *, start_on: date) -> tuple[CalendarEntry, ...]:
    """The entries of a supply whose day 1 is `start_on`, in the order of time; a pause has none.

    Capsules that one dose takes from several vials are one entry, and so are the days of a step that go on in
    the next vial.
    """
    return tuple(
        CalendarEntry(
            key=f"step-{step.position}-day-{step.first_day}-{step.time_of_day}",
            title=entry_title(step),
            first_on=date_of(start_on, step.first_day),
            days=step.last_day - step.first_day + 1,
            time_of_day=step.time_of_day,
        )
        for step in sorted(whole_doses(steps), key=_in_time)
    )


def entry_title(step: VialStep) -> str:
    """What the calendar shows: "Step 2, 1 capsule at bedtime", or without the step where there is one only."""
    dose = f"{amount_text(step.capsules_per_dose, step.unit_ml)} {step.time_of_day.words}"
    return dose if step.of_steps == 1 else f"Step {step.position}, {dose}"


def calendar_file(
    entries: Iterable[CalendarEntry], *, reference: str, zone: ZoneInfo, stamped_at: datetime, note: str = ""
) -> bytes:
    """The iCalendar file (RFC 5545). The same arguments give the same bytes.

    `reference` is opaque and stays the same for the same prescription, so that its entries
    do; `stamped_at` says when the schedule was last changed. The note is shown in every
    entry: whom to call, or that the start is only assumed.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Pharmacy//Schedule//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    listed = tuple(entries)
    for entry in listed:
        calendar.add_component(
            _event(entry, reference=reference, zone=zone, stamped_at=stamped_at, note=note)
        )
    if listed:
        # The zone's rules are written out for the years that matter, not for all that are known.
        first, last = (choice(entry.first_on.year for entry in listed) for choice in (min, max))
        calendar.add_missing_timezones(date(first, 1, 1), date(last + 2, 1, 1))
    return bytes(calendar.to_ical())


def _event(entry: CalendarEntry, *, reference: str, zone: ZoneInfo, stamped_at: datetime, note: str) -> Event:
    event = Event()
    event.add("uid", f"{reference}-{entry.key}@schedule.invalid")
    event.add("dtstamp", stamped_at)
    event.add("summary", entry.title)
    event.add("dtstart", datetime.combine(entry.first_on, CLOCK_TIMES[entry.time_of_day], zone))
    event.add("duration", vDuration(_LENGTH))
    event.add("rrule", vRecur({"freq": "daily", "count": entry.days}))
    # A dose does not make its taker busy, and is nobody else's business.
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    if note:
        event.add("description", note)
    return event


def _in_time(step: VialStep) -> tuple[int, time]:
    return step.first_day, CLOCK_TIMES[step.time_of_day]
