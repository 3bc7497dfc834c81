"""What patients agree to: the texts word for word, and every state that a consent was ever in.

A text is never changed: a new wording is a new version. The database itself keeps the history: whoever writes a
consent (a practice, staff, a text message, a bounce) leaves the row as it was then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.store.base import Model


class ConsentText(Model):
    """One version of the text in one language; `added_by` is None for what a new pharmacy begins with."""

    __tablename__ = "consent_texts"
    version: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    wording: Mapped[str]
    added_at: Mapped[datetime]
    added_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff_members.id"))
    __table_args__ = (CheckConstraint("language in ('en', 'es')", name="language"),)


class ConsentState(Model):
    """A consent as it stood after one change of it, in the order of changes; written by the database alone."""

    __tablename__ = "patient_consent_history"
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    consent_id: Mapped[UUID]
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"), index=True)
    channel: Mapped[str]
    text_version: Mapped[str]
    consented_at: Mapped[datetime]
    source: Mapped[str]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]
    disabled_at: Mapped[datetime | None]
    disabled_because: Mapped[str | None]


def texts(session: Session) -> Sequence[ConsentText]:
    """Every text, newest first, then by language."""
    query = select(ConsentText).order_by(
        ConsentText.added_at.desc(), ConsentText.version.desc(), ConsentText.language
    )
    return session.scalars(query).all()


def has_version(session: Session, version: str) -> bool:
    """Whether a text of that version is on record, in any language."""
    return (
        session.scalar(select(ConsentText.version).where(ConsentText.version == version).limit(1)) is not None
    )


def history_of(session: Session, patient_id: UUID) -> Sequence[ConsentState]:
    """Every state of the patient's consents, oldest first."""
    query = select(ConsentState).where(ConsentState.patient_id == patient_id)
    return session.scalars(query.order_by(ConsentState.number)).all()
