"""Patients, how they may be reached, and what they consented to.

No consent, no message: a channel without a row in `patient_consents` is never used.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pharmacy.store.base import Facts, Model, new_id


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
    # What the record is found by when the same person comes again; the rule stands in domain/identity.py.
    name_key: Mapped[str] = mapped_column(default="", server_default="")
    phone_key: Mapped[str] = mapped_column(default="", server_default="")
    # Records that staff have merged carry the same; one that stands alone carries none.
    person_id: Mapped[UUID | None]
    # What is known for screening: opioid, allergies, medicines, conditions.
    profile: Mapped[Facts] = mapped_column(JSONB, default=dict, server_default="{}")
    profile_changed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    consents: Mapped[list[Consent]] = relationship(lazy="raise", order_by="Consent.channel")

    # Whoever writes on a stale reading is told: SQLAlchemy compares and raises this.
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy declares it as an instance variable.
    __table_args__ = (
        # With the id, so that the newest few are found without looking at the rest.
        Index("ix_patients_birth_on_name_key_id", "birth_on", "name_key", "id"),
        Index("ix_patients_person_id", "person_id", postgresql_where="person_id is not null"),
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
    __table_args__ = (
        UniqueConstraint("patient_id", "channel"),
        CheckConstraint("channel in ('email', 'sms', 'phone')", name="channel"),
    )
