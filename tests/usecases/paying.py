"""Payments in tests: orders that await payment, and what the books say of their money."""

from uuid import UUID

from sqlalchemy import select

from pharmacy.domain.calendar import local_day
from pharmacy.domain.money import Money
from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.domain.payments import PaymentMethod, PaymentStatus
from pharmacy.store import orders, payments
from pharmacy.store.payments import AcceptedBy, Payment, PaymentOperation
from pharmacy.store.tasks import Task
from pharmacy.usecases.accept_price import Acceptance, accept_price
from pharmacy.usecases.begin_payment import NewPayment, begin_payment
from pharmacy.usecases.decide_refund import Decision, decide_refund
from tests.work import Work


def accept(work: Work, order_id: UUID, total: Money | None = None) -> None:
    """A technician was told by telephone that the price is accepted."""
    now = work.pharmacy.clock()
    with work.sessions.write() as session:
        order = orders.get_for_update(session, order_id)
        said = Acceptance(
            total=total or Money(order.total_cents), accepted_by=AcceptedBy.STAFF, said="by telephone"
        )
        who = work.member_in(session, Role.TECHNICIAN)
        accept_price(session, order, said, today=local_day(now, work.pharmacy.zone), by=who, now=now)


def pay(work: Work, order_id: UUID, reference: str = "", *, ask: bool = True) -> None:
    """A terminal slip is taken for the accepted price; the provider is asked."""
    with work.sessions.write() as session:
        order = orders.get_for_update(session, order_id)
        slip = NewPayment(method=PaymentMethod.TERMINAL_SLIP, payer_reference=reference)
        who = work.member_in(session, Role.TECHNICIAN)
        begin_payment(session, order, slip, by=who, now=work.pharmacy.clock())
    if ask:
        work.ask_provider()


def paid(work: Work, reference: str = "") -> UUID:
    """An order that awaits payment, accepted and paid for with that payer reference."""
    order_id = work.bring_to(OrderStatus.AWAITING_PAYMENT)
    accept(work, order_id)
    pay(work, order_id, reference)
    return order_id


def shipped(work: Work, order_id: UUID) -> None:
    """The queued order goes all the way, and the provider is asked for what that makes due."""
    work.act(order_id, Act.START_COMPOUNDING)
    work.carry_out()
    for act in (Act.FINISH_LABELLING, Act.VERIFY, Act.SHIP):
        work.act(order_id, act)
    work.ask_provider()


def refund(work: Work, order_id: UUID, decision: Decision, by: Role = Role.PHARMACIST_IN_CHARGE) -> None:
    with work.sessions.write() as session:
        who, now = work.member_in(session, by), work.pharmacy.clock()
        decide_refund(session, order_id, decision, work.reference(session), by=who, now=now)
    work.ask_provider()


def all_payments(work: Work, order_id: UUID) -> list[Payment]:
    with work.sessions.read() as session:
        return list(payments.of_order(session, order_id))


def status(work: Work, order_id: UUID) -> PaymentStatus:
    """The one payment of the order, in a word."""
    (payment,) = all_payments(work, order_id)
    return payment.account().status(work.pharmacy.clock())


def operations(work: Work, order_id: UUID) -> list[tuple[str, str]]:
    """What was asked for the order, in order, and how each ended."""
    return [
        (each.kind.value, each.state.value)
        for payment in all_payments(work, order_id)
        for each in payment.operations
    ]


def tasks_about(work: Work, order_id: UUID) -> list[str]:
    """The kinds of open tasks about the order."""
    with work.sessions.read() as session:
        query = select(Task.kind).where(Task.order_id == order_id, Task.closed_at.is_(None))
        return sorted(session.scalars(query))


def newest_operation(work: Work, order_id: UUID) -> PaymentOperation:
    return all_payments(work, order_id)[-1].operations[-1]
