"""Which dose falls on which day."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.findings import Severity
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.titration import (
    MOST_STEPS,
    DoseLimits,
    DoseOverMaximum,
    Intake,
    OpenEndedMiddleStep,
    Step,
    StepCountOutOfRange,
    StepTooShort,
    TimeOfDay,
    TitrationPlan,
    check_plan,
    dosing_days,
    mass_between,
    once_daily,
    schedule,
    scheduled_between,
)
from tests.domain.cases import case
from tests.domain.plans import bedtime_plan, mg, plan_of, usual_plan
from tests.domain.strategies import closed_plans, dates, plans_and_windows

LIMITS = DoseLimits(warn_over=mg("4.5"), override_over=mg("6"), maximum=mg("10"))
PAUSE = once_daily(Micrograms(0), TimeOfDay.BEDTIME, 3)


def _told(plan, start_on, through_day):
    """The schedule in the words of the worked cases."""
    return [
        {
            "step": part.position,
            "dose_mg": f"{part.step.daily_dose.in_milligrams().value}",
            "start_day": part.first_day,
            "end_day": part.last_day,
            "start_date": (start_on + timedelta(days=part.first_day - 1)).isoformat(),
            "end_date": (start_on + timedelta(days=part.last_day - 1)).isoformat(),
            "days": part.days,
        }
        for part in schedule(plan, through_day=through_day)
    ]


@pytest.mark.parametrize("case_id", ["TIT-01", "TIT-02", "TIT-03", "TIT-04", "TIT-05"])
def test_a_plan_falls_on_the_days_of_the_worked_case(case_id):
    worked = case(case_id)
    plan = plan_of(worked.inputs["steps"])
    start_on = date.fromisoformat(worked.inputs["start_date"])
    days = worked.expected["days_supply"]

    assert plan.closed_days == days
    assert _told(plan, start_on, days) == worked.expected["steps"]
    assert (
        dosing_days(plan, start_on, first_day=1, last_day=days)[-1].on.isoformat()
        == (worked.expected["last_dose_date"])
    )
    assert mass_between(plan, 1, days).in_milligrams().value == Decimal(worked.expected["total_mg"])


def test_a_plan_that_steps_back_is_a_plan_like_any_other():
    worked = case("TIT-06")
    plan = plan_of([*worked.inputs["executed"], *worked.inputs["replacement"]])
    start_on = date.fromisoformat(worked.inputs["start_date"])

    assert _told(plan, start_on, 40) == worked.expected["steps"]


def test_the_schedule_is_cut_where_it_is_asked_to_end():
    parts = schedule(usual_plan(), through_day=10)

    assert [(part.position, part.first_day, part.last_day) for part in parts] == [(1, 1, 7), (2, 8, 10)]


def test_a_closed_plan_ends_before_a_longer_stretch_does():
    parts = schedule(bedtime_plan(("1.5", 7)), through_day=30)

    assert [(part.first_day, part.last_day) for part in parts] == [(1, 7)]


@pytest.mark.parametrize(("first_day", "last_day"), [(0, 5), (6, 5)])
def test_a_stretch_of_no_days_is_refused(first_day, last_day):
    with pytest.raises(ValueError, match="not a stretch"):
        scheduled_between(usual_plan(), first_day, last_day)


def test_an_open_plan_has_no_last_day():
    assert usual_plan().closed_days is None


def test_a_pause_has_days_but_no_doses():
    plan = TitrationPlan((once_daily(mg("3"), TimeOfDay.BEDTIME, 2), PAUSE))

    days = dosing_days(plan, date(2026, 3, 2), first_day=2, last_day=3)

    assert [(day.day, day.on, day.position, len(day.intakes)) for day in days] == [
        (2, date(2026, 3, 3), 1, 1),
        (3, date(2026, 3, 4), 2, 0),
    ]
    assert PAUSE.is_pause
    assert not plan.steps[0].is_pause


def test_the_doses_of_morning_and_bedtime_are_added():
    step = Step((Intake(TimeOfDay.MORNING, mg("1.5")), Intake(TimeOfDay.BEDTIME, mg("3"))), 7)

    assert step.daily_dose == mg("4.5")


def test_a_step_has_one_intake_at_each_time_of_day():
    twice = Intake(TimeOfDay.BEDTIME, mg("1.5"))

    with pytest.raises(ValueError, match="at most one"):
        Step((twice, twice), 7)


def test_a_step_without_any_intake_is_no_step():
    with pytest.raises(ValueError, match="needs an intake"):
        Step((), 7)


@pytest.mark.parametrize("count", [0, MOST_STEPS + 1])
def test_a_plan_has_one_to_twenty_four_steps(count):
    with pytest.raises(StepCountOutOfRange, match=f"not {count}") as refused:
        bedtime_plan(*[("1.5", 7)] * count)

    assert refused.value.where == ("steps",)


def test_only_the_last_step_may_be_open_ended():
    with pytest.raises(OpenEndedMiddleStep, match="Step 1 has no duration") as refused:
        bedtime_plan(("1.5", None), ("3", 7))

    assert refused.value.where == ("steps", 0, "duration_days")


@pytest.mark.parametrize("days", [0, -1])
def test_a_step_lasts_at_least_a_day(days):
    with pytest.raises(StepTooShort, match=f"Step 2 lasts {days} days") as refused:
        bedtime_plan(("1.5", 7), ("3", days))

    assert refused.value.where == ("steps", 1, "duration_days")


def test_usual_doses_in_usual_steps_find_nothing():
    assert check_plan(usual_plan(), LIMITS) == ()


def test_high_doses_are_warned_of_then_overridden():
    findings = check_plan(bedtime_plan(("4.5", 7), ("6", 7), ("6.5", None)), LIMITS)

    assert [(finding.code, finding.severity, finding.where) for finding in findings] == [
        ("D-DOSE-OVER-USUAL", Severity.WARN, ("steps", 1, "dose_mg")),
        ("D-DOSE-HIGH", Severity.OVERRIDE, ("steps", 2, "dose_mg")),
    ]
    assert findings[1].because == "Step 3: 6.5 mg a day is over 6 mg a day."


def test_a_dose_over_the_catalogue_maximum_is_refused():
    with pytest.raises(DoseOverMaximum) as refused:
        check_plan(bedtime_plan(("1.5", 7), ("11", None)), LIMITS)

    assert refused.value.where == ("steps", 1, "dose_mg")
    assert str(refused.value) == "Step 2: 11 mg a day is over the maximum of 10 mg a day."


def test_the_catalogue_maximum_itself_is_served():
    findings = check_plan(bedtime_plan(("10", None)), LIMITS)

    assert [finding.code for finding in findings] == ["D-DOSE-HIGH"]


def test_a_step_of_more_than_twice_the_dose_is_pointed_out():
    findings = check_plan(bedtime_plan(("0.5", 7), ("1", 7), ("3", None)), LIMITS)

    assert [(finding.code, finding.because) for finding in findings] == [
        ("D-STEP-JUMP", "Step 3: 3 mg is more than twice the 1 mg before.")
    ]


def test_going_on_after_a_pause_is_no_jump():
    assert check_plan(bedtime_plan(("3", 7), ("0", 3), ("3", None)), LIMITS) == ()


@given(plan_and_window=plans_and_windows(), data=st.data())
def test_splitting_a_window_loses_no_drug(plan_and_window, data):
    plan, window = plan_and_window
    cut = data.draw(st.integers(window.first_day, window.last_day))

    parts = mass_between(plan, window.first_day, cut)
    if cut < window.last_day:
        parts += mass_between(plan, cut + 1, window.last_day)

    assert parts == mass_between(plan, window.first_day, window.last_day)


@given(plan_and_window=plans_and_windows(), start_on=dates())
def test_every_day_of_a_window_occurs_once_with_its_own_date(plan_and_window, start_on):
    plan, window = plan_and_window

    days = dosing_days(plan, start_on, first_day=window.first_day, last_day=window.last_day)

    assert [day.day for day in days] == list(range(window.first_day, window.last_day + 1))
    assert all(day.on == start_on + timedelta(days=day.day - 1) for day in days)


@given(plan_and_window=plans_and_windows(), start_on=dates())
def test_the_mass_of_a_window_is_what_its_days_add_up_to(plan_and_window, start_on):
    plan, window = plan_and_window

    days = dosing_days(plan, start_on, first_day=window.first_day, last_day=window.last_day)

    taken = sum((intake.dose for day in days for intake in day.intakes), start=Micrograms(0))
    assert taken == mass_between(plan, window.first_day, window.last_day)


@given(plan=closed_plans())
def test_the_steps_of_a_closed_plan_follow_one_another_to_its_last_day(plan):
    parts = schedule(plan, through_day=plan.closed_days)

    assert [part.days for part in parts] == [step.duration_days for step in plan.steps]
    assert parts[-1].last_day == plan.closed_days
