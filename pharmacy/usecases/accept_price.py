"""Somebody agrees to the itemised price of an order: the patient by a private link, or staff who were told so.

What is accepted is a sum, and whoever accepts names it: a price that has changed since is accepted anew. The payer
is the patient, unless the practice is set to pay; then its standing agreement accepts as soon as a pharmacist has
approved. Accepting the same price again changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict
from pharmacy.domain.money import Money
from pharmacy.domain.notices import NoticeKind
from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.payments import Payer, PaymentMethod
from pharmacy.domain.pricing import Delivery
from pharmacy.store import audit, notices, payments, practices, tasks
from pharmacy.store.base import new_id
from pharmacy.store.orders import Order
from pharmacy.store.payments import AcceptedBy, PriceAcceptance
from pharmacy.store.tasks import NewTask
from pharmacy.usecases.begin_payment import NewPayment, begin_payment, is_paid_or_may_be

COLLECT = "payment.collect"


@dataclass(eq=False)
class PriceNotDue(Conflict):
    """The order is not where its price is accepted."""

    status: OrderStatus

    def __str__(self) -> str:
        return f"The price is accepted while the order awaits payment; it is {self.status.replace('_', ' ')}."


@dataclass(eq=False)
class PriceHasChanged(Conflict):
    total: Money

    def __str__(self) -> str:
        return f"The price of this order is {self.total.text} USD now; look at it again before you accept."


@dataclass(eq=False)
class PriceAcceptedAlready(Conflict):
    """Somebody else has accepted the same price; the order is charged once."""

    by: str
    at: datetime

    def __str__(self) -> str:
        return f"This price was accepted already, by {self.by}, at {self.at:%H:%M} UTC on {self.at:%Y-%m-%d}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """Which sum was accepted and how; `said` is what staff were told, by whom and on which way."""

    total: Money
    accepted_by: AcceptedBy
    said: str


def accept_price(
    session: Session, order: Order, acceptance: Acceptance, *, today: date, by: Actor, now: datetime
) -> PriceAcceptance:
    """The price of the order, which the caller has locked, is accepted; what follows for payment is under way.

    A practice's account, and cash at the counter, are promised at once. Otherwise staff have a task: to take the
    payment. The same acceptance again is that which is on record. Raises PriceNotDue or PriceHasChanged, and
    PriceAcceptedAlready where somebody else was faster.
    """
    total = Money(order.total_cents)
    if acceptance.total != total:
        raise PriceHasChanged(total, where=("total_usd",))
    earlier = payments.acceptance_of(session, order.id, order.total_cents)
    if earlier is not None:
        if (earlier.recorded_by, earlier.accepted_by) != (by.id, acceptance.accepted_by):
            raise PriceAcceptedAlready(_WHO[earlier.accepted_by], earlier.accepted_at)
        return earlier
    if order.status is not OrderStatus.AWAITING_PAYMENT:
        raise PriceNotDue(order.status)
    made = record_acceptance(session, order, acceptance, by=by, now=now)
    _ask_for_payment(session, order, made, today=today, by=by, now=now)
    return made


_WHO = {
    AcceptedBy.PRIVATE_LINK: "the patient's private link",
    AcceptedBy.STAFF: "a member of staff",
    AcceptedBy.PRACTICE_AGREEMENT: "the practice's agreement",
}


def record_acceptance(
    session: Session, order: Order, acceptance: Acceptance, *, by: Actor, now: datetime
) -> PriceAcceptance:
    """The acceptance is on record; nothing is asked of a payer yet."""
    made = PriceAcceptance(
        id=new_id(),
        order_id=order.id,
        total_cents=acceptance.total.cents,
        payer=practices.payer_of(session, order.practice_id),
        accepted_by=acceptance.accepted_by,
        said=acceptance.said,
        recorded_by=by.id,
        recorded_by_name=by.name,
        accepted_at=now,
    )
    session.add(made)
    notices.forget_waiting(session, order.id, (NoticeKind.PRICE,))
    audit.record(
        session,
        "price.accepted",
        order.id,
        by=by,
        at=now,
        total=acceptance.total.text,
        accepted_by=acceptance.accepted_by,
        payer=made.payer,
    )
    return made


def accept_for_practice(session: Session, order: Order, *, today: date, by: Actor, now: datetime) -> None:
    """A practice that is set to pay has accepted by its standing agreement; for another nothing happens."""
    if practices.payer_of(session, order.practice_id) is not Payer.PRACTICE:
        return
    if payments.acceptance_of(session, order.id, order.total_cents) is not None:
        return
    agreed = Acceptance(
        total=Money(order.total_cents),
        accepted_by=AcceptedBy.PRACTICE_AGREEMENT,
        said="standing agreement of the practice",
    )
    made = record_acceptance(session, order, agreed, by=by, now=now)
    _ask_for_payment(session, order, made, today=today, by=by, now=now)


def _ask_for_payment(
    session: Session, order: Order, accepted: PriceAcceptance, *, today: date, by: Actor, now: datetime
) -> None:
    method = None
    if accepted.payer is Payer.PRACTICE:
        method = PaymentMethod.PRACTICE_ACCOUNT
    elif order.delivery is Delivery.PICK_UP:
        method = PaymentMethod.CASH
    if is_paid_or_may_be(session, order, now):
        return
    if method is not None:
        begin_payment(session, order, NewPayment(method=method, payer_reference=""), by=by, now=now)
        return
    total = Money(accepted.total_cents).text
    task = NewTask(
        kind=COLLECT,
        subject_id=order.id,
        wording=f"Take the payment of {total} USD for Rx {order.number}: its price was accepted.",
        due_on=today,
        order_id=order.id,
        patient_id=order.patient_id,
        practice_id=order.practice_id,
    )
    tasks.open_task(session, task, by=by, now=now)
