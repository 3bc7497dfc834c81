"""The audit trail searched: by who acted, about what, and when; and what the ids in it are called."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from pharmacy.store.audit import AuditEntry
from pharmacy.store.orders import Order
from pharmacy.store.patients import Patient
from pharmacy.store.staff import StaffMember


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailQuestion:
    """What is looked for; `since` is included and `until` is not."""

    subject_id: UUID | None = None
    actor_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """What some subjects of the trail are: orders by number, members of staff by name, and patients."""

    orders: dict[UUID, int]
    staff: dict[UUID, str]
    patients: frozenset[UUID]


def trail(asked: TrailQuestion) -> Select[AuditEntry]:
    """The entries that answer, newest first."""
    query = select(AuditEntry)
    if asked.subject_id is not None:
        query = query.where(AuditEntry.subject_id == asked.subject_id)
    if asked.actor_id is not None:
        query = query.where(AuditEntry.actor_id == asked.actor_id)
    if asked.since is not None:
        query = query.where(AuditEntry.at >= asked.since)
    if asked.until is not None:
        query = query.where(AuditEntry.at < asked.until)
    if asked.subject_id is not None:
        return query.order_by(AuditEntry.id.desc())  # By the index on subjects.
    return query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())


def called(session: Session, subject_ids: Collection[UUID]) -> Called:
    """What these subjects are, as far as they are orders, people of the house, or patients."""
    numbers = session.execute(select(Order.id, Order.number).where(Order.id.in_(subject_ids))).all()
    names = session.execute(
        select(StaffMember.id, StaffMember.full_name).where(StaffMember.id.in_(subject_ids))
    ).all()
    known = session.scalars(select(Patient.id).where(Patient.id.in_(subject_ids))).all()
    return Called(
        orders={row.id: row.number for row in numbers},
        staff={row.id: row.full_name for row in names},
        patients=frozenset(known),
    )
