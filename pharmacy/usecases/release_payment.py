"""The money of an order that ends: voided in full before compounding, the pharmacist-in-charge's to decide after.

What has not been asked for yet is not asked for at all. An authorisation that is being asked for this minute is
voided when its answer comes.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.money import ZERO, Money
from pharmacy.domain.notices import NoticeKind
from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.payments import OperationKind, OperationState
from pharmacy.store import audit, notices, payments, private_links, tasks
from pharmacy.store.orders import Order
from pharmacy.store.payments import Payment
from pharmacy.store.private_links import LinkPurpose
from pharmacy.store.tasks import NewTask
from pharmacy.usecases.begin_payment import begin_operation

COLLECT, DECIDE = "payment.collect", "payment.decide"
COMPOUNDED = frozenset({OrderStatus.COMPOUNDING, OrderStatus.LABELLED, OrderStatus.VERIFIED})


def release_payment(session: Session, order: Order, *, today: date, by: Actor, now: datetime) -> None:
    """Nothing of an order that is about to end is charged by itself; the caller has locked it and not moved it yet."""
    private_links.close_of_subject(session, LinkPurpose.PRICE, order.id, "the order has ended", now=now)
    notices.forget_waiting(session, order.id, (NoticeKind.PRICE,))
    tasks.close_about(session, COLLECT, order.id, "the order has ended", by=by, now=now)
    living = payments.newest_alive(payments.of_order(session, order.id), now)
    if living is None:
        return
    _give_up_waiting(session, living, order, by=by, now=now)
    account = living.account()
    was_compounded = (order.resumes_to or order.status) in COMPOUNDED
    if was_compounded or account.may_be_captured > ZERO:
        _leave_to_decide(session, order, today=today, by=by, now=now)
    elif account.authorisation(now) is not None:
        begin_operation(session, living, OperationKind.VOID, Money(living.amount_cents), by=by, now=now)


def _give_up_waiting(session: Session, payment: Payment, order: Order, *, by: Actor, now: datetime) -> None:
    for each in payment.operations:
        if each.state is OperationState.WAITING:
            each.asked_at = now
            each.settle(OperationState.REFUSED, at=now, reason="the order has ended")
            audit.record(session, f"payment.{each.kind}_refused", order.id, by=by, at=now, reason=each.reason)


def _leave_to_decide(session: Session, order: Order, *, today: date, by: Actor, now: datetime) -> None:
    task = NewTask(
        kind=DECIDE,
        subject_id=order.id,
        wording=f"Rx {order.number} was cancelled after compounding had begun: decide what is refunded, with a reason.",
        due_on=today,
        order_id=order.id,
        patient_id=order.patient_id,
        practice_id=order.practice_id,
    )
    tasks.open_task(session, task, by=by, now=now)
