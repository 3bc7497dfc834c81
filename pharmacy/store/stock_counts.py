"""Counts of what is really on hand; append-only, each with what the books said and the difference."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from pharmacy.store.base import Model, Ug, new_id


class StockCount(Model):
    __tablename__ = "stock_counts"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    stock_id: Mapped[UUID] = mapped_column(ForeignKey("stock_levels.id"), index=True)
    counted_ug: Mapped[Ug]
    book_ug: Mapped[Ug]
    variance_ug: Mapped[Ug]
    is_investigated: Mapped[bool]
    counted_on: Mapped[date]
    counted_at: Mapped[datetime]
    counted_by: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"))
    __table_args__ = (
        CheckConstraint("counted_ug >= 0 and variance_ug = counted_ug - book_ug", name="variance"),
    )
