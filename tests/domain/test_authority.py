"""On whose word a plan changes: envelope, a pharmacist's own discretion, and the states on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.adjustments import AdjustmentKind
from pharmacy.domain.authority import (
    OPEN_STATES,
    PHARMACIST_MAY,
    AdjustmentNotThere,
    AdjustmentState,
    Authority,
    Envelope,
    PrescriberDue,
    advance_adjustment,
    pharmacists_authority,
)
from pharmacy.domain.course import course_of
from tests.domain.courses import adjusted, usual_course
from tests.domain.plans import bedtime_plan, mg

USUAL = Envelope(mg("4.5"), 7)


@pytest.mark.parametrize("kind", list(AdjustmentKind))
def test_without_an_envelope_a_pharmacist_records_only_pause_stop_and_time_of_day(kind):
    if kind in PHARMACIST_MAY:
        assert pharmacists_authority(kind, None, usual_course(), 11) is Authority.PHARMACIST
    else:
        with pytest.raises(PrescriberDue, match="move time of day, pause, stop"):
            pharmacists_authority(kind, None, usual_course(), 11)


def test_within_the_envelope_the_prescriber_has_authorised_in_advance():
    back = adjusted(usual_course(), "step_back", 11)

    assert pharmacists_authority(AdjustmentKind.STEP_BACK, USUAL, back, 11) is Authority.ENVELOPE


def test_a_faster_pace_than_the_envelope_gives_is_the_prescribers_to_authorise():
    sooner = adjusted(usual_course(), "skip", 11)

    assert not USUAL.holds(sooner, 11)
    assert pharmacists_authority(AdjustmentKind.SKIP, USUAL, sooner, 11) is None


def test_a_higher_dose_than_the_envelope_gives_is_outside_it():
    assert not Envelope(mg("3"), 7).holds(usual_course(), 11)
    # What was taken before the day is past judging.
    assert Envelope(mg("3"), 7).holds(course_of(bedtime_plan(("4.5", 7), ("3", None))), 8)


def test_days_of_a_pause_are_no_days_at_the_dose():
    early = course_of(bedtime_plan(("1.5", 4), ("0", 5), ("3", None)))

    assert not USUAL.holds(early, 1)


def test_a_restart_is_authorised_by_nobody_in_advance():
    again = adjusted(usual_course(), "restart", 11)

    assert USUAL.holds(again, 11)
    assert pharmacists_authority(AdjustmentKind.RESTART, USUAL, again, 11) is None


def test_a_step_of_an_envelope_lasts_a_day_at_least():
    with pytest.raises(ValueError, match="a day"):
        Envelope(mg("4.5"), 0)


@given(path=st.lists(st.sampled_from(AdjustmentState), max_size=8))
def test_nothing_is_in_force_that_was_not_authorised_and_accepted(path):
    state, been = AdjustmentState.PROPOSED, [AdjustmentState.PROPOSED]
    for wanted in path:
        try:
            state = advance_adjustment(state, wanted)
        except AdjustmentNotThere:
            continue
        been.append(state)
    if state is AdjustmentState.IN_FORCE:
        assert been == [
            AdjustmentState.PROPOSED,
            AdjustmentState.AUTHORISED,
            AdjustmentState.ACCEPTED,
            AdjustmentState.IN_FORCE,
        ]
    if state in {AdjustmentState.DECLINED, AdjustmentState.WITHDRAWN}:
        assert been[-2] in OPEN_STATES
