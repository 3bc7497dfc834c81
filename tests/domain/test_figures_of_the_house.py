"""Percentiles, control limits, spans of days, and counts that may be shown."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.control_charts import control_limits
from pharmacy.domain.percentiles import percentile
from pharmacy.domain.periods import Period, PeriodUnfit, quarters_of
from pharmacy.domain.small_counts import publishable, together

COUNTS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 40))


def numbers(*values: str) -> list[Decimal]:
    return [Decimal(value) for value in values]


def test_the_median_of_four_is_the_second_and_the_ninetieth_of_ten_the_ninth() -> None:
    assert percentile({10: 1, 20: 1, 30: 1, 40: 1}, 50) == 20
    assert percentile(dict.fromkeys(range(1, 11), 1), 90) == 9


@given(st.dictionaries(st.integers(0, 500), st.integers(1, 9), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_value_at_its_rank_in_the_sorted_list(
    counts: dict[int, int], percent: int
) -> None:
    listed = sorted(value for value, count in counts.items() for _ in range(count))

    assert percentile(counts, percent) == listed[-(-percent * len(listed) // 100) - 1]


def test_a_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="counted"):
        percentile({}, 50)


def test_limits_lie_two_point_six_six_mean_ranges_from_the_mean() -> None:
    # NIST/SEMATECH e-Handbook 6.3.2.2: flow rates of ten batches, moving ranges of two.
    flow = numbers("49.6", "47.6", "49.9", "51.3", "47.8", "51.2", "52.6", "52.4", "53.6", "52.1")

    limits = control_limits(flow)

    assert limits is not None
    assert limits.centre == Decimal("50.81")
    # The handbook rounds the mean range to 1.8778 and prints 45.8150 and 55.8041.
    assert limits.upper.quantize(Decimal("0.01")) == Decimal("55.80")
    assert limits.lower.quantize(Decimal("0.01")) == Decimal("45.82")
    assert limits.signals == ()


def test_a_point_beyond_a_limit_and_the_eighth_on_one_side_are_signals() -> None:
    far = control_limits(numbers(*["100", "101"] * 8, "120"))
    shifted = control_limits(numbers(*["99", "98"] * 4, *["101", "102"] * 4))

    assert far is not None
    assert 16 in far.signals
    assert shifted is not None
    assert 7 in shifted.signals
    assert 15 in shifted.signals
    assert 6 not in shifted.signals


def test_seven_batches_make_no_limits() -> None:
    assert control_limits(numbers(*["100"] * 7)) is None


@given(st.lists(st.decimals(80, 120, places=2), min_size=8, max_size=40))
def test_the_mean_lies_between_its_limits(values: list[Decimal]) -> None:
    limits = control_limits(values)

    assert limits is not None
    assert limits.lower <= limits.centre <= limits.upper


@given(COUNTS)
def test_nothing_that_is_shown_tells_of_fewer_than_five_people(counts: dict[str, int]) -> None:
    shown = publishable(counts, 5)

    assert all(count >= 5 and counts[key] == count for key, count in shown.cells.items())
    if shown.total is None:
        assert not shown.cells
        assert sum(counts.values()) < 5
    else:
        assert shown.total == sum(counts.values())


@given(COUNTS)
def test_whoever_subtracts_what_is_shown_from_the_total_finds_nobody_or_five_and_more(
    counts: dict[str, int],
) -> None:
    shown = publishable(counts, 5)
    hidden = [count for key, count in counts.items() if count and key not in shown.cells]

    assert not hidden or shown.total is None or (sum(hidden) >= 5 and len(hidden) >= 2) or not shown.cells


@given(st.lists(COUNTS, min_size=2, max_size=4))
def test_one_span_less_another_is_what_the_quarters_between_show(tables: list[dict[str, int]]) -> None:
    each = [publishable(counts, 5) for counts in tables]
    longer, shorter = together(each), together(each[:-1])

    difference = {key: count - shorter.cells.get(key, 0) for key, count in longer.cells.items()}

    assert {key: count for key, count in difference.items() if count} == dict(each[-1].cells)


def test_four_people_together_are_not_even_counted() -> None:
    assert publishable({"4.5 mg": 3, "3 mg": 1}, 5).total is None


def test_a_lone_small_cell_takes_the_next_smallest_with_it() -> None:
    assert publishable({"4.5 mg": 30, "3 mg": 6, "1.5 mg": 2}, 5).cells == {"4.5 mg": 30}


def test_a_span_is_a_leap_year_at_most_and_does_not_run_backwards() -> None:
    first = date(2028, 1, 1)

    assert Period(first, date(2028, 12, 31)).days == 366
    for last in (date(2029, 1, 1), date(2027, 12, 31)):
        with pytest.raises(PeriodUnfit, match="366"):
            Period(first, last)


@given(st.dates(date(1999, 1, 1), date(2100, 1, 1)), st.integers(0, 365))
def test_quarters_cover_the_span_without_a_gap(first: date, more: int) -> None:
    period = Period(first, first + timedelta(days=more))
    quarters = quarters_of(period)

    assert quarters[0].first_on <= first <= quarters[0].last_on
    assert quarters[-1].first_on <= period.last_on <= quarters[-1].last_on
    for before, after in pairwise(quarters):
        assert after.first_on == before.last_on + timedelta(days=1)
    assert all(quarter.first_on.day == 1 and 90 <= quarter.days <= 92 for quarter in quarters)
