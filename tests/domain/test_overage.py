"""Powder is made for a few capsules more than are needed."""

from decimal import Decimal

import pytest
from hypothesis import given

from pharmacy.domain.overage import HOUSE_OVERAGE, OverageTier, prepared_capsules
from tests.domain.cases import case
from tests.domain.strategies_compounding import counts

CAP_05 = case("CAP-05")


@pytest.mark.parametrize(
    ("required", "prepared"),
    list(zip(CAP_05.inputs["required"], CAP_05.expected["prepared"], strict=True)),
    ids=lambda count: f"CAP-05 {count}",
)
def test_the_house_tiers(required, prepared):  # E7
    assert prepared_capsules(required, HOUSE_OVERAGE).value == prepared


@given(required=counts())
def test_there_is_always_powder_for_one_more_and_never_for_many_more(required):
    prepared = prepared_capsules(required, HOUSE_OVERAGE).whole

    assert required < prepared <= required + 1 + required * Decimal("0.05")


def test_the_figure_names_the_overage_and_its_source():
    overage = prepared_capsules(101, HOUSE_OVERAGE).inputs[1]

    assert (overage.value, overage.source) == ("3 %", "house policy")


@pytest.mark.parametrize("required", [0, -1])
def test_a_batch_is_of_one_capsule_or_more(required):
    with pytest.raises(ValueError, match="one capsule"):
        prepared_capsules(required, HOUSE_OVERAGE)


@pytest.mark.parametrize("required", [7.0, Decimal(7), True])
def test_capsules_are_counted_in_whole_numbers(required):
    with pytest.raises(TypeError, match="whole number"):
        prepared_capsules(required, HOUSE_OVERAGE)


def test_a_count_beyond_the_last_tier_is_refused():
    with pytest.raises(ValueError, match="No overage"):
        prepared_capsules(101, HOUSE_OVERAGE[:1])


def test_a_tier_refuses_floats_and_negative_shares():
    with pytest.raises(TypeError, match="must be a Decimal"):
        OverageTier(up_to=None, share=0.05)
    with pytest.raises(TypeError, match="whole number"):
        OverageTier(up_to=100.0, share=Decimal("0.05"))
    with pytest.raises(ValueError, match="zero or more"):
        OverageTier(up_to=None, share=Decimal("-0.05"))
