"""Quotes: a priced, expiring offer. An order that cites one is charged exactly that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, exists, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.errors import NotFound
from pharmacy.domain.potency import StrengthBasis
from pharmacy.domain.pricing import Delivery
from pharmacy.domain.supply import SupplyMethod
from pharmacy.store.base import Facts, Model, new_id, one_of
from pharmacy.store.orders import Order


@dataclass(eq=False)
class QuoteNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such quote."


class Quote(Model):
    __tablename__ = "quotes"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    practice_id: Mapped[UUID] = mapped_column(ForeignKey("practices.id"), index=True)
    price_book_id: Mapped[UUID] = mapped_column(ForeignKey("price_books.id"))
    supply_method: Mapped[SupplyMethod] = mapped_column(one_of(SupplyMethod, "supply_method"))
    delivery: Mapped[Delivery] = mapped_column(one_of(Delivery, "delivery"))
    strength_basis: Mapped[StrengthBasis] = mapped_column(one_of(StrengthBasis, "strength_basis"))
    days: Mapped[int]
    # The plan in canonical words; an order that cites the quote must be for the same.
    plan: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    # The whole offer as it was answered: lines with their figures, total, other options.
    offer: Mapped[Facts] = mapped_column(JSONB)
    # What the other ways would have cost, as it was answered.
    other_options: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    # The terms of the price: whose tax, and which surcharges by code.
    ship_to_state: Mapped[str | None]
    surcharges: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    # The quote that this one renews, and what that came to.
    requoted_from: Mapped[UUID | None] = mapped_column(ForeignKey("quotes.id"))
    previous_total_cents: Mapped[int | None]
    total_cents: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("expires_at > created_at", name="lasts"),
        CheckConstraint("num_nulls(requoted_from, previous_total_cents) in (0, 2)", name="requoted_whole"),
    )


def of_practice(session: Session, quote_id: UUID, practice_id: UUID) -> Quote:
    """The quote, if it belongs to that practice; QuoteNotFound otherwise."""
    quote = session.scalar(select(Quote).where(Quote.id == quote_id, Quote.practice_id == practice_id))
    if quote is None:
        raise QuoteNotFound
    return quote


def of_practice_for_update(session: Session, quote_id: UUID, practice_id: UUID) -> Quote:
    """The quote, locked until the transaction ends, so that two orders at once do not both cite it."""
    query = select(Quote).where(Quote.id == quote_id, Quote.practice_id == practice_id)
    quote = session.scalar(query.with_for_update())
    if quote is None:
        raise QuoteNotFound
    return quote


def is_used(session: Session, quote_id: UUID) -> bool:
    """Whether an order already cites the quote."""
    return session.scalar(select(exists().where(Order.quote_id == quote_id))) or False
