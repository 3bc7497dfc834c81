"""What follows for an order when a payment operation has come to its end.

An authorisation lets an accepted order into the queue. What was refused or is uncertain becomes a task, because
money is never asked for twice by itself. An authorisation that arrives for an order that has ended is given up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import business_day_after
from pharmacy.domain.events import EventKind
from pharmacy.domain.money import Money
from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.payments import OperationKind, OperationState
from pharmacy.store import audit, events, payments, tasks
from pharmacy.store.orders import Order
from pharmacy.store.payments import Payment, PaymentOperation
from pharmacy.store.tasks import NewTask
from pharmacy.usecases.begin_payment import begin_operation
from pharmacy.usecases.reference import Reference


@dataclass(frozen=True, slots=True)
class Held:
    """An order, locked, and one operation of one of its payments."""

    order: Order
    payment: Payment
    operation: PaymentOperation


UNCERTAIN, REFUSED, COLLECT = "payment.look_up", "payment.refused", "payment.collect"
_ENDED = frozenset({OrderStatus.CANCELLED, OrderStatus.REJECTED})
_WORDS: Mapping[OperationKind, str] = {
    OperationKind.AUTHORISE: "authorisation",
    OperationKind.CAPTURE: "capture",
    OperationKind.VOID: "void",
    OperationKind.REFUND: "refund",
}


def settle_operation(session: Session, held: Held, reference: Reference, *, by: Actor, now: datetime) -> None:
    """The settled operation is on record, its order moved and its tasks opened or closed; the caller holds both."""
    order, operation = held.order, held.operation
    audit.record(
        session,
        f"payment.{operation.kind}_{operation.state}",
        order.id,
        by=by,
        at=now,
        amount=Money(operation.amount_cents).text,
        **({"reason": operation.reason} if operation.reason else {}),
    )
    if operation.state is OperationState.UNCERTAIN:
        _open(session, held, reference, by=by, now=now)
        return
    tasks.close_about(session, UNCERTAIN, operation.id, f"it was {operation.state}", by=by, now=now)
    if operation.state is OperationState.REFUSED:
        _open(session, held, reference, by=by, now=now)
    elif operation.kind is OperationKind.AUTHORISE:
        _authorised(session, held, reference, by=by, now=now)


def _authorised(session: Session, held: Held, reference: Reference, *, by: Actor, now: datetime) -> None:
    order = held.order
    tasks.close_about(session, COLLECT, order.id, "the payment was authorised", by=by, now=now)
    if order.status in _ENDED:
        amount = Money(held.operation.amount_cents)
        begin_operation(session, held.payment, OperationKind.VOID, amount, by=by, now=now)
    is_accepted = payments.acceptance_of(session, order.id, order.total_cents) is not None
    if order.status is OrderStatus.AWAITING_PAYMENT and is_accepted:
        order.promised_on = business_day_after(
            reference.on, reference.promise_business_days, reference.closed_on
        )
        order.advance_to(OrderStatus.QUEUED, by=by, at=now)
        audit.record(session, "order.queued", order.id, by=by, at=now)
        events.add(session, EventKind.ORDER_QUEUED, practice_id=order.practice_id, order_id=order.id, now=now)


def _open(session: Session, held: Held, reference: Reference, *, by: Actor, now: datetime) -> None:
    """A person must look: what is uncertain may have happened, and what was refused has not."""
    order, operation = held.order, held.operation
    is_uncertain = operation.state is OperationState.UNCERTAIN
    what = f"{_WORDS[operation.kind]} of {Money(operation.amount_cents).text} USD for Rx {order.number}"
    wording = (
        f"Look up what became of the {what}: it may have happened, and is not asked for again."
        if is_uncertain
        else f"The {what} was refused ({operation.reason})."
    )
    task = NewTask(
        kind=UNCERTAIN if is_uncertain else REFUSED,
        subject_id=operation.id,
        wording=wording,
        due_on=reference.on,
        order_id=order.id,
        patient_id=order.patient_id,
        practice_id=order.practice_id,
    )
    tasks.open_task(session, task, by=by, now=now)
