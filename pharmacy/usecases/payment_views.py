"""Payments as their readers see them: what they come to, and every operation behind it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from pharmacy.store import payments, practices
from pharmacy.store.orders import Order
from pharmacy.store.payments import Payment


def payments_document(session: Session, order: Order, now: datetime) -> dict[str, Any]:
    """Every payment of the order, oldest first."""
    made = payments.of_order(session, order.id)
    return {
        "order_id": order.id,
        "total_cents": order.total_cents,
        "payments": [payment_document(each, now) for each in made],
    }


def payment_document(payment: Payment, now: datetime) -> dict[str, Any]:
    """One payment with its sums as they stand now."""
    account = payment.account()
    names = ("id", "method", "payer", "payer_reference", "created_at", "operations")
    return {
        **{name: getattr(payment, name) for name in names},
        "status": account.status(now),
        "amount_usd": payment.amount_cents,
        "captured_usd": account.captured,
        "refunded_usd": account.refunded,
    }


def price_standing(session: Session, order: Order) -> dict[str, Any]:
    """What the order costs now, who pays, and whether that was accepted."""
    return {
        "order_id": order.id,
        "total_cents": order.total_cents,
        "payer": practices.payer_of(session, order.practice_id),
        "acceptance": payments.acceptance_of(session, order.id, order.total_cents),
    }
