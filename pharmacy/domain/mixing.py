"""How a blend is mixed, and over how many loads of the machine it is filled.

A pinch of drug is not stirred into a bowl of filler: it is mixed with as much filler as it weighs itself, then
with as much as there is by now, and so on (geometric dilution), so that every round doubles what is mixed and
the last takes what is left. Loads are planned for the capsules to fill; the powder above them is loss allowance
(house policy), and they differ by one capsule at most, so that no load is a rest.
"""

from dataclasses import dataclass

from pharmacy.domain.figures import require_whole
from pharmacy.domain.quantities import Milligrams


@dataclass(frozen=True, slots=True, kw_only=True)
class MixingRound:
    """One round of geometric dilution: what is added, and what is mixed afterwards."""

    added: Milligrams
    total: Milligrams


def geometric_dilution(active: Milligrams, filler: Milligrams) -> tuple[MixingRound, ...]:
    """The rounds that mix `filler` into `active`, each adding as much as there is; the last adds the rest.

    No active at all is a ValueError.
    """
    if active.value == 0:
        raise ValueError("There is something to dilute.")
    mixed, left, rounds = active, filler, []
    while left.value > 0:
        added = min(mixed, left)
        mixed, left = mixed + added, left - added
        rounds.append(MixingRound(added=added, total=mixed))
    return tuple(rounds)


def machine_loads(capsules: int, plate: int) -> tuple[int, ...]:
    """The capsules of each load, as even as can be, the larger loads first; `plate` is the holes of the machine."""
    if require_whole(capsules, "Capsules to fill") < 1 or require_whole(plate, "The holes of a plate") < 1:
        raise ValueError("There are capsules to fill, and holes to fill them in.")
    loads = -(-capsules // plate)
    even, larger = divmod(capsules, loads)
    return (*[even + 1] * larger, *[even] * (loads - larger))
