"""The batches of an order are made from the lots on the bench, and kept as they were calculated."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from pharmacy.domain.orders import Act, OrderStatus
from pharmacy.store import batches
from pharmacy.store.batches import Allocation, Batch, BatchKind
from pharmacy.store.reference import BalanceRow, ComponentKind, ComponentLot, LotStatus
from pharmacy.usecases.compound_order import CannotBeCompounded
from pharmacy.usecases.reference import NotEquipped
from tests.books import Api
from tests.work import Work


def compounded(work: Work) -> list[Batch]:
    """The batches of a new typical order, in the order of its lines."""
    order = work.order(work.bring_to(OrderStatus.COMPOUNDING))
    with work.sessions.read() as session:
        made = batches.of_lines(session, [line.id for line in order.lines])
    return [made[line.id] for line in order.lines]


def test_each_line_has_a_batch_with_its_weighings_kept(work: Work) -> None:
    made = compounded(work)

    assert [batch.strength_ug for batch in made] == [1500, 3000, 4500]
    assert [batch.capsules_prepared for batch in made] == [8, 8, 17]
    kept = [
        (batch.worksheet["active_mg"], batch.worksheet["filler_mg"], batch.worksheet["theoretical_fill_mg"])
        for batch in made
    ]
    assert kept == [("120", "984", "138.00"), ("240", "864", "138.00"), ("765", "1581", "138.00")]
    assert all(batch.worksheet["figures"] and batch.worksheet["instructions"] for batch in made)
    assert len({batch.number for batch in made}) == 3
    assert {batch.compounded_on for batch in made} == {date(2026, 11, 23)}


def test_batches_name_their_lots_and_their_capsules_are_promised_to_the_lines(work: Work) -> None:
    made = compounded(work)

    with work.sessions.read() as session:
        triturate = session.scalars(select(Batch).where(Batch.kind == BatchKind.TRITURATE)).one()
        allocated = session.scalars(select(Allocation.capsules).order_by(Allocation.capsules)).all()
    assert {batch.triturate_id for batch in made} == {triturate.id}
    assert all(batch.beyond_use_on <= triturate.beyond_use_on for batch in made)
    assert allocated == [7, 7, 16]


def test_what_was_compounded_stays_as_it_was_though_the_bench_changes(work: Work, api: Api) -> None:
    order_id = work.bring_to(OrderStatus.COMPOUNDING)
    before = api.get(f"/orders/{order_id}").get_json()["batches"]
    with work.sessions.write() as session:
        session.execute(update(ComponentLot).values(assay_pct=Decimal("90")))
        session.execute(
            update(Batch).where(Batch.kind == BatchKind.TRITURATE).values(strength_fraction=Decimal("0.05"))
        )

    after = api.get(f"/orders/{order_id}").get_json()["batches"]
    fresh = api.get(f"/orders/{work.submit()}").get_json()["batches"]

    assert after == before
    assert [batch["active_mg"] for batch in fresh] != [batch["active_mg"] for batch in before]


def test_a_batch_that_would_not_last_to_the_last_dose_is_not_made(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.QUEUED)
    with work.sessions.write() as session:
        session.execute(
            update(ComponentLot)
            .where(ComponentLot.kind == ComponentKind.FILLER)
            .values(expires_on=date(2026, 12, 1))
        )

    with pytest.raises(CannotBeCompounded, match="2026-12-01 is before the last planned dose"):
        work.act(order_id, Act.START_COMPOUNDING)

    assert work.order(order_id).status is OrderStatus.QUEUED
    with work.sessions.read() as session:
        assert session.scalars(select(Batch).where(Batch.kind == BatchKind.CAPSULES)).all() == []


def test_a_weighing_too_small_for_the_balance_says_so_and_makes_nothing(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.QUEUED)
    with work.sessions.write() as session:
        session.execute(update(BalanceRow).values(sensitivity_requirement_mg=Decimal(60)))

    with pytest.raises(CannotBeCompounded, match=r"^Line 1: "):
        work.act(order_id, Act.START_COMPOUNDING)

    assert work.labels(order_id) == []


@pytest.mark.parametrize("status", [LotStatus.QUARANTINED, LotStatus.RECALLED, LotStatus.EXPIRED])
def test_without_a_released_lot_nothing_is_derived(work: Work, api: Api, status: LotStatus) -> None:
    with work.sessions.write() as session:
        session.execute(
            update(ComponentLot).where(ComponentLot.kind == ComponentKind.API).values(status=status)
        )

    with pytest.raises(NotEquipped, match="no released lot of naltrexone"):
        work.submit()
