"""What an oral liquid costs, line by line, and how it is cut, walked and left at home: exact like capsules."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.beyond_use import Category
from pharmacy.domain.home_supply import covered_through, pantry_of, walk
from pharmacy.domain.liquid import LiquidRules, as_supply
from pharmacy.domain.liquid_pricing import LiquidNotPriced
from pharmacy.domain.money import total
from pharmacy.domain.pricing import HOUSE_PRICES, Delivery, StrengthCount, price
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.supply import SupplyMethod, Window, part_of
from pharmacy.domain.titration import mass_between
from tests.domain.plans import bedtime_plan

RULES = LiquidRules(
    micrograms_per_ml=Micrograms(1000),
    category=Category.ORAL_NON_AQUEOUS,
    syringe_step_ml=Decimal("0.01"),
)
E25 = bedtime_plan(("0.5", 14), ("1.5", 14), ("4.5", 30))


def _bottle(marks, bottles=1):
    return StrengthCount(strength=RULES.mark, capsules=marks, vials=bottles, unit_ml=RULES.syringe_step_ml)


def test_e25_costs_drug_vehicle_one_preparation_a_script_and_a_bottle():
    found = price(HOUSE_PRICES, (_bottle(16_300),), 58, Delivery.MAIL)

    # 163 mg at a potency of 0.961248 are 0.16957 g at 18.00, and 163 mL at 0.05, twice; 18 minutes at 0.90.
    assert {line.kind.value: line.amount.text for line in found.lines} == {
        "ingredients": "22.40",
        "labour": "16.20",
        "script_and_vial_fees": "12.00",
        "packaging": "1.50",
        "rounding": "0.40",
        "shipping": "6.95",
    }
    assert found.total.text == "59.45"
    assert total([line.amount for line in found.lines]) == found.total


def test_a_price_book_that_says_nothing_of_liquids_has_no_price_for_one():
    with pytest.raises(LiquidNotPriced, match="vehicle and bottle are due"):
        price(replace(HOUSE_PRICES, bottle=None), (_bottle(100),), 7, Delivery.MAIL)


@given(marks=st.integers(1, 50_000), bottles=st.integers(1, 4), days=st.integers(1, 90))
def test_the_lines_of_a_liquid_sum_to_its_price(marks, bottles, days):
    found = price(HOUSE_PRICES, (_bottle(max(marks, bottles), bottles),), days, Delivery.MAIL)

    assert total([line.amount for line in found.lines]) == found.total


def test_e25_is_163_millilitres_in_one_bottle():
    supply = as_supply(E25, Window(1, 58), RULES)

    (line,) = supply.lines
    assert supply.method is SupplyMethod.LIQUID
    assert (line.unit_ml * line.capsules, len(line.vials)) == (Decimal(163), 1)
    assert line.strength.times(line.capsules) == mass_between(E25, 1, 58)


@given(st.integers(1, 57))
def test_a_liquid_that_is_cut_in_two_loses_no_drop_of_any_day(days):
    whole = as_supply(E25, Window(1, 58), RULES)

    parts = [part_of(whole, Window(1, days)), part_of(whole, Window(days + 1, 58 - days))]

    assert sum(part.capsules for part in parts) == whole.capsules
    for part in parts:
        held = part.lines[0].strength.times(part.capsules)
        assert held == mass_between(E25, part.window.first_day, part.window.last_day)


def test_what_is_left_in_the_bottle_is_known_by_walking_the_plan():
    pantry = pantry_of([as_supply(E25, Window(1, 58), RULES)])

    assert covered_through(E25, pantry) == 58
    # Fourteen days of half a millilitre are gone.
    assert sum(walk(E25, pantry, 1, 14).left.capsules.values()) == 15_600


def test_a_bottle_at_home_serves_a_lower_dose_for_longer():
    pantry = pantry_of([as_supply(E25, Window(1, 28), RULES)])
    lower = bedtime_plan(("0.5", None))

    # Twenty-eight millilitres at half a millilitre a night.
    assert covered_through(lower, pantry) == 56


def test_more_than_a_bottle_holds_goes_into_the_next():
    plan = bedtime_plan(("10", 60))

    (line,) = as_supply(plan, Window(1, 60), RULES).lines

    assert [vial.capsules for vial in line.vials] == [50_000, 10_000]


def test_a_mark_of_the_syringe_holds_whole_micrograms():
    with pytest.raises(ValueError, match="whole number of micrograms"):
        assert replace(RULES, micrograms_per_ml=Micrograms(1050), syringe_step_ml=Decimal("0.001")).mark
