"""How few batches hold all lines of one strength, and the proof of how few it could ever be.

Lines of the same strength are pooled into batches of limited size, and a line is never split over two batches:
this is bin packing. First-fit decreasing comes within a few percent and is instant; where it does not reach the
proven bound, a second packing fills each batch as full as the remaining lines allow, and the better one is taken.
The bound needs no packing: it holds for every plan there could be, so the gap to it says how much a perfect plan
might save, and a gap of zero proves that nothing can be saved.
"""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import accumulate

# The positions of the lines that one batch holds, in the sequence that was packed.
Packing = list[list[int]]


def packed(sizes: Sequence[int], largest: int) -> Packing:
    """Every position of `sizes` in one batch of at most `largest` capsules, in few batches.

    Larger lines are placed first and equal ones in the order given, so that whoever orders equal lines by promise
    finds the earliest together. A size below 1 or above `largest` is a ValueError.
    """
    if any(not 1 <= size <= largest for size in sizes):
        raise ValueError("A line that is pooled holds one capsule at least, and fits the largest batch.")
    largest_first = sorted(range(len(sizes)), key=lambda position: -sizes[position])
    ranked = [sizes[position] for position in largest_first]
    best = first_fit(ranked, largest)
    if len(best) > fewest_batches(ranked, largest):
        best = min(best, fullest_first(ranked, largest), key=len)
    return [[largest_first[rank] for rank in batch] for batch in best]


def first_fit(sizes: Sequence[int], largest: int) -> Packing:
    """Each size, in the order given, in the first batch that has room for it."""
    batches: Packing = []
    room: list[int] = []
    # Room only shrinks, so a batch that had none for a size has none for the next of that size.
    passed: dict[int, int] = {}
    for position, size in enumerate(sizes):
        first = passed.get(size, 0)
        while first < len(room) and room[first] < size:
            first += 1
        if first == len(room):
            batches.append([])
            room.append(largest)
        batches[first].append(position)
        room[first] -= size
        passed[size] = first
    return batches


def fullest_first(sizes: Sequence[int], largest: int) -> Packing:
    """Each batch begun with the largest line left, and filled as full as the lines left allow."""
    waiting: dict[int, deque[int]] = {}
    for position, size in enumerate(sizes):
        waiting.setdefault(size, deque()).append(position)
    batches: Packing = []
    while waiting:
        # Sizes came largest first, and a dictionary keeps that order.
        chosen = [size := next(iter(waiting)), *_fullest(waiting, largest - size, size)]
        batches.append([waiting[each].popleft() for each in chosen])
        for each in set(chosen):
            if not waiting[each]:
                del waiting[each]
    return batches


def _fullest(waiting: dict[int, deque[int]], room: int, begun_with: int) -> list[int]:
    """Sizes of lines left, one line of `begun_with` less, that come as near to `room` as any; larger ones first."""
    kinds = [(size, len(lines) - (size == begun_with)) for size, lines in waiting.items() if size <= room]
    within = (1 << (room + 1)) - 1
    # Bit n is set when n capsules can be put together from the sizes so far.
    sums = [1]
    for size, count in kinds:
        sums.append(_with(sums[-1], size, min(count, room // size)) & within)
    filled = sums[-1].bit_length() - 1
    chosen: list[int] = []
    for (size, _), before in zip(reversed(kinds), reversed(sums[:-1]), strict=True):
        while not before >> filled & 1:
            chosen.append(size)
            filled -= size
    return chosen


def _with(sums: int, size: int, count: int) -> int:
    """The sums that are reached with up to `count` more of that size."""
    step = 1
    while count > 0:
        taken = min(step, count)
        sums |= sums << (taken * size)
        count -= taken
        step *= 2
    return sums


def fewest_batches(sizes: Sequence[int], largest: int) -> int:
    """A number of batches that no packing of these sizes can undercut.

    No batch is fuller than the largest sum of sizes that fits it; with that as the limit, lines over half of it
    need a batch each, and what cannot stand beside them needs more (the bound L2 of Martello and Toth, taken over
    every threshold). Rounded up, because there is no part of a batch.
    """
    if not sizes:
        return 0
    ranked = sorted(sizes)
    limit = _fullest_possible(set(ranked), largest)
    sums = [0, *accumulate(ranked)]
    return max(_bound(ranked, sums, limit, threshold) for threshold in _thresholds(ranked, limit))


def _fullest_possible(kinds: set[int], largest: int) -> int:
    """The largest sum of these sizes, each as often as it likes, that does not exceed `largest`."""
    sums, within = 1, (1 << (largest + 1)) - 1
    for size in sorted(kinds):
        sums = _with(sums, size, largest // size) & within
    return sums.bit_length() - 1


def _thresholds(ranked: Sequence[int], limit: int) -> Iterator[int]:
    yield 0
    yield from sorted({size for size in ranked if 2 * size <= limit})


def _bound(ranked: Sequence[int], sums: Sequence[int], limit: int, threshold: int) -> int:
    """L2 for one threshold: sizes below it are forgotten, and so are not asked for room."""
    huge = bisect_right(ranked, limit - threshold)
    over_half = bisect_right(ranked, limit // 2)
    small = min(bisect_left(ranked, threshold), over_half)
    # Lines over the limit less the threshold leave no room for any line that counts here.
    apart, halves = len(ranked) - huge, max(huge - over_half, 0)
    beside = halves * limit - (sums[max(huge, over_half)] - sums[over_half])
    unplaced = (sums[over_half] - sums[small]) - beside
    return apart + halves + max(0, -(-unplaced // limit))
