"""What each adjustment makes of a course, and what no adjustment ever does."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pharmacy.domain.adjusting import adjust, missed
from pharmacy.domain.adjustments import Adjustment, AdjustmentKind, NotOpenNow, ResumeTooLate
from pharmacy.domain.course import course_of, cut, joined, moved_last_day
from pharmacy.domain.errors import PharmacyError
from pharmacy.domain.home_supply import covered_through, pantry_of, to_make, walk
from pharmacy.domain.supply import SupplyMethod, Window, multiples, own_strength
from pharmacy.domain.titration import StepCountOutOfRange, TimeOfDay, TitrationPlan, dosing_days, schedule
from tests.domain.cases import case
from tests.domain.courses import KINDS, OWN, RULES, adjusted, usual_course, written
from tests.domain.plans import bedtime_plan, mg, plan_of, usual_plan
from tests.domain.strategies import plans


@pytest.mark.parametrize("worked", [case("TIT-06")], ids=["TIT-06"])
def test_a_step_back_on_day_11_needs_what_the_worked_case_says(worked):
    start_on = date.fromisoformat(worked.inputs["start_date"])
    course = usual_course()
    home = pantry_of([own_strength(course.plan, Window(1, 30))])

    back = adjusted(course, "step_back", 11)
    last_day = moved_last_day(course, back, 11, 30)
    at_home = walk(back.plan, home, 1, 10).left
    made = to_make(back.plan, at_home, 11, last_day, OWN)

    steps = [
        {
            "step": part.position,
            "dose_mg": f"{part.step.daily_dose.in_milligrams().value:f}",
            "start_day": part.first_day,
            "end_day": part.last_day,
            "days": part.days,
        }
        for part in schedule(back.plan, through_day=last_day)
    ]
    expected = [{name: step[name] for name in steps[0]} for step in worked.expected["steps"]]
    assert steps == expected
    assert (start_on.isoformat(), last_day) == ("2026-03-02", 40)
    assert made is not None
    assert {f"{line.strength.in_milligrams().value:f} mg": line.capsules for line in made.lines} == {
        strength: count for strength, count in worked.expected["shortfall"].items() if count
    }


@pytest.mark.parametrize(
    ("kind", "asked", "plan", "last_day"),
    [
        ("stay", {"days": 3}, [("1.5", 7), ("3", 10), ("4.5", None)], 33),
        ("step_back", {}, [("1.5", 7), ("3", 3), ("1.5", 7), ("3", 7), ("4.5", None)], 40),
        ("halve", {}, [("1.5", 7), ("3", 3), ("1.5", 7), ("3", 7), ("4.5", None)], 40),
        ("slower", {"days": 14}, [("1.5", 7), ("3", 14), ("4.5", None)], 37),
        ("skip", {}, [("1.5", 7), ("3", 3), ("4.5", None)], 26),
        ("pause", {"days": 5}, [("1.5", 7), ("3", 3), ("0", 5), ("3", 4), ("4.5", None)], 35),
        ("pause", {}, [("1.5", 7), ("3", 3), ("0", None)], 10),
        ("stop", {}, [("1.5", 7), ("3", 3)], 10),
        (
            "move_time_of_day",
            {"to": TimeOfDay.MORNING},
            [("1.5", 7), ("3", 3), ("3", 4), ("4.5", None)],
            30,
        ),
        ("restart", {}, [("1.5", 7), ("3", 3), ("1.5", 7), ("3", 7), ("4.5", None)], 40),
    ],
    ids=str,
)
def test_on_the_third_day_of_3_mg(kind, asked, plan, last_day):
    course = usual_course()

    after = adjusted(course, kind, 11, **asked)

    assert written(after) == plan
    assert moved_last_day(course, after, 11, 30) == last_day


@pytest.mark.parametrize(
    ("kind", "asked", "plan"),
    [
        ("stay", {"days": 3}, [("1.5", 10), ("3", 7), ("4.5", None)]),
        ("slower", {"days": 10}, [("1.5", 10), ("3", 10), ("4.5", None)]),
        ("halve", {}, [("1.5", 7), ("0.5", 7), ("1.5", 7), ("3", 7), ("4.5", None)]),
        ("skip", {}, [("1.5", 7), ("4.5", None)]),
    ],
    ids=str,
)
def test_on_the_day_of_a_step_change_the_present_dose_is_that_of_the_evening_before(kind, asked, plan):
    assert written(adjusted(usual_course(), kind, 8, **asked)) == plan


def test_on_the_day_of_a_step_change_there_may_be_no_step_to_go_back_to():
    with pytest.raises(NotOpenNow, match="no step before"):
        adjusted(usual_course(), "step_back", 8)


def test_in_the_last_step_a_step_back_climbs_again_and_goes_on_without_end():
    assert written(adjusted(usual_course(), "step_back", 20)) == [
        ("1.5", 7), ("3", 7), ("4.5", 5), ("3", 7), ("4.5", None),
    ]  # fmt: skip


@pytest.mark.parametrize(("kind", "days"), [("stay", 3), ("slower", 14), ("skip", None)])
def test_in_the_last_step_there_is_nothing_to_stay_slow_down_or_skip(kind, days):
    with pytest.raises(NotOpenNow):
        adjusted(usual_course(), kind, 20, days=days)


def test_after_the_last_day_of_a_plan_that_ends_the_dose_may_stay():
    ended = course_of(bedtime_plan(("1.5", 7), ("3", 7)))

    assert written(adjusted(ended, "stay", 15, days=4)) == [("1.5", 7), ("3", 11)]
    with pytest.raises(NotOpenNow, match="ends on day 14"):
        adjusted(ended, "stay", 16, days=4)


def test_a_halved_dose_is_rounded_down_to_a_capsule_and_both_are_shown():
    asked = Adjustment(kind=AdjustmentKind.HALVE, from_day=20)

    found = adjust(usual_course(), asked, RULES)

    assert [each.words for each in found.halved] == ["half of 4.5 mg is 2.25 mg; made as 2 mg"]
    assert written(found.course)[3:] == [("2", 7), ("4.5", None)]


def test_half_of_the_smallest_capsule_cannot_be_made():
    with pytest.raises(NotOpenNow, match="less than any capsule"):
        adjusted(course_of(bedtime_plan(("0.5", 7), ("1", None))), "halve", 3)


def test_several_adjustments_in_a_row_find_the_rung_below_and_not_the_leg_before():
    back = adjusted(usual_course(), "step_back", 11)

    assert written(adjusted(back, "step_back", 20)) == [
        ("1.5", 7), ("3", 3), ("1.5", 7), ("3", 2), ("1.5", 7), ("3", 7), ("4.5", None),
    ]  # fmt: skip
    with pytest.raises(NotOpenNow, match="no step before"):
        adjusted(back, "step_back", 13)


def test_on_one_day_a_second_adjustment_acts_on_what_the_first_decided():
    back = adjusted(usual_course(), "step_back", 11)

    assert written(adjusted(back, "stay", 11, days=2)) == [
        ("1.5", 7), ("3", 3), ("1.5", 9), ("3", 7), ("4.5", None),
    ]  # fmt: skip


def test_slower_counts_the_days_already_taken_across_a_pause():
    paused = adjusted(usual_course(), "pause", 11, days=4)

    assert written(adjusted(paused, "slower", 16, days=10)) == [
        ("1.5", 7), ("3", 3), ("0", 4), ("3", 7), ("4.5", None),
    ]  # fmt: skip


def test_during_a_pause_the_time_may_be_moved_and_the_rest_comes_back_at_the_new_one():
    paused = adjusted(usual_course(), "pause", 11)

    moved = adjusted(paused, "move_time_of_day", 13, to=TimeOfDay.MORNING)
    back = adjusted(moved, "resume", 15)

    times = {intake.time_of_day for part in cut(back.legs, 15)[1] for intake in part.step.doses}
    assert times == {TimeOfDay.MORNING}


def test_during_a_pause_only_what_leads_out_of_it_is_open():
    paused = adjusted(usual_course(), "pause", 11)

    with pytest.raises(NotOpenNow, match="resume first"):
        adjusted(paused, "stay", 13, days=2)
    with pytest.raises(NotOpenNow, match="paused already"):
        adjusted(paused, "pause", 13)
    assert written(adjusted(paused, "step_back", 13)) == [
        ("1.5", 7), ("3", 3), ("0", 2), ("1.5", 7), ("3", 7), ("4.5", None),
    ]  # fmt: skip


def test_after_more_than_14_days_off_only_a_restart_is_open():
    paused = adjusted(usual_course(), "pause", 11)

    assert written(adjusted(paused, "resume", 25))[2:] == [("0", 14), ("3", 4), ("4.5", None)]
    for kind in ("resume", "step_back", "halve"):
        with pytest.raises(ResumeTooLate, match="15 days"):
            adjusted(paused, kind, 26)
    assert written(adjusted(paused, "restart", 26)) == [
        ("1.5", 7), ("3", 3), ("0", 15), ("1.5", 7), ("3", 7), ("4.5", None),
    ]  # fmt: skip


def test_no_pause_is_so_long_that_doses_would_go_on_after_14_days_off():
    with pytest.raises(ResumeTooLate):
        adjusted(usual_course(), "pause", 11, days=15)
    twice = adjusted(usual_course(), "pause", 11, days=10)
    with pytest.raises(ResumeTooLate):
        adjusted(twice, "pause", 16, days=10)


def test_missed_days_move_what_was_due_on_them():
    late = missed(usual_course(), 9, 3, RULES)

    assert written(late) == [("1.5", 7), ("3", 1), ("0", 3), ("3", 6), ("4.5", None)]


def test_more_than_14_missed_days_leave_only_a_restart():
    away = missed(usual_course(), 9, 15, RULES)

    with pytest.raises(ResumeTooLate):
        adjusted(away, "resume", 24)
    assert written(adjusted(away, "restart", 24))[3:] == [("1.5", 7), ("3", 7), ("4.5", None)]


def test_a_course_that_was_stopped_is_over():
    stopped = adjusted(usual_course(), "stop", 11)

    for kind in AdjustmentKind:
        with pytest.raises(NotOpenNow, match="stopped"):
            adjusted(stopped, kind, 11)


def test_a_plan_that_nobody_could_follow_is_refused():
    long = course_of(bedtime_plan(*[(f"0.{number}", 7) for number in range(1, 10)] * 2, *[("1", 7)] * 6))

    with pytest.raises(StepCountOutOfRange):
        adjusted(long, "pause", 10, days=2)


def test_multiples_of_one_strength_are_simply_counted_anew():
    course = usual_course()
    home = pantry_of([multiples(course.plan, Window(1, 30), mg("1.5"))])
    back = adjusted(course, "step_back", 11)

    left = walk(back.plan, home, 1, 10).left

    assert left.total == 56
    assert to_make(back.plan, left, 11, 40, SupplyMethod.MULTIPLES) is None
    # 7 + 14 capsules for the two weeks back, then 11 days of three, and two capsules over.
    assert covered_through(back.plan, home) == 35


def _doses(plan: TitrationPlan, first_day: int, last_day: int):
    days = dosing_days(plan, date(2026, 3, 2), first_day=first_day, last_day=last_day)
    return [day.intakes for day in days]


@given(plan=plans(), at=st.integers(1, 60), off=st.integers(1, 14))
def test_a_pause_and_its_end_give_back_the_rest_of_the_first_plan(plan, at, off):
    assume(plan.closed_days is None or at <= plan.closed_days)
    course = course_of(plan)

    back = adjusted(adjusted(course, "pause", at), "resume", at + off)

    last = plan.closed_days or 120
    assert _doses(back.plan, at + off, last + off) == _doses(plan, at, last)
    assert _doses(back.plan, 1, at - 1) == _doses(plan, 1, at - 1) if at > 1 else True
    assert back.ladder == plan


@given(at=st.integers(1, 60))
def test_moved_to_the_morning_and_back_on_one_day_the_plan_is_the_first_one(at):
    course = usual_course()

    there = adjusted(course, "move_time_of_day", at, to=TimeOfDay.MORNING)
    back = adjusted(there, "move_time_of_day", at, to=TimeOfDay.BEDTIME)

    assert back.plan == course.plan
    assert back.ladder == course.ladder


@given(asked=st.lists(st.tuples(KINDS, st.integers(0, 9)), min_size=1, max_size=5))
def test_whatever_is_adjusted_what_was_taken_stays_and_no_day_has_two_doses(asked):
    course, day = usual_course(), 3
    for what, later in asked:
        day += later
        try:
            after = adjust(course, Adjustment(from_day=day, **what), RULES).course
        except PharmacyError:
            continue
        assert joined(cut(after.legs, day)[0]) == joined(cut(course.legs, day)[0])
        assert all(len(doses) <= 1 for doses in _doses(after.plan, 1, day + 60))
        course = after


@given(asked=st.lists(st.tuples(KINDS, st.integers(0, 9)), min_size=1, max_size=4), days=st.integers(14, 60))
def test_what_is_at_home_and_what_is_made_together_cover_every_day(asked, days):
    course, day, last = usual_course(), 3, days
    held = [own_strength(course.plan, Window(1, days))]
    for what, later in asked:
        day += later
        try:
            after = adjust(course, Adjustment(from_day=day, **what), RULES).course
        except PharmacyError:
            continue
        last = moved_last_day(course, after, day, last)
        course = after
        left = walk(course.plan, pantry_of(held), 1, day - 1).left
        made = to_make(course.plan, left, day, last, OWN)
        if made is not None:
            held.append(made)
        assert walk(course.plan, pantry_of(held), 1, last).lacks == ()


def test_plans_of_the_worked_case_and_of_the_usual_course_are_the_same():
    worked = case("TIT-06")

    assert (
        written(adjusted(usual_course(), "step_back", 11))[:4]
        == [
            (f"{step.daily_dose.in_milligrams().value:f}", step.duration_days)
            for part in ("executed", "replacement")
            for step in plan_of(worked.inputs[part]).steps
        ][:4]
    )
    assert usual_plan().steps[-1].duration_days is None
