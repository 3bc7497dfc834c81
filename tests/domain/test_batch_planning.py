"""Which batches are made today: pooled, with lots that hold enough and last, and the rest left out with reasons."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pharmacy.domain.batch_planning import Ahead, BenchRules, FinishedBatch, OpenLine
from pharmacy.domain.capsules import Route
from pharmacy.domain.plan_batches import plan_batches
from pharmacy.domain.plan_shelf import Hindered, Hindrance, Makeable, Shelved, Wanted, lots_for
from pharmacy.domain.pooling import fewest_batches
from tests.domain.cases import case
from tests.domain.shelves import (
    TODAY,
    a_day,
    a_line,
    a_pool,
    a_shelf,
    aheads,
    days,
    filler,
    open_lines,
    powder,
    triturate,
)


def planned(lines, day, ahead=()):
    return plan_batches(lines, ahead, day)


@given(lines=open_lines(), ahead=aheads(), day=days())
@settings(max_examples=40)
def test_every_line_is_in_one_place(lines, ahead, day):
    plan = planned(lines, day, ahead)

    placed = [line.id for batch in plan.batches for line in batch.lines]
    placed += [each.line.id for each in (*plan.from_shelf, *plan.left_out)]
    assert sorted(placed) == sorted(line.id for line in lines)
    assert all(each.because for each in plan.left_out)


@given(lines=open_lines(), ahead=aheads(), day=days())
@settings(max_examples=40)
def test_no_more_is_drawn_than_there_is(lines, ahead, day):
    plan = planned(lines, day, ahead)

    drawn: dict[UUID, int] = {}
    for batch in plan.batches:
        for draw in batch.made.draws:
            drawn[draw.stock_id] = drawn.get(draw.stock_id, 0) + draw.ug
    on_hand = day.shelf.on_hand()
    assert all(ug <= on_hand[stock_id] for stock_id, ug in drawn.items())


@given(lines=open_lines(), ahead=aheads(), day=days())
@settings(max_examples=40)
def test_nothing_is_promised_beyond_the_beyond_use_date_or_from_a_lot_that_has_ended(lines, ahead, day):
    plan = planned(lines, day, ahead)

    ends = {
        each.id: each.last_on for each in (*day.shelf.api_lots, *day.shelf.filler_lots, *day.shelf.triturates)
    }
    for batch in plan.batches:
        assert all(line.last_dose_on <= batch.made.beyond_use.on for line in batch.lines)
        assert batch.made.beyond_use.on <= min(ends[draw.stock_id] for draw in batch.made.draws)
        assert batch.made.beyond_use.on <= TODAY + timedelta(days=179)
        assert all(line.dispensed_on <= batch.dispense_by for line in batch.lines)


@given(lines=open_lines(), ahead=aheads(), day=days())
@settings(max_examples=40)
def test_batches_fit_the_bench_and_never_undercut_the_bound(lines, ahead, day):
    plan = planned(lines, day, ahead)

    assert all(batch.capsules <= day.rules.largest_batch for batch in plan.batches)
    assert day.rules.most_batches is None or len(plan.batches) <= day.rules.most_batches
    assert plan.bound <= len(plan.batches)
    for pool in plan.pools:
        sizes = [line.capsules for batch in plan.batches if batch.pool == pool.pool for line in batch.lines]
        assert fewest_batches(sizes, day.rules.largest_batch) <= pool.bound <= pool.batches


@given(lines=open_lines(), ahead=aheads(), day=days(), data=st.data())
@settings(max_examples=30)
def test_the_order_in_which_lines_come_changes_nothing(lines, ahead, day, data):
    shuffled = data.draw(st.permutations(lines))

    assert planned(shuffled, day, ahead[::-1]) == planned(lines, day, ahead)


def test_equal_strengths_of_several_orders_are_one_batch():
    plan = planned([a_line(number, capsules=16) for number in range(1, 6)], a_day())

    (batch,) = plan.batches
    assert batch.capsules == 80
    assert [line.label for line in batch.lines] == [f"{100_000 + number} line 1" for number in range(1, 6)]
    assert (plan.bound, plan.gap_pct, batch.loads) == (1, 0, 1)


def test_strengths_are_never_mixed():
    plan = planned([a_line(1, strength_mg="1.5", capsules=100), a_line(2, capsules=100)], a_day())

    assert sorted(str(batch.pool) for batch in plan.batches) == ["1.5 mg", "4.5 mg"]


@pytest.mark.parametrize("case_id", ["INV-01"])
@pytest.mark.parametrize("turn", [0, 1], ids=["no beyond-use date wanted", "the full 180 days wanted"])
def test_the_first_lot_to_end_that_still_supports_the_beyond_use_date(case_id, turn):
    inputs, expected = case(case_id).inputs, case(case_id).expected
    on = date.fromisoformat(inputs["on"])
    lots = tuple(
        powder(lot["lot"], lot["avail_mg"], last_on=date.fromisoformat(lot["expiry"]))
        for lot in inputs["lots"]
        if lot["status"] == "released"
    )
    through = date.fromisoformat(inputs["min_bud"][turn] or inputs["on"])
    shelf = a_shelf(api_lots=lots)

    # 900 capsules of 4.5 mg take the 4298 mg of the case.
    found = lots_for(Wanted(pool=a_pool(), capsules=900, on=on, through=through), shelf, shelf.on_hand())

    assert isinstance(found, Makeable)
    assert found.draws[0].number == expected["lot"][turn]
    assert found.draws[0].ug == inputs["need_mg"] * 1000


@pytest.mark.parametrize("case_id", ["BUD-10"])
def test_the_day_by_which_a_batch_must_leave(case_id):
    inputs, expected = case(case_id).inputs, case(case_id).expected
    ending = date.fromisoformat(inputs["bud"])
    line = a_line(days=inputs["days_supply"], start_lag_days=inputs["start_lag_days"], capsules=90)

    plan = planned([line], a_day(a_shelf(api_lots=(powder("NTX-A", last_on=ending),))))

    assert plan.batches[0].dispense_by.isoformat() == expected["latest_dispense_date"]


@pytest.mark.parametrize("case_id", ["BUD-11"])
def test_a_fill_that_would_outlast_its_lots_is_left_out_with_the_days_that_fit(case_id):
    inputs, expected = case(case_id).inputs, case(case_id).expected
    ending = date.fromisoformat(inputs["bud"])
    line = a_line(
        days=expected["max_days_supply"] + 1,
        promised_on=date.fromisoformat(inputs["dispense_date"]),
        start_lag_days=inputs["start_lag_days"],
    )

    plan = planned([line], a_day(a_shelf(api_lots=(powder("NTX-A", last_on=ending),), triturates=())))

    (left,) = plan.left_out
    assert left.cause is Hindrance.BEYOND_USE
    assert left.days_that_fit == expected["max_days_supply"]
    assert "A first part of 53 days would last" in left.because


def test_less_than_a_week_that_would_last_is_not_split():
    line = a_line(days=30)
    shelf = a_shelf(
        api_lots=(powder("NTX-A", last_on=line.first_dose_on + timedelta(days=5)),), triturates=()
    )

    (left,) = planned([line], a_day(shelf)).left_out

    assert left.days_that_fit == 6
    assert left.because.endswith("Less than a week would last, so the whole fill waits.")


def test_no_lot_makes_capsules_last_longer_than_the_category_allows():
    (left,) = planned([a_line(days=180)], a_day()).left_out

    assert left.cause is Hindrance.BEYOND_USE
    assert "USP <795> limit of 180 days" in left.because


def test_a_line_that_outlasts_the_short_lot_does_not_keep_others_from_it():
    shelf = a_shelf(
        api_lots=(powder("NTX-A", last_on=date(2026, 4, 30)), powder("NTX-B", on_hand_mg=0)), triturates=()
    )
    long, short = a_line(1, days=90), a_line(2, days=30)

    plan = planned([long, short], a_day(shelf))

    assert [line.label for batch in plan.batches for line in batch.lines] == [short.label]
    assert plan.left_out[0].cause is Hindrance.STOCK


def test_what_is_promised_first_is_made_first_when_powder_is_short():
    later, sooner = a_line(1, promised_on=date(2026, 3, 6)), a_line(2, promised_on=date(2026, 3, 4))
    enough_for_one = a_shelf(api_lots=(powder("NTX-A", on_hand_mg=160),), triturates=())

    plan = planned([later, sooner], a_day(enough_for_one))

    assert [line.id for batch in plan.batches for line in batch.lines] == [sooner.id]
    (left,) = plan.left_out
    assert left.line.id == later.id
    assert "Lot NTX-A has" in left.because


def test_what_one_lot_cannot_hold_is_made_from_the_next_in_a_batch_of_its_own():
    shelf = a_shelf(
        api_lots=(powder("NTX-A", on_hand_mg=160), powder("NTX-B", on_hand_mg=160)), triturates=()
    )

    plan = planned([a_line(1), a_line(2)], a_day(shelf))

    assert sorted(batch.made.draws[0].number for batch in plan.batches) == ["NTX-A", "NTX-B"]
    assert not plan.left_out


def test_when_the_bench_is_full_the_earliest_promises_are_kept():
    lines = [
        a_line(number, capsules=60, promised_on=TODAY + timedelta(days=6 - number)) for number in range(1, 6)
    ]

    plan = planned(lines, a_day(largest_batch=120, most_batches=1))

    assert [line.id for line in plan.batches[0].lines] == [lines[4].id, lines[3].id]
    assert {each.cause for each in plan.left_out} == {Hindrance.BENCH_FULL}


def test_a_line_promised_after_what_the_plan_is_for_waits():
    (left,) = planned([a_line()], a_day(promised_through=date(2026, 3, 4))).left_out

    assert left.cause is Hindrance.NOT_YET_DUE


def test_a_line_larger_than_a_batch_is_left_out():
    (left,) = planned([a_line(capsules=130)], a_day(largest_batch=100)).left_out

    assert left.cause is Hindrance.TOO_LARGE


def test_too_little_to_weigh_directly_is_taken_from_a_triturate_and_the_reason_told():
    (batch,) = planned([a_line(capsules=7, strength_mg="1.5", days=7)], a_day()).batches

    assert batch.made.batch.route is Route.TRITURATE
    assert "is too small to weigh on B1" in batch.made.because[0]
    assert batch.made.draws[0].number == "TR-10"


def test_without_a_triturate_small_lines_of_several_orders_are_weighed_together():
    alone = [a_line(number, capsules=7, days=7) for number in range(1, 6)]
    day = a_day(a_shelf(triturates=()))

    assert planned(alone[:1], day).left_out[0].cause is Hindrance.WEIGHING
    (batch,) = planned(alone, day).batches
    assert batch.made.batch.route is Route.DIRECT


def test_a_rest_too_small_to_weigh_shares_the_lines_of_a_larger_batch():
    lines = [a_line(number, capsules=10, days=10) for number in range(1, 12)]

    plan = planned(lines, a_day(a_shelf(triturates=()), largest_batch=100))

    assert sorted(batch.capsules for batch in plan.batches) == [50, 60]


def test_finished_capsules_serve_before_anything_is_made():
    ending, lasting = (
        FinishedBatch(id=UUID(int=each), number=f"B-{each}", pool=a_pool(), unreserved=40, beyond_use_on=on)
        for each, on in ((91, date(2026, 3, 20)), (92, date(2026, 6, 1)))
    )

    plan = planned([a_line(1), a_line(2)], a_day(finished=(lasting, ending)))

    assert [(each.line.id, each.batch.number) for each in plan.from_shelf] == [(UUID(int=1), "B-92")]
    assert [line.id for line in plan.batches[0].lines] == [UUID(int=2)]


def test_capsules_that_nobody_ordered_fill_up_a_batch_before_they_make_another():
    plan = planned([a_line(capsules=90)], a_day(largest_batch=100), [Ahead(pool=a_pool(), capsules=30)])

    assert [(len(batch.lines), batch.ahead) for batch in plan.batches] == [(1, 10), (0, 20)]
    assert plan.bound == 2


def test_capsules_that_nobody_ordered_give_way_when_powder_is_short():
    shelf = a_shelf(api_lots=(powder("NTX-A", on_hand_mg=160),), triturates=())

    plan = planned([a_line()], a_day(shelf), [Ahead(pool=a_pool(), capsules=100)])

    assert [(len(batch.lines), batch.ahead) for batch in plan.batches] == [(1, 0)]
    assert "100 capsules of 4.5 mg are not made ahead of prescriptions" in plan.remarks[0]


def test_a_rest_that_nobody_ordered_and_nobody_can_weigh_is_not_made():
    shelf = a_shelf(triturates=())

    plan = planned([], a_day(shelf, largest_batch=100), [Ahead(pool=a_pool(), capsules=105)])

    assert [batch.ahead for batch in plan.batches] == [100]
    assert plan.remarks[0].startswith("5 capsules of 4.5 mg are not made ahead of prescriptions")


def test_a_bare_shelf_makes_nothing_and_says_so():
    (left,) = planned([a_line()], a_day(a_shelf(api_lots=(), triturates=()))).left_out

    assert left.because == "No released lot of naltrexone and filler may be used."


def test_a_lot_that_ended_yesterday_is_not_drawn_on():
    shelf = a_shelf(api_lots=(powder("NTX-A", last_on=TODAY - timedelta(days=1)),))
    wanted = Wanted(pool=a_pool(), capsules=30, on=TODAY, through=TODAY)

    assert isinstance(lots_for(wanted, shelf, shelf.on_hand()), Hindered)


@pytest.mark.parametrize("wrong", [{"capsules": 0}, {"days": 0}, {"start_lag_days": -1}])
def test_a_line_of_nothing_does_not_exist(wrong):
    with pytest.raises(ValueError, match="A line needs"):
        a_line(**wrong)


@pytest.mark.parametrize("wrong", [{"largest_batch": 0}, {"plate": 0}, {"most_batches": -1}])
def test_a_bench_that_holds_nothing_does_not_exist(wrong):
    with pytest.raises(ValueError, match="one capsule at least"):
        BenchRules(**{"largest_batch": 100, "plate": 100, **wrong})


def test_on_hand_is_whole_micrograms():
    lot = filler()

    with pytest.raises(ValueError, match="whole number of micrograms"):
        Shelved(id=lot.id, lot=lot.lot, packing=lot.packing, last_on=lot.last_on, on_hand_ug=-1)


def test_triturates_are_tried_in_the_order_in_which_they_end():
    shelf = a_shelf(triturates=(triturate("TR-LATE"), triturate("TR-SOON", last_on=date(2026, 7, 1))))
    line: OpenLine = a_line(capsules=7, strength_mg="1.5", days=7)

    (batch,) = planned([line], a_day(shelf)).batches

    assert batch.made.draws[0].number == "TR-SOON"
