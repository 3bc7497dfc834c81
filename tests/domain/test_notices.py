"""When a notice may go, and what it must not say."""

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.notice_policy import USUAL, NoticePolicy
from pharmacy.domain.notice_texts import Sender, StepNews, notice_text, step_words
from pharmacy.domain.notices import (
    FillDays,
    NoticeKind,
    PlannedNotice,
    Start,
    due_at,
    next_sendable,
    next_try,
    planned_notices,
    step_begins_on,
    step_ends_on,
    tried_through,
)
from pharmacy.domain.refills import RefillPolicy, supply_dates
from pharmacy.domain.supply import Window, common_unit, multiples
from pharmacy.domain.titration import Intake, Step, TimeOfDay, TitrationPlan, date_of
from tests.domain.cases import case
from tests.domain.plans import bedtime_plan, mg, usual_plan
from tests.domain.strategies import dates, plans_and_windows

NEW_YORK = ZoneInfo("America/New_York")
PICK_UP = RefillPolicy(used_share=Decimal("0.80"), lead_days=7, start_lag_days=0)
PHARMACY = Sender("Example Pharmacy", "(555) 010-0000")
SMS_LENGTH = 160
MONTH = Window(1, 30)


def _notices(plan, window, start_on):
    begins_on = date_of(start_on, window.first_day)
    dates = supply_dates(begins_on, begins_on, window.days, 0, PICK_UP)
    fill = FillDays(window=window, start_on=start_on, dates=dates, last_fill_on=date.max)
    planned = planned_notices(plan, fill)
    assert list(planned) == sorted(planned, key=lambda notice: (notice.on, notice.at))
    return [notice for notice in planned if notice.kind in {NoticeKind.STEP, NoticeKind.REFILL}]


@pytest.mark.parametrize("case_id", ["REF-06"])
def test_each_change_of_step_is_announced_the_evening_before(case_id):
    worked = case(case_id)
    start_on = date.fromisoformat(worked.inputs["start_date"])

    steps = [notice for notice in _notices(usual_plan(), MONTH, start_on) if notice.kind is NoticeKind.STEP]

    assert [notice.on.isoformat() for notice in steps] == worked.expected["step_change_notices"]
    assert [(notice.step_position, notice.at) for notice in steps] == [(2, time(18)), (3, time(18))]


def test_the_refill_is_announced_in_the_morning_of_its_day():
    refill = _notices(usual_plan(), MONTH, date(2026, 3, 2))[-1]

    assert refill == PlannedNotice(
        kind=NoticeKind.REFILL, step_position=None, on=date(2026, 3, 26), at=time(9)
    )


def test_a_plan_that_ends_with_the_fill_announces_no_refill():
    notices = _notices(bedtime_plan(("1.5", 7), ("3", 23)), MONTH, date(2026, 3, 2))

    assert [notice.kind for notice in notices] == [NoticeKind.STEP]


def test_a_step_that_begins_with_a_later_fill_is_announced_with_that_fill():
    first, second = Window(1, 7), Window(8, 7)

    assert [notice.step_position for notice in _notices(usual_plan(), first, date(2026, 3, 2))] == [None]
    assert [notice.step_position for notice in _notices(usual_plan(), second, date(2026, 3, 2))] == [2, None]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 3, 7), datetime(2026, 3, 7, 23, tzinfo=UTC)),
        (date(2026, 3, 8), datetime(2026, 3, 8, 22, tzinfo=UTC)),
    ],
    ids=["before summer time", "after summer time"],
)
def test_the_clock_on_the_wall_decides_when_a_notice_is_due(on, expected):
    notice = PlannedNotice(kind=NoticeKind.STEP, step_position=2, on=on, at=time(18))

    assert due_at(notice, NEW_YORK) == expected
    assert due_at(notice, NEW_YORK).tzinfo is UTC


@pytest.mark.parametrize("case_id", ["REF-07"])
def test_quiet_hours_are_kept_in_the_recipients_own_time(case_id):
    worked = case(case_id)
    due = [datetime.fromisoformat(text).replace(tzinfo=NEW_YORK) for text in worked.inputs["local_due"]]

    sent = [next_sendable(instant, NEW_YORK, NoticePolicy(opens=time(8), closes=time(21))) for instant in due]

    local = [instant.astimezone(NEW_YORK).replace(tzinfo=None).isoformat() for instant in sent]
    assert local == worked.expected["local_send"]


def test_a_naive_instant_is_not_sent():
    with pytest.raises(ValueError, match="zone"):
        next_sendable(datetime(2026, 3, 7, 12, tzinfo=UTC).replace(tzinfo=None), NEW_YORK)


@given(
    instant=st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 (bounds only)
    zone=st.sampled_from(["America/New_York", "America/Phoenix", "Pacific/Honolulu", "Asia/Kolkata"]),
)
def test_whatever_is_sent_is_sent_between_opening_and_closing(instant, zone):
    sent = next_sendable(instant, ZoneInfo(zone))

    assert USUAL.opens <= sent.astimezone(ZoneInfo(zone)).time() < USUAL.closes
    assert instant <= sent < instant + timedelta(hours=24)
    assert next_sendable(sent, ZoneInfo(zone)) == sent


@given(plan_and_window=plans_and_windows(), start_on=dates())
def test_no_notice_is_planned_before_the_plan_starts(plan_and_window, start_on):
    notices = _notices(*plan_and_window, start_on)

    assert all(notice.on >= start_on for notice in notices)
    assert list(notices) == sorted(notices, key=lambda notice: (notice.on, notice.at))


def _news(told_on: date, start: Start = Start.CONFIRMED, **fields: str) -> StepNews:
    """Step 2 begins on Tuesday, 1 December 2026."""
    said = {"words": "Step 2, 1 capsule at bedtime", **fields}
    return StepNews(begins_on=date(2026, 12, 1), told_on=told_on, start=start, **said)


@pytest.mark.parametrize("kind", set(NoticeKind) - {NoticeKind.RENEWAL})
@pytest.mark.parametrize("start", Start)
@pytest.mark.parametrize("told_on", [date(2026, 11, 30), date(2026, 12, 1)])
def test_a_notice_names_the_pharmacy_and_nothing_that_tells_the_treatment(kind, start, told_on):
    both = Step((Intake(TimeOfDay.BEDTIME, mg("9")), Intake(TimeOfDay.MORNING, mg("9"))), 7)
    plan = TitrationPlan((*bedtime_plan(*[("1", 1)] * 11).steps, both))
    words = step_words(multiples(plan, Window(1, 18), common_unit(plan, Window(1, 18))), 12)

    text = notice_text(kind, PHARMACY, _news(told_on, start, words=words))

    assert PHARMACY.name in text.body
    assert PHARMACY.phone in text.body
    assert len(text.body) <= SMS_LENGTH
    assert not re.search(
        r"naltrexone|LDN|\d m(c)?g|opioid|fibromyalgia", text.subject + text.body, re.IGNORECASE
    )


@pytest.mark.parametrize(
    ("told_on", "expected"),
    [
        (date(2026, 11, 29), "Step 2, 1 capsule at bedtime, begins on Tue 1 Dec"),
        (date(2026, 11, 30), "Tomorrow: Step 2, 1 capsule at bedtime"),
        (date(2026, 12, 1), "Step 2, 1 capsule at bedtime, began on Tue 1 Dec"),
        (date(2026, 12, 5), "Step 2, 1 capsule at bedtime, began on Tue 1 Dec"),
    ],
    ids=["early", "the evening before", "the day itself", "late"],
)
def test_a_notice_says_tomorrow_on_the_day_before_and_names_the_day_on_any_other(told_on, expected):
    text = notice_text(NoticeKind.STEP, PHARMACY, _news(told_on))

    assert text.body == f"{expected}. Questions? Example Pharmacy, (555) 010-0000."


@given(told_on=dates())
def test_an_assumed_start_makes_the_notice_ask_on_whatever_day_it_goes(told_on):
    text = notice_text(NoticeKind.STEP, PHARMACY, _news(told_on, Start.ASSUMED))

    assert "Have you started?" in text.body
    assert "omorrow" not in text.body
    assert " Dec" not in text.body


def test_a_step_notice_without_a_step_is_refused():
    with pytest.raises(ValueError, match="which step"):
        notice_text(NoticeKind.STEP, PHARMACY)


def test_a_step_runs_from_the_end_of_those_before_it_for_as_long_as_it_lasts():
    plan, start_on = bedtime_plan(("1.5", 7), ("3", 7), ("4.5", None)), date(2026, 11, 24)

    days = [
        (begins_on := step_begins_on(plan, position, start_on), step_ends_on(plan, position, begins_on))
        for position in (1, 2, 3)
    ]

    assert days == [
        (date(2026, 11, 24), date(2026, 11, 30)),
        (date(2026, 12, 1), date(2026, 12, 7)),
        (date(2026, 12, 8), None),
    ]


@given(plan_and_window=plans_and_windows(), start_on=dates())
def test_every_step_notice_goes_out_on_the_day_before_its_step_begins(plan_and_window, start_on):
    plan, window = plan_and_window

    for notice in _notices(plan, window, start_on):
        if notice.step_position is not None:
            assert notice.on + timedelta(days=1) == step_begins_on(plan, notice.step_position, start_on)


def test_what_nobody_takes_is_tried_after_5_30_and_then_every_120_minutes():
    now = datetime(2026, 3, 2, 15, tzinfo=UTC)

    waits = [next_try(now, tries, NEW_YORK) - now for tries in (1, 2, 3, 4, 50)]

    assert waits == [timedelta(minutes=minutes) for minutes in (5, 30, 120, 120, 120)]
    with pytest.raises(ValueError, match="tried"):
        next_try(now, 0, NEW_YORK)


def test_a_further_try_keeps_quiet_hours():
    evening = datetime(2026, 3, 3, 0, 57, tzinfo=UTC)  # 19:57 in New York.

    assert next_try(evening, 1, NEW_YORK) == datetime(2026, 3, 3, 14, tzinfo=UTC)


def test_a_notice_is_tried_while_its_step_runs_and_any_other_for_a_week():
    due_on = date(2026, 11, 30)

    assert tried_through(due_on, step_end=date(2026, 12, 3)) == date(2026, 12, 3)
    assert tried_through(due_on) == date(2026, 12, 7)


def test_the_words_of_a_step_count_capsules_at_each_time_of_day():
    both = Step((Intake(TimeOfDay.BEDTIME, mg("3")), Intake(TimeOfDay.MORNING, mg("1.5"))), 7)
    plan = TitrationPlan((both, *bedtime_plan(("0", 3), ("4.5", None)).steps))
    supply = multiples(plan, Window(1, 20), common_unit(plan, Window(1, 20)))

    assert [step_words(supply, position) for position in (1, 2, 3)] == [
        "Step 1, 1 capsule in the morning and 2 capsules at bedtime",
        "Step 2, no capsules",
        "Step 3, 3 capsules at bedtime",
    ]
