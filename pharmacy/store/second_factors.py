"""What proves a member of staff besides the password, and the links by which a password is chosen.

Recovery codes and links are kept as SHA-256 of what is long and random; of a passkey the public key is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.store.base import Model, new_id


class RecoveryCode(Model):
    """Lets its owner in once, when the authenticator is lost."""

    __tablename__ = "recovery_codes"
    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    staff_member_id: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"), index=True)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Passkey(Model):
    __tablename__ = "passkeys"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    staff_member_id: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    # A key that counts its signatures never counts back, or it was copied.
    sign_count: Mapped[int]
    name: Mapped[str]
    made_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class PasswordLink(Model):
    """Lets somebody choose their password, once and for a while."""

    __tablename__ = "password_links"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    staff_member_id: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"), index=True)
    made_at: Mapped[datetime]
    made_by: Mapped[UUID]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


def replace_codes(session: Session, member_id: UUID, hashes: Iterable[bytes], *, now: datetime) -> None:
    """These are the recovery codes of that person; those before, used or not, are gone."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_member_id == member_id))
    session.add_all(RecoveryCode(code_hash=each, staff_member_id=member_id, made_at=now) for each in hashes)


def spend_code(session: Session, member_id: UUID, code_hash: bytes, *, now: datetime) -> bool:
    """Whether that was an unused recovery code of that person; it is used now."""
    spent = session.scalar(
        update(RecoveryCode)
        .where(
            RecoveryCode.code_hash == code_hash,
            RecoveryCode.staff_member_id == member_id,
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.code_hash)
    )
    return spent is not None


def codes_left(session: Session, member_id: UUID) -> int:
    """How many recovery codes of that person are unused."""
    query = select(func.count()).where(
        RecoveryCode.staff_member_id == member_id, RecoveryCode.used_at.is_(None)
    )
    return session.scalar(query) or 0


def passkeys_of(session: Session, member_id: UUID) -> Sequence[Passkey]:
    """The passkeys of that person, the oldest first."""
    return session.scalars(
        select(Passkey).where(Passkey.staff_member_id == member_id).order_by(Passkey.id)
    ).all()


def passkey_for_update(session: Session, member_id: UUID, credential_id: bytes) -> Passkey | None:
    """That passkey of that person, held until the transaction ends."""
    return session.scalar(
        select(Passkey)
        .where(Passkey.staff_member_id == member_id, Passkey.credential_id == credential_id)
        .with_for_update()
    )


def drop_passkey(session: Session, member_id: UUID, passkey_id: UUID) -> bool:
    """Whether that passkey of that person was there; it is gone now."""
    gone = session.scalar(
        delete(Passkey)
        .where(Passkey.staff_member_id == member_id, Passkey.id == passkey_id)
        .returning(Passkey.id)
    )
    return gone is not None


def forget_factors(session: Session, member_id: UUID) -> None:
    """No recovery code and no passkey of that person is left."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_member_id == member_id))
    session.execute(delete(Passkey).where(Passkey.staff_member_id == member_id))


def link_for_update(session: Session, token_hash: bytes, *, now: datetime) -> PasswordLink | None:
    """That link, held until the transaction ends, unless it was used or is too old."""
    return session.scalar(
        select(PasswordLink)
        .where(
            PasswordLink.token_hash == token_hash,
            PasswordLink.used_at.is_(None),
            PasswordLink.expires_at > now,
        )
        .with_for_update()
    )


def link(session: Session, token_hash: bytes, *, now: datetime) -> PasswordLink | None:
    """That link, unless it was used or is too old."""
    return session.scalar(
        select(PasswordLink).where(
            PasswordLink.token_hash == token_hash,
            PasswordLink.used_at.is_(None),
            PasswordLink.expires_at > now,
        )
    )


def void_links(session: Session, member_id: UUID, *, now: datetime) -> None:
    """No link of that person lets anybody choose a password any more."""
    session.execute(
        update(PasswordLink)
        .where(PasswordLink.staff_member_id == member_id, PasswordLink.used_at.is_(None))
        .values(used_at=now)
    )
