"""Patients, how they may be reached, and what they consented to.

No consent, no message: a channel without a row in `patient_consents` is never used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnClause,
    ForeignKey,
    Index,
    UniqueConstraint,
    literal_column,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship, selectinload

from pharmacy.domain.errors import NotFound
from pharmacy.store.base import Model, new_id

# The last ten digits of the telephone number, however it was written.
_DIGITS: ColumnClause[str] = literal_column(
    "right(regexp_replace(phone, '[^0-9]'::text, ''::text, 'g'::text), 10)"
)


@dataclass(eq=False)
class PatientNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such patient."


class Patient(Model):
    __tablename__ = "patients"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    practice_id: Mapped[UUID] = mapped_column(ForeignKey("practices.id"), index=True)
    full_name: Mapped[str]
    birth_on: Mapped[date]
    phone: Mapped[str]
    email: Mapped[str | None]
    address_line: Mapped[str]
    city: Mapped[str]
    state: Mapped[str]
    postal_code: Mapped[str]
    time_zone: Mapped[str]
    language: Mapped[str]
    created_at: Mapped[datetime]
    # By which channel the patient would rather hear; the first with consent where nobody said.
    preferred_channel: Mapped[str | None]
    # Deceased, moved away: nothing is sent any more.
    inactive_since: Mapped[datetime | None]
    inactive_because: Mapped[str | None]
    consents: Mapped[list[Consent]] = relationship(lazy="raise", order_by="Consent.channel")
    __table_args__ = (
        CheckConstraint("preferred_channel in ('email', 'sms')", name="preferred_channel"),
        CheckConstraint("num_nulls(inactive_since, inactive_because) in (0, 2)", name="inactive_whole"),
        Index("ix_patients_phone_digits", _DIGITS),
    )


class Consent(Model):
    """What the patient agreed to hear, on which channel, in which words, when and by whom told."""

    __tablename__ = "patient_consents"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"))
    channel: Mapped[str]
    text_version: Mapped[str]
    consented_at: Mapped[datetime]
    source: Mapped[str]
    withdrawn_at: Mapped[datetime | None]
    # In whose words it was withdrawn, or given again.
    withdrawn_by: Mapped[str | None]
    # The address does not take messages: it bounced, or is somebody else's.
    disabled_at: Mapped[datetime | None]
    disabled_because: Mapped[str | None]
    __table_args__ = (
        UniqueConstraint("patient_id", "channel"),
        CheckConstraint("channel in ('email', 'sms', 'phone')", name="channel"),
        CheckConstraint("num_nulls(disabled_at, disabled_because) in (0, 2)", name="disabled_whole"),
    )


def get_for_update(session: Session, patient_id: UUID) -> Patient:
    """The patient with every consent, locked until the transaction ends; PatientNotFound when there is none."""
    # No key update: orders may be filed for the patient meanwhile.
    query = select(Patient).where(Patient.id == patient_id).with_for_update(key_share=True)
    found = session.scalar(
        query.options(selectinload(Patient.consents)).execution_options(populate_existing=True)
    )
    if found is None:
        raise PatientNotFound
    return found


def get(session: Session, patient_id: UUID) -> Patient:
    """The patient with every consent; PatientNotFound when there is none."""
    query = select(Patient).where(Patient.id == patient_id).options(selectinload(Patient.consents))
    found = session.scalar(query)
    if found is None:
        raise PatientNotFound
    return found


def of_phone(session: Session, digits: str) -> Sequence[UUID]:
    """Ids of the patients who gave that number, of every practice."""
    return session.scalars(select(Patient.id).where(_DIGITS.in_([digits])).order_by(Patient.id)).all()
