"""Which messages a fill causes, when each may go, and what it may say.

A step notice goes out the evening before the step changes, a refill notice when the
refill is due (house policy: 18:00 and 09:00 in the patient's zone). Nothing is sent in
quiet hours: the law leaves 08:00 to 21:00 at the recipient (47 CFR 64.1200(c)(1)), the
house 09:00 to 20:00. A message may be read by others, so it names the pharmacy and its
telephone, and never drug, strength or condition: naltrexone itself suggests addiction.
While the start is only assumed nobody knows which day it is, so the notice asks. A notice
that is late (quiet hours, a silent mail server, a start confirmed afterwards) names the day
on which the step began, and is not sent once that step is over.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import assert_never
from zoneinfo import ZoneInfo

from pharmacy.domain.calendar import ONE_DAY
from pharmacy.domain.dose_text import capsules_text
from pharmacy.domain.figures import require_whole
from pharmacy.domain.refills import SupplyDates
from pharmacy.domain.supply import Supply, Window
from pharmacy.domain.titration import TimeOfDay, TitrationPlan, date_of, scheduled_between

STEP_NOTICE_AT = time(18)
REFILL_NOTICE_AT = time(9)
OPENS = time(9)
CLOSES = time(20)
# Waits before each further try when nobody takes the message, the last one for good (house policy for
# notices: 5, 30 and 120 minutes, inside quiet hours).
BACK_OFF = (timedelta(minutes=5), timedelta(minutes=30), timedelta(minutes=120))
# For so long after its day a notice is tried that no step's end outdates (house policy for notices).
TRIED_FOR_DAYS = 7
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class NoticeKind(StrEnum):
    """What a notice is about."""

    SHIPPED = "shipped"
    STEP = "step"
    REFILL = "refill"


class Start(StrEnum):
    """Whether the patient has confirmed the first day, or it is reckoned from the shipping."""

    CONFIRMED = "confirmed"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedNotice:
    """A notice and its local date and time; `step_position` is the step that begins, for step notices."""

    kind: NoticeKind
    step_position: int | None
    on: date
    at: time

    def __post_init__(self) -> None:
        if self.step_position is not None:
            require_whole(self.step_position, "step_position")


def planned_notices(
    plan: TitrationPlan, window: Window, start_on: date, dates: SupplyDates
) -> tuple[PlannedNotice, ...]:
    """The notices of one fill in the order of sending.

    `start_on` is the date of day 1 of the plan. Every step that begins in the window has
    its notice on the evening before, but for the first step of all, which the label tells.
    No refill is announced when the plan ends with this fill.
    """
    notices = [
        PlannedNotice(
            kind=NoticeKind.STEP,
            step_position=position,
            on=date_of(start_on, first_day) - ONE_DAY,
            at=STEP_NOTICE_AT,
        )
        for position, first_day in _step_starts(plan, window)
    ]
    if plan.closed_days is None or window.last_day < plan.closed_days:
        notices.append(
            PlannedNotice(
                kind=NoticeKind.REFILL, step_position=None, on=dates.reminder_on, at=REFILL_NOTICE_AT
            )
        )
    return tuple(sorted(notices, key=lambda notice: (notice.on, notice.at)))


def _step_starts(plan: TitrationPlan, window: Window) -> Iterable[tuple[int, int]]:
    """Position and first day of each step but the first that begins in the window."""
    for part in scheduled_between(plan, 1, window.last_day):
        if part.position > 1 and part.first_day >= window.first_day:
            yield part.position, part.first_day


def due_at(notice: PlannedNotice, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which the clock on the patient's wall shows the notice's time."""
    return _instant(notice.on, notice.at, zone)


def next_sendable(instant: datetime, zone: ZoneInfo, opens: time = OPENS, closes: time = CLOSES) -> datetime:
    """The first instant from this one on that lies outside quiet hours in the zone, in UTC.

    Open from `opens`, included, to `closes`, excluded. ValueError for a naive instant.
    """
    if instant.tzinfo is None:
        raise ValueError("An instant must say its zone")
    local = instant.astimezone(zone)
    if local.time() < opens:
        return _instant(local.date(), opens, zone)
    if local.time() >= closes:
        return _instant(local.date() + ONE_DAY, opens, zone)
    return instant.astimezone(UTC)


def _instant(on: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, at, tzinfo=zone).astimezone(UTC)


def next_try(now: datetime, tries: int, zone: ZoneInfo) -> datetime:
    """When a message that nobody took is tried again after `tries` tries, 1 or more; never in quiet hours."""
    require_whole(tries, "tries")
    if tries < 1:
        raise ValueError("Only what was tried is tried again")
    return next_sendable(now + BACK_OFF[min(tries, len(BACK_OFF)) - 1], zone)


def step_begins_on(plan: TitrationPlan, position: int, start_on: date) -> date:
    """The date of the step's first day, where day 1 of the plan falls on `start_on`."""
    return start_on + timedelta(days=sum(step.duration_days or 0 for step in plan.steps[: position - 1]))


def step_ends_on(plan: TitrationPlan, position: int, begins_on: date) -> date | None:
    """The last day, included, of the step that begins on that day; None for a step without end."""
    duration = plan.steps[position - 1].duration_days
    return None if duration is None else begins_on + timedelta(days=duration - 1)


def tried_through(due_on: date, step_end: date | None = None) -> date:
    """The last day on which it makes sense to try a notice again.

    A step notice is of use while its step runs. Any other notice, and that of a step
    without end, is given up TRIED_FOR_DAYS after its day.
    """
    return step_end or due_on + timedelta(days=TRIED_FOR_DAYS)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: every message names the pharmacy and where to call it."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class NoticeText:
    """What is sent; it holds nothing that tells what the patient takes, or why."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepNews:
    """What a step notice has to tell: the step as `step_words` gives it, and its first day.

    `told_on` is the patient's day at the moment of sending, which may be later than planned.
    """

    words: str
    begins_on: date
    told_on: date
    start: Start


def notice_text(kind: NoticeKind, sender: Sender, news: StepNews | None = None) -> NoticeText:
    """The text of a notice. A step notice needs `news`; ValueError without."""
    match kind:
        case NoticeKind.SHIPPED:
            subject = f"A parcel from {sender.name} is on its way"
            body = f"Your prescription from {sender.name} has been shipped. Questions? Call {sender.phone}."
        case NoticeKind.STEP:
            if news is None:
                raise ValueError("A step notice says which step begins")
            subject = f"A message from {sender.name}"
            body = _step_body(sender, news)
        case NoticeKind.REFILL:
            subject = f"Your prescription from {sender.name} is due"
            body = f"Your prescription from {sender.name} is due. Call {sender.phone} to refill."
        case _ as unknown:
            assert_never(unknown)
    return NoticeText(subject, body)


def _step_body(sender: Sender, news: StepNews) -> str:
    signed = f"{sender.name}, {sender.phone}"
    match news.start:
        case Start.CONFIRMED:
            return f"{_dated(news)}. Questions? {signed}."
        case Start.ASSUMED:
            return f"Have you started? After your present step, go on to {news.words}. Not started? {signed}."
        case _ as unknown:
            assert_never(unknown)


def _dated(news: StepNews) -> str:
    """The step with its first day, seen from the day of sending."""
    if news.told_on + ONE_DAY == news.begins_on:
        return f"Tomorrow: {news.words}"
    first = f"{_WEEKDAYS[news.begins_on.weekday()]} {news.begins_on.day} {_MONTHS[news.begins_on.month - 1]}"
    return f"{news.words}, {'begins' if news.told_on < news.begins_on else 'began'} on {first}"


def step_words(supply: Supply, position: int) -> str:
    """The step in words that tell a stranger nothing: "Step 2, 1 capsule at bedtime"."""
    counts = {time: _taken_at(supply, position, time) for time in TimeOfDay}
    amounts = [f"{capsules_text(count)} {time.words}" for time, count in counts.items() if count]
    return f"Step {position}, {' and '.join(amounts) or 'no capsules'}"


def _taken_at(supply: Supply, position: int, time_of_day: TimeOfDay) -> int:
    """The capsules of one dose, of all strengths together."""
    # The step of a line too large for one vial is in two of them; a dose of that strength comes from one.
    return sum(
        max(
            (
                step.capsules_per_dose
                for vial in line.vials
                for step in vial.steps
                if step.position == position and step.time_of_day == time_of_day
            ),
            default=0,
        )
        for line in supply.lines
    )
