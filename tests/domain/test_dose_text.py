"""Doses lose their trailing zeros, weights keep them."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.dose_text import (
    DoseUnit,
    capsules_text,
    common_unit_of_doses,
    format_dose,
    format_dose_in,
    format_mass_g,
    format_mass_mg,
    plain_decimal,
)
from pharmacy.domain.quantities import Micrograms, Milligrams
from tests.domain.cases import case
from tests.domain.plans import mg
from tests.domain.strategies import doses

ONE_MG = Milligrams(Decimal(1))


@pytest.mark.parametrize("case_id", ["LBL-01"])
def test_a_dose_is_written_as_people_read_it(case_id):
    labels = case(case_id)

    assert [format_dose(mg(text)) for text in labels.inputs["mg"]] == labels.expected["text"]


@pytest.mark.parametrize("case_id", ["LBL-02"])
def test_a_weight_keeps_the_zeros_of_the_balance(case_id):
    weights = case(case_id)
    readability = Milligrams(Decimal(weights.inputs["readability_g"]) * 1000)

    texts = [
        format_mass_g(Milligrams(Decimal(grams) * 1000), readability) for grams in weights.inputs["weights_g"]
    ]

    assert texts == weights.expected["text"]


def test_no_dose_is_no_milligrams():
    assert format_dose(Micrograms(0)) == "0 mg"


@pytest.mark.parametrize(
    ("doses_mg", "texts"),
    [
        (["0.05", "0.5", "4.5"], ["50 mcg", "500 mcg", "4,500 mcg"]),
        (["0.1", "0.5", "4.5"], ["0.1 mg", "0.5 mg", "4.5 mg"]),
        (["0", "1.5"], ["0 mg", "1.5 mg"]),
    ],
)
def test_doses_that_are_read_side_by_side_are_in_one_unit(doses_mg, texts):
    side_by_side = [mg(text) for text in doses_mg]

    unit = common_unit_of_doses(side_by_side)

    assert [format_dose_in(unit, dose) for dose in side_by_side] == texts


@pytest.mark.parametrize(
    ("mass", "readability", "text"),
    [
        ("984", "1", "984 mg"),
        ("984", "1.0", "984 mg"),
        ("984.5", "1", "985 mg"),
        ("120", "0.1", "120.0 mg"),
        ("1093", "5", "1095 mg"),
    ],
)
def test_a_weight_is_shown_in_the_steps_of_its_balance(mass, readability, text):
    assert format_mass_mg(Milligrams(Decimal(mass)), Milligrams(Decimal(readability))) == text


def test_a_balance_without_a_step_shows_nothing():
    with pytest.raises(ValueError, match="greater than zero"):
        format_mass_mg(ONE_MG, Milligrams(Decimal(0)))


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("3.0", "3"),
        ("1E+2", "100"),
        ("100", "100"),
        ("0.50", "0.5"),
        (".5", "0.5"),
        ("-1.10", "-1.1"),
        ("-0.0", "0"),
    ],
)
def test_a_plain_decimal_has_neither_exponent_nor_trailing_zeros(number, text):
    assert plain_decimal(Decimal(number)) == text


def test_a_plain_decimal_is_no_float():
    with pytest.raises(TypeError):
        plain_decimal(1.5)


def test_one_capsule_is_singular():
    assert [capsules_text(count) for count in (1, 2)] == ["1 capsule", "2 capsules"]


@given(dose=doses())
def test_no_dose_has_a_trailing_zero_or_lacks_a_leading_one(dose):
    assert re.fullmatch(r"([1-9]\d*|0)(\.\d*[1-9])? mg|[1-9]\d? mcg", format_dose(dose))


@given(dose=doses())
def test_a_dose_can_be_read_back(dose):
    number, unit = format_dose(dose).split()

    assert dose == (Micrograms(int(number)) if unit == "mcg" else mg(number))


@given(dose=doses(), unit=st.sampled_from(DoseUnit))
def test_a_dose_in_either_unit_can_be_read_back(dose, unit):
    number, written = format_dose_in(unit, dose).replace(",", "").split()

    assert written == unit
    assert dose == (Micrograms(int(number)) if written == "mcg" else mg(number))


@given(
    number=st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9)
)
def test_a_plain_decimal_is_the_same_number(number):
    assert Decimal(plain_decimal(number)) == number
