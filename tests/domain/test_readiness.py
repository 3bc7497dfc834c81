"""Who may stand at the bench today, on what, and when a count is looked into."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from pharmacy.domain.counts import CountTolerance, is_investigated, variance_ug
from pharmacy.domain.readiness import (
    BalanceNotUsable,
    Competency,
    TrainingLapsed,
    lapsed_on,
    require_calibrated,
    require_trained,
    training_in_force_until,
)

DAY = date(2026, 11, 23)
ALL = dict.fromkeys(Competency, DAY)
HOUSE = CountTolerance(share=Decimal("0.02"), mass_ug=500_000)


def test_a_training_serves_through_its_last_day() -> None:
    require_trained("Tess", ALL, DAY)

    with pytest.raises(TrainingLapsed, match=r"Tess may not compound or verify today; .* hygiene, garbing"):
        require_trained("Tess", ALL, DAY + timedelta(days=1))


def test_one_missing_competency_is_enough_to_stay_away() -> None:
    without = {each: day for each, day in ALL.items() if each is not Competency.EQUIPMENT}

    assert lapsed_on(without, DAY) == (Competency.EQUIPMENT,)
    assert training_in_force_until(without) is None
    assert training_in_force_until({**ALL, Competency.GARBING: DAY - timedelta(days=1)}) == DAY - timedelta(
        days=1
    )


def test_a_balance_serves_until_its_calibration_is_due() -> None:
    require_calibrated("B1", DAY, True, DAY)

    with pytest.raises(BalanceNotUsable, match="its calibration was due on 2026-11-23"):
        require_calibrated("B1", DAY, True, DAY + timedelta(days=1))
    with pytest.raises(BalanceNotUsable, match="it is out of use"):
        require_calibrated("B1", DAY, False, DAY)


@pytest.mark.parametrize(
    ("counted", "book", "expected"),
    [
        (9_800_000, 10_000_000, False),
        (9_799_999, 10_000_000, True),
        (10_200_001, 10_000_000, True),
        (99_500_000, 100_000_000, False),
        (99_499_999, 100_000_000, True),
        (1, 0, True),
        (0, 0, False),
    ],
)
def test_a_difference_is_looked_into_beyond_two_per_cent_or_half_a_gram(
    counted: int, book: int, expected: bool
) -> None:
    assert is_investigated(counted, book, HOUSE) is expected
    assert variance_ug(counted, book) == counted - book
