"""What the console keeps for its people: who has an order open, and the views of the queue that they have saved.

A look is renewed whenever the person opens the order again. A saved view is an address without any name in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Select, UniqueConstraint, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.errors import Conflict, NotFound
from pharmacy.store.base import Model, new_id
from pharmacy.store.staff import StaffMember

MOST_VIEWS = 12


@dataclass(eq=False)
class ViewNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such view."


@dataclass(eq=False)
class TooManyViews(Conflict):
    def __str__(self) -> str:
        return f"You keep {MOST_VIEWS} views already; forget one first."


class OrderLook(Model):
    __tablename__ = "order_looks"
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    staff_member_id: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"), primary_key=True)
    looked_at: Mapped[datetime]


class SavedView(Model):
    __tablename__ = "saved_views"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    staff_member_id: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"))
    name: Mapped[str]
    # The part of the address behind the "?", of the queue.
    query: Mapped[str]
    saved_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("staff_member_id", "name"),)


@dataclass(frozen=True, slots=True)
class Looking:
    """Somebody who has the order open."""

    member_id: UUID
    name: str
    since: datetime


def look(
    session: Session, order_id: UUID, member_id: UUID, *, since: datetime, now: datetime
) -> Sequence[Looking]:
    """That person has the order open now. Who else opened it after `since`, the last first: one question for both."""
    mine = (
        insert(OrderLook)
        .values(order_id=order_id, staff_member_id=member_id, looked_at=now)
        .on_conflict_do_update(
            index_elements=[OrderLook.order_id, OrderLook.staff_member_id], set_={"looked_at": now}
        )
    )
    others = _looking(order_id, since).where(OrderLook.staff_member_id != member_id)
    return [Looking(*row) for row in session.execute(others.add_cte(mine.cte("mine")))]


def looking(session: Session, order_id: UUID, *, since: datetime) -> Sequence[Looking]:
    """Who opened the order after that instant, the last first."""
    return [Looking(*row) for row in session.execute(_looking(order_id, since))]


def _looking(order_id: UUID, since: datetime) -> Select[UUID, str, datetime]:
    query = (
        select(StaffMember.id, StaffMember.full_name, OrderLook.looked_at)
        .join(StaffMember, StaffMember.id == OrderLook.staff_member_id)
        .where(OrderLook.order_id == order_id, OrderLook.looked_at > since)
    )
    return query.order_by(OrderLook.looked_at.desc())


def views_of(session: Session, member_id: UUID) -> Sequence[SavedView]:
    """The views of that person, by name."""
    query = select(SavedView).where(SavedView.staff_member_id == member_id).order_by(SavedView.name)
    return session.scalars(query).all()


def save_view(session: Session, member_id: UUID, name: str, query: str, *, now: datetime) -> None:
    """The view is kept under that name, in place of one that had it before. Raises TooManyViews."""
    kept = session.scalar(select(func.count()).where(SavedView.staff_member_id == member_id)) or 0
    is_new = (
        session.scalar(
            select(SavedView.id).where(SavedView.staff_member_id == member_id, SavedView.name == name)
        )
        is None
    )
    if is_new and kept >= MOST_VIEWS:
        raise TooManyViews
    session.execute(
        insert(SavedView)
        .values(id=new_id(), staff_member_id=member_id, name=name, query=query, saved_at=now)
        .on_conflict_do_update(
            index_elements=[SavedView.staff_member_id, SavedView.name], set_={"query": query, "saved_at": now}
        )
    )


def forget_view(session: Session, member_id: UUID, view_id: UUID) -> None:
    """The view is gone; ViewNotFound for one that is not that person's."""
    query = delete(SavedView).where(SavedView.id == view_id, SavedView.staff_member_id == member_id)
    if session.execute(query.returning(SavedView.id)).first() is None:
        raise ViewNotFound
