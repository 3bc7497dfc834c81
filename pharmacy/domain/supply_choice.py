"""Which ways to supply a plan are worth telling, and why.

Nobody is helped by twenty offers. One is left out when another is at least as good in all that matters (batches,
capsules, the largest handful, price, beyond-use dates) and better in something; the two simple ways are told
always, because people ask for them. What is told names what it is best at.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Merit:
    """What an offer is compared by; less is better in every number. `is_simple`: told always."""

    batches: int
    capsules: int
    most_per_dose: int
    cents: int
    can_be_made: bool
    is_simple: bool

    @property
    def scores(self) -> tuple[int, ...]:
        """All that matters, as numbers of which the smaller is the better."""
        return self.batches, self.capsules, self.most_per_dose, self.cents, int(not self.can_be_made)


_BEST_AT: tuple[tuple[Callable[[Merit], int], str], ...] = (
    (lambda merit: merit.batches, "fewest batches"),
    (lambda merit: merit.capsules, "fewest capsules"),
    (lambda merit: merit.most_per_dose, "fewest capsules a dose"),
    (lambda merit: merit.cents, "lowest price"),
)


def worth_telling(merits: Sequence[Merit], most_others: int) -> tuple[int, ...]:
    """The places of the offers to tell: the simple ones, and of the others the cheapest that nothing beats.

    At most `most_others` of those; their order is that of the offers.
    """
    others = [
        place
        for place, merit in enumerate(merits)
        if not merit.is_simple and not any(_beats(rival, merit) for rival in merits)
    ]
    cheapest = sorted(others, key=lambda place: (not merits[place].can_be_made, merits[place].cents, place))
    kept = set(cheapest[:most_others])
    return tuple(place for place, merit in enumerate(merits) if merit.is_simple or place in kept)


def reasons(merits: Sequence[Merit]) -> tuple[tuple[str, ...], ...]:
    """For each offer what it is best at among them; where it is best at nothing, what it stands between."""
    told = []
    for merit in merits:
        best = [words for score, words in _BEST_AT if score(merit) == min(map(score, merits))]
        if merit.can_be_made and not all(other.can_be_made for other in merits):
            best.append("beyond-use dates cover it, which they do not for all")
        told.append(tuple(best) or (_between(merit, merits),))
    return tuple(told)


def _between(merit: Merit, merits: Sequence[Merit]) -> str:
    fewer = max((other.capsules for other in merits if other.capsules > merit.capsules), default=0)
    if fewer:
        return f"{merit.capsules} capsules from {merit.batches} batches, not {fewer}"
    return "no better in anything than another of these"


def _beats(one: Merit, other: Merit) -> bool:
    pairs = list(zip(one.scores, other.scores, strict=True))
    return all(mine <= theirs for mine, theirs in pairs) and any(mine < theirs for mine, theirs in pairs)
