"""Patients, how they may be reached, and what they consented to.

No consent, no message: a channel without a row in `patient_consents` is never used.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pharmacy.store.base import Model, new_id


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
    # False when the patient wants what the medicine is for kept off the vial.
    purpose_on_label: Mapped[bool] = mapped_column(default=True, server_default=true())
    created_at: Mapped[datetime]
    consents: Mapped[list[Consent]] = relationship(lazy="raise", order_by="Consent.channel")


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
    __table_args__ = (
        UniqueConstraint("patient_id", "channel"),
        CheckConstraint("channel in ('email', 'sms', 'phone')", name="channel"),
    )
