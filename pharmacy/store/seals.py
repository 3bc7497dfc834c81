"""Seals over the audit trail: signed heads, and which entry stands at which place under which seal.

Entries that wait to be sealed are named in `audit_unsealed` by a trigger, in the transaction that files them,
so that sealing takes exactly what is committed, in whatever order identifiers were drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Table, UniqueConstraint, Uuid, delete, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.orders import OrderStatus
from pharmacy.store.audit import AuditEntry
from pharmacy.store.base import Model, Record
from pharmacy.store.orders import Order

# Any number, as long as nothing else of ours takes an advisory lock of that number.
_SEALING = 7_261_104


class AuditSeal(Model):
    __tablename__ = "audit_seals"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    previous_head: Mapped[bytes]
    entries: Mapped[int]
    head: Mapped[bytes]
    signature: Mapped[bytes]
    sealed_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("entries >= 1", name="entries"),
    )


class AuditPosition(Model):
    """The place of one entry; without a foreign key, so that a place outlives an entry that somebody removed."""

    __tablename__ = "audit_positions"
    audit_id: Mapped[UUID] = mapped_column(primary_key=True)
    seal_number: Mapped[int]
    position: Mapped[int]
    __table_args__ = (UniqueConstraint("seal_number", "position"),)


UNSEALED = Table("audit_unsealed", Record.metadata, Column("audit_id", Uuid(), nullable=False))


@dataclass(frozen=True, slots=True)
class Place:
    """One sealed place: the entry that belongs there, or None when it is gone."""

    seal_number: int
    audit_id: UUID
    entry: AuditEntry | None


def become_sealer(session: Session) -> bool:
    """Whether nobody else seals; holds until the transaction ends."""
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(_SEALING))))


def take_unsealed(session: Session, most: int) -> Sequence[tuple[UUID, bytes]]:
    """Id and digest of at most `most` entries that wait to be sealed, in the order of their ids; they wait no
    longer once this transaction commits. Entries that are gone already are left out and stay named."""
    waiting = (
        select(AuditEntry.id)
        .join(UNSEALED, UNSEALED.c.audit_id == AuditEntry.id)
        .order_by(AuditEntry.id)
        .limit(most)
        .cte("waiting")
    )
    taken = session.scalars(
        delete(UNSEALED).where(UNSEALED.c.audit_id.in_(select(waiting.c.id))).returning(UNSEALED.c.audit_id)
    ).all()
    query = select(AuditEntry.id, AuditEntry.digest).where(AuditEntry.id.in_(taken)).order_by(AuditEntry.id)
    return [(row.id, bytes(row.digest)) for row in session.execute(query)]


def newest(session: Session) -> AuditSeal | None:
    return session.scalar(select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1))


def after(session: Session, number: int) -> Sequence[AuditSeal]:
    """Every seal with a higher number, in order."""
    query = select(AuditSeal).where(AuditSeal.number > number).order_by(AuditSeal.number)
    return session.scalars(query).all()


def places(session: Session, newest_number: int) -> Iterator[Place]:
    """Every place sealed through that number with its entry, in the order of the trail; read in portions."""
    query = (
        select(AuditPosition.seal_number, AuditPosition.audit_id, AuditEntry)
        .outerjoin(AuditEntry, AuditEntry.id == AuditPosition.audit_id)
        .where(AuditPosition.seal_number <= newest_number)
        .order_by(AuditPosition.seal_number, AuditPosition.position)
        .execution_options(yield_per=1000)
    )
    for number, audit_id, entry in session.execute(query):
        yield Place(number, audit_id, entry)


def unplaced(session: Session) -> Iterator[tuple[AuditEntry, bool]]:
    """Every entry without a place, and whether it waits for one."""
    query = (
        select(AuditEntry, UNSEALED.c.audit_id.is_not(None))
        .outerjoin(AuditPosition, AuditPosition.audit_id == AuditEntry.id)
        .outerjoin(UNSEALED, UNSEALED.c.audit_id == AuditEntry.id)
        .where(AuditPosition.audit_id.is_(None))
        .order_by(AuditEntry.id)
        .execution_options(yield_per=1000)
    )
    for row in session.execute(query):
        yield row[0], row[1]


def vanished(session: Session) -> Sequence[UUID]:
    """Ids of entries that waited to be sealed and are gone."""
    query = (
        select(UNSEALED.c.audit_id)
        .outerjoin(AuditEntry, AuditEntry.id == UNSEALED.c.audit_id)
        .where(AuditEntry.id.is_(None))
        .order_by(UNSEALED.c.audit_id)
    )
    return session.scalars(query).all()


def unsealed_count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(UNSEALED)) or 0


def moved_unseen(session: Session) -> Sequence[UUID]:
    """Ids of orders whose status is not the one that the trail names last."""
    statuses = [f"order.{status}" for status in OrderStatus]
    newest_move = (
        select(func.coalesce(AuditEntry.detail["status"].astext, func.substr(AuditEntry.action, 7)))
        .where(AuditEntry.subject_id == Order.id, AuditEntry.action.in_(statuses))
        .order_by(AuditEntry.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(Order.id).where(func.coalesce(newest_move, text("''")) != Order.status).order_by(Order.id)
    return session.scalars(query).all()
