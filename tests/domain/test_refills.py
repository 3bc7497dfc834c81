"""Run-out, earliest refill, reminder, and the end of a prescription."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.refills import RefillPolicy, last_fill_on, supply_dates
from tests.domain.cases import case
from tests.domain.strategies import dates, refill_policies

PICK_UP = RefillPolicy(used_share=Decimal("0.80"), lead_days=7, start_lag_days=0)


@pytest.mark.parametrize("case_id", ["REF-01", "REF-02", "REF-03"])
def test_the_dates_of_a_fill_are_those_of_the_worked_case(case_id):
    worked = case(case_id)
    filled_on = date.fromisoformat(worked.inputs["fill_date"])
    carry_over = worked.inputs["carry_over"]
    policy = RefillPolicy(
        used_share=Decimal(worked.inputs["threshold"]), lead_days=worked.inputs["lead_days"], start_lag_days=0
    )

    start_on = filled_on + timedelta(days=carry_over)
    found = supply_dates(filled_on, start_on, worked.inputs["days_supply"], carry_over, policy)

    assert {
        "last_dose_date": found.last_dose_on.isoformat(),
        "next_dose_needed": found.run_out_on.isoformat(),
        "raw_reminder_date": found.raw_reminder_on.isoformat(),
        "reminder_date": found.reminder_on.isoformat(),
        "earliest_refill": found.earliest_refill_on.isoformat(),
    } == worked.expected


@pytest.mark.parametrize("case_id", ["REF-04"])
@pytest.mark.parametrize("months", [12, 15])
def test_a_prescription_may_be_filled_up_to_its_anniversary(case_id, months):
    worked = case(case_id)

    last_days = [last_fill_on(date.fromisoformat(written), months) for written in worked.inputs["written"]]

    assert [day.isoformat() for day in last_days] == worked.expected[f"last_fill_{months}"]


def test_every_date_says_how_it_came_about():
    found = supply_dates(date(2026, 3, 2), date(2026, 3, 5), 30, 0, PICK_UP)

    for figure in found.figures:
        assert figure.value == getattr(found, figure.key)
        assert figure.inputs


def test_a_part_of_a_day_counts_as_a_whole_one():
    three_quarters = RefillPolicy(used_share=Decimal("0.75"), lead_days=7, start_lag_days=0)

    found = supply_dates(date(2026, 3, 1), date(2026, 3, 1), 30, 0, three_quarters)

    assert found.earliest_refill_on == date(2026, 3, 24)


@pytest.mark.parametrize(("days_supply", "carry_over"), [(0, 0), (30, -1)])
def test_a_fill_covers_a_day_and_home_holds_no_less_than_nothing(days_supply, carry_over):
    with pytest.raises(ValueError, match="a day or more"):
        supply_dates(date(2026, 3, 1), date(2026, 3, 1), days_supply, carry_over, PICK_UP)


@pytest.mark.parametrize("share", ["-0.01", "1.01"])
def test_the_used_share_is_a_share(share):
    with pytest.raises(ValueError, match="between 0 and 1"):
        RefillPolicy(used_share=Decimal(share), lead_days=7, start_lag_days=0)


@given(filled_on=dates(), days=st.integers(1, 90), carry_over=st.integers(0, 60), policy=refill_policies())
def test_nobody_is_reminded_before_a_refill_is_allowed(filled_on, days, carry_over, policy):
    found = supply_dates(filled_on, filled_on + timedelta(days=carry_over), days, carry_over, policy)

    assert found.reminder_on >= found.earliest_refill_on >= filled_on
    assert found.reminder_on >= found.raw_reminder_on
    assert found.earliest_refill_on <= found.run_out_on == found.last_dose_on + timedelta(days=1)


@given(filled_on=dates(), days=st.integers(1, 90), policy=refill_policies(), more=st.integers(0, 20))
def test_a_longer_supply_never_means_an_earlier_refill(filled_on, days, policy, more):
    shorter = supply_dates(filled_on, filled_on, days, 0, policy)
    longer = supply_dates(filled_on, filled_on, days + more, 0, policy)

    assert longer.earliest_refill_on >= shorter.earliest_refill_on
    assert longer.reminder_on >= shorter.reminder_on
