"""A preparation is never used past its category's limit, nor past anything that is in it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.beyond_use import (
    CATEGORY_LIMIT_DAYS,
    Category,
    ComponentExpired,
    DayCounting,
    Limit,
    beyond_use_date,
    category_limit,
    covers,
    days_that_fit,
    dispensable_until,
    latest_dispensing_on,
    month_end,
)
from tests.domain.cases import case
from tests.domain.strategies_compounding import caps_from, days

CATEGORY_OF_DAYS = {limit: category for category, limit in CATEGORY_LIMIT_DAYS.items()}


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize("case_id", [f"BUD-{number:02}" for number in range(1, 10)])
def test_the_date_of_the_worked_cases(case_id):
    inputs, expected = case(case_id).inputs, case(case_id).expected
    category = CATEGORY_OF_DAYS[inputs["max_days"]]
    compounded_on = day(inputs["compounded"])
    caps = [Limit(day(cap), "component") for cap in inputs["caps"]]

    beyond_use = beyond_use_date(compounded_on, category, caps)

    assert beyond_use.on == day(expected["bud_day_one_convention"])
    counted_from_zero = category_limit(compounded_on, category, DayCounting.DAY_ZERO)
    assert min([counted_from_zero, *(cap.on for cap in caps)]) == day(expected["bud_day_zero_convention"])


@pytest.mark.parametrize("case_id", ["BUD-05"])
def test_the_limit_that_decided_is_named_beside_the_others(case_id):
    triturate = Limit(day(case(case_id).inputs["caps"][0]), "beyond-use date of triturate lot TR-10")

    beyond_use = beyond_use_date(day(case(case_id).inputs["compounded"]), Category.SOLID, [triturate])

    assert beyond_use.limited_by == "beyond-use date of triturate lot TR-10"
    assert beyond_use.considered == (Limit(date(2026, 10, 16), "USP <795> limit of 180 days"), triturate)
    assert beyond_use.figure.text == "2026-07-03"
    assert [each.value for each in beyond_use.figure.inputs] == ["2026-04-20", "2026-10-16", "2026-07-03"]


@pytest.mark.parametrize("case_id", ["BUD-03"])
def test_an_expiry_by_month_means_its_last_day(case_id):
    assert month_end(2028, 2) == day(case(case_id).inputs["caps"][0])


@pytest.mark.parametrize("case_id", ["BUD-10"])
def test_the_latest_day_to_dispense(case_id):
    inputs, expected = case(case_id).inputs, case(case_id).expected

    latest = latest_dispensing_on(day(inputs["bud"]), inputs["days_supply"], inputs["start_lag_days"])

    assert latest == day(expected["latest_dispense_date"])
    assert (latest - date(2026, 1, 15)).days == expected["days_after_compounding"]


@pytest.mark.parametrize("case_id", ["BUD-11"])
def test_the_days_that_still_fit(case_id):
    inputs = case(case_id).inputs

    fitting = days_that_fit(day(inputs["bud"]), day(inputs["dispense_date"]), inputs["start_lag_days"])

    assert fitting == case(case_id).expected["max_days_supply"]


def test_no_days_fit_after_the_beyond_use_date():
    assert days_that_fit(date(2026, 7, 13), date(2026, 7, 20), 0) == 0


def test_a_supply_longer_than_the_batch_lasts_can_never_be_dispensed():
    made_on, beyond_use_on = date(2026, 1, 15), date(2026, 7, 13)

    assert dispensable_until(made_on, beyond_use_on, days_supply=90, start_lag_days=3) == date(2026, 4, 12)
    assert dispensable_until(made_on, beyond_use_on, days_supply=181, start_lag_days=0) is None


def test_a_component_serves_on_its_last_day_and_not_after():
    last_day = Limit(date(2026, 4, 20), "expiry of lot NTX-2601")

    assert beyond_use_date(date(2026, 4, 20), Category.SOLID, [last_day]).on == date(2026, 4, 20)
    with pytest.raises(ComponentExpired) as refusal:
        beyond_use_date(date(2026, 4, 21), Category.SOLID, [last_day])
    assert str(refusal.value) == (
        "expiry of lot NTX-2601 ended on 2026-04-20 and may not be used on 2026-04-21."
    )


@pytest.mark.parametrize("count", [7.0, Decimal(7), True])
def test_days_are_counted_in_whole_numbers(count):
    with pytest.raises(TypeError, match="whole number"):
        covers(date(2026, 7, 13), date(2026, 4, 15), count)
    with pytest.raises(TypeError, match="whole number"):
        latest_dispensing_on(date(2026, 7, 13), count, 0)
    with pytest.raises(TypeError, match="whole number"):
        days_that_fit(date(2026, 7, 13), date(2026, 4, 15), count)


@given(data=st.data(), compounded_on=days(), category=st.sampled_from(Category))
def test_the_date_is_never_later_than_day_one_nor_any_cap(data, compounded_on, category):
    caps = data.draw(caps_from(compounded_on))

    beyond_use = beyond_use_date(compounded_on, category, caps)

    assert beyond_use.on <= category_limit(compounded_on, category)
    assert all(beyond_use.on <= cap.on for cap in caps)
    assert beyond_use.on in {limit.on for limit in beyond_use.considered}
    assert beyond_use.on >= compounded_on


@given(beyond_use_on=days(), supply=st.integers(1, 90), lag=st.integers(0, 7))
def test_the_latest_day_to_dispense_is_the_last_one_whose_supply_is_covered(beyond_use_on, supply, lag):
    latest = latest_dispensing_on(beyond_use_on, supply, lag)
    start_on = latest + timedelta(days=lag)

    assert covers(beyond_use_on, start_on, supply)
    assert not covers(beyond_use_on, start_on + timedelta(days=1), supply)
    assert days_that_fit(beyond_use_on, latest, lag) == supply
