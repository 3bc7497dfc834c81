"""The event log: what a practice's system may hear, written in the transaction of the change itself.

Rows carry ids and nothing of a patient. Within one order `sequence` counts from 1 without a gap: whoever
changes an order holds its row, so that two never count at once. `position` is the place in the practice's own
log, the cursor of whoever reads it. It is given afterwards, to rows that are committed: a number drawn while
the transaction runs could become visible after a greater one was read, and that event would be missed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.events import EventKind
from pharmacy.store.base import Model, new_id


class Event(Model):
    __tablename__ = "events"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    practice_id: Mapped[UUID] = mapped_column(ForeignKey("practices.id"))
    # Held to the catalogue by the code alone: a new type needs no migration.
    kind: Mapped[str]
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"))
    prescription_id: Mapped[UUID | None] = mapped_column(ForeignKey("prescriptions.id"))
    # What else it is about, if neither: an adjustment, a request for a refill.
    subject_id: Mapped[UUID | None]
    sequence: Mapped[int | None]
    position: Mapped[int | None]
    at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("order_id", "sequence"),
        UniqueConstraint("practice_id", "position"),
        CheckConstraint("(order_id is null) = (sequence is null)", name="sequence_pair"),
        Index("ix_events_unplaced", "id", postgresql_where="position is null"),
    )


def add(  # noqa: PLR0913  # The three ids say one thing, what it is about, in keywords.
    session: Session,
    kind: EventKind,
    *,
    practice_id: UUID,
    now: datetime,
    order_id: UUID | None = None,
    prescription_id: UUID | None = None,
    subject_id: UUID | None = None,
) -> None:
    """The practice is told once this transaction commits. Whoever names an order holds its row."""
    row = first_row(
        kind, practice_id=practice_id, now=now, order_id=order_id, prescription_id=prescription_id
    )
    row["subject_id"] = subject_id
    if order_id is not None:
        before = select(func.coalesce(func.max(Event.sequence), 0)).where(Event.order_id == order_id)
        row["sequence"] = before.scalar_subquery() + 1
    session.add(Event(**row))


def first_row(
    kind: EventKind,
    *,
    practice_id: UUID,
    now: datetime,
    order_id: UUID | None = None,
    prescription_id: UUID | None = None,
) -> dict[str, Any]:
    """The columns of an event that is the first of its order, or of none."""
    return {
        "id": new_id(),
        "practice_id": practice_id,
        "kind": kind,
        "order_id": order_id,
        "prescription_id": prescription_id,
        "subject_id": None,
        "sequence": None if order_id is None else 1,
        "position": None,
        "at": now,
    }


def of_order(session: Session, order_id: UUID) -> list[Event]:
    """Every event of that order, in its sequence."""
    return list(session.scalars(select(Event).where(Event.order_id == order_id).order_by(Event.sequence)))
