"""A bottle of oral liquid says a concentration, millilitres by the syringe, and how a liquid is kept."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.beyond_use import Category
from pharmacy.domain.bottle_labels import BottleOnLabel, bottle_directions, bottle_label, bottle_steps
from pharmacy.domain.label_phrases import Language
from pharmacy.domain.labels import COMPOUNDED_BY_THIS_PHARMACY, Origin
from pharmacy.domain.liquid import LiquidRules, liquid_supply
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.supply import Window
from pharmacy.domain.titration import TimeOfDay, TitrationPlan, once_daily
from tests.domain.plans import usual_plan
from tests.domain.test_labels import EXAMPLE, RX

RULES = LiquidRules(
    micrograms_per_ml=Micrograms(1000), category=Category.ORAL_NON_AQUEOUS, syringe_step_ml=Decimal("0.01")
)
BATCH = Origin("L260301-01", date(2026, 5, 30))


def _bottles(plan=None, bottle_days=30, days=30):
    plan = plan or usual_plan()
    supply = liquid_supply(plan, Window(1, days), RULES, bottle_days=bottle_days)
    return [
        BottleOnLabel(
            volume_ml=bottle.volume_ml,
            steps=bottle_steps(bottle, supply.doses, len(plan.steps)),
            rules=RULES,
        )
        for bottle in supply.bottles
    ]


def _label(bottle, rx=RX, origin=BATCH, start_on=None):
    return bottle_label(bottle, rx, EXAMPLE, origin=origin, start_on=start_on)


def test_one_bottle_for_the_usual_titration_tells_each_step_in_millilitres():
    (bottle,) = _bottles()

    label = _label(bottle)

    assert label.drug_and_strength == "naltrexone 1 mg/mL oral liquid"
    assert label.directions == (
        "Days 1 to 7: take 1.5 mL by mouth at bedtime.",
        "Days 8 to 14: take 3 mL by mouth at bedtime.",
        "Days 15 to 30: take 4.5 mL by mouth at bedtime.",
    )
    assert label.quantity == "103.5 mL"
    assert label.step_text == "Steps 1 to 3 of 3, days 1 to 30"
    assert label.auxiliary[0] == COMPOUNDED_BY_THIS_PHARMACY
    assert "Shake well." in label.auxiliary
    assert "Measure with the oral syringe only." in label.auxiliary
    assert "Refrigerate." not in label.auxiliary


def test_a_bottle_that_holds_part_of_a_step_names_its_own_days():
    first, second, *_ = _bottles(bottle_days=14)

    assert [(step.first_day, step.last_day) for step in first.steps] == [(1, 7), (8, 14)]
    assert bottle_directions(second.steps) == (
        "Step 3 of 3, days 15 to 28:",
        "take 4.5 mL by mouth at bedtime.",
    )


def test_what_is_made_with_water_is_kept_cold():
    (bottle,) = _bottles()
    aqueous = replace(bottle, rules=replace(RULES, category=Category.AQUEOUS_PRESERVED))

    assert "Refrigerate." in _label(aqueous).auxiliary


def test_dates_stand_beside_the_days_once_the_start_is_known():
    (bottle,) = _bottles()

    assert _label(bottle, start_on=date(2026, 3, 2)).step_text.endswith("(03/02/2026 to 03/31/2026)")


def test_a_proof_has_no_lot_and_no_initials():
    (bottle,) = _bottles()

    proof = _label(bottle, replace(RX, pharmacist="KL"), origin=None)

    assert (proof.is_proof, proof.lot, proof.beyond_use, proof.pharmacist) == (True, None, None, None)
    assert _label(bottle, replace(RX, pharmacist="KL")).pharmacist == "KL"


def test_spanish_directions_stand_beside_the_english_ones():
    (bottle,) = _bottles(TitrationPlan((once_daily(Micrograms(500), TimeOfDay.MORNING, 30),)))

    label = _label(bottle, replace(RX, language=Language.SPANISH))

    assert label.directions == ("Tome 0.5 mL por la boca por la mañana.",)
    assert label.english_directions == ("Take 0.5 mL by mouth in the morning.",)
    assert label.drug_and_strength == "naltrexone 1 mg/mL líquido oral"


def test_a_bottle_is_for_some_step():
    with pytest.raises(ValueError, match="some step"):
        BottleOnLabel(volume_ml=Decimal(10), steps=(), rules=RULES)


@given(bottle_days=st.integers(7, 40), days=st.integers(7, 90))
def test_the_bottles_labels_cover_every_day_once_and_hold_what_they_say(bottle_days, days):
    bottles = _bottles(bottle_days=bottle_days, days=days)

    covered = [
        day for each in bottles for step in each.steps for day in range(step.first_day, step.last_day + 1)
    ]
    assert covered == list(range(1, days + 1))
    for bottle in bottles:
        taken = sum(
            (step.last_day - step.first_day + 1) * sum(step.volumes.values()) for step in bottle.steps
        )
        assert taken == bottle.volume_ml
