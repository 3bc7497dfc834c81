"""Percentiles of whole numbers that were counted, such as minutes: always a value that occurred.

Nearest rank: the p-th percentile of n values is the value at rank ceil(p x n / 100) in ascending order. Nothing
is interpolated, so a median of "2 hours" is an order that took two hours.
"""

from collections.abc import Mapping


def percentile(counts: Mapping[int, int], percent: int) -> int:
    """The value at or under which at least `percent` of what was counted lies; 1 to 100.

    `counts` says how often each value occurred. Raises ValueError where nothing was counted.

    >>> percentile({10: 1, 20: 1, 30: 1, 40: 1}, 50)
    20
    """
    total = sum(counts.values())
    if total <= 0 or not 1 <= percent <= 100:
        raise ValueError("Something must have been counted, and the percentile lies within 1 and 100.")
    rank, passed = -(-percent * total // 100), 0
    for value in sorted(counts):
        passed += counts[value]
        if passed >= rank:
            return value
    raise ValueError("Counts are zero or more.")
