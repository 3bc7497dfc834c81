"""Batches: what we make, each from lots we can name, with the worksheet as it was calculated.

A triturate is a batch that is itself an ingredient. An allocation promises capsules of a batch to an order
line; a capsule batch with its allocations is what recall walks along.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, select
from sqlalchemy import Sequence as NumberSequence
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.store.base import Facts, Model, Record, Ug, new_id, one_of

BATCH_NUMBERS = NumberSequence("batch_numbers", start=1, metadata=Record.metadata)


class BatchKind(StrEnum):
    CAPSULES = "capsules"
    TRITURATE = "triturate"


class BatchStatus(StrEnum):
    """Where a batch stands; product page, section 4."""

    PLANNED = "planned"
    LOTS_ASSIGNED = "lots_assigned"
    RELEASED = "released"
    REJECTED = "rejected"
    DEPLETED = "depleted"
    EXPIRED = "expired"
    RECALLED = "recalled"
    DESTROYED = "destroyed"


class Batch(Model):
    __tablename__ = "batches"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[BatchKind] = mapped_column(one_of(BatchKind, "kind"))
    status: Mapped[BatchStatus] = mapped_column(one_of(BatchStatus, "status"))
    status_at: Mapped[datetime]
    status_by: Mapped[UUID]
    compounded_on: Mapped[date]
    compounded_by: Mapped[UUID]
    beyond_use_on: Mapped[date]
    beyond_use_limited_by: Mapped[str]
    # Capsules: the label strength. Triturates: the mass fraction of naltrexone HCl, unrounded.
    strength_ug: Mapped[Ug | None]
    strength_fraction: Mapped[Decimal | None]
    capsules_prepared: Mapped[int | None]
    api_lot_id: Mapped[UUID] = mapped_column(ForeignKey("component_lots.id"), index=True)
    filler_lot_id: Mapped[UUID] = mapped_column(ForeignKey("component_lots.id"), index=True)
    triturate_id: Mapped[UUID | None] = mapped_column(ForeignKey("batches.id"), index=True)
    worksheet: Mapped[Facts] = mapped_column(JSONB)
    __table_args__ = (
        CheckConstraint(
            # A comparison with NULL is not false, and a CHECK lets it pass: that nothing is missing is said.
            "(kind = 'capsules' and num_nulls(strength_ug, capsules_prepared) = 0"
            " and strength_ug > 0 and capsules_prepared > 0 and strength_fraction is null)"
            " or (kind = 'triturate' and num_nonnulls(strength_ug, capsules_prepared) = 0"
            " and strength_fraction is not null and strength_fraction > 0 and strength_fraction < 1)",
            name="kind_whole",
        ),
        CheckConstraint("beyond_use_on >= compounded_on", name="beyond_use"),
    )


class Allocation(Model):
    """Capsules of one batch promised to one order line."""

    __tablename__ = "allocations"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batches.id"))
    order_line_id: Mapped[UUID] = mapped_column(ForeignKey("order_lines.id"), index=True)
    capsules: Mapped[int]
    allocated_at: Mapped[datetime]
    allocated_by: Mapped[UUID]
    __table_args__ = (
        UniqueConstraint("batch_id", "order_line_id"),
        CheckConstraint("capsules >= 1", name="capsules"),
    )


def next_number(session: Session, on: date) -> str:
    """A batch number nobody has yet, such as B260302-0017: the day and a running number."""
    return f"B{on:%y%m%d}-{session.scalar(BATCH_NUMBERS.next_value()):04d}"


def of_lines(session: Session, line_ids: Sequence[UUID]) -> dict[UUID, Batch]:
    """The batch that serves each of these order lines, where one is allocated."""
    rows = session.execute(
        select(Allocation.order_line_id, Batch)
        .join(Batch, Batch.id == Allocation.batch_id)
        .where(Allocation.order_line_id.in_(line_ids))
    )
    return dict(rows.all())
