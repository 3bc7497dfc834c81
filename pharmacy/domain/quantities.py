"""Masses: whole micrograms for doses, decimal milligrams for weighings.

A dose is something a prescriber wrote, so it is exact: an integer number of micrograms,
and anything finer is refused, never rounded. A weighing is something computed, so it is
a Decimal in milligrams and stays unrounded until the balance. The two do not mix: the
bridge is a named conversion. A float is a TypeError in both (house policy).
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from pharmacy.domain.errors import Unfit

MICROGRAMS_PER_MILLIGRAM = 1000


@dataclass(eq=False)
class FinerThanMicrogram(Unfit):
    """A dose was given in parts of a microgram, which nobody can compound."""

    milligrams: Decimal

    def __str__(self) -> str:
        return f"{self.milligrams:f} mg is finer than 1 mcg, the smallest dose step kept."


@dataclass(frozen=True, slots=True, order=True)
class Micrograms:
    """A dose or strength: a whole number of micrograms, zero or more."""

    value: int

    def __post_init__(self) -> None:
        if type(self.value) is not int:
            raise TypeError(f"Micrograms needs an int, got {self.value!r}")
        if self.value < 0:
            raise ValueError("Micrograms must not be negative")

    def __add__(self, other: Self) -> Self:
        if type(other) is not type(self):
            return NotImplemented
        return type(self)(self.value + other.value)

    def times(self, count: int) -> Self:
        """This mass taken `count` times; `count` is a whole number, zero or more."""
        if type(count) is not int:
            raise TypeError(f"Micrograms are taken a whole number of times, not {count!r}")
        return type(self)(self.value * count)

    @classmethod
    def from_milligrams(cls, milligrams: Decimal) -> Self:
        """The same mass in micrograms, exactly.

        Raises FinerThanMicrogram when it is not a whole number of micrograms, TypeError
        when it is not a Decimal, ValueError when it is negative or not finite.
        """
        mass = Milligrams(milligrams)
        # As a ratio of integers: a product of decimals would be rounded to 28 digits first.
        numerator, denominator = mass.value.as_integer_ratio()
        micrograms, rest = divmod(numerator * MICROGRAMS_PER_MILLIGRAM, denominator)
        if rest:
            raise FinerThanMicrogram(milligrams)
        return cls(micrograms)

    def in_milligrams(self) -> "Milligrams":
        """The same mass in milligrams, exactly."""
        return Milligrams(Decimal(self.value) / MICROGRAMS_PER_MILLIGRAM)


@dataclass(frozen=True, slots=True, order=True)
class Milligrams:
    """A mass to weigh or weighed: a finite Decimal of milligrams, zero or more."""

    value: Decimal

    def __post_init__(self) -> None:
        if not isinstance(self.value, Decimal):
            raise TypeError(f"Milligrams needs a Decimal, got {self.value!r}")
        if not self.value.is_finite() or self.value < 0:
            raise ValueError("Milligrams must be finite and not negative")

    def __add__(self, other: Self) -> Self:
        if type(other) is not type(self):
            return NotImplemented
        return type(self)(self.value + other.value)

    def __sub__(self, other: Self) -> Self:
        """What is left; ValueError when more would be taken than is there."""
        if type(other) is not type(self):
            return NotImplemented
        return type(self)(self.value - other.value)

    def times(self, factor: Decimal | int) -> Self:
        """This mass multiplied; a float or a bool is a TypeError."""
        if not isinstance(factor, Decimal) and type(factor) is not int:
            raise TypeError(f"Milligrams are multiplied by a Decimal or an int, not {factor!r}")
        return type(self)(self.value * factor)
