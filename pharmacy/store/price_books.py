"""Price books in the making: lists, drafts to edit, and the orders that a preview prices anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, joinedload, selectinload

from pharmacy.domain.errors import NotFound
from pharmacy.domain.orders import OrderStatus
from pharmacy.store.orders import Order, OrderLine
from pharmacy.store.reference import PriceBook, PriceBookStatus

_PRICED = (
    joinedload(Order.patient),
    selectinload(Order.lines).selectinload(OrderLine.vials),
    selectinload(Order.price_lines),
)
_ENDED = (OrderStatus.CANCELLED, OrderStatus.REJECTED)


@dataclass(eq=False)
class PriceBookNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such price book."


def every(session: Session) -> Sequence[PriceBook]:
    """All price books, the latest to take effect first."""
    return session.scalars(
        select(PriceBook).order_by(PriceBook.effective_on.desc(), PriceBook.id.desc())
    ).all()


def get(session: Session, price_book_id: UUID) -> PriceBook:
    """The price book; PriceBookNotFound when there is none."""
    book = session.scalar(select(PriceBook).where(PriceBook.id == price_book_id))
    if book is None:
        raise PriceBookNotFound
    return book


def get_for_update(session: Session, price_book_id: UUID) -> PriceBook:
    """The price book, locked; PriceBookNotFound when there is none."""
    book = session.scalar(select(PriceBook).where(PriceBook.id == price_book_id).with_for_update())
    if book is None:
        raise PriceBookNotFound
    return book


def is_version_taken(session: Session, version: str) -> bool:
    return session.scalar(select(exists().where(PriceBook.version == version))) or False


def approved_from(session: Session, effective_on: date) -> PriceBook | None:
    """The approved price book that takes effect on that very day."""
    query = select(PriceBook).where(
        PriceBook.effective_on == effective_on, PriceBook.status == PriceBookStatus.APPROVED
    )
    return session.scalars(query).first()


def orders_between(session: Session, since: datetime, until: datetime, *, most: int) -> Sequence[Order]:
    """The orders received from `since` until before `until` that have not ended early, with what a price needs.

    Those that were priced by themselves: neither parts of a fill nor what was made again at no charge.
    """
    query = (
        select(Order)
        .where(Order.created_at >= since, Order.created_at < until, Order.status.not_in(_ENDED))
        .where(Order.split_fill_id.is_(None), Order.remake_of_id.is_(None))
        .order_by(Order.id)
        .limit(most)
        .options(*_PRICED)
    )
    return session.scalars(query).all()
