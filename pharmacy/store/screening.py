"""Screening in the books: rules and codes as they are in force, what was screened, and what was overridden.

Rules are never changed: the newest version of a code is in force. A screening keeps what it was made from and
what it found, so that it can be read, and made again, after the rules have moved on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT, distinct_on
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.findings import Severity
from pharmacy.store.base import Facts, Model, new_id, one_of
from pharmacy.store.reference import ReferenceVersion


class Occasion(StrEnum):
    """Why an order was screened."""

    SUBMISSION = "submission"
    ANSWERS = "answers"
    PROFILE = "profile"
    PLAN_CHANGE = "plan_change"
    REFILL = "refill"
    REVIEW = "review"
    VERIFICATION = "verification"


class ScreeningRuleRow(Model):
    """One version of a rule; the pharmacist-in-charge answers for it."""

    __tablename__ = "screening_rules"
    code: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    severity: Mapped[Severity] = mapped_column(one_of(Severity, "severity"))
    source: Mapped[str]
    numbers: Mapped[Facts] = mapped_column(JSONB)
    owner: Mapped[str]
    reason: Mapped[str]
    set_at: Mapped[datetime]
    __table_args__ = (CheckConstraint("version >= 1", name="version"),)


class IngredientRow(Model):
    __tablename__ = "ingredients"
    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]


class MedicineCode(Model):
    """A code or a name that medicines go by, what is in them, and who says so."""

    __tablename__ = "medicine_codes"
    system: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    display: Mapped[str]
    kind: Mapped[str]
    ingredients: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    is_long_acting: Mapped[bool]
    status: Mapped[str]
    source: Mapped[str]
    note: Mapped[str]
    __table_args__ = (CheckConstraint("system in ('rxnorm', 'name')", name="system"),)


class DiagnosisCodeRow(Model):
    __tablename__ = "diagnosis_codes"
    code: Mapped[str] = mapped_column(primary_key=True)
    display: Mapped[str]
    is_header: Mapped[bool]
    billable_from: Mapped[date | None]
    billable_through: Mapped[date | None]
    status: Mapped[str]
    source: Mapped[str]
    note: Mapped[str]


class DiagnosisMeaning(Model):
    """The condition that a diagnosis code implies which begins so."""

    __tablename__ = "diagnosis_meanings"
    prefix: Mapped[str] = mapped_column(primary_key=True)
    condition: Mapped[str]
    source: Mapped[str]


class Screening(Model):
    """One look of the rules at one order: when, why, from what, and what was found. Never changed."""

    __tablename__ = "screenings"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    occasion: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[UUID]
    inputs: Mapped[Facts] = mapped_column(JSONB)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    __table_args__ = (
        CheckConstraint(
            "occasion in ('submission', 'answers', 'profile', 'plan_change', 'refill', 'review', 'verification')",
            name="occasion",
        ),
        Index("ix_screenings_order_id_id", "order_id", "id"),
    )


class FindingOverride(Model):
    """That a pharmacist set a finding aside: which, by which version of its rule, why, and after whose word."""

    __tablename__ = "finding_overrides"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    code: Mapped[str]
    rule_version: Mapped[int | None]
    severity: Mapped[Severity] = mapped_column(one_of(Severity, "severity"))
    inputs: Mapped[Facts] = mapped_column(JSONB)
    overridden_by: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"))
    overridden_at: Mapped[datetime]
    reason: Mapped[str]
    contact: Mapped[str]
    __table_args__ = (
        CheckConstraint("length(reason) >= 10", name="reason"),
        CheckConstraint("severity <> 'block' or contact <> ''", name="contact"),
    )


def screening_version(session: Session) -> int:
    """A number that is raised with every change of a rule or a code."""
    return session.scalars(select(ReferenceVersion.screening_version)).one()


def rules_in_force() -> Select[ScreeningRuleRow]:
    """The newest version of every rule."""
    return (
        select(ScreeningRuleRow)
        .ext(distinct_on(ScreeningRuleRow.code))
        .order_by(ScreeningRuleRow.code, ScreeningRuleRow.version.desc())
    )


def versions_of(session: Session, code: str) -> Sequence[ScreeningRuleRow]:
    """Every version of that rule, newest first; none when there is no such rule."""
    query = select(ScreeningRuleRow).where(ScreeningRuleRow.code == code)
    return session.scalars(query.order_by(ScreeningRuleRow.version.desc())).all()


def ingredient_kinds(session: Session) -> dict[str, str]:
    return dict(session.execute(select(IngredientRow.name, IngredientRow.kind)).all())


def medicine_codes(session: Session) -> Sequence[Any]:
    """System, code, display, ingredients and whether it acts long, of every code and name."""
    columns = (
        MedicineCode.system,
        MedicineCode.code,
        MedicineCode.display,
        MedicineCode.ingredients,
        MedicineCode.is_long_acting,
    )
    return session.execute(select(*columns)).all()


def diagnosis_codes(session: Session) -> Sequence[DiagnosisCodeRow]:
    return session.scalars(select(DiagnosisCodeRow)).all()


def diagnosis_meanings(session: Session) -> dict[str, str]:
    return dict(session.execute(select(DiagnosisMeaning.prefix, DiagnosisMeaning.condition)).all())


def of_order(session: Session, order_id: UUID) -> Sequence[Screening]:
    """Every screening of that order, oldest first."""
    query = select(Screening).where(Screening.order_id == order_id).order_by(Screening.id)
    return session.scalars(query).all()


def overrides_of(session: Session, order_id: UUID) -> Sequence[FindingOverride]:
    """What was overridden on that order, oldest first."""
    query = select(FindingOverride).where(FindingOverride.order_id == order_id)
    return session.scalars(query.order_by(FindingOverride.id)).all()
