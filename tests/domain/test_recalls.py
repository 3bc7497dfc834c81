"""How far a recall has come with a patient, and what that patient should have left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.recalls import NoStepBack, RecallAnswer, answered, capsules_left
from pharmacy.domain.supply import Window, own_strength
from tests.domain.plans import usual_plan

_WINDOW = Window(1, 30)


def vials():
    """The vials of the typical titration: 7 of 1.5 mg, 7 of 3 mg, 16 of 4.5 mg."""
    return [vial for line in own_strength(usual_plan(), _WINDOW).lines for vial in line.vials]


@pytest.mark.parametrize(
    ("day", "left"), [(-3, 30), (1, 30), (2, 29), (8, 23), (15, 16), (30, 1), (31, 0), (90, 0)]
)
def test_what_is_left_on_the_morning_of_a_day(day, left):
    assert capsules_left(vials(), day) == left


@given(st.integers(-5, 60))
def test_what_is_left_and_what_was_taken_is_what_was_given(day):
    taken = sum(1 for passed in range(1, 31) if passed < day)

    assert capsules_left(vials(), day) + taken == 30


@pytest.mark.parametrize(
    "way",
    [
        (RecallAnswer.NOTIFIED, RecallAnswer.ANSWERED, RecallAnswer.RETURNED),
        (RecallAnswer.UNREACHABLE, RecallAnswer.NOTIFIED, RecallAnswer.RETURNED),
        (RecallAnswer.RETURNED,),
    ],
)
def test_answers_go_forward(way):
    state = RecallAnswer.TO_NOTIFY

    for wanted in way:
        state = answered(state, wanted)

    assert state is RecallAnswer.RETURNED


@given(st.sampled_from(RecallAnswer))
def test_nothing_follows_a_return_and_nobody_is_to_notify_again(other):
    with pytest.raises(NoStepBack, match="which does not become"):
        answered(RecallAnswer.RETURNED, other)
    with pytest.raises(NoStepBack, match="does not become to notify"):
        answered(other, RecallAnswer.TO_NOTIFY)
