"""Control charts of single values (X with moving range): is this batch like those before it, or is it not?

Limits come from the batches themselves and are no tolerances: the mean plus and minus 2.66 times the mean moving
range of neighbours (3 / 1.128, the constant for ranges of two; NIST/SEMATECH e-Handbook, 6.3.2.2). A point beyond a
limit is a signal, and so is the eighth of eight in a row on one side of the mean (Western Electric).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from pharmacy.domain.figures import require_decimal

RANGES_TO_LIMITS = Decimal("2.66")
# Fewer points make limits that say more about chance than about the bench.
LEAST_POINTS = 8
RUN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlLimits:
    """Centre and limits in the unit of the values; `signals` are places in the sequence, from 0."""

    centre: Decimal
    lower: Decimal
    upper: Decimal
    signals: tuple[int, ...]


def control_limits(values: Sequence[Decimal]) -> ControlLimits | None:
    """Limits for values in the order of their making; None for fewer than LEAST_POINTS. Nothing is rounded."""
    for value in values:
        require_decimal(value, "A point")
    if len(values) < LEAST_POINTS:
        return None
    centre = sum(values, Decimal(0)) / len(values)
    ranges = [abs(after - before) for before, after in pairwise(values)]
    reach = RANGES_TO_LIMITS * sum(ranges, Decimal(0)) / len(ranges)
    lower, upper = centre - reach, centre + reach
    beyond = {place for place, value in enumerate(values) if not lower <= value <= upper}
    return ControlLimits(
        centre=centre, lower=lower, upper=upper, signals=tuple(sorted(beyond | _runs(values, centre)))
    )


def _runs(values: Sequence[Decimal], centre: Decimal) -> set[int]:
    """Places at which eight or more in a row have lain on one side."""
    found, length, side = set(), 0, 0
    for place, value in enumerate(values):
        now = (value > centre) - (value < centre)
        length = length + 1 if now == side and now else 1
        side = now
        if now and length >= RUN:
            found.add(place)
    return found
