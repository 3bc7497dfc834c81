"""People who work here, and their sessions in the console.

A session lives in the books, so that ending it, or disabling its person, works at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.orders import Role
from pharmacy.store.base import Model, new_id, one_of


class StaffMember(Model):
    __tablename__ = "staff_members"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(unique=True)
    full_name: Mapped[str]
    initials: Mapped[str]
    role: Mapped[Role] = mapped_column(one_of(Role, "role"))
    password_hash: Mapped[str]
    disabled_at: Mapped[datetime | None]


class StaffSession(Model):
    """One sign-in; the cookie carries a random key of which the books keep the SHA-256 only."""

    __tablename__ = "staff_sessions"
    key_hash: Mapped[bytes] = mapped_column(primary_key=True)
    staff_member_id: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"))
    started_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


def member_named(session: Session, username: str) -> StaffMember | None:
    return session.scalar(
        select(StaffMember).where(StaffMember.username == username, StaffMember.disabled_at.is_(None))
    )


def member(session: Session, member_id: UUID) -> StaffMember | None:
    """The member of staff, disabled or not."""
    return session.get(StaffMember, member_id)


def member_of_session(session: Session, key_hash: bytes) -> tuple[StaffMember, StaffSession] | None:
    """Whose session that is, unless it has ended or the person is disabled."""
    found = session.execute(
        select(StaffMember, StaffSession)
        .join(StaffSession, StaffSession.staff_member_id == StaffMember.id)
        .where(
            StaffSession.key_hash == key_hash,
            StaffSession.ended_at.is_(None),
            StaffMember.disabled_at.is_(None),
        )
    ).first()
    return (found[0], found[1]) if found else None


def lives_on(session: Session, key_hash: bytes, *, now: datetime) -> None:
    """That sign-in was used now."""
    session.execute(update(StaffSession).where(StaffSession.key_hash == key_hash).values(last_seen_at=now))


def end_session(session: Session, key_hash: bytes, *, now: datetime) -> None:
    """That sign-in holds no more; one that has ended stays as it was."""
    session.execute(
        update(StaffSession)
        .where(StaffSession.key_hash == key_hash, StaffSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def initials_of(session: Session, member_id: UUID | None) -> str | None:
    """How that person signs; None for nobody."""
    return session.scalar(select(StaffMember.initials).where(StaffMember.id == member_id))


def names_of(session: Session, member_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The full names of these people."""
    query = select(StaffMember.id, StaffMember.full_name).where(StaffMember.id.in_(member_ids))
    return dict(session.execute(query).all())
