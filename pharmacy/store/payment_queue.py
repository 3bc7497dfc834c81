"""Money that waits for somebody, as lists: uncertain operations, decisions, prices not accepted, payments not taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.payments import OperationState
from pharmacy.store.orders import Order
from pharmacy.store.payments import Payment, PaymentOperation, PriceAcceptance
from pharmacy.store.tasks import Task

# Longer lists are worked off, not read.
MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertain:
    """An operation that may have happened: it is looked up before anything else."""

    order_id: UUID
    number: int
    operation_id: UUID
    kind: str
    amount_cents: int
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaiting:
    """An order that awaits payment, since when, and whether its price was accepted."""

    order_id: UUID
    number: int
    total_cents: int
    since: datetime
    is_accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDecide:
    """An order about whose money the pharmacist-in-charge decides."""

    order_id: UUID
    wording: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyWaiting:
    uncertain: Sequence[Uncertain]
    to_decide: Sequence[ToDecide]
    awaiting: Sequence[Awaiting]


def waiting(session: Session) -> MoneyWaiting:
    """All three lists, oldest first, each at most MOST long."""
    return MoneyWaiting(
        uncertain=_uncertain(session), to_decide=_to_decide(session), awaiting=_awaiting(session)
    )


def uncertain_operations() -> Select[Any]:
    """The operations that are uncertain; there is an index of them alone."""
    return select(PaymentOperation.id).where(PaymentOperation.state == OperationState.UNCERTAIN)


def _uncertain(session: Session) -> list[Uncertain]:
    query = (
        select(PaymentOperation, Order.id, Order.number)
        .join(Payment, Payment.id == PaymentOperation.payment_id)
        .join(Order, Order.id == Payment.order_id)
        .where(PaymentOperation.state == OperationState.UNCERTAIN)
        .order_by(PaymentOperation.id)
        .limit(MOST)
    )
    return [
        Uncertain(
            order_id=order_id,
            number=number,
            operation_id=operation.id,
            kind=operation.kind.value,
            amount_cents=operation.amount_cents,
            asked_at=operation.asked_at or operation.created_at,
        )
        for operation, order_id, number in session.execute(query)
    ]


def _to_decide(session: Session) -> list[ToDecide]:
    query = select(Task.order_id, Task.wording).where(
        Task.kind == "payment.decide", Task.closed_at.is_(None), Task.order_id.is_not(None)
    )
    rows = session.execute(query.order_by(Task.due_on, Task.id).limit(MOST))
    return [ToDecide(order_id=order_id, wording=wording) for order_id, wording in rows if order_id]


def _awaiting(session: Session) -> list[Awaiting]:
    accepted = (
        select(PriceAcceptance.id)
        .where(PriceAcceptance.order_id == Order.id, PriceAcceptance.total_cents == Order.total_cents)
        .exists()
    )
    query = (
        select(Order.id, Order.number, Order.total_cents, Order.status_at, accepted)
        .where(Order.status == OrderStatus.AWAITING_PAYMENT)
        .order_by(Order.id)
        .limit(MOST)
    )
    return [
        Awaiting(order_id=row[0], number=row[1], total_cents=row[2], since=row[3], is_accepted=row[4])
        for row in session.execute(query)
    ]
