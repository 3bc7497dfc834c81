"""A triturate has the strength that was weighed into it, unrounded."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.potency import hydrochloride_content
from pharmacy.domain.quantities import Milligrams
from pharmacy.domain.triturates import serial_dilution, stock_triturate, triturate_holding
from tests.domain.benches import E8_STRENGTH, a_balance, a_certificate, mg
from tests.domain.cases import case

CONTENT = hydrochloride_content(a_certificate(), "lot NTX-2601")
TEN_GRAMS = mg("10000")


@pytest.mark.parametrize("case_id", ["TRI-01"])
def test_a_stock_triturate_is_corrected_for_potency_once(case_id):  # E8
    expected = case(case_id).expected

    stock = stock_triturate(Decimal("0.10"), TEN_GRAMS, CONTENT, a_balance())

    assert stock.api.target == mg(expected["api_weigh_g"]).times(1000)
    assert stock.diluent.target == mg(expected["diluent_g"]).times(1000)
    assert stock.strength == E8_STRENGTH == Decimal("0.099969792")
    assert stock.strength * 100 == pytest.approx(Decimal(expected["actual_pct_w_w"]), abs=Decimal("0.0001"))
    assert [figure.key for figure in stock.figures] == [
        "hydrochloride_content",
        "stock_drug_exact",
        "stock_drug_target",
        "stock_diluent_target",
        "triturate_strength",
    ]


@pytest.mark.parametrize("case_id", ["TRI-03"])
def test_microgram_doses_come_from_two_dilutions(case_id):  # E11
    expected = case(case_id).expected

    first, second = serial_dilution([Decimal("0.01"), Decimal("0.0001")], TEN_GRAMS)

    assert first.value == Decimal(expected["api_pure_for_10g_t1_mg"])
    assert second.value == Decimal(expected["t1_for_10g_t2_mg"])
    needed = triturate_holding(Milligrams(Decimal(expected["required_mcg"]) / 1000), Decimal("0.0001"))
    assert needed == mg(expected["t2_weigh_mg"])


def test_a_triturate_can_be_diluted_again_on_a_class_iii_balance_from_twelve_grams():
    first = stock_triturate(Decimal("0.01"), mg("20000"), CONTENT, a_balance())

    second = stock_triturate(Decimal("0.0001"), mg("12000"), first.figures[-1], a_balance())

    assert second.api.target == mg("120")
    assert second.strength == pytest.approx(Decimal("0.0001"), rel=Decimal("0.005"))


@given(
    target=st.decimals("0.01", "0.5", places=3),
    total=st.integers(10_000, 50_000).map(lambda whole: Milligrams(Decimal(whole))),
)
def test_a_triturate_is_the_strength_asked_for_within_the_rounding(target, total):
    fine = a_balance(sensitivity_requirement=mg("1"))

    stock = stock_triturate(target, total, CONTENT, fine)

    assert stock.api.target + stock.diluent.target == total
    assert abs(stock.strength / target - 1) * 100 <= fine.rounding_limit_pct


@pytest.mark.parametrize("strength", [Decimal(0), Decimal("1.1"), Decimal(-1)])
def test_a_strength_is_a_fraction(strength):
    with pytest.raises(ValueError, match="fraction"):
        triturate_holding(mg("12"), strength)


def test_a_strength_is_never_a_float():
    with pytest.raises(TypeError, match="must be a Decimal"):
        stock_triturate(0.1, TEN_GRAMS, CONTENT, a_balance())


def test_a_dilution_is_weaker_than_what_it_is_made_of():
    with pytest.raises(ValueError, match="weaker"):
        stock_triturate(Decimal("0.97"), TEN_GRAMS, CONTENT, a_balance())
    with pytest.raises(ValueError, match="weaker"):
        serial_dilution([Decimal("0.01"), Decimal("0.01")], TEN_GRAMS)
