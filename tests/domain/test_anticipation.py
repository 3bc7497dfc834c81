"""How many capsules may be made before anybody ordered them."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.actors import Actor, ActorKind
from pharmacy.domain.anticipation import (
    Allowance,
    BeyondAnticipation,
    Override,
    OverrideNotYours,
    allowance,
    beyond_orders,
    busiest_window,
    require_allowed,
)
from pharmacy.domain.orders import Role
from pharmacy.domain.screening import ReasonTooShort
from tests.domain.benches import dose
from tests.domain.cases import case

TODAY = date(2026, 11, 23)
REASON = "A clinic opens on Monday and its first orders are announced."


def someone(role: Role) -> Actor:
    return Actor(kind=ActorKind.STAFF, id=UUID(int=1), name="Rosa Example", role=role)


@pytest.mark.parametrize("case_id", ["ANT-01"])
def test_the_busiest_thirty_days_less_what_lies_unreserved(case_id):
    inputs, expected = case(case_id).inputs, case(case_id).expected

    allowed = allowance(inputs["capsules_per_30d_window"], inputs["on_hand"])

    assert allowed.limit == expected["limit"]
    assert allowed.may_make == expected["available_to_make"]
    assert allowed.allows(inputs["requested"]) is expected["allowed"]


@pytest.mark.parametrize("case_id", ["ANT-01"])
def test_beyond_the_limit_is_refused_in_words_unless_the_pharmacist_in_charge_says_why(case_id):
    inputs = case(case_id).inputs
    strength, allowed = (
        dose(inputs["strength_mg"]),
        allowance(inputs["capsules_per_30d_window"], inputs["on_hand"]),
    )
    in_charge, pharmacist = someone(Role.PHARMACIST_IN_CHARGE), someone(Role.PHARMACIST)

    with pytest.raises(BeyondAnticipation, match=r"900 capsules of 4\.5 mg .* more than the 840"):
        require_allowed(strength, inputs["requested"], allowed, None)
    with pytest.raises(OverrideNotYours, match="pharmacist-in-charge"):
        require_allowed(strength, inputs["requested"], allowed, Override(pharmacist, REASON))
    with pytest.raises(ReasonTooShort):
        require_allowed(strength, inputs["requested"], allowed, Override(in_charge, "busy"))
    assert require_allowed(strength, inputs["requested"], allowed, Override(in_charge, REASON)) == REASON


def test_within_the_limit_nobody_is_asked():
    assert require_allowed(dose("4.5"), 840, Allowance(limit=960, on_hand=120), None) is None


def test_more_on_hand_than_the_limit_leaves_nothing():
    assert Allowance(limit=100, on_hand=130).may_make == 0


def test_a_limit_below_nothing_does_not_exist():
    with pytest.raises(ValueError, match="zero or more"):
        Allowance(limit=-1, on_hand=0)


def test_a_pharmacy_that_dispensed_nothing_may_make_nothing_ahead():
    assert busiest_window({}, TODAY) == 0
    assert allowance((), 0).may_make == 0


def test_what_left_more_than_a_year_ago_no_longer_counts():
    assert busiest_window({TODAY - timedelta(days=365): 90}, TODAY) == 0
    assert busiest_window({TODAY - timedelta(days=364): 90}, TODAY) == 90


def test_thirty_days_in_a_row_include_both_ends():
    first = date(2026, 6, 1)

    assert busiest_window({first: 100, first + timedelta(days=29): 10}, TODAY) == 110
    assert busiest_window({first: 100, first + timedelta(days=30): 10}, TODAY) == 100


@given(st.dictionaries(st.integers(0, 380), st.integers(1, 300), max_size=30))
def test_the_busiest_window_is_the_best_of_all_windows(told):
    dispensed = {TODAY - timedelta(days=ago): capsules for ago, capsules in told.items()}
    year = [TODAY - timedelta(days=ago) for ago in range(365)]

    by_trying_all = max(
        sum(
            dispensed.get(end - timedelta(days=back), 0)
            for back in range(30)
            if (TODAY - end).days + back < 365
        )
        for end in year
    )

    assert busiest_window(dispensed, TODAY) == by_trying_all


@given(*(st.integers(0, 500) for _ in range(4)))
def test_whoever_makes_what_is_allowed_ends_with_no_more_than_orders_and_the_limit_together(
    asked: int, owed: int, limit: int, on_hand: int
) -> None:
    ahead, left = beyond_orders(asked, owed, Allowance(limit=limit, on_hand=on_hand))

    assert 0 <= ahead <= asked
    if left.allows(ahead) and ahead:
        assert on_hand + asked <= owed + limit
    if on_hand + asked <= owed:
        assert ahead == 0
