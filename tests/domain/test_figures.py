"""A figure is exact inside, rounded only where it is shown, and refuses a float."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.figures import Figure, Input, require_decimal, require_whole


def a_figure(value, places=None):
    return Figure(
        key="fill",
        name="Fill",
        value=value,
        unit="mg",
        formula="blend / capsules",
        inputs=(Input("blend", "1104 mg", "balance B1"),),
        places=places,
    )


@pytest.mark.parametrize("value", [1.5, True, "1", None, datetime(2026, 1, 1, tzinfo=UTC)])
def test_a_figure_is_never_made_of_an_inexact_number(value):
    with pytest.raises(TypeError):
        a_figure(value)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity")])
def test_a_figure_is_finite(value):
    with pytest.raises(ValueError, match="finite"):
        a_figure(value)


@pytest.mark.parametrize("places", [-1, "2"])
def test_a_figure_shows_zero_or_more_decimals(places):
    with pytest.raises(ValueError, match="decimals"):
        a_figure(Decimal(1), places)


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (Decimal("120.0362"), 3, "120.036"),
        (Decimal("138"), 2, "138.00"),
        (Decimal("2.5"), 0, "3"),
        (Decimal("0.125"), 2, "0.13"),
        (Decimal("-0.0004"), 2, "0.00"),
        (Decimal("1E+2"), None, "100"),
        (Decimal("76.50"), None, "76.5"),
        (8, 3, "8"),
        (date(2026, 7, 13), None, "2026-07-13"),
    ],
)
def test_a_figure_is_shown_half_up_and_in_plain_digits(value, places, text):
    assert a_figure(value, places).text == text


@given(value=st.decimals(-1000, 1000, places=6), places=st.integers(0, 6))
def test_what_is_shown_is_within_half_a_step_and_the_value_untouched(value, places):
    figure = a_figure(value, places)

    assert figure.value == value
    assert abs(Decimal(figure.text) - value) <= Decimal(10) ** -places / 2


def test_a_figure_becomes_an_input_as_it_is_shown():
    assert a_figure(Decimal("138.004"), 2).as_input("worksheet") == Input("Fill", "138.00 mg", "worksheet")


def test_a_date_is_not_a_number_and_a_mass_is_not_a_count():
    with pytest.raises(TypeError, match="is a date"):
        _ = a_figure(date(2026, 7, 13)).number
    with pytest.raises(TypeError, match="whole number"):
        _ = a_figure(Decimal("1.5")).whole


@pytest.mark.parametrize("value", [1.5, 1, True, "1"])
def test_only_a_decimal_is_a_decimal(value):
    with pytest.raises(TypeError, match="must be a Decimal"):
        require_decimal(value, "Assay")


def test_a_decimal_is_finite():
    with pytest.raises(ValueError, match="Assay must be finite"):
        require_decimal(Decimal("NaN"), "Assay")


@pytest.mark.parametrize("value", [1.5, Decimal(1), True, "1"])
def test_only_an_int_is_a_count(value):
    with pytest.raises(TypeError, match="must be a whole number"):
        require_whole(value, "Count")
