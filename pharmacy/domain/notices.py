"""Which messages a fill causes, and when each may go.

A step notice goes out the evening before the step changes, a refill notice when the
refill is due (house policy: 18:00 and 09:00 in the patient's zone). Nothing is sent in
quiet hours: the law leaves 08:00 to 21:00 at the recipient (47 CFR 64.1200(c)(1)), the
house 09:00 to 20:00. In each step, on its fourth day or in the middle of a shorter one, the
patient is asked how it goes. A refill is announced, and again around the first day without a dose.
While the start is only assumed nobody knows which day it is, so the notice asks. A notice
that is late (quiet hours, a silent mail server, a start confirmed afterwards) names the day
on which the step began, and is not sent once that step is over.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from pharmacy.domain.calendar import ONE_DAY
from pharmacy.domain.figures import require_whole
from pharmacy.domain.notice_policy import USUAL, NoticePolicy
from pharmacy.domain.refills import SupplyDates
from pharmacy.domain.supply import Window
from pharmacy.domain.titration import TitrationPlan, date_of, scheduled_between


class NoticeKind(StrEnum):
    """What a notice is about. RENEWAL is said to the prescriber, all others to the patient."""

    SHIPPED = "shipped"
    READY = "ready"
    STEP = "step"
    CHECK_IN = "check_in"
    REFILL = "refill"
    FOLLOW_UP = "follow_up"
    RENEWAL = "renewal"
    EXPIRING = "expiring"
    HOME_EXPIRED = "home_expired"
    RECALL = "recall"
    PRICE = "price"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class FillDays:
    """What of a fill its notices count from: its window, the date of day 1 of the plan, and its supply dates."""

    window: Window
    start_on: date
    dates: SupplyDates
    last_fill_on: date
    closed_on: Collection[date] = ()


def planned_notices(
    plan: TitrationPlan, fill: FillDays, policy: NoticePolicy = USUAL
) -> tuple[PlannedNotice, ...]:
    """The notices of one fill to its patient in the order of sending.

    Every step that begins in the window has its notice on the evening before, but for the first step of all, which
    the label tells. No refill is announced when the plan ends with this fill, and none before it is allowed or
    after the last day on which the prescription may be filled.
    """
    notices = [*_steps(plan, fill, policy), *_check_ins(plan, fill, policy)]
    if plan.closed_days is None or fill.window.last_day < plan.closed_days:
        notices.extend(_refills(fill, policy))
    return tuple(sorted(notices, key=lambda notice: (notice.on, notice.at)))


def _steps(plan: TitrationPlan, fill: FillDays, policy: NoticePolicy) -> Iterable[PlannedNotice]:
    for position, first_day in _step_starts(plan, fill.window):
        on = date_of(fill.start_on, first_day) - ONE_DAY
        yield PlannedNotice(kind=NoticeKind.STEP, step_position=position, on=on, at=policy.step_at)


def _check_ins(plan: TitrationPlan, fill: FillDays, policy: NoticePolicy) -> Iterable[PlannedNotice]:
    """One in each step but a pause, where its day lies in the window."""
    for part in scheduled_between(plan, 1, fill.window.last_day):
        days = plan.steps[part.position - 1].duration_days
        day = part.first_day + check_in_day(days, policy) - 1
        if not part.step.is_pause and fill.window.first_day <= day <= fill.window.last_day:
            on = date_of(fill.start_on, day)
            yield PlannedNotice(
                kind=NoticeKind.CHECK_IN, step_position=part.position, on=on, at=policy.check_in_at
            )


def check_in_day(duration_days: int | None, policy: NoticePolicy = USUAL) -> int:
    """The day of a step on which the patient is asked: the fourth, or the middle of a shorter step, rounded up."""
    if duration_days is None or duration_days >= policy.check_in_day:
        return policy.check_in_day
    return (duration_days + 1) // 2


def _refills(fill: FillDays, policy: NoticePolicy) -> Iterable[PlannedNotice]:
    """The announcement, and a follow-up on each later day that counts from the first day without a dose."""
    dates = fill.dates
    first = refill_told_on(dates, fill.closed_on)
    if max(first, dates.earliest_refill_on) <= fill.last_fill_on:
        yield PlannedNotice(kind=NoticeKind.REFILL, step_position=None, on=first, at=policy.refill_at)
    for days in policy.follow_ups:
        on = dates.run_out_on + timedelta(days=days)
        if max(first, dates.earliest_refill_on) < on <= fill.last_fill_on:
            yield PlannedNotice(kind=NoticeKind.FOLLOW_UP, step_position=None, on=on, at=policy.refill_at)


def refill_told_on(dates: SupplyDates, closed_on: Collection[date] = ()) -> date:
    """The day of the first refill notice: the lead and the house's closed days before the run-out, but never before
    the refill is allowed.
    """
    closed = sum(dates.raw_reminder_on <= day < dates.run_out_on for day in closed_on)
    return max(dates.raw_reminder_on - timedelta(days=closed), dates.earliest_refill_on)


def expiring_notices(last_fill_on: date, policy: NoticePolicy = USUAL) -> tuple[PlannedNotice, ...]:
    """The warnings that the prescription may soon be filled no more."""
    return tuple(
        PlannedNotice(
            kind=NoticeKind.EXPIRING,
            step_position=None,
            on=last_fill_on - timedelta(days=days),
            at=policy.refill_at,
        )
        for days in policy.expiring_days
    )


def _step_starts(plan: TitrationPlan, window: Window) -> Iterable[tuple[int, int]]:
    """Position and first day of each step but the first that begins in the window."""
    for part in scheduled_between(plan, 1, window.last_day):
        if part.position > 1 and part.first_day >= window.first_day:
            yield part.position, part.first_day


def due_at(notice: PlannedNotice, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which the clock on the patient's wall shows the notice's time."""
    return _instant(notice.on, notice.at, zone)


def next_sendable(instant: datetime, zone: ZoneInfo, policy: NoticePolicy = USUAL) -> datetime:
    """The first instant from this one on that lies outside quiet hours in the zone, in UTC.

    ValueError for a naive instant.
    """
    if instant.tzinfo is None:
        raise ValueError("An instant must say its zone")
    local = instant.astimezone(zone)
    if local.time() < policy.opens:
        return _instant(local.date(), policy.opens, zone)
    if local.time() >= policy.closes:
        return next_morning(instant, zone, policy)
    return instant.astimezone(UTC)


def next_morning(instant: datetime, zone: ZoneInfo, policy: NoticePolicy = USUAL) -> datetime:
    """The opening on the patient's next day, in UTC."""
    return _instant(instant.astimezone(zone).date() + ONE_DAY, policy.opens, zone)


def _instant(on: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, at, tzinfo=zone).astimezone(UTC)


def next_try(now: datetime, tries: int, zone: ZoneInfo, policy: NoticePolicy = USUAL) -> datetime:
    """When a message that nobody took is tried again after `tries` tries, 1 or more; never in quiet hours."""
    require_whole(tries, "tries")
    if tries < 1:
        raise ValueError("Only what was tried is tried again")
    return next_sendable(now + policy.back_off[min(tries, len(policy.back_off)) - 1], zone, policy)


def step_begins_on(plan: TitrationPlan, position: int, start_on: date) -> date:
    """The date of the step's first day, where day 1 of the plan falls on `start_on`."""
    return start_on + timedelta(days=sum(step.duration_days or 0 for step in plan.steps[: position - 1]))


def step_ends_on(plan: TitrationPlan, position: int, begins_on: date) -> date | None:
    """The last day, included, of the step that begins on that day; None for a step without end."""
    duration = plan.steps[position - 1].duration_days
    return None if duration is None else begins_on + timedelta(days=duration - 1)


def tried_through(due_on: date, step_end: date | None = None, policy: NoticePolicy = USUAL) -> date:
    """The last day on which it makes sense to try a notice again.

    What is about a step is of use while it runs. Any other notice, and that of a step
    without end, is given up `tried_for_days` after its day.
    """
    return step_end or due_on + timedelta(days=policy.tried_for_days)
