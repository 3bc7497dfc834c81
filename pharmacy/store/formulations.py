"""Master formulation records, version by version.

A draft may still be changed by nobody but a next version; once it is approved a trigger refuses every change but
the mark of its first use, and nothing is ever removed. In force on a day is the highest approved version that has
taken effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Select, UniqueConstraint, func, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from pharmacy.domain.beyond_use import Category
from pharmacy.domain.errors import NotFound
from pharmacy.domain.formulations import DosageForm
from pharmacy.store.base import Facts, Model, new_id, one_of


@dataclass(eq=False)
class FormulationNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such formulation."


class Formulation(Model):
    """One version of one record; `contents` holds the twelve contents of USP <795> as they were entered."""

    __tablename__ = "formulations"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str]
    version: Mapped[int]
    name: Mapped[str]
    form: Mapped[DosageForm] = mapped_column(one_of(DosageForm, "form"))
    category: Mapped[Category] = mapped_column(one_of(Category, "category"))
    beyond_use_days: Mapped[int]
    contents: Mapped[Facts] = mapped_column(JSONB)
    written_by: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"))
    written_at: Mapped[datetime]
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff_members.id"))
    approved_at: Mapped[datetime | None]
    effective_on: Mapped[date | None]
    first_used_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("code", "version"),
        CheckConstraint("approved_by <> written_by", name="two_people"),
        CheckConstraint("num_nulls(approved_by, approved_at, effective_on) in (0, 3)", name="approval_whole"),
        CheckConstraint("first_used_at is null or approved_at is not null", name="approved_before_use"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint(
            "beyond_use_days >= 1 and beyond_use_days <= case category when 'aqueous' then 14"
            " when 'aqueous_preserved' then 35 when 'oral_non_aqueous' then 90 else 180 end",
            name="beyond_use",
        ),
        CheckConstraint("(form = 'capsule') = (category = 'solid')", name="category_of_form"),
        CheckConstraint(
            "contents ?& array['strength', 'components', 'characteristics', 'container_closure',"
            " 'instructions', 'description', 'beyond_use', 'beyond_use_reference', 'calculations', 'labelling',"
            " 'quality_checks', 'repeatability']",
            name="twelve_contents",
        ),
    )


def formulation(session: Session, formulation_id: UUID) -> Formulation:
    found = session.get(Formulation, formulation_id)
    if found is None:
        raise FormulationNotFound
    return found


def formulation_for_update(session: Session, formulation_id: UUID) -> Formulation:
    found = session.scalar(select(Formulation).where(Formulation.id == formulation_id).with_for_update())
    if found is None:
        raise FormulationNotFound
    return found


def newest_version(session: Session, code: str) -> int:
    """The highest version number of that code, approved or not; 0 when there is none."""
    query = select(Formulation.version).where(Formulation.code == code)
    return session.scalar(query.order_by(Formulation.version.desc()).limit(1)) or 0


def in_force(session: Session, code: str, on: date) -> Formulation | None:
    """The version of that record by which is compounded on that day."""
    query = select(Formulation).where(Formulation.code == code, Formulation.effective_on <= on)
    return session.scalars(query.order_by(Formulation.version.desc()).limit(1)).first()


def followed_on(
    session: Session, form: DosageForm, on: date, category: Category | None = None
) -> Formulation | None:
    """The formulation of that form, and of that category where one is named, that was in force on that day.

    Of several codes the one that took effect last.
    """
    query = select(Formulation).where(Formulation.form == form, Formulation.effective_on <= on)
    if category is not None:
        query = query.where(Formulation.category == category)
    return session.scalar(
        query.order_by(Formulation.effective_on.desc(), Formulation.version.desc()).limit(1)
    )


def listed(code: str | None) -> Select[Formulation]:
    """Every version, newest of a code first; of one code where it is named."""
    query = select(Formulation)
    if code is not None:
        query = query.where(Formulation.code == code)
    return query.order_by(Formulation.code, Formulation.version.desc())


def all_in_force(session: Session, form: DosageForm, on: date) -> list[Formulation]:
    """The version of every record of that form by which is compounded on that day, by code."""
    query = select(Formulation).where(Formulation.form == form, Formulation.effective_on <= on)
    # Of each code the last one that comes is kept, and that is its newest version.
    newest = {row.code: row for row in session.scalars(query.order_by(Formulation.code, Formulation.version))}
    return list(newest.values())


def versions_in_force(session: Session, on: date) -> dict[str, int]:
    """The version by which each record is compounded on that day; records of which none has taken effect are left out."""
    query = select(Formulation.code, func.max(Formulation.version)).where(Formulation.effective_on <= on)
    return dict(session.execute(query.group_by(Formulation.code)).all())


def drafts() -> Select[Formulation]:
    """Versions that wait for approval; one behind which a newer version stands waits for nobody."""
    newer = aliased(Formulation)
    is_overtaken = select(newer.id).where(newer.code == Formulation.code, newer.version > Formulation.version)
    return select(Formulation).where(Formulation.approved_at.is_(None), ~is_overtaken.exists())


def mark_used(session: Session, formulation_id: UUID, *, now: datetime) -> None:
    """The version was used by now; the first use stays on record."""
    session.execute(
        update(Formulation)
        .where(Formulation.id == formulation_id, Formulation.first_used_at.is_(None))
        .values(first_used_at=now)
    )
