"""Recalls: what was recalled, why, and how far it has come with each patient and each practice.

A drill keeps its report and nothing else. What is recalled is blocked by triggers as well, which look through
triturates of any depth: no allocation from it, no release, and no order that holds some of it moves on.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, UniqueConstraint, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship, selectinload

from pharmacy.domain.recalls import RecallAnswer, RecallNotFound, RecallSubject
from pharmacy.store.base import Facts, Model, new_id, one_of
from pharmacy.store.batches import Batch
from pharmacy.store.orders import Order
from pharmacy.store.patients import Patient
from pharmacy.store.practices import Practice
from pharmacy.store.reference import ComponentLot


class Recall(Model):
    """One recall or drill; `report` is what the trace found when it was opened."""

    __tablename__ = "recalls"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    subject: Mapped[RecallSubject] = mapped_column(one_of(RecallSubject, "subject"))
    component_lot_id: Mapped[UUID | None] = mapped_column(ForeignKey("component_lots.id"))
    batch_id: Mapped[UUID | None] = mapped_column(ForeignKey("batches.id"))
    is_drill: Mapped[bool]
    reason: Mapped[str]
    report: Mapped[Facts] = mapped_column(JSONB)
    elapsed_ms: Mapped[int]
    opened_at: Mapped[datetime]
    opened_by: Mapped[UUID]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None]
    outcome: Mapped[str | None]
    patients: Mapped[list[RecallPatient]] = relationship(lazy="raise", order_by="RecallPatient.id")
    practices: Mapped[list[RecallPractice]] = relationship(lazy="raise", order_by="RecallPractice.id")
    __table_args__ = (
        CheckConstraint(
            "num_nonnulls(component_lot_id, batch_id) = 1"
            " and (subject = 'component_lot') = (component_lot_id is not null)",
            name="one_subject",
        ),
        CheckConstraint("num_nulls(closed_at, closed_by, outcome) in (0, 3)", name="closed_whole"),
        CheckConstraint("elapsed_ms >= 0", name="elapsed"),
        # A thing is recalled once; drills may be repeated.
        Index("uq_recalls_component_lot", "component_lot_id", unique=True, postgresql_where="not is_drill"),
        Index("uq_recalls_batch", "batch_id", unique=True, postgresql_where="not is_drill"),
    )


class RecallPatient(Model):
    """One order whose capsules have left the house, and how far it has come with its patient.

    `capsules` of the recalled batches were dispensed; `capsules_left` and `step_position` are what the plan said
    on the day the recall was opened, the position None outside the plan. Of a liquid all of them count marks of the
    oral syringe, each measuring `unit_ml`; None for capsules.
    """

    __tablename__ = "recall_patients"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    recall_id: Mapped[UUID] = mapped_column(ForeignKey("recalls.id"))
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"), index=True)
    practice_id: Mapped[UUID] = mapped_column(ForeignKey("practices.id"))
    unit_ml: Mapped[Decimal | None]
    capsules: Mapped[int]
    capsules_left: Mapped[int]
    step_position: Mapped[int | None]
    answer: Mapped[RecallAnswer] = mapped_column(one_of(RecallAnswer, "answer"))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None]
    note: Mapped[str | None]
    capsules_returned: Mapped[int | None]
    patient: Mapped[Patient] = relationship(lazy="raise")
    order: Mapped[Order] = relationship(lazy="raise")
    __table_args__ = (
        UniqueConstraint("recall_id", "order_id"),
        CheckConstraint("capsules >= 1 and capsules_left between 0 and capsules", name="capsules"),
        CheckConstraint(
            "(answer = 'to_notify') = (answered_at is null)"
            " and num_nulls(answered_at, answered_by) in (0, 2)",
            name="answered_whole",
        ),
        CheckConstraint("(answer = 'returned') = (capsules_returned is not null)", name="returned_whole"),
        CheckConstraint("capsules_returned between 0 and capsules", name="returned"),
        CheckConstraint("unit_ml > 0", name="unit_ml"),
    )


class RecallPractice(Model):
    """One practice whose patients are concerned, and who told it."""

    __tablename__ = "recall_practices"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    recall_id: Mapped[UUID] = mapped_column(ForeignKey("recalls.id"))
    practice_id: Mapped[UUID] = mapped_column(ForeignKey("practices.id"))
    told_at: Mapped[datetime | None]
    told_by: Mapped[UUID | None]
    told_whom: Mapped[str | None]
    practice: Mapped[Practice] = relationship(lazy="raise")
    __table_args__ = (
        UniqueConstraint("recall_id", "practice_id"),
        CheckConstraint("num_nulls(told_at, told_by, told_whom) in (0, 3)", name="told_whole"),
    )


def get(session: Session, recall_id: UUID) -> Recall:
    """The recall with its patients and practices; RecallNotFound when there is none."""
    query = select(Recall).where(Recall.id == recall_id).options(*_WHOLE)
    # Whoever has just filed it holds a recall without its patients.
    recall = session.scalar(query.execution_options(populate_existing=True))
    if recall is None:
        raise RecallNotFound
    return recall


def get_for_update(session: Session, recall_id: UUID) -> Recall:
    """The same, ours until the transaction ends."""
    session.execute(select(Recall.id).where(Recall.id == recall_id).with_for_update())
    return get(session, recall_id)


def newest_first() -> Select[Recall]:
    """A page of recalls and drills, newest first, with their patients and practices."""
    return select(Recall).options(*_WHOLE).order_by(Recall.id.desc())


def is_open_for(session: Session, subject_id: UUID) -> bool:
    """Whether that lot or batch is recalled already; drills do not count."""
    query = select(Recall.id).where(
        or_(Recall.component_lot_id == subject_id, Recall.batch_id == subject_id), ~Recall.is_drill
    )
    return session.scalar(query) is not None


def name_of_subject(session: Session, subject: RecallSubject, subject_id: UUID) -> str:
    """The number of that lot or batch, as it is printed; "" when there is none."""
    if subject is RecallSubject.COMPONENT_LOT:
        return session.scalar(select(ComponentLot.number).where(ComponentLot.id == subject_id)) or ""
    return session.scalar(select(Batch.number).where(Batch.id == subject_id)) or ""


_WHOLE = (
    selectinload(Recall.patients).joinedload(RecallPatient.patient),
    selectinload(Recall.patients).joinedload(RecallPatient.order),
    selectinload(Recall.practices).joinedload(RecallPractice.practice),
)
