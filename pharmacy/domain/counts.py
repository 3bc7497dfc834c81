"""Counting what is really there, and when a difference is looked into.

A count is not an opinion: the books follow it, by a movement of its own. A difference of more than 2 % of what the
books said, or of more than half a gram, is investigated by a pharmacist (house policy; naltrexone is no
controlled substance, so nobody outside is told).
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CountTolerance:
    """Up to here a difference is what balances and static account for; both ends included."""

    share: Decimal
    mass_ug: int


def variance_ug(counted_ug: int, book_ug: int) -> int:
    """What was counted beyond what the books said; below zero when some is missing."""
    return counted_ug - book_ug


def is_investigated(counted_ug: int, book_ug: int, tolerance: CountTolerance) -> bool:
    """Whether the difference is beyond the tolerance by share or by mass.

    200 mg missing of 10 g are 2 % and pass; 501 mg missing of 100 g do not.
    """
    difference = abs(variance_ug(counted_ug, book_ug))
    return difference > tolerance.mass_ug or difference > tolerance.share * book_ug
