"""Requests to the prescriber to renew a prescription, and their answers: approve, change, deny.

One request of a prescription is open at a time. An approved or changed one names the prescription that takes the
old one's place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.errors import Conflict, NotFound
from pharmacy.store.base import Model, new_id, one_of


class RenewalState(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    CHANGED = "changed"
    DENIED = "denied"


@dataclass(eq=False)
class RenewalNotFound(NotFound):
    """There is no such request, or it is not the caller's to see."""

    def __str__(self) -> str:
        return "There is no such request for a renewal."


@dataclass(eq=False)
class RenewalAnswered(Conflict):
    """A request is answered once."""

    state: RenewalState

    def __str__(self) -> str:
        return f"This request is {self.state} already."


class Renewal(Model):
    __tablename__ = "renewals"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    prescription_id: Mapped[UUID] = mapped_column(ForeignKey("prescriptions.id"), index=True)
    practice_id: Mapped[UUID] = mapped_column(ForeignKey("practices.id"))
    state: Mapped[RenewalState] = mapped_column(one_of(RenewalState, "state"))
    asked_at: Mapped[datetime]
    asked_by: Mapped[UUID]
    # The first day without a dose, as it was reckoned when the prescriber was asked.
    needed_on: Mapped[date]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None]
    reason: Mapped[str | None]
    renewed_id: Mapped[UUID | None] = mapped_column(ForeignKey("prescriptions.id"))
    __table_args__ = (
        CheckConstraint(
            "(state = 'asked') = (answered_at is null) and num_nulls(answered_at, answered_by) in (0, 2)",
            name="answered_whole",
        ),
        CheckConstraint("(state in ('approved', 'changed')) = (renewed_id is not null)", name="renewed"),
        CheckConstraint("state <> 'denied' or reason is not null", name="denied_because"),
        Index("uq_renewals_open", "prescription_id", unique=True, postgresql_where="state = 'asked'"),
    )


def open_of(session: Session, prescription_id: UUID) -> Renewal | None:
    """The request that waits for an answer, locked."""
    query = select(Renewal).where(
        Renewal.prescription_id == prescription_id, Renewal.state == RenewalState.ASKED
    )
    return session.scalar(query.with_for_update())


def get_for_update(session: Session, renewal_id: UUID, practice_id: UUID) -> Renewal:
    """The request of that practice, locked; RenewalNotFound otherwise."""
    query = select(Renewal).where(Renewal.id == renewal_id, Renewal.practice_id == practice_id)
    found = session.scalar(query.with_for_update())
    if found is None:
        raise RenewalNotFound
    return found


def was_asked(session: Session, prescription_id: UUID) -> bool:
    """Whether a renewal of the prescription was ever asked for."""
    query = select(Renewal.id).where(Renewal.prescription_id == prescription_id).limit(1)
    return session.scalar(query) is not None


def approved_as_it_was(session: Session, prescription_id: UUID) -> bool:
    """Whether that prescription goes on with the plan of the one before: the renewal was approved, not changed."""
    query = select(Renewal.id).where(
        Renewal.renewed_id == prescription_id, Renewal.state == RenewalState.APPROVED
    )
    return session.scalar(query.limit(1)) is not None
