"""Prescriptions and the immutable versions of their plans.

A plan version is written once; a change of the plan is a new version. A step with a morning and a bedtime
amount is two rows of the same position.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from pharmacy.domain.authority import Authority, Envelope
from pharmacy.domain.errors import NotFound
from pharmacy.domain.potency import StrengthBasis
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.titration import Intake, Step, TimeOfDay, TitrationPlan
from pharmacy.store.base import Model, Ug, new_id, one_of
from pharmacy.store.patients import Consent, Patient
from pharmacy.store.side_by_side import Listing, Lists, hand_out, side_by_side


@dataclass(eq=False)
class PrescriptionNotFound(NotFound):
    """There is no such prescription, or it is not the caller's to see: the two are told apart by nobody."""

    def __str__(self) -> str:
        return "There is no such prescription."


class Prescription(Model):
    """What the prescriber authorised, with the prescriber's particulars as they were signed."""

    __tablename__ = "prescriptions"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    practice_id: Mapped[UUID] = mapped_column(ForeignKey("practices.id"), index=True)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"), index=True)
    written_on: Mapped[date]
    # By how it was delivered last; what is delivered otherwise has another (`valid_through`).
    last_fill_on: Mapped[date]
    refills: Mapped[int]
    purpose: Mapped[str | None]
    diagnosis_codes: Mapped[list[str]] = mapped_column(JSONB, default=list, server_default="[]")
    strength_basis: Mapped[StrengthBasis] = mapped_column(one_of(StrengthBasis, "strength_basis"))
    # Text, quantity, bounds and whatever else came beside the steps, as it came.
    as_written: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    prescriber_npi: Mapped[str]
    prescriber_name: Mapped[str]
    prescriber_phone: Mapped[str]
    prescriber_address: Mapped[str]
    prescriber_licence: Mapped[str]
    prescriber_licence_state: Mapped[str]
    authorization_kind: Mapped[str | None]
    authorization_npi: Mapped[str | None]
    authorization_at: Mapped[datetime | None]
    authorization_agent: Mapped[str | None]
    # What the prescriber has authorised in advance; both or neither.
    envelope_most_ug: Mapped[Ug | None]
    envelope_step_days: Mapped[int | None]
    created_at: Mapped[datetime]
    transferred_at: Mapped[datetime | None]
    # To whom the remaining fills went, and the two pharmacists who saw to it.
    transfer: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    # The prescription whose place this one takes.
    renews_id: Mapped[UUID | None] = mapped_column(ForeignKey("prescriptions.id"))
    patient: Mapped[Patient] = relationship(lazy="raise")
    plan_versions: Mapped[list[PlanVersion]] = relationship(lazy="raise", order_by="PlanVersion.version")

    __table_args__ = (
        CheckConstraint("refills between 0 and 11", name="refills"),
        CheckConstraint("prescriber_npi ~ '^[12][0-9]{9}$'", name="npi_shape"),
        CheckConstraint(
            "num_nulls(authorization_kind, authorization_npi, authorization_at) in (0, 3)",
            name="authorization_whole",
        ),
        CheckConstraint("num_nulls(envelope_most_ug, envelope_step_days) in (0, 2)", name="envelope_whole"),
        CheckConstraint("envelope_most_ug > 0 and envelope_step_days >= 1", name="envelope"),
        CheckConstraint("num_nulls(transferred_at, transfer) in (0, 2)", name="transfer_whole"),
    )

    def envelope(self) -> Envelope | None:
        if self.envelope_most_ug is None or self.envelope_step_days is None:
            return None
        return Envelope(Micrograms(self.envelope_most_ug), self.envelope_step_days)


class PlanVersion(Model):
    """One immutable version of a plan, in force from `first_day` of the course."""

    __tablename__ = "plan_versions"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    prescription_id: Mapped[UUID] = mapped_column(ForeignKey("prescriptions.id"))
    version: Mapped[int]
    first_day: Mapped[int]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID]
    authority: Mapped[Authority] = mapped_column(
        one_of(Authority, "authority"), server_default=Authority.PRESCRIPTION.value
    )
    # The course behind the plan: ladder, legs and what a pause keeps. None for a plan as it was prescribed.
    course: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    intakes: Mapped[list[PlanIntake]] = relationship(lazy="raise", order_by="PlanIntake.position")
    __table_args__ = (
        UniqueConstraint("prescription_id", "version"),
        CheckConstraint("version >= 1", name="version"),
    )

    def plan(self) -> TitrationPlan:
        return plan_of(self.intakes)


class PlanIntake(Model):
    """What is taken at one time of day during one step."""

    __tablename__ = "plan_intakes"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    plan_version_id: Mapped[UUID] = mapped_column(ForeignKey("plan_versions.id"))
    position: Mapped[int]
    time_of_day: Mapped[TimeOfDay] = mapped_column(one_of(TimeOfDay, "time_of_day"))
    dose_ug: Mapped[Ug]
    duration_days: Mapped[int | None]
    __table_args__ = (
        UniqueConstraint("plan_version_id", "position", "time_of_day"),
        CheckConstraint("position between 1 and 24", name="position"),
        CheckConstraint("dose_ug >= 0", name="dose"),
        CheckConstraint("duration_days >= 1", name="duration"),
    )


def intakes_of(plan_version_id: UUID, plan: TitrationPlan) -> list[PlanIntake]:
    """The rows that hold the plan; `plan_of` reads them back."""
    return [
        PlanIntake(
            id=new_id(),
            plan_version_id=plan_version_id,
            position=position,
            time_of_day=intake.time_of_day,
            dose_ug=intake.dose.value,
            duration_days=step.duration_days,
        )
        for position, step in enumerate(plan.steps, start=1)
        for intake in step.intakes
    ]


def plan_of(intakes: Iterable[PlanIntake]) -> TitrationPlan:
    """The plan that these rows hold; they come in order of position."""
    steps = []
    for _, rows in groupby(intakes, key=lambda row: row.position):
        taken = sorted(rows, key=lambda row: row.time_of_day, reverse=True)  # Morning before bedtime.
        steps.append(
            Step(
                intakes=tuple(Intake(row.time_of_day, Micrograms(row.dose_ug)) for row in taken),
                duration_days=taken[0].duration_days,
            )
        )
    return TitrationPlan(tuple(steps))


def get(session: Session, prescription_id: UUID, practice_id: UUID | None = None) -> Prescription:
    """The prescription with every plan version; of that practice alone where one is named.

    PrescriptionNotFound when there is none.
    """
    query = select(Prescription).where(Prescription.id == prescription_id)
    if practice_id is not None:
        query = query.where(Prescription.practice_id == practice_id)
    query = query.options(joinedload(Prescription.patient))
    found = session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise PrescriptionNotFound
    of_this = PlanVersion.prescription_id == found.id
    versions, intakes, consents = side_by_side(
        session,
        Listing(PlanVersion, of_this, [PlanVersion.version]),
        Listing(
            PlanIntake,
            PlanIntake.plan_version_id.in_(select(PlanVersion.id).where(of_this)),
            [PlanIntake.plan_version_id, PlanIntake.position],
        ),
        Listing(Consent, Consent.patient_id == found.patient_id, [Consent.channel]),
        anew=True,
    )
    hand_out(Lists([found], Prescription.plan_versions), versions)
    hand_out(Lists(versions, PlanVersion.intakes), intakes)
    hand_out(Lists([found.patient], Patient.consents), consents)
    return found


def hold(session: Session, prescription_id: UUID) -> None:
    """The prescription is held until the transaction ends. Who changes its plan or fills it does so first."""
    session.scalar(select(Prescription.id).where(Prescription.id == prescription_id).with_for_update())


def changed_from(session: Session, prescription_id: UUID, version: int) -> int | None:
    """The first day that any later version of the plan changes; None when that version is in force."""
    later = select(func.min(PlanVersion.first_day)).where(
        PlanVersion.prescription_id == prescription_id, PlanVersion.version > version
    )
    return session.scalar(later)
