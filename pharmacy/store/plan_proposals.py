"""Plans that were read from free text, kept with the raw text, until a pharmacist accepts or declines them.

A proposal is never an order and never becomes one by itself: an accepted plan stands beside what was read, since
the pharmacist may have put it right.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Select, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.errors import NotFound
from pharmacy.store.base import Facts, Model, new_id, one_of


class ProposalStatus(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(eq=False)
class ProposalNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such plan proposal."


class PlanProposal(Model):
    """A text, what was read from it, and what a pharmacist made of it."""

    __tablename__ = "plan_proposals"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    practice_id: Mapped[UUID | None] = mapped_column(ForeignKey("practices.id"), index=True)
    text: Mapped[str]
    reading: Mapped[Facts] = mapped_column(JSONB)
    status: Mapped[ProposalStatus] = mapped_column(one_of(ProposalStatus, "status"))
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[UUID]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]
    # The steps as the pharmacist accepted them, in the words of quotes.
    accepted_plan: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    reason: Mapped[str | None]
    __table_args__ = (
        CheckConstraint(
            "num_nulls(decided_at, decided_by) = case status when 'proposed' then 2 else 0 end",
            name="decided_whole",
        ),
        CheckConstraint("(accepted_plan is not null) = (status = 'accepted')", name="accepted_plan"),
        CheckConstraint("(reason is not null) = (status = 'declined')", name="reason"),
    )


def get(session: Session, proposal_id: UUID) -> PlanProposal:
    """The proposal, for staff; ProposalNotFound when there is none."""
    found = session.get(PlanProposal, proposal_id)
    if found is None:
        raise ProposalNotFound
    return found


def get_for_update(session: Session, proposal_id: UUID) -> PlanProposal:
    """The proposal, locked until the transaction ends; ProposalNotFound when there is none."""
    found = session.scalar(select(PlanProposal).where(PlanProposal.id == proposal_id).with_for_update())
    if found is None:
        raise ProposalNotFound
    return found


def waiting() -> Select[PlanProposal]:
    """Proposals that nobody has decided about, oldest first; for staff."""
    query = select(PlanProposal).where(PlanProposal.status == ProposalStatus.PROPOSED)
    return query.order_by(PlanProposal.id)
