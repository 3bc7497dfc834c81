"""What staff decided about two records: one person, two people, or one person after all not.

Every decision is a row that stays, with who, when and why; the newest about a pair counts. Which records are one
person now stands in `patients.person_id`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.store.base import Model, new_id, one_of


class LinkKind(StrEnum):
    """What was decided."""

    MERGED = "merged"
    UNMERGED = "unmerged"
    TOLD_APART = "told_apart"


class PatientLink(Model):
    __tablename__ = "patient_links"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"), index=True)
    other_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"), index=True)
    kind: Mapped[LinkKind] = mapped_column(one_of(LinkKind, "kind"))
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"))
    decided_at: Mapped[datetime]
    reason: Mapped[str]
    __table_args__ = (
        CheckConstraint("patient_id <> other_id", name="two_records"),
        CheckConstraint("length(reason) >= 10", name="reason"),
    )


def about(session: Session, patient_id: UUID) -> Sequence[PatientLink]:
    """Every decision about that record, oldest first."""
    query = select(PatientLink).where(
        or_(PatientLink.patient_id == patient_id, PatientLink.other_id == patient_id)
    )
    return session.scalars(query.order_by(PatientLink.id)).all()


def standing_mergers(session: Session, patient_id: UUID) -> frozenset[frozenset[UUID]]:
    """The pairs that are merged now, of every record that hangs together with this one by them."""
    pairs: set[frozenset[UUID]] = set()
    seen: set[UUID] = set()
    fringe = {patient_id}
    while fringe:
        seen |= fringe
        newest: dict[frozenset[UUID], LinkKind] = {}
        query = select(PatientLink).where(
            or_(PatientLink.patient_id.in_(fringe), PatientLink.other_id.in_(fringe))
        )
        for link in session.scalars(query.order_by(PatientLink.id)):
            newest[frozenset({link.patient_id, link.other_id})] = link.kind
        pairs |= {pair for pair, kind in newest.items() if kind is LinkKind.MERGED}
        fringe = {each for pair in pairs for each in pair} - seen
    return frozenset(pairs)


def told_apart(patient_id: UUID, decisions: Iterable[PatientLink]) -> frozenset[UUID]:
    """The records that staff have last said to be of somebody else, by the decisions about this one, oldest first."""
    newest: dict[UUID, LinkKind] = {}
    for link in decisions:
        newest[link.other_id if link.patient_id == patient_id else link.patient_id] = link.kind
    return frozenset(other for other, kind in newest.items() if kind is LinkKind.TOLD_APART)
