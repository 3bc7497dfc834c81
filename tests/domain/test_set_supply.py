"""A plan from a set of strengths: the same milligrams on every day, and no half doses."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.labels import directions
from pharmacy.domain.notice_texts import step_words
from pharmacy.domain.set_supply import DoseNotMadeUp, Formulary, from_strengths, suggested_sets
from pharmacy.domain.supply import (
    MOST_CAPSULES,
    Window,
    common_unit,
    days_within_limits,
    most_per_dose,
    multiples,
    own_strength,
    supply_options,
)
from pharmacy.domain.titration import Intake, Step, TimeOfDay, TitrationPlan, scheduled_between
from tests.domain.plans import bedtime_plan, mg, usual_plan
from tests.domain.strategies import windows_of

FORMULARY = Formulary(
    tuple(mg(each) for each in ["0.1", "0.25", "0.5", "1", "1.5", "2", "2.5", "3", "3.5", "4", "4.5", "6"]), 4
)
MONTH = Window(1, 30)


@st.composite
def _plans_and_windows(draw):
    """Plans of half milligrams, once or twice a day, with steps down and pauses, and a stretch of them."""
    halves = st.integers(0, 20).map(lambda count: mg("0.5").times(count))
    times = st.lists(st.sampled_from(TimeOfDay), min_size=1, max_size=2, unique=True)
    steps = []
    for _ in range(draw(st.integers(1, 12))):
        intakes = tuple(Intake(time, draw(halves)) for time in draw(times))
        steps.append(Step(intakes, draw(st.integers(1, 20))))
    plan = TitrationPlan(tuple(steps))
    return plan, draw(windows_of(plan))


def _taken(supply):
    """Micrograms at each day and time, from whichever vials."""
    taken = Counter()
    for line in supply.lines:
        for vial in line.vials:
            for step in vial.steps:
                for day in range(step.first_day, step.last_day + 1):
                    taken[day, step.time_of_day] += line.strength.value * step.capsules_per_dose
    return +taken


def _ordered(plan, window):
    return +Counter(
        {
            (day, intake.time_of_day): intake.dose.value
            for part in scheduled_between(plan, window.first_day, window.last_day)
            for day in range(part.first_day, part.last_day + 1)
            for intake in part.step.doses
        }
    )


@given(_plans_and_windows())
def test_every_option_gives_the_same_milligrams_on_every_day(given_plan):
    plan, window = given_plan
    sets = [from_strengths(plan, window, each.strengths) for each in suggested_sets(plan, window, FORMULARY)]

    for supply in (*supply_options(plan, window), *sets):
        assert _taken(supply) == _ordered(plan, window)


@given(_plans_and_windows())
def test_so_many_days_fit_one_fill_and_one_more_does_not(given_plan):
    plan, window = given_plan
    unit = common_unit(plan, window)
    supply = multiples(plan, window, unit) if unit else own_strength(plan, window)

    days = days_within_limits(supply)

    def capsules(of_days):
        part = Window(window.first_day, of_days)
        return multiples(plan, part, unit).capsules if unit else 0

    assert 0 < days <= window.days
    assert capsules(days) <= MOST_CAPSULES
    assert days == window.days or capsules(days + 1) > MOST_CAPSULES


@given(_plans_and_windows(), st.data())
def test_splitting_a_window_loses_no_dose(given_plan, data):
    plan, window = given_plan
    days = data.draw(st.integers(1, window.days))
    parts = [Window(window.first_day, days)]
    if days < window.days:
        parts.append(Window(window.first_day + days, window.days - days))

    taken = Counter()
    for part in parts:
        taken += _taken(supply_options(plan, part)[-1])

    assert taken == _ordered(plan, window)


@given(_plans_and_windows())
def test_a_suggested_set_takes_what_was_foretold(given_plan):
    plan, window = given_plan

    for each in suggested_sets(plan, window, FORMULARY):
        supply = from_strengths(plan, window, each.strengths)
        assert supply.capsules == each.capsules
        assert most_per_dose(supply) == each.most_per_dose
        assert tuple(line.strength for line in supply.lines) == each.strengths


def test_a_label_names_what_belongs_to_the_same_dose_and_stands_in_another_vial():
    supply = from_strengths(usual_plan(), MONTH, [mg("1.5"), mg("3")])

    small, large = ([directions(vial) for vial in line.vials] for line in supply.lines)
    assert small[-1] == (
        "Step 3 of 3, days 15 to 30:",
        "take 1 capsule by mouth at bedtime, together with 1 capsule of 3 mg.",
    )
    assert large[-1][1] == "take 1 capsule by mouth at bedtime, together with 1 capsule of 1.5 mg."
    assert step_words(supply, 3) == "Step 3, 2 capsules at bedtime"


def test_a_dose_that_the_strengths_cannot_make_up_is_named():
    with pytest.raises(DoseNotMadeUp) as refused:
        from_strengths(bedtime_plan(("1.5", 7), ("2", None)), MONTH, [mg("1.5")])

    assert refused.value.where == ("steps", 1, "dose_mg")
    assert str(refused.value) == "Step 2: 2 mg is not made up of at most 9 capsules of 1.5 mg."
