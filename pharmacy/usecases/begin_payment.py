"""Writing down what a payment provider is to be asked; a worker asks it once this is committed.

Each operation is a row with its own key and a message in the outbox, in the transaction of whatever makes it due.
So a payment is begun, captured, voided or refunded exactly when the order books say so, and nobody talks to a
provider inside a transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict
from pharmacy.domain.money import ZERO, Money
from pharmacy.domain.payments import AlreadyPaid, OperationKind, OperationState, PaymentMethod
from pharmacy.store import audit, outbox, payments
from pharmacy.store.base import new_id
from pharmacy.store.orders import Order
from pharmacy.store.payments import Payment, PaymentOperation

PAYMENT_TOPIC = "payment.due"


@dataclass(eq=False)
class PriceNotAccepted(Conflict):
    """Nobody has agreed to the price as it is now, so nobody is charged it."""

    total: Money

    def __str__(self) -> str:
        return f"Nobody has accepted the price of {self.total.text} USD yet."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPayment:
    """How an order is to be paid; `payer_reference` is a slip's or a receipt's number, never a card's."""

    method: PaymentMethod
    payer_reference: str


def begin_payment(session: Session, order: Order, asked: NewPayment, *, by: Actor, now: datetime) -> Payment:
    """A payment of the order's total, to be authorised; the caller has locked the order.

    Raises PriceNotAccepted, and AlreadyPaid while money is held or taken, or may be.
    """
    accepted = payments.acceptance_of(session, order.id, order.total_cents)
    if accepted is None:
        raise PriceNotAccepted(Money(order.total_cents))
    if is_paid_or_may_be(session, order, now):
        raise AlreadyPaid
    payment = Payment(
        id=new_id(),
        order_id=order.id,
        method=asked.method,
        payer=accepted.payer,
        payer_reference=asked.payer_reference,
        amount_cents=order.total_cents,
        created_at=now,
        created_by=by.id,
        operations=[],
    )
    session.add(payment)
    add_operation(session, payment, OperationKind.AUTHORISE, Money(order.total_cents), by=by, now=now)
    return payment


def begin_operation(
    session: Session, payment: Payment, kind: OperationKind, amount: Money, *, by: Actor, now: datetime
) -> PaymentOperation:
    """The operation is to be asked for; Conflict when the account does not allow it."""
    payment.account().check(kind, amount, now)
    return add_operation(session, payment, kind, amount, by=by, now=now)


def capture_at_hand_over(session: Session, order: Order, *, by: Actor, now: datetime) -> None:
    """What is authorised for the order, or for the one it makes good, is to be taken, now that it leaves the house.

    An authorisation that has lapsed or is still being asked for is dealt with where the provider is asked.
    """
    payment = payments.newest_alive(payments.of_order(session, order.remake_of_id or order.id), now)
    if payment is None or payment.account().may_be_captured > ZERO:
        return
    add_operation(session, payment, OperationKind.CAPTURE, Money(payment.amount_cents), by=by, now=now)


def is_paid_or_may_be(session: Session, order: Order, now: datetime) -> bool:
    """Whether money is held or taken for the order, or may be."""
    return payments.newest_alive(payments.of_order(session, order.id), now) is not None


def add_operation(
    session: Session, payment: Payment, kind: OperationKind, amount: Money, *, by: Actor, now: datetime
) -> PaymentOperation:
    """The operation waits to be asked for, whatever the account says; it is judged when it is."""
    made = PaymentOperation(
        id=new_id(),
        payment_id=payment.id,
        position=len(payment.operations) + 1,
        kind=kind,
        state=OperationState.WAITING,
        amount_cents=amount.cents,
        created_at=now,
        asked_by=by.id,
        asked_by_name=by.name,
    )
    payment.operations.append(made)
    session.flush()  # The message, and whoever reads the payment in this transaction, need the row.
    outbox.add(session, PAYMENT_TOPIC, made.id, now=now)
    audit.record(session, f"payment.{kind}_begun", payment.order_id, by=by, at=now, amount=amount.text)
    return made
