"""Which capsules cover which days."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.notice_texts import step_words
from pharmacy.domain.pricing import HOUSE_PRICES
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.supply import (
    MOST_CAPSULES_PER_DOSE,
    MOST_CAPSULES_PER_VIAL,
    DaysOutOfRange,
    DoseNotAMultiple,
    NothingLeftToSupply,
    QuantityOutOfRange,
    SupplyMethod,
    Window,
    check_quantity,
    common_unit,
    multiples,
    next_window,
    own_strength,
    supply_options,
)
from pharmacy.domain.titration import Intake, Step, TimeOfDay, TitrationPlan, mass_between, once_daily
from tests.domain.cases import case
from tests.domain.plans import bedtime_plan, mg, plan_of, usual_plan
from tests.domain.strategies import plans, plans_and_windows

MONTH = Window(1, 30)


def _counts(supply):
    return [(line.strength, line.capsules) for line in supply.lines]


def _vial_steps(supply):
    return [step for line in supply.lines for vial in line.vials for step in vial.steps]


def _mass(supply):
    return sum((line.strength.times(line.capsules) for line in supply.lines), start=Micrograms(0))


def test_each_step_has_capsules_of_its_own_strength():
    supply = own_strength(usual_plan(), MONTH)

    assert _counts(supply) == [(mg("1.5"), 7), (mg("3"), 7), (mg("4.5"), 16)]
    assert supply.capsules == 30
    assert [
        (step.position, step.of_steps, step.first_day, step.last_day) for step in _vial_steps(supply)
    ] == [
        (1, 3, 1, 7),
        (2, 3, 8, 14),
        (3, 3, 15, 30),
    ]


def test_multiples_of_one_strength_fill_one_vial():
    # CAP-11: the same 30 days from 1.5 mg capsules, one, two and three at a time.
    supply = multiples(usual_plan(), MONTH, mg("1.5"))

    assert _counts(supply) == [(mg("1.5"), 69)]
    assert [vial.capsules for vial in supply.lines[0].vials] == [69]
    assert [step.capsules_per_dose for step in _vial_steps(supply)] == [1, 2, 3]


@pytest.mark.parametrize("worked", [case("TIT-06")], ids=["TIT-06"])
def test_a_step_back_needs_capsules_that_were_not_dispensed(worked):
    plan = plan_of([*worked.inputs["executed"], *worked.inputs["replacement"]])
    dispensed = {mg("1.5"): 7, mg("3"): 7, mg("4.5"): 16}

    needed = dict(_counts(own_strength(plan, Window(1, 40))))

    strengths = [mg("1.5"), mg("3"), mg("4.5")]
    assert [needed[strength] for strength in strengths] == list(worked.expected["capsules_needed"].values())
    assert [needed[strength] - dispensed[strength] for strength in strengths] == list(
        worked.expected["shortfall"].values()
    )


@pytest.mark.parametrize("worked", [case("TIT-07")], ids=["TIT-07"])
def test_a_refill_continues_the_titration_and_never_repeats_it(worked):
    *before, last = worked.inputs["initial"]
    plan = plan_of([*before, last | {"days": None}])

    supplied = 0
    for fill in worked.expected["fills"]:
        window = next_window(plan, supplied, fill["days"])
        assert _counts(own_strength(plan, window)) == [(mg(dose), count) for dose, count in fill["items"]]
        supplied += window.days

    assert supplied == worked.expected["total_days"]


def test_a_short_first_fill_is_continued_inside_the_titration():
    window = next_window(usual_plan(), 10, 10)

    assert window == Window(11, 10)
    assert _counts(own_strength(usual_plan(), window)) == [(mg("3"), 4), (mg("4.5"), 6)]


def test_a_fill_ends_with_a_closed_plan():
    plan = bedtime_plan(("1.5", 7), ("3", 7))

    assert next_window(plan, 10, 30) == Window(11, 4)


def test_nothing_is_supplied_after_the_last_day_of_a_closed_plan():
    with pytest.raises(NothingLeftToSupply, match="ends on day 7 and is fully supplied"):
        next_window(bedtime_plan(("1.5", 7)), 7, 30)


def test_a_strength_that_returns_is_one_line_with_a_vial_for_each_step():
    supply = own_strength(bedtime_plan(("1.5", 7), ("3", 3), ("1.5", 5)), Window(1, 15))

    assert _counts(supply) == [(mg("1.5"), 12), (mg("3"), 3)]
    assert [vial.capsules for vial in supply.lines[0].vials] == [7, 5]


def test_different_morning_and_bedtime_amounts_are_two_lines():
    step = Step((Intake(TimeOfDay.MORNING, mg("1.5")), Intake(TimeOfDay.BEDTIME, mg("3"))), 10)

    supply = own_strength(TitrationPlan((step,)), Window(1, 10))

    assert _counts(supply) == [(mg("1.5"), 10), (mg("3"), 10)]


def test_equal_morning_and_bedtime_amounts_share_a_vial():
    step = Step((Intake(TimeOfDay.MORNING, mg("1.5")), Intake(TimeOfDay.BEDTIME, mg("1.5"))), 10)

    supply = own_strength(TitrationPlan((step,)), Window(1, 10))

    assert [(line.capsules, len(line.vials)) for line in supply.lines] == [(20, 1)]


def test_a_pause_takes_no_capsules_but_is_told_on_a_common_vial():
    plan = bedtime_plan(("3", 7), ("0", 7), ("1.5", 7))

    assert _counts(own_strength(plan, Window(1, 21))) == [(mg("3"), 7), (mg("1.5"), 7)]
    assert [step.capsules_per_dose for step in _vial_steps(multiples(plan, Window(1, 21), mg("1.5")))] == [
        2,
        0,
        1,
    ]


def test_what_one_vial_cannot_hold_goes_on_in_the_next_with_the_next_day():
    # 7 + 14 + 3 x 74 = 243 capsules: after day 73 the first vial holds 198, and three more would be too many.
    (line,) = multiples(usual_plan(), Window(1, 88), mg("1.5")).lines

    assert [vial.capsules for vial in line.vials] == [198, 45]
    spans = [[(step.position, step.first_day, step.last_day) for step in vial.steps] for vial in line.vials]
    assert spans == [[(1, 1, 7), (2, 8, 14), (3, 15, 73)], [(3, 74, 88)]]


@pytest.mark.parametrize(("days", "vials"), [(100, [200]), (101, [200, 2]), (201, [200, 200, 2])])
def test_a_vial_is_filled_to_the_last_capsule_where_the_days_allow(days, vials):
    (line,) = multiples(bedtime_plan(("3", None)), Window(1, days), mg("1.5")).lines

    assert [vial.capsules for vial in line.vials] == vials


def test_a_dose_is_told_once_though_its_step_is_in_two_vials():
    supply = multiples(usual_plan(), Window(1, 88), mg("1.5"))

    assert step_words(supply, 3) == "Step 3, 3 capsules at bedtime"


def test_a_vial_of_supply_fits_the_large_vial_of_the_price_book():
    assert HOUSE_PRICES.large_vial_capsules == MOST_CAPSULES_PER_VIAL


@pytest.mark.parametrize("unit", ["2", "0"])
def test_a_dose_that_whole_capsules_cannot_make_up_is_refused(unit):
    with pytest.raises(DoseNotAMultiple, match=r"Step 1: 1\.5 mg is not a whole number of") as refused:
        multiples(usual_plan(), MONTH, mg(unit))

    assert refused.value.where == ("steps", 0, "dose_mg")


def test_the_default_is_own_strength_and_one_strength_is_offered_beside_it():
    options = supply_options(usual_plan(), MONTH)

    assert [(option.method, option.capsules) for option in options] == [
        (SupplyMethod.OWN_STRENGTH, 30),
        (SupplyMethod.MULTIPLES, 69),
    ]


def test_a_single_strength_leaves_nothing_to_choose():
    assert len(supply_options(usual_plan(), Window(31, 30))) == 1


def test_ten_capsules_at_a_time_are_not_offered():
    assert len(supply_options(bedtime_plan(("0.5", 7), ("4.5", 7)), Window(1, 14))) == 2
    assert len(supply_options(bedtime_plan(("0.5", 7), ("5", 7)), Window(1, 14))) == 1


def test_a_window_of_pause_has_no_common_unit_and_no_quantity():
    plan = TitrationPlan((once_daily(Micrograms(0), TimeOfDay.BEDTIME, 7),))
    (nothing,) = supply_options(plan, Window(1, 7))

    assert common_unit(plan, Window(1, 7)) is None
    with pytest.raises(QuantityOutOfRange, match="not 0"):
        check_quantity(nothing)


def test_a_fill_covers_at_most_ninety_days():
    check_quantity(own_strength(usual_plan(), Window(1, 90)))
    with pytest.raises(DaysOutOfRange, match="not 91"):
        check_quantity(own_strength(usual_plan(), Window(1, 91)))


def test_a_line_holds_at_most_three_hundred_capsules():
    plan = bedtime_plan(("4", 75))

    check_quantity(multiples(plan, Window(1, 75), mg("1")))
    with pytest.raises(QuantityOutOfRange, match="not 600"):
        check_quantity(multiples(plan, Window(1, 75), mg("0.5")))


@pytest.mark.parametrize(("first_day", "days"), [(0, 1), (1, 0)])
def test_a_window_begins_on_day_one_and_is_a_day_long(first_day, days):
    with pytest.raises(ValueError, match="begins on day 1"):
        Window(first_day, days)


@given(plan_and_window=plans_and_windows())
def test_the_capsules_hold_the_mass_of_the_window_by_either_method(plan_and_window):
    plan, window = plan_and_window
    mass = mass_between(plan, window.first_day, window.last_day)

    assert _mass(own_strength(plan, window)) == mass
    unit = common_unit(plan, window)
    if unit is not None:
        assert _mass(multiples(plan, window, unit)) == mass


@given(plan_and_window=plans_and_windows())
def test_vials_of_an_offer_hold_no_more_than_they_can_and_split_no_day(plan_and_window):
    for supply in supply_options(*plan_and_window):
        for line in supply.lines:
            assert all(1 <= vial.capsules <= MOST_CAPSULES_PER_VIAL for vial in line.vials)
            days = [{(step.first_day, step.last_day) for step in vial.steps} for vial in line.vials]
            ends = [(min(first for first, _ in span), max(last for _, last in span)) for span in days]
            assert all(before[1] < after[0] for before, after in pairwise(ends))


@given(plan_and_window=plans_and_windows())
def test_no_offer_takes_more_capsules_than_a_patient_can_count(plan_and_window):
    first, *others = supply_options(*plan_and_window)

    assert first.method is SupplyMethod.OWN_STRENGTH
    assert all(
        step.capsules_per_dose <= MOST_CAPSULES_PER_DOSE for other in others for step in _vial_steps(other)
    )


@given(plan=plans(), days=st.integers(1, 90), fills=st.integers(1, 8))
def test_fills_tile_the_plan_without_gap_or_overlap(plan, days, fills):
    covered = []
    while len(covered) < fills * days and len(covered) != plan.closed_days:
        window = next_window(plan, len(covered), days)
        covered += range(window.first_day, window.last_day + 1)

    end = plan.closed_days or fills * days
    assert covered == list(range(1, min(fills * days, end) + 1))
