"""Money is whole cents of US dollars.

Cents are an int, so sums are exact and nothing is lost in a column. Fractions of a cent exist only between two
steps of arithmetic, as a Decimal number of dollars, and end in one function, `to_cents`, half-up (house policy:
per line). A total is the sum of its rounded lines; where one line is shared out among several, the parts are cut
by largest remainder, so that they sum to the line again. Money may be negative: a discount is a line too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Self

from pharmacy.domain.figures import require_decimal, require_whole

CENTS_IN_A_DOLLAR = 100
WHOLE = Decimal(1)


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """A number of US cents; anything but an int is a TypeError."""

    cents: int

    def __post_init__(self) -> None:
        require_whole(self.cents, "An amount in cents")

    @classmethod
    def from_dollars(cls, dollars: Decimal) -> Self:
        """Exactly these dollars; finer than a cent is a ValueError, never a rounding (see `to_cents`)."""
        require_decimal(dollars, "An amount in dollars")
        cents = dollars * CENTS_IN_A_DOLLAR
        if cents != cents.to_integral_value():
            raise ValueError(f"{dollars} USD is finer than a cent.")
        return cls(int(cents))

    def __add__(self, other: Self) -> Self:
        if type(other) is not type(self):
            return NotImplemented
        return type(self)(self.cents + other.cents)

    def __sub__(self, other: Self) -> Self:
        if type(other) is not type(self):
            return NotImplemented
        return type(self)(self.cents - other.cents)

    def times(self, count: int) -> Self:
        require_whole(count, "A count")
        return type(self)(self.cents * count)

    @property
    def dollars(self) -> Decimal:
        return Decimal(self.cents) / CENTS_IN_A_DOLLAR

    @property
    def text(self) -> str:
        """Dollars with two decimals and no currency sign: "65.45", "-4.39"."""
        return f"{self.dollars:.2f}"


ZERO = Money(0)


def to_cents(dollars: Decimal) -> Money:
    """The nearest whole cents, a half cent away from zero (half-up, house policy for every line)."""
    require_decimal(dollars, "An amount in dollars")
    cents = (dollars * CENTS_IN_A_DOLLAR).quantize(WHOLE, rounding=ROUND_HALF_UP)
    return Money(int(cents))


def up_to_step(amount: Money, step: Money) -> Money:
    """The smallest multiple of `step` that is not less than `amount`."""
    steps = (Decimal(amount.cents) / step.cents).to_integral_value(ROUND_CEILING)
    return step.times(int(steps))


def total(amounts: Sequence[Money]) -> Money:
    """The sum; no amounts are no money."""
    return sum(amounts, start=ZERO)


def share_out(amount: Money, weights: Sequence[Decimal]) -> tuple[Money, ...]:
    """Parts of `amount` in proportion to `weights`, in whole cents, that sum to it exactly.

    Each part is cut down to whole cents and the cents left over go to the largest remainders, the earlier part
    first. Weights that are all zero share equally. No weights, or a negative one, is a ValueError.
    """
    if not weights or min(weights) < 0:
        raise ValueError("Money is shared out by one or more weights of zero or more.")
    if not any(weights):
        weights = [WHOLE for _ in weights]
    whole = sum(weights, start=Decimal(0))
    exact = [amount.cents * weight / whole for weight in weights]
    parts = [int(part.to_integral_value(ROUND_FLOOR)) for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    for place in by_remainder[: amount.cents - sum(parts)]:
        parts[place] += 1
    return tuple(Money(part) for part in parts)
