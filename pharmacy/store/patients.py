"""Patients, how they may be reached, and what they consented to.

No consent, no message: a channel without a row in `patient_consents` is never used.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    UniqueConstraint,
    and_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship, selectinload

from pharmacy.domain.errors import NotFound
from pharmacy.store.base import Facts, Model, new_id

# Fewer letters stand in too many names to be sought anywhere in them.
_LETTERS_ANYWHERE = 3


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
    # False when the patient wants what the medicine is for kept off the vial.
    purpose_on_label: Mapped[bool] = mapped_column(default=True, server_default=true())
    created_at: Mapped[datetime]
    # By which channel the patient would rather hear; the first with consent where nobody said.
    preferred_channel: Mapped[str | None]
    # Deceased, moved away: nothing is sent any more.
    inactive_since: Mapped[datetime | None]
    inactive_because: Mapped[str | None]
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
        CheckConstraint("preferred_channel in ('email', 'sms')", name="preferred_channel"),
        CheckConstraint("num_nulls(inactive_since, inactive_because) in (0, 2)", name="inactive_whole"),
        Index("ix_patients_phone_key", "phone_key"),
        # Names are found by the threes of letters in them, wherever they stand.
        Index(
            "ix_patients_full_name",
            "full_name",
            postgresql_using="gin",
            postgresql_ops={"full_name": "gin_trgm_ops"},
        ),
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


def to_reach(session: Session, patient_id: UUID) -> Patient:
    """The patient and every consent as they stand now, locked until the transaction ends; PatientNotFound when there is none."""
    # No key update: orders may be filed for the patient meanwhile.
    query = select(Patient).where(Patient.id == patient_id).with_for_update(key_share=True)
    found = session.scalar(
        query.options(selectinload(Patient.consents)).execution_options(populate_existing=True)
    )
    if found is None:
        raise PatientNotFound
    return found


def hold_person(session: Session, patient_id: UUID) -> Patient:
    """The patient as `to_reach` gives them, and every record of the same person locked, in the order of their ids.

    Whoever counts what a person was told holds all of it: two messages to two merged records go one after the other.
    Raises PatientNotFound.
    """
    person = select(Patient.person_id).where(Patient.id == patient_id).scalar_subquery()
    query = select(Patient.id).where(or_(Patient.id == patient_id, Patient.person_id == person))
    held: set[UUID] = set()
    while True:
        held.update(session.scalars(query.order_by(Patient.id).with_for_update(key_share=True)))
        patient = to_reach(session, patient_id)
        # A merger that we had to wait for has made the person larger; no further one can, while we hold the record.
        if held.issuperset(ids_of_person(session, patient)):
            return patient


def ids_of_person(session: Session, patient: Patient) -> Sequence[UUID]:
    """The record's id, and those of every record that staff have merged with it."""
    if patient.person_id is None:
        return (patient.id,)
    return session.scalars(select(Patient.id).where(Patient.person_id == patient.person_id)).all()


def stopped_elsewhere(session: Session, patient: Patient) -> set[str]:
    """The channels that were stopped in another record after this record's consent was given.

    A record of the same person counts for every channel, whoever else gave this number for text messages.
    """
    given = {each.channel: each.consented_at for each in patient.consents}
    if not given or (patient.person_id is None and not patient.phone_key):
        return set()
    same_person = Patient.id.in_(ids_of_person(session, patient))
    same_number = and_(Patient.phone_key == patient.phone_key, Patient.phone_key != "")
    stopped = (
        select(Consent.channel, Consent.withdrawn_at)
        .join(Patient, Patient.id == Consent.patient_id)
        .where(or_(same_number, same_person), Patient.id != patient.id)
        .where(or_(Consent.channel == "sms", same_person), Consent.withdrawn_at.is_not(None))
    )
    return {
        channel
        for channel, at in session.execute(stopped).all()
        if channel in given and at is not None and at >= given[channel]
    }


def of_phone(session: Session, key: str) -> Sequence[UUID]:
    """Ids of the patients who gave that number, of every practice."""
    return session.scalars(select(Patient.id).where(Patient.phone_key == key).order_by(Patient.id)).all()


def get(session: Session, patient_id: UUID) -> Patient:
    """The record with its consents, for staff; PatientNotFound when there is none."""
    query = select(Patient).where(Patient.id == patient_id).options(joinedload(Patient.consents))
    patient = session.scalars(query).unique().one_or_none()
    if patient is None:
        raise PatientNotFound
    return patient


def of_practice(session: Session, patient_id: UUID, practice_id: UUID) -> Patient:
    """The record, if it is that practice's own; PatientNotFound otherwise."""
    patient = session.scalar(
        select(Patient).where(Patient.id == patient_id, Patient.practice_id == practice_id)
    )
    if patient is None:
        raise PatientNotFound
    return patient


def get_for_update(session: Session, patient_id: UUID) -> Patient:
    """The record with its consents, locked until the transaction ends; PatientNotFound when there is none."""
    if session.scalar(select(Patient.id).where(Patient.id == patient_id).with_for_update()) is None:
        raise PatientNotFound
    return get(session, patient_id)


def reread(session: Session, patient_id: UUID) -> Patient:
    """The record as it was written in this transaction."""
    session.flush()  # What was changed is what is read.
    query = select(Patient).where(Patient.id == patient_id).options(selectinload(Patient.consents))
    return session.scalars(query.execution_options(populate_existing=True)).one()


def of_ids(session: Session, patient_ids: Collection[UUID]) -> Sequence[Patient]:
    return session.scalars(select(Patient).where(Patient.id.in_(patient_ids)).order_by(Patient.id)).all()


def merged_with(session: Session, patient: Patient) -> Sequence[Patient]:
    """The other records of the same person."""
    if patient.person_id is None:
        return ()
    query = select(Patient).where(Patient.person_id == patient.person_id, Patient.id != patient.id)
    return session.scalars(query.order_by(Patient.id)).all()


def named(sought: str) -> ColumnElement[bool]:
    """Patients whose name holds these letters; of one or two letters, with a word that begins so."""
    if len(sought) >= _LETTERS_ANYWHERE:
        return Patient.full_name.icontains(sought, autoescape=True)
    begins = Patient.full_name.istartswith(sought, autoescape=True)
    return or_(begins, Patient.full_name.icontains(f" {sought}", autoescape=True))


def newest_first(name: str | None, birth_on: date | None) -> Select[Patient]:
    """Records of every practice, newest first, for staff: of that name, born on that day."""
    query = select(Patient)
    if name is not None:
        query = query.where(named(name))
    if birth_on is not None:
        query = query.where(Patient.birth_on == birth_on)
    return query.order_by(Patient.id.desc())
