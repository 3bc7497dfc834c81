"""Whether a prescription may be filled again, and when the prescriber is asked."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.refills import RefillPolicy, last_fill_on, supply_dates
from pharmacy.domain.renewing import (
    NoLongerFillable,
    NoRefillLeft,
    RefillTooSoon,
    is_still_a_reminder,
    outlook,
    require_refill,
)
from tests.domain.cases import case
from tests.domain.strategies import dates

PICK_UP = RefillPolicy(used_share=Decimal("0.80"), lead_days=7, start_lag_days=0)


@pytest.mark.parametrize("case_id", ["REF-05"])
def test_a_refill_that_comes_after_the_prescription_ends_is_a_renewal(case_id):
    worked = case(case_id)
    given_ = worked.inputs
    run_out = date.fromisoformat(given_["next_dose_needed"])
    filled_on = run_out - timedelta(days=given_["days_supply"])
    last = last_fill_on(date.fromisoformat(given_["written"]), given_["validity_months"])

    found = outlook(
        supply_dates(filled_on, filled_on, given_["days_supply"], 0, PICK_UP),
        last_fill_on=last,
        refills_left=given_["refills_left"],
        today=filled_on,
        renewal_lead_days=given_["renewal_lead_days"],
    )

    assert last.isoformat() == worked.expected["last_fill"]
    assert (found.refill_on is not None) == worked.expected["refill_allowed"]
    assert found.renewal_on is not None
    assert found.renewal_on.isoformat() == worked.expected["renewal_request_date"]


@pytest.mark.parametrize("case_id", ["REF-08"])
def test_a_reminder_about_a_lapsed_prescription_is_one_for_90_days(case_id):
    worked = case(case_id)
    lapsed_on = date.fromisoformat(worked.inputs["lapsed_on"])
    sent = [date.fromisoformat(day) for day in worked.inputs["send_on"]]

    assert [(day - lapsed_on).days for day in sent] == worked.expected["days"]
    assert [is_still_a_reminder(lapsed_on, day) for day in sent] == worked.expected[
        "allowed_as_refill_reminder"
    ]


FILLED = date(2026, 3, 2)
DATES = supply_dates(FILLED, FILLED, 30, 0, PICK_UP)


def test_a_refill_possible_only_after_the_run_out_is_offered_with_its_gap_and_a_renewal_too():
    found = outlook(
        DATES, last_fill_on=date(2027, 3, 2), refills_left=1, today=date(2026, 4, 5), renewal_lead_days=21
    )

    assert (found.refill_on, found.gap_days, found.renewal_on) == (date(2026, 4, 5), 4, date(2026, 4, 5))


@pytest.mark.parametrize(
    ("today", "left", "refusal"),
    [
        (date(2026, 3, 25), 2, RefillTooSoon),
        (date(2026, 3, 26), 0, NoRefillLeft),
        (date(2027, 3, 3), 2, NoLongerFillable),
    ],
)
def test_why_a_prescription_is_not_filled_again_today(today, left, refusal):
    with pytest.raises(refusal):
        require_refill(
            DATES.earliest_refill_on, last_fill_on=date(2027, 3, 2), refills=2, left=left, today=today
        )


def test_on_its_earliest_day_a_refill_is_made():
    require_refill(
        DATES.earliest_refill_on, last_fill_on=date(2027, 3, 2), refills=2, left=1, today=date(2026, 3, 26)
    )


@given(filled_on=dates(), days=st.integers(1, 90), left=st.integers(0, 3), later=st.integers(0, 400))
def test_there_is_always_a_way_on_and_never_before_it_is_allowed(filled_on, days, left, later):
    found_dates = supply_dates(filled_on, filled_on, days, 0, PICK_UP)
    today, last = filled_on + timedelta(days=later), last_fill_on(filled_on, 12)

    found = outlook(found_dates, last_fill_on=last, refills_left=left, today=today, renewal_lead_days=21)

    assert found.refill_on is not None or found.renewal_on is not None
    if found.refill_on is not None:
        assert max(today, found_dates.earliest_refill_on) == found.refill_on <= last
        assert (found.gap_days > 0) == (found.refill_on > found_dates.run_out_on)
    if found.renewal_on is not None:
        assert found.renewal_on >= today
