"""Short lists of several owners by one question: each whole, in its order, at its own owner, whatever their lengths."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pharmacy.store import orders
from pharmacy.store.orders import Order, OrderFinding, PriceLineRow
from pharmacy.store.side_by_side import Listing, Lists, fill, side_by_side
from tests.builders import an_order
from tests.work import Work


def test_every_list_is_whole_and_in_its_order_beside_longer_and_empty_ones(work: Work) -> None:
    order_id = work.submit(an_order())
    with work.sessions.read() as session:
        lines, none, backwards = side_by_side(
            session,
            Listing(PriceLineRow, PriceLineRow.order_id == order_id, [PriceLineRow.position]),
            Listing(OrderFinding, OrderFinding.code == "of nobody", [OrderFinding.position]),
            Listing(PriceLineRow, PriceLineRow.order_id == order_id, [PriceLineRow.position.desc()]),
        )
        asked_alone = list(_price_lines(session, order_id))

    assert len(asked_alone) > 1
    assert (lines, none, backwards) == (asked_alone, [], asked_alone[::-1])


def test_owners_get_their_own_rows_and_keep_what_was_read_before(
    work: Work, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    first, second = work.submit(an_order()), work.submit(an_order({"/patient/full_name": "Bea Other"}))
    with work.sessions.read() as session:
        both = [session.get_one(Order, each) for each in (first, second)]
        with count_queries() as asked:
            fill(session, Lists([*both, both[0]], Order.price_lines), Lists(both, Order.findings))
            fill(session, Lists(both, Order.price_lines))

        assert len(asked) == 1
        for order in both:
            assert order.price_lines == list(_price_lines(session, order.id))
            assert {each.order_id for each in order.price_lines} == {order.id}


def test_a_whole_order_is_read_by_three_questions(
    work: Work, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    order_id = work.submit(an_order())
    with work.sessions.read() as session, count_queries() as asked:
        orders.get(session, order_id)

    assert len(asked) == 3


def _price_lines(session: Session, order_id: UUID) -> Sequence[PriceLineRow]:
    return session.scalars(
        select(PriceLineRow).where(PriceLineRow.order_id == order_id).order_by(PriceLineRow.position)
    ).all()
