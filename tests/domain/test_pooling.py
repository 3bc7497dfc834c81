"""How few batches hold all lines, and the bound that proves it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.pooling import fewest_batches, first_fit, fullest_first, packed


def fewest_by_trying_all(sizes, largest):
    """The least number of batches, by trying every placing: slow and obvious."""
    best = [len(sizes)]

    def place(rest, rooms):
        if not rest:
            best[0] = min(best[0], len(rooms))
        elif len(rooms) < best[0]:
            for room in {room for room in rooms if room >= rest[0]}:
                others = list(rooms)
                others.remove(room)
                place(rest[1:], [*others, room - rest[0]])
            place(rest[1:], [*rooms, largest - rest[0]])

    place(sorted(sizes, reverse=True), [])
    return best[0]


@st.composite
def lines_and_batches(draw, most_lines=40):
    largest = draw(st.integers(1, 300))
    return draw(st.lists(st.integers(1, largest), max_size=most_lines)), largest


@given(lines_and_batches())
def test_every_line_is_in_one_batch_and_no_batch_is_too_large(case):
    sizes, largest = case

    packing = packed(sizes, largest)

    assert sorted(line for batch in packing for line in batch) == list(range(len(sizes)))
    assert all(sum(sizes[line] for line in batch) <= largest for batch in packing)


@given(lines_and_batches(most_lines=7))
def test_no_plan_undercuts_the_bound_and_none_is_better_than_the_best(case):
    sizes, largest = case

    best = fewest_by_trying_all(sizes, largest)

    assert fewest_batches(sizes, largest) <= best <= len(packed(sizes, largest))


@given(lines_and_batches())
def test_both_packings_place_every_line(case):
    sizes, largest = case
    ranked = sorted(sizes, reverse=True)

    for packing in (first_fit(ranked, largest), fullest_first(ranked, largest)):
        assert sorted(line for batch in packing for line in batch) == list(range(len(sizes)))
        assert all(sum(ranked[line] for line in batch) <= largest for batch in packing)


def test_filling_each_batch_as_full_as_it_goes_mends_what_first_fit_leaves():
    sizes = [45, 35, 35, 30, 30, 25]  # First-fit puts 35 beside 45, and nothing fits the 20 that are left.

    assert len(first_fit(sizes, 100)) == 3
    assert len(packed(sizes, 100)) == fewest_batches(sizes, 100) == 2


def test_lines_that_cannot_stand_together_need_a_batch_each():
    assert fewest_batches([60, 60, 60], 100) == 3  # Their sum alone would fit two.


def test_a_batch_that_no_lines_fill_counts_as_full_as_they_can_fill_it():
    assert fewest_batches([90] * 6, 200) == 3  # Only 180 of 200 can be used.


def test_equal_lines_stay_in_the_order_they_came():
    assert packed([30, 30, 30], 60) == [[0, 1], [2]]


def test_nothing_needs_no_batch():
    assert packed([], 100) == []
    assert fewest_batches([], 100) == 0


@pytest.mark.parametrize("size", [0, 101])
def test_a_line_of_nothing_or_larger_than_a_batch_is_not_pooled(size):
    with pytest.raises(ValueError, match="A line that is pooled"):
        packed([size], 100)
