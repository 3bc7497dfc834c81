"""Which triturate the planner proposes, from which lots, and for whom."""

from datetime import date
from decimal import Decimal

from pharmacy.domain.plan_batches import plan_batches
from pharmacy.domain.plan_shelf import Hindrance
from pharmacy.domain.plan_triturates import TriturateRule
from tests.domain.benches import mg
from tests.domain.shelves import a_day, a_line, a_shelf, filler, powder, triturate

RULE = TriturateRule(fraction=Decimal("0.1"), total=mg("10000"))


def a_small_line(number: int = 1, **changes):
    return a_line(number, **{"strength_mg": "1.5", "capsules": 7, "days": 7, **changes})


def planned(*lines, **shelf):
    return plan_batches(lines, (), a_day(a_shelf(**{"triturates": (), **shelf}), triturate=RULE))


def test_without_a_triturate_one_is_proposed_from_the_lot_that_ends_first() -> None:
    lots = (powder("NTX-LATE"), powder("NTX-SOON", last_on=date(2026, 12, 31)))

    plan = planned(a_small_line(), api_lots=lots)

    (made,) = plan.triturates
    # Example E8: 1.040 g of powder in 10 g.
    assert [(draw.number, draw.ug) for draw in made.draws] == [("NTX-SOON", 1_040_000), ("MCC-7", 8_960_000)]
    assert made.serves == ("100001 line 1",)
    assert plan.left_out[0].cause is Hindrance.WEIGHING
    assert "too little to weigh, and no triturate on the shelf serves" in made.because


def test_a_triturate_that_is_there_is_used_and_none_is_proposed() -> None:
    plan = planned(a_small_line(), triturates=(triturate(),))

    assert len(plan.batches) == 1
    assert plan.triturates == ()


def test_lines_that_can_be_pooled_and_weighed_directly_need_none() -> None:
    plan = planned(*(a_small_line(number) for number in range(1, 20)))

    assert plan.left_out == ()
    assert plan.triturates == ()


def test_a_quarter_of_a_milligram_takes_a_weaker_triturate_of_more_than_the_house_usually_makes() -> None:
    plan = planned(a_small_line(strength_mg="0.25"))

    (made,) = plan.triturates
    # 10 g at 1 % would take 104 mg of powder, less than the balance weighs: 20 g it is.
    assert (made.fraction, made.total) == (Decimal("0.01"), mg("20000"))


def test_nothing_is_proposed_that_cannot_be_weighed_of_what_is_left() -> None:
    assert planned(a_small_line(), api_lots=(powder("NTX-2601", on_hand_mg=500),)).triturates == ()
    assert planned(a_small_line(), filler_lots=(filler(on_hand_mg=5000),)).triturates == ()


def test_a_triturate_that_would_not_last_to_the_last_dose_is_not_proposed() -> None:
    short = powder("NTX-SHORT", last_on=date(2026, 3, 8))

    assert planned(a_small_line(), api_lots=(short,)).triturates == ()
