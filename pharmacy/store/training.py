"""Who is trained in what and until when; append-only, a mistaken record is corrected by one that names it.

The record in force for a competency is the newest that nobody corrected. Whoever assesses is another person.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Select, exists, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from pharmacy.domain.readiness import Competency, require_trained
from pharmacy.store.base import Model, new_id, one_of
from pharmacy.store.staff import StaffMember


class TrainingRecord(Model):
    __tablename__ = "training_records"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    staff_member_id: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"), index=True)
    competency: Mapped[Competency] = mapped_column(one_of(Competency, "competency"))
    trained_on: Mapped[date]
    training_expires_on: Mapped[date]
    method: Mapped[str]
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("training_records.id"), unique=True)
    recorded_at: Mapped[datetime]
    assessed_by: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"))
    __table_args__ = (
        CheckConstraint("assessed_by <> staff_member_id", name="two_people"),
        CheckConstraint("training_expires_on > trained_on", name="expires_later"),
    )


def expiries(session: Session, staff_member_id: UUID) -> dict[Competency, date]:
    """The last day of the training in force, by competency; without those that were never trained."""
    found = session.scalars(_in_force().where(TrainingRecord.staff_member_id == staff_member_id))
    return {record.competency: record.training_expires_on for record in found}


def require_member_trained(session: Session, staff_member_id: UUID, on: date) -> None:
    """Raises TrainingLapsed unless that person is trained in every competency on that day."""
    name = session.scalars(select(StaffMember.full_name).where(StaffMember.id == staff_member_id)).one()
    require_trained(name, expiries(session, staff_member_id), on)


def everybody(session: Session) -> Sequence[tuple[StaffMember, dict[Competency, date]]]:
    """Everybody who works here, by name, with the last days of their trainings in force."""
    members = session.scalars(
        select(StaffMember).where(StaffMember.disabled_at.is_(None)).order_by(StaffMember.full_name)
    ).all()
    by_member: dict[UUID, dict[Competency, date]] = {member.id: {} for member in members}
    for record in session.scalars(_in_force()):
        if record.staff_member_id in by_member:
            by_member[record.staff_member_id][record.competency] = record.training_expires_on
    return [(member, by_member[member.id]) for member in members]


def records_of(session: Session, staff_member_id: UUID) -> Sequence[TrainingRecord]:
    """Every training record of that person, newest first, corrected ones among them."""
    query = select(TrainingRecord).where(TrainingRecord.staff_member_id == staff_member_id)
    return session.scalars(query.order_by(TrainingRecord.trained_on.desc(), TrainingRecord.id.desc())).all()


def _in_force() -> Select[TrainingRecord]:
    correction = aliased(TrainingRecord)
    return (
        select(TrainingRecord)
        .ext(distinct_on(TrainingRecord.staff_member_id, TrainingRecord.competency))
        .where(~exists().where(correction.corrects_id == TrainingRecord.id))
        .order_by(
            TrainingRecord.staff_member_id,
            TrainingRecord.competency,
            TrainingRecord.trained_on.desc(),
            TrainingRecord.id.desc(),
        )
    )
