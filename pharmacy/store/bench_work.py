"""What was done at the bench: readings of the balance, checks of the capsules, deviations.

Rows are written once. A reading takes a second person's signature later, once, and that is all that is ever
added to it; the database refuses a second person who is the weigher.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.weighing_plan import Ingredient, WeighingStep
from pharmacy.store.base import Facts, Model, new_id, one_of


class CheckKind(StrEnum):
    """How a batch was checked: each capsule on the balance, its content by a laboratory, or by eye."""

    WEIGHTS = "weights"
    CONTENTS = "contents"
    APPEARANCE = "appearance"


class BatchWeighing(Model):
    """One reading of a balance, in milligrams as shown."""

    __tablename__ = "batch_weighings"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batches.id"))
    step: Mapped[WeighingStep] = mapped_column(one_of(WeighingStep, "step"))
    ingredient: Mapped[Ingredient] = mapped_column(one_of(Ingredient, "ingredient"))
    # The lot or triturate it was taken from; neither for a mixture that was weighed before.
    component_lot_id: Mapped[UUID | None] = mapped_column(ForeignKey("component_lots.id"))
    triturate_id: Mapped[UUID | None] = mapped_column(ForeignKey("batches.id"))
    balance_id: Mapped[UUID] = mapped_column(ForeignKey("balances.id"))
    target_mg: Mapped[Decimal]
    read_mg: Mapped[Decimal]
    off_pct: Mapped[Decimal]
    weighed_at: Mapped[datetime]
    weighed_by: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"))
    checked_at: Mapped[datetime | None]
    checked_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff_members.id"))
    __table_args__ = (
        UniqueConstraint("batch_id", "step"),
        CheckConstraint("read_mg > 0 and target_mg > 0", name="masses"),
        CheckConstraint("num_nulls(checked_at, checked_by) in (0, 2)", name="checked_whole"),
        CheckConstraint("checked_by is distinct from weighed_by", name="two_people"),
        CheckConstraint(
            "num_nonnulls(component_lot_id, triturate_id) = case ingredient when 'mixture' then 0 else 1 end",
            name="one_source",
        ),
    )


class BatchCheck(Model):
    """One check: what was read, the figures from it, and the faults found; none when it passed."""

    __tablename__ = "batch_checks"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batches.id"), index=True)
    kind: Mapped[CheckKind] = mapped_column(one_of(CheckKind, "kind"))
    found: Mapped[Facts] = mapped_column(JSONB)
    has_passed: Mapped[bool]
    checked_at: Mapped[datetime]
    checked_by: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"))


class BatchDeviation(Model):
    """Something that did not go as the formulation says; whoever releases the batch answers for it."""

    __tablename__ = "batch_deviations"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batches.id"), index=True)
    wording: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"))


def weighings_of(session: Session, batch_id: UUID) -> list[BatchWeighing]:
    """The readings of the batch, in the order in which they were taken."""
    query = select(BatchWeighing).where(BatchWeighing.batch_id == batch_id)
    return list(session.scalars(query.order_by(BatchWeighing.id)))


def checks_of(session: Session, batch_id: UUID) -> list[BatchCheck]:
    """The checks of the batch, oldest first."""
    query = select(BatchCheck).where(BatchCheck.batch_id == batch_id)
    return list(session.scalars(query.order_by(BatchCheck.id)))


def deviations_of(session: Session, batch_id: UUID) -> list[BatchDeviation]:
    """What went otherwise with the batch, oldest first."""
    query = select(BatchDeviation).where(BatchDeviation.batch_id == batch_id)
    return list(session.scalars(query.order_by(BatchDeviation.id)))
