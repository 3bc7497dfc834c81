"""Which few strengths of the formulary make up all doses of a plan, with the fewest capsules.

Each strength is a batch, a vial and a fee; each further capsule in a dose is one more to count every night. Between
one strength for everything (many capsules) and one strength for each dose (many batches) lie sets of a few. The
search is exact: for every number of strengths asked for it finds a set of which no other takes fewer capsules, and
one of which no other takes fewer capsules in its largest dose. Doses are made up exactly or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import gcd

from pharmacy.domain.quantities import Micrograms

# More capsules than any dose may take: the dose cannot be made up.
_TOO_MANY = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class StrengthSet:
    """Strengths, smallest first, with what they take: capsules in all, and in the largest dose."""

    strengths: tuple[Micrograms, ...]
    capsules: int
    most_per_dose: int


def made_up(dose: Micrograms, strengths: Iterable[Micrograms], most: int) -> dict[Micrograms, int] | None:
    """The fewest capsules that make the dose up exactly, larger ones preferred; None with more than `most`.

    3.5 mg of 0.5, 1, 1.5, 3 and 4.5 mg are one of 3 mg and one of 0.5 mg.
    """
    largest_first = tuple(sorted({each.value for each in strengths if each.value}, reverse=True))
    counts = _made_up(dose.value, largest_first, most)
    if counts is None:
        return None
    return {Micrograms(each): count for each, count in zip(largest_first, counts, strict=True) if count}


@lru_cache(maxsize=4096)
def _made_up(dose: int, largest_first: tuple[int, ...], most: int) -> tuple[int, ...] | None:
    if dose == 0:
        return (0,) * len(largest_first)
    if not largest_first or most < 1:
        return None
    best: tuple[int, ...] | None = None
    strength = largest_first[0]
    for count in range(min(dose // strength, most), -1, -1):
        allowed = most if best is None else sum(best) - 1
        rest = (
            _made_up(dose - count * strength, largest_first[1:], allowed - count)
            if count <= allowed
            else None
        )
        if rest is not None:
            best = (count, *rest)
    return best


def best_sets(
    doses: Mapping[Micrograms, int],
    formulary: Iterable[Micrograms],
    *,
    most_strengths: int,
    most_per_dose: int,
) -> tuple[StrengthSet, ...]:
    """For 1, 2, ... `most_strengths` strengths the set with the fewest capsules, then that with the smallest handful.

    `doses` says how often each dose is taken. Exact: no set of so many strengths of the formulary does better. A
    number of strengths with which nothing can be made up, or which is beaten by fewer strengths, is left out.
    """
    taken = tuple(sorted((dose.value, times) for dose, times in doses.items() if dose.value and times))
    usable = tuple(
        sorted(
            {each.value for each in formulary if each.value and any(each.value <= dose for dose, _ in taken)}
        )
    )
    return _best_sets(taken, usable, most_strengths, most_per_dose) if taken else ()


def forget() -> None:
    """What was found before is looked for anew; for measurements."""
    _best_sets.cache_clear()
    _made_up.cache_clear()


@lru_cache(maxsize=1024)
def _best_sets(
    taken: tuple[tuple[int, int], ...], usable: tuple[int, ...], most_strengths: int, most_per_dose: int
) -> tuple[StrengthSet, ...]:
    search = _Search(taken, most_per_dose)
    found: list[StrengthSet] = []
    for size in range(1, min(most_strengths, len(usable)) + 1):
        for best in search.best_of_size(usable, size):
            if not any(_is_as_good(other, best) for other in found):
                found.append(best)
    return tuple(found)


def _is_as_good(one: StrengthSet, other: StrengthSet) -> bool:
    return (
        len(one.strengths) <= len(other.strengths)
        and one.capsules <= other.capsules
        and one.most_per_dose <= other.most_per_dose
    )


class _Search:
    """Looks at every set of a size, but for those that a lower bound shows to be no better than one found."""

    def __init__(self, taken: tuple[tuple[int, int], ...], most_per_dose: int) -> None:
        self._taken = taken
        self._most = most_per_dose
        self._unit = gcd(*(dose for dose, _ in taken))
        self._kept: dict[tuple[int, tuple[int, ...]], int] = {}

    def best_of_size(self, usable: tuple[int, ...], size: int) -> list[StrengthSet]:
        """The set with the fewest capsules, and that with the fewest in its largest dose; equal merit: the smaller strengths."""
        by_capsules: tuple[int, int, tuple[int, ...]] | None = None
        by_handful: tuple[int, int, tuple[int, ...]] | None = None
        # The large ones first: they take few capsules, and what takes more is then soon left.
        for largest_first in combinations(usable[::-1], size):
            strengths = largest_first[::-1]
            if self._makes_nothing(strengths):
                continue
            counted = self._counted(
                strengths,
                by_capsules[0] if by_capsules else _TOO_MANY,
                by_handful[0] if by_handful else self._most,
            )
            if counted is None:
                continue
            capsules, handful = counted
            by_capsules = min(filter(None, (by_capsules, (capsules, handful, strengths))))
            by_handful = min(filter(None, (by_handful, (handful, capsules, strengths))))
        if by_capsules is None or by_handful is None:
            return []
        return [_set(by_capsules[2], *by_capsules[:2]), _set(by_handful[2], by_handful[1], by_handful[0])]

    def _makes_nothing(self, strengths: tuple[int, ...]) -> bool:
        """Whether some dose surely cannot be made up."""
        smallest, largest = strengths[0], strengths[-1]
        return (
            smallest > self._taken[0][0]
            or self._taken[-1][0] > largest * self._most
            or self._unit % gcd(*strengths) != 0
        )

    def _counted(
        self, strengths: tuple[int, ...], capsules_to_beat: int, handful_to_beat: int
    ) -> tuple[int, int] | None:
        """Capsules in all and in the largest dose; None as soon as a dose cannot be made up, or both are beaten."""
        largest_first = strengths[::-1]
        largest = largest_first[0]
        # As if the largest strength could be parted: no dose takes fewer.
        capsules = sum(-(-dose // largest) * times for dose, times in self._taken)
        handful = -(-self._taken[-1][0] // largest)
        # The smallest doses are the hardest to make up, so they are tried first.
        for dose, times in self._taken:
            if capsules > capsules_to_beat and handful > handful_to_beat:
                return None
            count = self._fewest(dose, largest_first)
            if count > self._most:
                return None
            capsules += (count - -(-dose // largest)) * times
            handful = max(handful, count)
        return capsules, handful

    def _fewest(self, dose: int, largest_first: tuple[int, ...]) -> int:
        """The fewest capsules that make the dose up exactly; _TOO_MANY where none do."""
        strength, smaller = largest_first[0], largest_first[1:]
        if dose > strength * self._most:
            return _TOO_MANY
        if not smaller:
            count, rest = divmod(dose, strength)
            return _TOO_MANY if rest else count
        key = dose, largest_first
        if key not in self._kept:
            # With fewer of the largest than `least`, the next could not fill the rest of the handful.
            least = max(0, -((smaller[0] * self._most - dose) // (strength - smaller[0])))
            self._kept[key] = min(
                (
                    count + self._fewest(dose - count * strength, smaller)
                    for count in range(least, min(dose // strength, self._most) + 1)
                ),
                default=_TOO_MANY,
            )
        return self._kept[key]


def _set(strengths: tuple[int, ...], capsules: int, handful: int) -> StrengthSet:
    return StrengthSet(
        strengths=tuple(Micrograms(strength) for strength in strengths),
        capsules=capsules,
        most_per_dose=handful,
    )
