"""Payments: who accepted which price and how, and every operation asked of a payment provider.

An operation's id is the key under which the provider knows it, so asking twice does nothing twice. The row is
written before the provider is asked; one that was asked and never answered is `uncertain`, and only a person, by
looking up what became of it, moves it on. Card data is held nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship, selectinload

from pharmacy.domain.errors import NotFound
from pharmacy.domain.money import Money
from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.payments import (
    Operation,
    OperationKind,
    OperationState,
    Payer,
    PaymentAccount,
    PaymentMethod,
)
from pharmacy.store.base import Model, new_id, one_of
from pharmacy.store.orders import Order


@dataclass(eq=False)
class PaymentNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such payment."


class AcceptedBy(StrEnum):
    """How a price came to be accepted."""

    PRIVATE_LINK = "private_link"
    STAFF = "staff"
    PRACTICE_AGREEMENT = "practice_agreement"


class PriceAcceptance(Model):
    """Somebody agreed to pay this for the order; `said` tells in words how, when staff record it."""

    __tablename__ = "price_acceptances"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    total_cents: Mapped[int]
    payer: Mapped[Payer] = mapped_column(one_of(Payer, "payer"))
    accepted_by: Mapped[AcceptedBy] = mapped_column(one_of(AcceptedBy, "accepted_by"))
    said: Mapped[str]
    recorded_by: Mapped[UUID]
    recorded_by_name: Mapped[str]
    accepted_at: Mapped[datetime]
    # A price is accepted once; another price of the same order is another acceptance.
    __table_args__ = (
        UniqueConstraint("order_id", "total_cents"),
        CheckConstraint("total_cents >= 0", name="total"),
    )


class Payment(Model):
    """One charge of one order, by one method."""

    __tablename__ = "payments"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    method: Mapped[PaymentMethod] = mapped_column(one_of(PaymentMethod, "method"))
    payer: Mapped[Payer] = mapped_column(one_of(Payer, "payer"))
    # The number on a slip or in a cash book; never a card's.
    payer_reference: Mapped[str]
    amount_cents: Mapped[int]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID]
    operations: Mapped[list[PaymentOperation]] = relationship(
        lazy="raise", order_by="PaymentOperation.position"
    )
    __table_args__ = (CheckConstraint("amount_cents > 0", name="amount"),)

    def account(self) -> PaymentAccount:
        """What its operations come to."""
        return PaymentAccount(tuple(each.operation() for each in self.operations))


class PaymentOperation(Model):
    """One thing asked of the provider under this row's id as its key."""

    __tablename__ = "payment_operations"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"), index=True)
    position: Mapped[int]
    kind: Mapped[OperationKind] = mapped_column(one_of(OperationKind, "kind"))
    state: Mapped[OperationState] = mapped_column(one_of(OperationState, "state"))
    amount_cents: Mapped[int]
    created_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    lapses_at: Mapped[datetime | None]
    provider_reference: Mapped[str | None]
    # Why it was refused or is uncertain: a code, never the other side's own words.
    reason: Mapped[str | None]
    asked_by: Mapped[UUID]
    asked_by_name: Mapped[str]
    __table_args__ = (
        UniqueConstraint("payment_id", "position"),
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint(
            "(state in ('done', 'refused', 'uncertain')) = (settled_at is not null)", name="settled"
        ),
        CheckConstraint("state = 'waiting' or asked_at is not null", name="asked"),
        Index("ix_payment_operations_settled_at", "settled_at"),
        Index("ix_payment_operations_uncertain", "id", postgresql_where="state = 'uncertain'"),
    )

    def operation(self) -> Operation:
        return Operation(
            kind=self.kind, state=self.state, amount=Money(self.amount_cents), lapses_at=self.lapses_at
        )

    def settle(self, state: OperationState, *, at: datetime, reason: str | None = None) -> None:
        """The operation has come to that end."""
        self.state, self.settled_at, self.reason = state, at, reason


class RefundCause(StrEnum):
    """Why money is given back, or the order made again."""

    CANCELLED = "cancelled"
    SPOILED = "spoiled"
    LOST = "lost"
    WRONG = "wrong"


class RefundWay(StrEnum):
    """What the pharmacist-in-charge decided."""

    REFUND = "refund"
    REMAKE = "remake"


class RefundDecision(Model):
    """The pharmacist-in-charge decided so, with a reason; a refund names the operation that gives money back."""

    __tablename__ = "refund_decisions"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    way: Mapped[RefundWay] = mapped_column(one_of(RefundWay, "way"))
    cause: Mapped[RefundCause] = mapped_column(one_of(RefundCause, "cause"))
    amount_cents: Mapped[int | None]
    reason: Mapped[str]
    operation_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment_operations.id"))
    # The order that makes it good at no charge.
    remake_order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"))
    decided_by: Mapped[UUID]
    decided_by_name: Mapped[str]
    decided_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("(way = 'refund') = (amount_cents is not null)", name="refund_amount"),
        CheckConstraint("amount_cents > 0", name="amount"),
    )


def acceptance_of(session: Session, order_id: UUID, total_cents: int) -> PriceAcceptance | None:
    """The acceptance of that price of the order."""
    query = select(PriceAcceptance).where(
        PriceAcceptance.order_id == order_id, PriceAcceptance.total_cents == total_cents
    )
    return session.scalar(query)


def unaccepted_since(session: Session, before: datetime, *, most: int) -> Sequence[UUID]:
    """The orders that have awaited payment since before that instant, and whose price nobody accepted."""
    accepted = (
        select(PriceAcceptance.id)
        .where(PriceAcceptance.order_id == Order.id, PriceAcceptance.total_cents == Order.total_cents)
        .exists()
    )
    waiting = (Order.status == OrderStatus.AWAITING_PAYMENT, Order.status_at <= before)
    query = select(Order.id).where(*waiting, ~accepted).order_by(Order.id).limit(most)
    return session.scalars(query).all()


def decisions_of(session: Session, order_id: UUID) -> Sequence[RefundDecision]:
    """What was decided about giving back money for the order, oldest first."""
    query = select(RefundDecision).where(RefundDecision.order_id == order_id)
    return session.scalars(query.order_by(RefundDecision.id)).all()


def of_order(session: Session, order_id: UUID) -> Sequence[Payment]:
    """Every payment of the order with its operations, oldest first."""
    query = select(Payment).where(Payment.order_id == order_id).options(joinedload(Payment.operations))
    # Read afresh: operations are written by one transaction and settled by another.
    found = session.scalars(query.order_by(Payment.id).execution_options(populate_existing=True))
    return found.unique().all()


def with_operation(session: Session, order_id: UUID, operation_id: UUID) -> tuple[Payment, PaymentOperation]:
    """The payment with everything asked of it, and that operation of it; whoever changes them holds the order.

    Raises PaymentNotFound for one of another order.
    """
    query = (
        select(Payment)
        .join(PaymentOperation)
        .where(PaymentOperation.id == operation_id, Payment.order_id == order_id)
        .options(selectinload(Payment.operations))
    )
    payment = session.scalar(query.execution_options(populate_existing=True))
    if payment is None:
        raise PaymentNotFound
    return payment, next(each for each in payment.operations if each.id == operation_id)


def order_of_operation(session: Session, operation_id: UUID) -> UUID | None:
    """The order whose money it is about."""
    return session.scalar(
        select(Payment.order_id).join(PaymentOperation).where(PaymentOperation.id == operation_id)
    )


def newest_alive(payments: Sequence[Payment], now: datetime) -> Payment | None:
    """The payment whose money is held or taken, or may be."""
    living = [each for each in payments if each.account().is_alive(now)]
    return living[-1] if living else None
