"""People who work here, and their sessions in the console and at the API.

A session lives in the books, so that ending it, or disabling its person, works at once. One whose second factor
is still due opens nothing but the page that asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Select, false, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.errors import NotFound
from pharmacy.domain.orders import Role
from pharmacy.store.base import Model, new_id, one_of
from pharmacy.store.reference import newest_value

SIGN_IN_SETTING = "sign_in"


@dataclass(eq=False)
class MemberNotFound(NotFound):
    def __str__(self) -> str:
        return "Nobody of that identifier works here."


class StaffMember(Model):
    __tablename__ = "staff_members"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(unique=True)
    full_name: Mapped[str]
    initials: Mapped[str]
    role: Mapped[Role] = mapped_column(one_of(Role, "role"))
    password_hash: Mapped[str]
    disabled_at: Mapped[datetime | None]
    # One of the demonstration's people, whose password everybody knows.
    is_demo: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Until they have chosen a password by their link.
    invited_at: Mapped[datetime | None]
    # The secret of their authenticator, encrypted; it counts once a code of it was typed.
    totp_sealed: Mapped[bytes | None]
    totp_confirmed_at: Mapped[datetime | None]
    # The half minute of the newest code that was taken: no code is taken twice.
    totp_last_step: Mapped[int | None]
    # Tries before this moment are forgiven.
    opened_again_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy declares it as an instance variable.


class StaffSession(Model):
    """One sign-in; its holder carries a random key of which the books keep the SHA-256 only."""

    __tablename__ = "staff_sessions"
    key_hash: Mapped[bytes] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(default=new_id, nullable=True)
    staff_member_id: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"), index=True)
    door: Mapped[str] = mapped_column(default="console", server_default="console")
    browser: Mapped[str] = mapped_column(default="", server_default="")
    started_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    # When the second factor was proved, or was seen not to be due; None while it is due.
    proved_at: Mapped[datetime | None]
    # What the browser's passkey is asked to sign, once.
    challenge: Mapped[bytes | None]
    emergency_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_staff_sessions_id", "id", unique=True),)


@dataclass(frozen=True, slots=True)
class Recognised:
    """Whose sign-in that is, and the setting by which it is judged."""

    member: StaffMember
    sign_in: StaffSession
    setting: Mapping[str, Any]


def member_named(session: Session, username: str) -> StaffMember | None:
    return session.scalar(
        select(StaffMember).where(StaffMember.username == username, StaffMember.disabled_at.is_(None))
    )


def member(session: Session, member_id: UUID) -> StaffMember | None:
    """The member of staff, disabled or not."""
    return session.get(StaffMember, member_id)


def member_for_update(session: Session, member_id: UUID) -> StaffMember:
    """The member of staff, held until the transaction ends; MemberNotFound otherwise."""
    found = session.scalar(
        select(StaffMember)
        .where(StaffMember.id == member_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise MemberNotFound
    return found


def is_taken(session: Session, username: str) -> bool:
    """Whether somebody works, or has worked, here under that name."""
    return session.scalar(select(StaffMember.id).where(StaffMember.username == username)) is not None


def everybody() -> Select[StaffMember]:
    """Everybody who works or has worked here: those at work first, by name."""
    return select(StaffMember).order_by(
        StaffMember.disabled_at.is_not(None), StaffMember.full_name, StaffMember.id
    )


def keepers(session: Session, roles: Sequence[Role]) -> Sequence[StaffMember]:
    """Who may let people in and is not disabled, held until the transaction ends, in the order of their ids."""
    query = select(StaffMember).where(StaffMember.role.in_(roles), StaffMember.disabled_at.is_(None))
    return session.scalars(query.order_by(StaffMember.id).with_for_update(key_share=True)).all()


def demo_members(session: Session) -> Sequence[str]:
    """The names of the demonstration's people who are not disabled."""
    return session.scalars(
        select(StaffMember.username).where(StaffMember.is_demo, StaffMember.disabled_at.is_(None))
    ).all()


def member_of_session(session: Session, key_hash: bytes) -> Recognised | None:
    """Whose session that is, unless it has ended or the person is disabled."""
    setting = newest_value(SIGN_IN_SETTING).scalar_subquery()
    found = session.execute(
        select(StaffMember, StaffSession, setting)
        .join(StaffSession, StaffSession.staff_member_id == StaffMember.id)
        .where(
            StaffSession.key_hash == key_hash,
            StaffSession.ended_at.is_(None),
            StaffMember.disabled_at.is_(None),
        )
    ).first()
    return Recognised(found[0], found[1], found[2]) if found else None


def session_for_update(session: Session, key_hash: bytes) -> StaffSession | None:
    """That sign-in, held until the transaction ends, unless it has ended."""
    return session.scalar(
        select(StaffSession)
        .where(StaffSession.key_hash == key_hash, StaffSession.ended_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def sessions_of(session: Session, member_id: UUID, *, since: datetime) -> Sequence[StaffSession]:
    """The sign-ins of that person that have not ended and were seen after `since`, the newest first."""
    return session.scalars(
        select(StaffSession)
        .where(
            StaffSession.staff_member_id == member_id,
            StaffSession.ended_at.is_(None),
            StaffSession.last_seen_at > since,
        )
        .order_by(StaffSession.last_seen_at.desc())
    ).all()


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


def at_work(session: Session) -> Sequence[StaffMember]:
    """Everybody who works here, by name."""
    query = select(StaffMember).where(StaffMember.disabled_at.is_(None))
    return session.scalars(query.order_by(StaffMember.full_name)).all()


def end_sessions(
    session: Session, member_id: UUID, *, now: datetime, only: UUID | None = None, but: bytes | None = None
) -> Sequence[UUID]:
    """Sign-ins of that person that hold no more: one, all, or all but one; their ids."""
    ending = update(StaffSession).where(
        StaffSession.staff_member_id == member_id, StaffSession.ended_at.is_(None)
    )
    if only is not None:
        ending = ending.where(StaffSession.id == only)
    if but is not None:
        ending = ending.where(StaffSession.key_hash != but)
    return session.scalars(ending.values(ended_at=now).returning(StaffSession.id)).all()


def initials_of(session: Session, member_id: UUID | None) -> str | None:
    """How that person signs; None for nobody."""
    return session.scalar(select(StaffMember.initials).where(StaffMember.id == member_id))


def names_of(session: Session, member_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The full names of these people."""
    if not member_ids:
        return {}
    query = select(StaffMember.id, StaffMember.full_name).where(StaffMember.id.in_(member_ids))
    return dict(session.execute(query).all())
