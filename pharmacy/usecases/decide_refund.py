"""The pharmacist-in-charge decides what becomes of the money when compounding had begun, or a thing went wrong.

Cancelled late, spoiled, lost or wrong: refund or remake, with a reason on record. What was captured is refunded, at
most that; of what is only authorised the rest is captured, or all of it voided. A remake moves no money: another
order for the same days is filed at no charge, and goes the way of every order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict, NotAllowed, Unfit
from pharmacy.domain.money import ZERO, Money
from pharmacy.domain.orders import OrderStatus, Role
from pharmacy.domain.payments import MoreThanCaptured, OperationKind
from pharmacy.domain.screening import require_reason
from pharmacy.store import audit, orders, payments, tasks
from pharmacy.store.base import new_id
from pharmacy.store.orders import Order
from pharmacy.store.payments import PaymentOperation, RefundCause, RefundDecision, RefundWay
from pharmacy.usecases.begin_payment import begin_operation
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.release_payment import COMPOUNDED, DECIDE
from pharmacy.usecases.remake_order import remake_order
from pharmacy.usecases.standing_course import hold_course

# Where an order is when its money, or a remake, may be decided about.
DECIDABLE = COMPOUNDED | {
    OrderStatus.SHIPPED,
    OrderStatus.PICKED_UP,
    OrderStatus.COMPLETED,
    OrderStatus.RETURNED,
    OrderStatus.CANCELLED,
}


@dataclass(eq=False)
class NotThePharmacistInCharge(NotAllowed):
    def __str__(self) -> str:
        return "Only the pharmacist-in-charge decides about refund or remake."


@dataclass(eq=False)
class NothingToDecide(Conflict):
    """The order is where a refund is not decided about: it can still be cancelled, and then all is voided."""

    status: OrderStatus

    def __str__(self) -> str:
        return f"The order is {self.status.replace('_', ' ')}: there is nothing to refund or to make again."


@dataclass(eq=False)
class AmountDoesNotFit(Unfit):
    """A refund names its amount, and a remake has none."""

    def __str__(self) -> str:
        return "A refund names its amount, and a remake has none."


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Refund of that amount, or remake; why, and in whose words."""

    way: RefundWay
    cause: RefundCause
    amount: Money | None
    reason: str
    today: date


def decide_refund(
    session: Session,
    order_id: UUID,
    decision: Decision,
    reference: Reference,
    *,
    by: Actor,
    now: datetime,
) -> RefundDecision:
    """The decision is on record, and its refund or the order that makes it good is under way.

    Raises NotThePharmacistInCharge, ReasonTooShort, AmountDoesNotFit, NothingToDecide, MoreThanCaptured, and what
    `remake_order` does.
    """
    if by.role is not Role.PHARMACIST_IN_CHARGE:
        raise NotThePharmacistInCharge
    require_reason(decision.reason)
    if (decision.way is RefundWay.REFUND) != (decision.amount is not None):
        raise AmountDoesNotFit(where=("amount_usd",))
    if decision.amount is None:
        # Who adds an order to a prescription holds that first.
        hold_course(session, orders.get(session, order_id).prescription_id)
    order = orders.get_for_update(session, order_id)
    if (order.resumes_to or order.status) not in DECIDABLE:
        raise NothingToDecide(order.status)
    operation = remade = None
    if decision.amount is not None:
        operation = _refund(session, order, decision.amount, by=by, now=now)
    else:
        remade = remake_order(session, order, decision.reason, reference, by=by, now=now)
    made = RefundDecision(
        id=new_id(),
        order_id=order.id,
        way=decision.way,
        cause=decision.cause,
        amount_cents=None if decision.amount is None else decision.amount.cents,
        reason=decision.reason,
        operation_id=None if operation is None else operation.id,
        remake_order_id=None if remade is None else remade.id,
        decided_by=by.id,
        decided_by_name=by.name,
        decided_at=now,
    )
    session.add(made)
    tasks.close_about(session, DECIDE, order.id, f"{decision.way}: {decision.reason}", by=by, now=now)
    audit.record(
        session, f"refund.{decision.way}_decided", order.id, by=by, at=now,
        cause=decision.cause, reason=decision.reason,
        **({} if decision.amount is None else {"amount": decision.amount.text}),
    )  # fmt: skip
    return made


def _refund(session: Session, order: Order, amount: Money, *, by: Actor, now: datetime) -> PaymentOperation:
    """The operation that gives the amount back, or takes only the rest of what is authorised."""
    payment = payments.newest_alive(payments.of_order(session, order.id), now)
    if payment is None:
        raise MoreThanCaptured(amount, ZERO)
    account, whole = payment.account(), Money(payment.amount_cents)
    if account.may_be_captured > ZERO:
        return begin_operation(session, payment, OperationKind.REFUND, amount, by=by, now=now)
    if order.status is not OrderStatus.CANCELLED or not ZERO < amount <= whole:
        raise MoreThanCaptured(amount, whole if order.status is OrderStatus.CANCELLED else ZERO)
    if amount == whole:
        return begin_operation(session, payment, OperationKind.VOID, whole, by=by, now=now)
    return begin_operation(session, payment, OperationKind.CAPTURE, whole - amount, by=by, now=now)
