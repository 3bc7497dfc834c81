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

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.events import EventKind
from pharmacy.store.base import Model, new_id

# Any number that nobody else locks by.
_PLACING = 7_301_001


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


def after(session: Session, practice_id: UUID, position: int, most: int) -> list[Event]:
    """At most `most` events of that practice after that position of its log, in their order."""
    query = select(Event).where(Event.practice_id == practice_id, Event.position > position)
    return list(session.scalars(query.order_by(Event.position).limit(most)))


def place(session: Session, *, most: int) -> list[UUID]:
    """Ids of the events that were given their place now, at most `most`.

    One at a time: while another does it nothing is done here. What it has placed is visible before the next
    one begins, so whoever reads by position misses nothing. Within one order the sequence is kept.
    """
    if not session.scalar(select(func.pg_try_advisory_xact_lock(_PLACING))):
        return []
    waiting = (
        select(Event.id, Event.practice_id, Event.order_id, Event.sequence, Event.at)
        .where(Event.position.is_(None))
        .order_by(Event.id)
        .limit(most)
        .cte("waiting")
    )
    # Clocks of two servers may differ: an event is not earlier than the one before it in its order.
    not_before = func.max(waiting.c.at).over(
        partition_by=func.coalesce(waiting.c.order_id, waiting.c.id), order_by=waiting.c.sequence
    )
    dated = select(waiting, not_before.label("not_before")).cte("dated")
    rank = func.row_number().over(
        partition_by=dated.c.practice_id,
        order_by=(dated.c.not_before, dated.c.order_id, dated.c.sequence, dated.c.id),
    )
    ranked = select(dated.c.id, dated.c.practice_id, rank.label("rank")).cte("ranked")
    placed = Event.__table__.alias("placed")
    last = (
        select(func.coalesce(func.max(placed.c.position), 0))
        .where(placed.c.practice_id == ranked.c.practice_id)
        .scalar_subquery()
    )
    numbered = (
        update(Event)
        .where(Event.id == ranked.c.id)
        .values(position=last + ranked.c.rank)
        .returning(Event.id)
        .execution_options(synchronize_session=False)
    )
    return list(session.scalars(numbered))
