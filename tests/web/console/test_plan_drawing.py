"""The geometry of the plan: shares add up, what is past is solid, and words stay where they fit."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.supply import Supply, SupplyMethod, Window, own_strength, supply_options
from pharmacy.domain.titration import Intake, Step, TimeOfDay, TitrationPlan, once_daily
from pharmacy.web.console.plan_drawing import BASELINE, TALLEST, Course, draw_plan, left_in
from tests.domain.strategies import plans

START = date(2026, 3, 2)
BED = TimeOfDay.BEDTIME
TYPICAL = TitrationPlan(
    (
        once_daily(Micrograms(1500), BED, 7),
        once_daily(Micrograms(3000), BED, 7),
        once_daily(Micrograms(4500), BED, 16),
    )
)


def a_course(
    plan: TitrationPlan = TYPICAL, *, days: int = 30, day_today: int = 0, supply: Supply | None = None
) -> Course:
    """The plan on the day with that number; day 0 is before the start."""
    return Course(
        plan=plan,
        supply=supply or own_strength(plan, Window(1, days)),
        start_on=START,
        today=START + timedelta(days=day_today - 1),
        is_begun=day_today > 0,
    )


def share(text: str) -> Decimal:
    return Decimal(text.removesuffix("%"))


def test_bars_are_as_wide_as_their_days_and_as_high_as_their_dose() -> None:
    drawing = draw_plan(a_course())

    assert [bar.width for bar in drawing.bars] == ["23.333%", "23.333%", "53.333%"]
    heights = [int(bar.height) for bar in drawing.bars]
    assert heights == sorted(heights)
    assert heights[-1] == TALLEST
    assert [words.text for words in drawing.doses] == ["1.5 mg", "3 mg", "4.5 mg"]
    assert [words.text for words in drawing.dates] == ["2 Mar", "9 Mar", "16 Mar"]


def test_a_step_that_runs_today_is_partly_past() -> None:
    drawing = draw_plan(a_course(day_today=10))

    assert [(bar.look, bar.width) for bar in drawing.bars] == [
        ("past", "23.333%"),
        ("past", "6.667%"),
        ("future", "16.667%"),
        ("future", "53.333%"),
    ]
    assert [(mark.text, mark.x) for mark in drawing.marks] == [("today", "31.667%")]


def test_nothing_is_past_and_no_day_is_today_before_the_start() -> None:
    drawing = draw_plan(a_course())

    assert {bar.look for bar in drawing.bars} == {"future"}
    assert drawing.marks == ()


def test_a_refill_is_marked_only_within_the_plan() -> None:
    within = draw_plan(a_course(), refill_on=START + timedelta(days=20))
    after = draw_plan(a_course(), refill_on=START + timedelta(days=40))

    assert [mark.text for mark in within.marks] == ["refill"]
    assert after.marks == ()


def test_a_pause_is_hatched_and_low() -> None:
    plan = TitrationPlan((once_daily(Micrograms(1500), BED, 7), once_daily(Micrograms(0), BED, 7)))

    pause = draw_plan(a_course(plan, days=14)).bars[1]

    assert pause.look == "pause"
    assert int(pause.height) < TALLEST // 4


def test_vials_of_the_same_days_lie_below_one_another() -> None:
    twice = Step((Intake(TimeOfDay.MORNING, Micrograms(500)), Intake(BED, Micrograms(1500))), 14)

    vials = draw_plan(a_course(TitrationPlan((twice,)), days=14)).vials

    assert len({vial.y for vial in vials}) == 2


def test_capsules_left_count_down_by_the_plan_and_include_today() -> None:
    multiples = supply_options(TYPICAL, Window(1, 30))[1]
    assert multiples.method is SupplyMethod.MULTIPLES
    vial = multiples.lines[0].vials[0]

    left = [left_in(vial, a_course(day_today=day, supply=multiples)) for day in (0, 1, 8, 15, 30, 31, 400)]

    assert left == [69, 69, 62, 48, 3, 0, 0]


@given(plan=plans(), day_today=st.integers(0, 120))
def test_bars_fill_the_width_and_nothing_leaves_the_drawing(plan: TitrationPlan, day_today: int) -> None:
    days = min(90, plan.closed_days or 90)
    course = a_course(plan, days=days, day_today=day_today)

    drawing = draw_plan(course)

    assert abs(sum(share(bar.width) for bar in drawing.bars) - 100) < Decimal("0.05")
    for bar in (*drawing.bars, *drawing.vials):
        assert 0 <= share(bar.x) <= share(bar.x) + share(bar.width) < Decimal("100.01")
        assert 0 <= int(bar.y) <= int(bar.y) + int(bar.height) <= int(drawing.height)
    assert all(int(bar.y) + int(bar.height) == BASELINE for bar in drawing.bars)
    assert all(int(words.y) > 0 for words in drawing.doses)


@given(plan=plans(), before=plans())
def test_the_plan_before_a_change_lies_behind_and_within_the_one_in_force(
    plan: TitrationPlan, before: TitrationPlan
) -> None:
    course = replace(a_course(plan, days=min(90, plan.closed_days or 90)), before=before)

    drawing = draw_plan(course)

    assert drawing.ghosts
    for bar in (*drawing.bars, *drawing.ghosts):
        assert share(bar.x) + share(bar.width) < Decimal("100.01")
        assert BASELINE - TALLEST <= int(bar.y) <= BASELINE
        assert int(bar.y) + int(bar.height) == BASELINE


def test_reminders_are_marked_once_and_only_within_the_plan() -> None:
    days = (
        START + timedelta(days=6),
        START + timedelta(days=6),
        START + timedelta(days=13),
        START + timedelta(90),
    )

    drawing = draw_plan(a_course(), reminders=days)

    assert [mark.text for mark in drawing.reminders] == [
        "Reminder on Sun 8 Mar 2026", "Reminder on Sun 15 Mar 2026",
    ]  # fmt: skip
    assert draw_plan(a_course()).ghosts == ()
