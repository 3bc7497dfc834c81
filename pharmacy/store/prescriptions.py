"""Prescriptions and the immutable versions of their plans.

A plan version is written once; a change of the plan is a new version. A step with a morning and a bedtime
amount is two rows of the same position.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pharmacy.domain.potency import StrengthBasis
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.titration import Intake, Step, TimeOfDay, TitrationPlan
from pharmacy.store.base import Model, Ug, new_id, one_of
from pharmacy.store.patients import Patient


class Prescription(Model):
    """What the prescriber authorised, with the prescriber's particulars as they were signed."""

    __tablename__ = "prescriptions"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    practice_id: Mapped[UUID] = mapped_column(ForeignKey("practices.id"), index=True)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"), index=True)
    written_on: Mapped[date]
    last_fill_on: Mapped[date]
    refills: Mapped[int]
    purpose: Mapped[str | None]
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
    created_at: Mapped[datetime]
    patient: Mapped[Patient] = relationship(lazy="raise")
    plan_versions: Mapped[list[PlanVersion]] = relationship(lazy="raise", order_by="PlanVersion.version")

    __table_args__ = (
        CheckConstraint("refills between 0 and 11", name="refills"),
        CheckConstraint("prescriber_npi ~ '^[12][0-9]{9}$'", name="npi_shape"),
        CheckConstraint(
            "num_nulls(authorization_kind, authorization_npi, authorization_at) in (0, 3)",
            name="authorization_whole",
        ),
    )


class PlanVersion(Model):
    """One immutable version of a plan, in force from `first_day` of the course."""

    __tablename__ = "plan_versions"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    prescription_id: Mapped[UUID] = mapped_column(ForeignKey("prescriptions.id"))
    version: Mapped[int]
    first_day: Mapped[int]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID]
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
