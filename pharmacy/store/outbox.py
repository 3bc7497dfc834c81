"""Messages: facts that somebody outside must hear, written in the transaction of the change itself.

PostgreSQL holds the work; Redis only wakes workers. The relay leases rows and hands out their ids; a lease
that runs out makes the row due again. So death anywhere means a second delivery, never a lost one, and
every delivery must bear repetition.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CTE, CheckConstraint, ColumnElement, Index, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.store.base import Model, new_id

# Longer than any delivery takes, shorter than anybody's patience.
LEASE = timedelta(seconds=30)
# Whoever was handed out so often and never came back spoils its task each time (house policy).
MOST_ATTEMPTS = 20


class Message(Model):
    __tablename__ = "outbox"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    topic: Mapped[str]
    subject_id: Mapped[UUID]
    created_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    delivered_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failure: Mapped[str | None]
    __table_args__ = (
        CheckConstraint("num_nulls(failed_at, failure) in (0, 2)", name="failure_whole"),
        Index(
            "ix_outbox_waiting",
            "id",
            postgresql_where="delivered_at is null and failed_at is null",
        ),
        Index("ix_outbox_failed", "subject_id", postgresql_where="failed_at is not null"),
    )


def add(session: Session, topic: str, subject_id: UUID, *, now: datetime) -> None:
    """The fact is told once this transaction commits."""
    session.add(Message(topic=topic, subject_id=subject_id, created_at=now))


def lease_due(session: Session, *, now: datetime, most: int) -> Sequence[tuple[UUID, str]]:
    """Ids and topics of at most `most` waiting messages, leased to the caller until `now + LEASE`."""
    due = _due(now, Message.attempts < MOST_ATTEMPTS, most)
    leased = (
        update(Message)
        .where(Message.id.in_(select(due.c.id)))
        .values(leased_until=now + LEASE, attempts=Message.attempts + 1)
        .returning(Message.id, Message.topic)
        .execution_options(synchronize_session=False)
    )
    return [(row.id, row.topic) for row in session.execute(leased)]


def give_up_hopeless(session: Session, *, now: datetime, most: int) -> None:
    """Messages leased MOST_ATTEMPTS times and never delivered are failed, with that reason; staff see it."""
    hopeless = _due(now, Message.attempts >= MOST_ATTEMPTS, most)
    session.execute(
        update(Message)
        .where(Message.id.in_(select(hopeless.c.id)))
        .values(failed_at=now, failure=f"given up after {MOST_ATTEMPTS} attempts")
        .execution_options(synchronize_session=False)
    )


def _due(now: datetime, tried: ColumnElement[bool], most: int) -> CTE:
    """At most `most` of the waiting messages that nobody leases, oldest first, locked; locked ones are left."""
    return (
        select(Message.id)
        .where(
            Message.delivered_at.is_(None),
            Message.failed_at.is_(None),
            or_(Message.leased_until.is_(None), Message.leased_until < now),
            tried,
        )
        .order_by(Message.id)
        .limit(most)
        .with_for_update(skip_locked=True)
        # As a common table expression it runs once; a subquery may run again and lease more than `most`.
        .cte("due")
    )


def release(session: Session, message_ids: Sequence[UUID]) -> None:
    """The leases of these are given back as if they had never been: nobody was handed the messages."""
    session.execute(
        update(Message)
        .where(Message.id.in_(message_ids), Message.leased_until.is_not(None))
        .values(leased_until=None, attempts=Message.attempts - 1)
        .execution_options(synchronize_session=False)
    )


def get_undelivered(session: Session, message_id: UUID) -> Message | None:
    """The message, locked, if it still waits to be delivered.

    Whoever holds it is waited for, as long as a lock may take.
    """
    return session.scalar(
        select(Message)
        .where(Message.id == message_id, Message.delivered_at.is_(None), Message.failed_at.is_(None))
        .with_for_update()
    )


def get_undelivered_unlocked(session: Session, message_id: UUID) -> Message | None:
    """The message, if it still waits to be delivered; for a look before the work."""
    return session.scalar(
        select(Message).where(
            Message.id == message_id, Message.delivered_at.is_(None), Message.failed_at.is_(None)
        )
    )


def mark_failed(session: Session, message_id: UUID, failure: str, *, now: datetime) -> None:
    """The message is given up, for that reason; staff see it."""
    session.execute(
        update(Message)
        .where(Message.id == message_id, Message.delivered_at.is_(None))
        .values(failed_at=now, failure=failure)
    )


def failures_about(session: Session, subject_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Why messages about these subjects were given up, by subject."""
    query = select(Message.subject_id, Message.failure).where(
        Message.subject_id.in_(subject_ids), Message.failed_at.is_not(None)
    )
    return {subject_id: failure or "" for subject_id, failure in session.execute(query)}


def waiting(session: Session) -> int:
    """How many messages are still to be delivered."""
    query = select(func.count()).where(Message.delivered_at.is_(None), Message.failed_at.is_(None))
    return session.scalar(query) or 0
