"""Answers already given: one row for each creating request of an API client or of staff, stored with what it
created.

The unique key makes the second of two equal requests wait for the first; afterwards it reads the stored
answer instead of making anything again.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.store.base import Model

# What the database calls the keys; whoever meets one was answered meanwhile.
KEY_CONSTRAINT = "pk_idempotency_keys"
STAFF_KEY_CONSTRAINT = "pk_staff_answers"


class IdempotencyKey(Model):
    __tablename__ = "idempotency_keys"
    api_client_id: Mapped[UUID] = mapped_column(ForeignKey("api_clients.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    # SHA-256 over the path and the canonical body: the same key with another body is refused.
    fingerprint: Mapped[bytes]
    answer: Mapped[str]
    answered_at: Mapped[datetime]


class StaffAnswer(Model):
    """The same for a creating request of a member of staff."""

    __tablename__ = "staff_answers"
    staff_member_id: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]
    answer: Mapped[str]
    answered_at: Mapped[datetime]


def find(session: Session, api_client_id: UUID, key: str) -> IdempotencyKey | None:
    return session.scalar(
        select(IdempotencyKey).where(IdempotencyKey.api_client_id == api_client_id, IdempotencyKey.key == key)
    )


def find_of_staff(session: Session, staff_member_id: UUID, key: str) -> StaffAnswer | None:
    return session.get(StaffAnswer, (staff_member_id, key))
