"""Masses are exact, refuse floats, and do not mix."""

from decimal import Decimal

import pytest
from hypothesis import given

from pharmacy.domain.quantities import FinerThanMicrogram, Micrograms, Milligrams
from tests.domain.strategies import doses


@pytest.mark.parametrize("value", [1.5, Decimal("1"), True, "1", None])
def test_micrograms_are_made_of_whole_numbers_only(value):
    with pytest.raises(TypeError, match="needs an int"):
        Micrograms(value)


@pytest.mark.parametrize("value", [1.5, 1, True, "1", None])
def test_milligrams_are_made_of_decimals_only(value):
    with pytest.raises(TypeError, match="needs a Decimal"):
        Milligrams(value)


@pytest.mark.parametrize("value", [Decimal("-0.001"), Decimal("NaN"), Decimal("Infinity")])
def test_milligrams_are_finite_and_not_negative(value):
    with pytest.raises(ValueError, match="finite and not negative"):
        Milligrams(value)


def test_micrograms_are_not_negative():
    with pytest.raises(ValueError, match="not be negative"):
        Micrograms(-1)


@pytest.mark.parametrize("factor", [0.5, True])
def test_a_mass_is_not_multiplied_by_a_float_or_a_truth(factor):
    with pytest.raises(TypeError):
        Micrograms(1).times(factor)
    with pytest.raises(TypeError):
        Milligrams(Decimal(1)).times(factor)


def test_micrograms_and_milligrams_do_not_mix():
    dose, weight = Micrograms(1), Milligrams(Decimal(1))

    for mix in (lambda: dose + weight, lambda: weight + dose, lambda: weight - dose, lambda: dose < weight):
        with pytest.raises(TypeError):
            mix()


@pytest.mark.parametrize("text", ["0.0005", "1.5001", "1e-9", "1.00000000000000000000000000000000001"])
def test_a_dose_finer_than_a_microgram_is_refused_and_not_rounded(text):
    with pytest.raises(FinerThanMicrogram, match="finer than 1 mcg"):
        Micrograms.from_milligrams(Decimal(text))


@pytest.mark.parametrize("value", [1.5, 3, "1.5"])
def test_a_dose_is_read_from_a_decimal_only(value):
    with pytest.raises(TypeError):
        Micrograms.from_milligrams(value)


def test_taking_away_more_than_there_is_is_refused():
    assert Milligrams(Decimal("2.5")) - Milligrams(Decimal("1.5")) == Milligrams(Decimal(1))
    with pytest.raises(ValueError, match="not negative"):
        Milligrams(Decimal(1)) - Milligrams(Decimal("1.001"))


def test_masses_are_added_multiplied_and_compared():
    assert Micrograms(1500) + Micrograms(1500) == Micrograms(1500).times(2) > Micrograms(2999)
    half = Milligrams(Decimal("0.5"))
    assert half + half == half.times(2) == half.times(Decimal("2.0")) < Milligrams(Decimal(2))


@given(dose=doses())
def test_a_dose_survives_the_way_to_milligrams_and_back(dose):
    assert Micrograms.from_milligrams(dose.in_milligrams().value) == dose
