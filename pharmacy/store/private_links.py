"""Private links: an address that only its patient was told, for one purpose and a limited time.

The books keep the SHA-256 of a token only. Whoever holds the link still gives the birth date first, and has five
tries at it; then the link is closed. Purposes are shared by whatever writes to patients: the price to accept, the
confirmed start, a check-in, a refill.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, select, update
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from pharmacy.store.base import Model, new_id, one_of
from pharmacy.store.patients import Patient


class LinkPurpose(StrEnum):
    """What the page behind the link is for."""

    PRICE = "price"
    START = "start"
    CHECK_IN = "check_in"
    REFILL = "refill"


class PrivateLink(Model):
    __tablename__ = "private_links"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    purpose: Mapped[LinkPurpose] = mapped_column(one_of(LinkPurpose, "purpose"))
    # What the page is about: for a price the order.
    subject_id: Mapped[UUID]
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    created_by: Mapped[UUID]
    expires_at: Mapped[datetime]
    wrong_tries: Mapped[int] = mapped_column(default=0, server_default="0")
    # When the right birth date was given for the first time.
    entered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_because: Mapped[str | None]
    patient: Mapped[Patient] = relationship(lazy="raise")
    __table_args__ = (
        CheckConstraint("expires_at > created_at", name="lasts"),
        CheckConstraint("num_nulls(closed_at, closed_because) in (0, 2)", name="closed_whole"),
        CheckConstraint("octet_length(token_hash) = 32", name="hash"),
        CheckConstraint("wrong_tries >= 0", name="tries"),
        Index("ix_private_links_subject_id_purpose", "subject_id", "purpose"),
    )


def token_hash(token: str) -> bytes:
    """How the token of a link is kept."""
    return hashlib.sha256(token.encode()).digest()


def alive(session: Session, token: str, *, now: datetime) -> PrivateLink | None:
    """The link with its patient, locked; None when there is none, or it has expired or been closed."""
    query = (
        select(PrivateLink)
        .where(
            PrivateLink.token_hash == token_hash(token),
            PrivateLink.expires_at > now,
            PrivateLink.closed_at.is_(None),
        )
        .options(joinedload(PrivateLink.patient))
    )
    return session.scalar(query.with_for_update(of=PrivateLink))


def of_subject(session: Session, purpose: LinkPurpose, subject_id: UUID) -> Sequence[PrivateLink]:
    """Every link for that purpose about that subject, oldest first."""
    query = select(PrivateLink).where(PrivateLink.purpose == purpose, PrivateLink.subject_id == subject_id)
    return session.scalars(query.order_by(PrivateLink.id)).all()


def close_of_subject(
    session: Session, purpose: LinkPurpose, subject_id: UUID, because: str, *, now: datetime
) -> None:
    """No link for that purpose opens anything about that subject any more."""
    session.execute(
        update(PrivateLink)
        .where(
            PrivateLink.purpose == purpose,
            PrivateLink.subject_id == subject_id,
            PrivateLink.closed_at.is_(None),
        )
        .values(closed_at=now, closed_because=because)
    )
