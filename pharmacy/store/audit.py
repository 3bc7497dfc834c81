"""The audit trail: one row for every change, written in the transaction of the change itself.

Rows are insert-only (a trigger refuses the rest). Each carries an HMAC over its canonical content with a key
that the database does not hold, so that an edit behind our back is found.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Index, Select, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.actors import Actor, ActorKind
from pharmacy.store.base import Facts, Model, new_id, one_of
from pharmacy.store.side_by_side import Listing


class AuditEntry(Model):
    __tablename__ = "audit"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime]
    actor_kind: Mapped[ActorKind] = mapped_column(one_of(ActorKind, "actor_kind"))
    actor_id: Mapped[UUID]
    actor_name: Mapped[str]
    action: Mapped[str]
    subject_id: Mapped[UUID]
    detail: Mapped[Facts] = mapped_column(JSONB)
    digest: Mapped[bytes]
    __table_args__ = (
        Index("ix_audit_subject_id_id", "subject_id", "id"),
        Index("ix_audit_at_id", "at", "id"),
        Index("ix_audit_actor_id_at_id", "actor_id", "at", "id"),
    )


def entry_row(
    key: bytes, action: str, subject_id: UUID, *, by: Actor, at: datetime, **detail: Any
) -> dict[str, Any]:
    """The columns of one entry, with the digest that `is_genuine` recomputes."""
    row: dict[str, Any] = {
        "id": new_id(),
        "at": at,
        "actor_kind": by.kind,
        "actor_id": by.id,
        "actor_name": by.name,
        "action": action,
        "subject_id": subject_id,
        "detail": detail,
    }
    return {**row, "digest": _digest(key, row)}


def record(
    session: Session, action: str, subject_id: UUID, *, by: Actor, at: datetime, **detail: Any
) -> None:
    """The change is on record once this transaction commits; the session carries the audit key."""
    session.add(
        AuditEntry(**entry_row(session.info["audit_key"], action, subject_id, by=by, at=at, **detail))
    )


def is_genuine(key: bytes, entry: AuditEntry) -> bool:
    """Whether the row still says what was written."""
    names = ("id", "at", "actor_kind", "actor_id", "actor_name", "action", "subject_id", "detail")
    return hmac.compare_digest(entry.digest, _digest(key, {name: getattr(entry, name) for name in names}))


def of_subject(session: Session, subject_id: UUID) -> Sequence[AuditEntry]:
    """Every entry about that subject, oldest first."""
    query = select(AuditEntry).where(AuditEntry.subject_id == subject_id).order_by(AuditEntry.id)
    return session.scalars(query).all()


def listing_of(subject_id: UUID) -> Listing:
    """The same, for whoever asks other things too."""
    return Listing(AuditEntry, AuditEntry.subject_id == subject_id, [AuditEntry.id])


def newest_first(subject_id: UUID | None = None, actor_id: UUID | None = None) -> Select[AuditEntry]:
    """Entries, newest first; about that subject and by that actor where they are named."""
    query = select(AuditEntry)
    if subject_id is not None:
        query = query.where(AuditEntry.subject_id == subject_id)
    if actor_id is not None:
        query = query.where(AuditEntry.actor_id == actor_id)
    return query.order_by(AuditEntry.id.desc())


def count_since(session: Session, subject_id: UUID, action: str, *, since: datetime) -> int:
    """How often that was done to the subject after `since`."""
    query = select(func.count()).where(
        AuditEntry.subject_id == subject_id, AuditEntry.action == action, AuditEntry.at > since
    )
    return session.scalar(query) or 0


def _digest(key: bytes, row: dict[str, Any]) -> bytes:
    canonical = {**row, "at": row["at"].astimezone(UTC).isoformat()}
    return hmac.digest(key, orjson.dumps(canonical, default=str, option=orjson.OPT_SORT_KEYS), hashlib.sha256)
