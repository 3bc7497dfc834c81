"""A member of staff records that an order is paid: cash in the drawer, or a slip of the card terminal.

That is the staff's way of recording that the price was accepted, too. Where a payment is held already, nothing is
asked for a second time.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.money import Money
from pharmacy.domain.payments import Payer, PaymentMethod
from pharmacy.domain.pricing import Delivery
from pharmacy.store import payments, tasks
from pharmacy.store.orders import Order
from pharmacy.store.payments import AcceptedBy
from pharmacy.usecases.accept_price import COLLECT, Acceptance, record_acceptance
from pharmacy.usecases.begin_payment import NewPayment, begin_payment, is_paid_or_may_be

SAID = "payment recorded at the counter"


def record_counter_payment(session: Session, order: Order, *, by: Actor, now: datetime) -> None:
    """The price counts as accepted, and a payment of it is under way, unless both were so already."""
    accepted = payments.acceptance_of(session, order.id, order.total_cents)
    if accepted is None:
        said = Acceptance(total=Money(order.total_cents), accepted_by=AcceptedBy.STAFF, said=SAID)
        accepted = record_acceptance(session, order, said, by=by, now=now)
        session.flush()  # The payment is for a price that the books know to be accepted.
    tasks.close_about(session, COLLECT, order.id, SAID, by=by, now=now)
    if order.total_cents == 0 or is_paid_or_may_be(session, order, now):
        return
    asked = NewPayment(method=_method(order, accepted.payer), payer_reference="")
    begin_payment(session, order, asked, by=by, now=now)


def _method(order: Order, payer: Payer) -> PaymentMethod:
    if payer is Payer.PRACTICE:
        return PaymentMethod.PRACTICE_ACCOUNT
    return PaymentMethod.CASH if order.delivery is Delivery.PICK_UP else PaymentMethod.TERMINAL_SLIP
