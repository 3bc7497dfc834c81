"""The life of a batch: one table, and duties that want two people."""

import itertools
from uuid import uuid4

import pytest

from pharmacy.domain.batches import (
    NEXT,
    BatchStatus,
    IllegalBatchMove,
    SamePersonTwice,
    advance,
    require_two_people,
    words,
)

S = BatchStatus


def test_the_usual_way_is_open_and_no_step_of_it_can_be_left_out():
    way = list(S)[:8]

    for current, wanted in itertools.pairwise(way):
        assert advance("B1", current, wanted) is wanted
    for place, current in enumerate(way):
        for leap in way[place + 2 :]:
            with pytest.raises(IllegalBatchMove):
                advance("B1", current, leap)


def test_what_failed_its_check_is_never_released_on_any_way():
    reached, new = set(), {S.QC_FAILED}
    while new:
        reached |= new
        new = {after for status in new for after in NEXT[status]} - reached

    assert S.RELEASED not in reached
    assert S.QC_PASSED not in reached


def test_refusals_say_who_and_why():
    with pytest.raises(IllegalBatchMove, match="Batch B1 is QC failed and cannot become released"):
        advance("B1", S.QC_FAILED, S.RELEASED)
    one = uuid4()
    with pytest.raises(
        SamePersonTwice, match="Tess is the compounder of this batch and may not be its releaser"
    ):
        require_two_people(one, one, "Tess", "releaser")
    require_two_people(one, uuid4(), "Paul", "releaser")
    assert words(S.LOTS_ASSIGNED) == "lots assigned"


def test_whatever_exists_may_be_recalled_and_nothing_recalled_comes_back():
    living = set(S) - {S.PLANNED, S.REJECTED, S.RECALLED, S.DESTROYED}

    assert {status for status in S if S.RECALLED in NEXT[status]} == living
    assert NEXT[S.RECALLED] == {S.DESTROYED}
