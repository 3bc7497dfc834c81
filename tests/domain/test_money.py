"""Money is whole cents; it is rounded in one place and shared out without loss."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.money import ZERO, Money, share_out, to_cents, total, up_to_step

amounts = st.integers(-1_000_000, 1_000_000).map(Money)


@pytest.mark.parametrize("cents", [1.5, Decimal(1), True, "1"])
def test_money_is_made_of_whole_cents_only(cents):
    with pytest.raises(TypeError, match="whole number"):
        Money(cents)


@pytest.mark.parametrize("dollars", [65.45, 65, "65.45"])
def test_dollars_are_decimals_only(dollars):
    with pytest.raises(TypeError, match="must be a Decimal"):
        to_cents(dollars)
    with pytest.raises(TypeError, match="must be a Decimal"):
        Money.from_dollars(dollars)


@pytest.mark.parametrize(
    ("dollars", "cents"), [("4.385", 439), ("4.3849", 438), ("-4.385", -439), ("65.45", 6545)]
)
def test_a_half_cent_is_rounded_up(dollars, cents):
    assert to_cents(Decimal(dollars)) == Money(cents)


def test_an_exact_amount_finer_than_a_cent_is_refused():
    assert Money.from_dollars(Decimal("65.45")) == Money(6545)
    with pytest.raises(ValueError, match="finer than a cent"):
        Money.from_dollars(Decimal("65.455"))


@pytest.mark.parametrize(("cents", "text"), [(6545, "65.45"), (-439, "-4.39"), (5, "0.05"), (3500, "35.00")])
def test_money_is_shown_with_two_decimals(cents, text):
    assert Money(cents).text == text


def test_money_adds_up_with_money_alone():
    assert Money(5) + Money(7) - Money(2) == Money(10)
    assert Money(5).times(3) == Money(15)
    assert total([]) == ZERO
    with pytest.raises(TypeError):
        _ = Money(5) + 5
    with pytest.raises(TypeError):
        _ = Money(5) - 5
    with pytest.raises(TypeError, match="whole number"):
        Money(5).times(1.5)


@given(amount=amounts, step=st.integers(1, 1000).map(Money))
def test_a_price_is_rounded_up_by_less_than_a_step(amount, step):
    stepped = up_to_step(amount, step)

    assert ZERO <= stepped - amount < step
    assert stepped.cents % step.cents == 0


def test_left_over_cents_go_to_the_largest_remainders_the_earlier_first():
    assert share_out(Money(100), [Decimal(1)] * 3) == (Money(34), Money(33), Money(33))
    assert share_out(Money(100), [Decimal(1), Decimal(2), Decimal("2.9")]) == (
        Money(17),
        Money(34),
        Money(49),
    )
    assert share_out(Money(3), [Decimal(0), Decimal(0)]) == (Money(2), Money(1))


@given(amount=amounts, weights=st.lists(st.decimals(0, 1000, places=3), min_size=1, max_size=8))
def test_the_parts_sum_to_the_whole(amount, weights):
    assert total(share_out(amount, weights)) == amount


@pytest.mark.parametrize("weights", [[], [Decimal(1), Decimal(-1)]])
def test_money_is_not_shared_out_by_nothing(weights):
    with pytest.raises(ValueError, match="weights"):
        share_out(Money(100), weights)
