"""What became of a lot or batch: through triturates of any depth, to orders, patients and what they have left."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pharmacy.domain.notices import Start
from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.recalls import RecallSubject
from pharmacy.store.base import new_id
from pharmacy.store.batches import Allocation, Batch, BatchKind, BatchStatus
from pharmacy.store.reference import ComponentKind, ComponentLot
from pharmacy.store.traces import NothingToTrace
from pharmacy.usecases.trace_stock import Traced, trace_stock
from tests.books import Clock
from tests.work import Work

_COLUMNS = [column.name for column in ComponentLot.__table__.columns]


def lot(session: Session, kind: ComponentKind) -> ComponentLot:
    """The demonstration's first lot of that kind to end."""
    query = select(ComponentLot).where(ComponentLot.kind == kind).order_by(ComponentLot.expires_on)
    return session.scalars(query.limit(1)).one()


def triturate(session: Session) -> Batch:
    return session.scalars(
        select(Batch).where(Batch.kind == BatchKind.TRITURATE).order_by(Batch.number).limit(1)
    ).one()


def of_lot(session: Session, work: Work, lot_id: UUID):
    traced = Traced(RecallSubject.COMPONENT_LOT, lot_id)
    return trace_stock(session, traced, work.reference(session), now=work.pharmacy.clock())


def of_batch(session: Session, work: Work, batch_id: UUID):
    traced = Traced(RecallSubject.BATCH, batch_id)
    return trace_stock(session, traced, work.reference(session), now=work.pharmacy.clock())


def a_batch_of(session: Session, parent: Batch, number: str, **fields: object) -> Batch:
    """A batch made from that triturate; a triturate itself unless told otherwise."""
    batch = Batch(
        **{
            "id": new_id(),
            "number": number,
            "kind": BatchKind.TRITURATE,
            "status": BatchStatus.RELEASED,
            "status_at": parent.status_at,
            "status_by": parent.status_by,
            "compounded_on": parent.compounded_on,
            "compounded_by": parent.compounded_by,
            "beyond_use_on": parent.beyond_use_on,
            "beyond_use_limited_by": "its triturate",
            "strength_fraction": Decimal("0.001"),
            "api_lot_id": parent.api_lot_id,
            "filler_lot_id": parent.filler_lot_id,
            "triturate_id": parent.id,
            "worksheet": {},
            **fields,
        }
    )
    session.add(batch)
    session.flush()
    return batch


def test_a_lot_of_filler_leads_to_every_line_of_a_shipped_order(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.SHIPPED)

    with work.sessions.read() as session:
        _, holdings = of_lot(session, work, lot(session, ComponentKind.FILLER).id)

    assert {holding.promised.order_id for holding in holdings} == {order_id}
    assert sorted(holding.promised.capsules for holding in holdings) == [7, 7, 16]
    assert all(holding.has_left and holding.start is Start.ASSUMED for holding in holdings)


def test_a_trace_is_one_statement(work: Work, count_queries) -> None:
    work.bring_to(OrderStatus.SHIPPED)
    with work.sessions.read() as session:
        lot_id, reference = lot(session, ComponentKind.API).id, work.reference(session)
        traced = Traced(RecallSubject.COMPONENT_LOT, lot_id)

        with count_queries() as queries:
            trace, holdings = trace_stock(session, traced, reference, now=work.pharmacy.clock())

    assert trace.batches
    assert holdings
    assert len(queries) == 1


def test_capsules_from_a_triturate_are_found_by_the_lot_of_its_powder(work: Work) -> None:
    work.bring_to(OrderStatus.SHIPPED)

    with work.sessions.read() as session:
        stock = triturate(session)
        trace, holdings = of_lot(session, work, stock.api_lot_id)

    diluted = [batch for batch in trace.batches if batch.triturate_id == stock.id]
    assert stock.id in {batch.id for batch in trace.batches}
    assert diluted
    assert all(batch.api_lot is None for batch in diluted)
    assert {batch.id for batch in diluted} <= {holding.batch.id for holding in holdings}


def test_powder_that_a_triturate_took_the_place_of_is_not_in_the_capsules(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.SHIPPED)

    with work.sessions.write() as session:
        powder = lot(session, ComponentKind.API)
        untouched = ComponentLot(
            **{column: getattr(powder, column) for column in _COLUMNS if column not in {"id", "number"}},
            id=new_id(),
            number="NTX-UNTOUCHED",
        )
        session.add(untouched)
        session.flush()
        for batch in session.scalars(select(Batch).where(Batch.triturate_id.is_not(None))):
            batch.api_lot_id = untouched.id
        session.flush()
        trace, holdings = of_lot(session, work, untouched.id)

    assert (trace.batches, holdings) == ((), ())
    assert order_id


def test_a_dilution_of_a_dilution_is_followed_both_ways(work: Work) -> None:
    with work.sessions.write() as session:
        first = triturate(session)
        second = a_batch_of(session, first, "T-SECOND")
        third = a_batch_of(session, second, "T-THIRD", strength_fraction=Decimal("0.00001"))

        forward, _ = of_batch(session, work, first.id)
        backward, _ = of_batch(session, work, third.id)

    assert {"T-SECOND", "T-THIRD"} <= {batch.number for batch in forward.batches if not batch.is_source}
    assert {batch.number for batch in backward.batches if batch.is_source} == {first.number, "T-SECOND"}
    assert [batch.number for batch in backward.batches if not batch.is_source] == ["T-THIRD"]


def test_what_else_was_made_of_a_triturate_is_not_the_trace_of_one_batch(work: Work) -> None:
    order_id, other_id = work.bring_to(OrderStatus.SHIPPED), work.bring_to(OrderStatus.SHIPPED)
    line = next(line for line in work.order(order_id).lines if line.strength_ug == 1500)

    with work.sessions.read() as session:
        batch_id = session.scalars(
            select(Allocation.batch_id).where(Allocation.order_line_id == line.id)
        ).one()
        trace, holdings = of_batch(session, work, batch_id)

    assert {holding.promised.order_id for holding in holdings} == {order_id}
    assert other_id != order_id
    assert [batch.id for batch in trace.batches if not batch.is_source] == [batch_id]


@pytest.mark.parametrize(
    ("days", "step", "left"),
    [
        (2, None, [7, 7, 16]),
        (3, 1, [7, 7, 16]),
        (11, 2, [0, 6, 16]),
        (20, 3, [0, 0, 13]),
        (40, None, [0, 0, 0]),
    ],
    ids=["on the way", "day 1", "day 9", "day 18", "after the fill"],
)
def test_the_plan_tells_what_the_patient_has_left_today(
    work: Work, clock: Clock, days: int, step: int | None, left: list[int]
) -> None:
    work.bring_to(OrderStatus.SHIPPED)
    clock.now += timedelta(days=days)  # Three days on the way: day 1 is the third day after shipping.

    with work.sessions.read() as session:
        _, holdings = of_lot(session, work, lot(session, ComponentKind.FILLER).id)

    assert [holding.capsules_left for holding in holdings] == left
    assert {holding.step_position for holding in holdings} == {step}


def test_what_has_not_left_is_all_in_the_house(work: Work, clock: Clock) -> None:
    work.bring_to(OrderStatus.COMPOUNDING)
    clock.now += timedelta(days=20)

    with work.sessions.read() as session:
        _, holdings = of_lot(session, work, lot(session, ComponentKind.FILLER).id)

    assert [(holding.has_left, holding.capsules_left) for holding in holdings] == [
        (False, 7), (False, 7), (False, 16),
    ]  # fmt: skip


@pytest.mark.parametrize("find", [of_lot, of_batch])
def test_what_is_not_there_is_not_traced(work: Work, find) -> None:
    with work.sessions.read() as session, pytest.raises(NothingToTrace, match="no such lot or batch"):
        find(session, work, new_id())


def test_a_lot_that_nobody_used_leads_nowhere(work: Work) -> None:
    with work.sessions.write() as session:
        powder = lot(session, ComponentKind.API)
        columns = [name for name in _COLUMNS if name not in {"id", "number"}]
        unused = ComponentLot(
            id=new_id(), number="NTX-UNUSED", **{name: getattr(powder, name) for name in columns}
        )
        session.add(unused)
        session.flush()

        trace, holdings = of_lot(session, work, unused.id)

    assert (trace.batches, trace.promised, holdings) == ((), (), ())
