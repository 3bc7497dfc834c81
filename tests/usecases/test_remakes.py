"""What was lost, spoiled or wrong is made again at no charge; and a price is accepted by one person."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import select

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.money import Money
from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.store import orders
from pharmacy.store.orders import Order
from pharmacy.store.payments import AcceptedBy, RefundCause, RefundWay
from pharmacy.usecases.accept_price import Acceptance, PriceAcceptedAlready, accept_price
from pharmacy.usecases.decide_refund import Decision
from pharmacy.usecases.remake_order import MadeAgainAlready, StillHere
from pharmacy.usecases.standing_course import course_now
from tests.books import MORNING
from tests.usecases.paying import all_payments, operations, paid, refund, shipped
from tests.work import Work

REMADE = Decision(
    way=RefundWay.REMAKE,
    cause=RefundCause.LOST,
    amount=None,
    reason="the parcel never arrived",
    today=MORNING.date(),
)


def _remake_of(work: Work, order_id: UUID) -> Order:
    with work.sessions.read() as session:
        return session.scalars(select(Order).where(Order.remake_of_id == order_id)).one()


def test_a_remake_is_an_order_at_no_charge_that_goes_the_way_of_every_order(work: Work) -> None:
    order_id = paid(work)
    shipped(work, order_id)

    refund(work, order_id, REMADE)

    remade = work.order(_remake_of(work, order_id).id)
    first = work.order(order_id)
    assert (remade.status, remade.total_cents, remade.days) == (OrderStatus.RECEIVED, 0, first.days)
    assert [(each.strength_ug, each.capsules) for each in remade.lines] == [
        (each.strength_ug, each.capsules) for each in first.lines
    ]
    assert [line.amount_cents for line in remade.price_lines] == [0]
    assert operations(work, order_id) == [("authorise", "done"), ("capture", "done")]
    # Screened and reviewed like any; nobody is asked to pay, and it waits for the bench at once.
    work.carry_out()
    work.act(remade.id, Act.START_REVIEW)
    approved = work.act(
        remade.id, Act.APPROVE, reason="Lost by the carrier, checked.", contact="Dr Gray, 14:00"
    )
    assert (approved.status, approved.promised_on is None) == (OrderStatus.QUEUED, False)
    shipped(work, remade.id)
    assert work.order(remade.id).status is OrderStatus.SHIPPED
    assert all_payments(work, remade.id) == []
    # The days are supplied once: what was lost counts for nothing at home.
    with work.sessions.read() as session:
        assert course_now(session, first.prescription_id).supplied_through() == first.days


def test_an_order_is_made_again_once_and_only_when_it_has_ended(work: Work) -> None:
    order_id = paid(work)
    work.act(order_id, Act.START_COMPOUNDING)
    with pytest.raises(StillHere):
        refund(work, order_id, REMADE)
    work.act(order_id, Act.CANCEL, reason="Spoiled at the bench.")

    refund(work, order_id, REMADE)

    with pytest.raises(MadeAgainAlready):
        refund(work, order_id, REMADE)
    # What was authorised for the first is taken when its replacement leaves.
    remade = _remake_of(work, order_id)
    work.carry_out()
    work.act(remade.id, Act.START_REVIEW)
    work.act(remade.id, Act.APPROVE, reason="Spoiled at the bench, checked.", contact="Dr Gray, 14:00")
    shipped(work, remade.id)
    assert operations(work, order_id) == [("authorise", "done"), ("capture", "done")]


def test_of_two_who_accept_the_same_price_the_second_is_told(committed: Pharmacy) -> None:
    work = Work(committed)
    order_id = work.bring_to(OrderStatus.AWAITING_PAYMENT)
    total = work.order(order_id).total_cents
    sides, wins, losses = Barrier(2), [], []

    def accept_it(by: AcceptedBy, role: Role) -> None:
        with work.sessions.write() as session:
            who = work.member_in(session, role)
            sides.wait()
            order = orders.get_for_update(session, order_id)
            said = Acceptance(total=Money(total), accepted_by=by, said="both at once")
            accept_price(session, order, said, today=MORNING.date(), by=who, now=MORNING)

    def side(by: AcceptedBy, role: Role) -> None:
        try:
            accept_it(by, role)
        except PriceAcceptedAlready as told:
            losses.append(str(told))
        else:
            wins.append(by)

    with ThreadPoolExecutor(2) as both:
        list(both.map(side, (AcceptedBy.STAFF, AcceptedBy.PRIVATE_LINK), (Role.TECHNICIAN, Role.PHARMACIST)))

    assert len(wins) == len(losses) == 1
    assert "was accepted already, by" in losses[0]
