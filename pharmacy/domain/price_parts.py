"""A price in parts: what a fill that is handed over in two or more parts costs each time.

A split or partial fill is one fill: it pays one script fee, one shipping and each surcharge once, with its first
part. All else is shared pro rata by capsules, tax by what each part is taxed on, in whole cents by largest
remainder: the parts of each line sum to the line, and the parts to the price (house policy).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pharmacy.domain.money import ZERO, Money, share_out, total
from pharmacy.domain.pricing import LineKind

_WITH_THE_FIRST = frozenset({LineKind.FEES, LineKind.SHIPPING, LineKind.SURCHARGE})


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of a price, or a part of one."""

    kind: LineKind
    wording: str
    amount: Money


@dataclass(frozen=True, slots=True)
class PartOfPrice:
    """What one part of the fill costs: `total` is the sum of its charges; a charge of nothing is left out."""

    charges: tuple[Charge, ...]

    @property
    def total(self) -> Money:
        return total([each.amount for each in self.charges])


def in_parts(lines: Sequence[Charge], capsules: Sequence[int]) -> tuple[PartOfPrice, ...]:
    """The price of each part, `capsules` being how many go with each; no part, or an empty one, is a ValueError."""
    if not capsules or min(capsules) < 1:
        raise ValueError("A fill is handed over in one part or more, with a capsule or more in each.")
    parts: list[list[Charge]] = [[] for _ in capsules]
    for line in lines:
        for part, amount in zip(parts, _shares(line, parts, capsules), strict=True):
            if amount != ZERO:
                part.append(Charge(line.kind, line.wording, amount))
    return tuple(PartOfPrice(tuple(part)) for part in parts)


def as_further_part(lines: Sequence[Charge]) -> PartOfPrice:
    """What the same costs where fees, surcharges and shipping were charged with an earlier part of its fill.

    Tax is on what is left to pay, its cents by largest remainder.
    """
    once = [line for line in lines if line.kind in _WITH_THE_FIRST]
    others = [line for line in lines if line.kind not in {*_WITH_THE_FIRST, LineKind.TAX}]
    taxed = [max(ZERO, total([line.amount for line in part])).dollars for part in (others, once)]
    tax = [
        Charge(line.kind, line.wording, share_out(line.amount, taxed)[0])
        for line in lines
        if line.kind is LineKind.TAX and any(taxed)
    ]
    return PartOfPrice(tuple(line for line in (*others, *tax) if line.amount != ZERO))


def _shares(line: Charge, parts: list[list[Charge]], capsules: Sequence[int]) -> tuple[Money, ...]:
    if line.kind in _WITH_THE_FIRST:
        return (line.amount, *[ZERO for _ in capsules[1:]])
    if line.kind is LineKind.TAX:
        taxed = [max(ZERO, total([each.amount for each in part])).dollars for part in parts]
        return share_out(line.amount, taxed)
    return share_out(line.amount, [Decimal(count) for count in capsules])
