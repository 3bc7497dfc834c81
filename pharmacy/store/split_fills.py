"""Fills that are handed over in parts: what the whole is, and what it costs.

Written with the first part and never changed. The parts are orders that name it; together they cost what the whole
does (one script fee, one shipping).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from pharmacy.domain.supply import SupplyMethod, Window
from pharmacy.store.base import Model, new_id, one_of


class SplitFill(Model):
    """The whole of a fill in parts; days are plan days, `because` says why it is split.

    A fill whose plan has moved may be longer than the 90 days that one of its parts may cover.
    """

    __tablename__ = "split_fills"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    prescription_id: Mapped[UUID] = mapped_column(ForeignKey("prescriptions.id"), index=True)
    plan_version_id: Mapped[UUID] = mapped_column(ForeignKey("plan_versions.id"))
    refill_number: Mapped[int]
    first_day: Mapped[int]
    days: Mapped[int]
    capsules: Mapped[int]
    supply_method: Mapped[SupplyMethod] = mapped_column(one_of(SupplyMethod, "supply_method"))
    # The strengths of its lines, in their order.
    strengths_ug: Mapped[list[int]] = mapped_column(JSONB)
    price_book_id: Mapped[UUID] = mapped_column(ForeignKey("price_books.id"))
    price_lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    total_cents: Mapped[int]
    because: Mapped[str]
    created_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("first_day >= 1 and days >= 1", name="window"),
        CheckConstraint("capsules >= 1 and total_cents >= 0", name="whole"),
    )

    def window(self) -> Window:
        return Window(first_day=self.first_day, days=self.days)
