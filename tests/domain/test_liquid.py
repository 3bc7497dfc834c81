"""The same micrograms as a liquid, in bottles that last."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.beyond_use import Category
from pharmacy.domain.liquid import (
    BottleTooShort,
    DoseNotMeasurable,
    LiquidRules,
    liquid_supply,
)
from pharmacy.domain.supply import Window
from pharmacy.domain.titration import mass_between
from tests.domain.plans import bedtime_plan, mg
from tests.domain.strategies import plans_and_windows

# The worked example of a liquid: 14 days of 0.5 mL, 14 of 1.5 mL and 30 of 4.5 mL of 1 mg/mL.
EXAMPLE = bedtime_plan(("0.5", 14), ("1.5", 14), ("4.5", 30))
WHOLE = Window(1, 58)
ON_THE_WAY = 3


def rules(category=Category.ORAL_NON_AQUEOUS, concentration="1", step="0.01"):
    return LiquidRules(micrograms_per_ml=mg(concentration), category=category, syringe_step_ml=Decimal(step))


def _bottles(category):
    lasts = rules(category).days_at_the_patient(ON_THE_WAY)
    supply = liquid_supply(EXAMPLE, WHOLE, rules(category), bottle_days=lasts)
    return [(each.first_day, each.last_day, each.volume_ml) for each in supply.bottles]


def test_fifty_eight_days_are_one_hundred_and_sixty_three_millilitres_in_one_bottle_of_oil():
    assert _bottles(Category.ORAL_NON_AQUEOUS) == [(1, 58, Decimal("163"))]


def test_a_preserved_watery_liquid_takes_two_bottles_and_a_plain_one_six():
    assert _bottles(Category.AQUEOUS_PRESERVED) == [(1, 32, Decimal("46")), (33, 58, Decimal("117"))]
    plain = _bottles(Category.AQUEOUS)
    assert [last - first + 1 for first, last, _ in plain] == [11, 11, 11, 11, 11, 3]
    assert sum(volume for *_, volume in plain) == Decimal("163")


def test_a_bottle_of_less_than_a_week_is_not_sent():
    with pytest.raises(BottleTooShort):
        liquid_supply(EXAMPLE, WHOLE, rules(), bottle_days=6)

    short = liquid_supply(EXAMPLE, Window(1, 5), rules(), bottle_days=6)
    assert len(short.bottles) == 1


def test_a_dose_between_two_marks_of_the_syringe_cannot_be_given():
    with pytest.raises(DoseNotMeasurable) as refused:
        liquid_supply(bedtime_plan(("1.5", 7), ("0.505", 7)), Window(1, 14), rules(), bottle_days=30)

    assert refused.value.where == ("steps", 1, "dose_mg")
    assert str(refused.value) == "Step 2: 0.505 mg of 1 mg/mL is not a whole number of 0.01 mL."


@given(
    given_plan=plans_and_windows(),
    concentration=st.sampled_from(["1", "0.5", "2", "0.1"]),
    days=st.integers(7, 90),
)
def test_bottles_hold_what_the_plan_needs_and_no_dose_is_lost_between_them(given_plan, concentration, days):
    plan, window = given_plan
    chosen = rules(concentration=concentration, step="0.0005")

    supply = liquid_supply(plan, window, chosen, bottle_days=days)

    needed = mass_between(plan, window.first_day, window.last_day)
    assert supply.total_ml * chosen.micrograms_per_ml.value == needed.value
    covered = [day for each in supply.bottles for day in range(each.first_day, each.last_day + 1)]
    assert covered == list(range(window.first_day, window.last_day + 1))
    assert all(each.last_day - each.first_day < days for each in supply.bottles)
    assert all(dose.volume_ml * chosen.micrograms_per_ml.value == dose.dose.value for dose in supply.doses)
