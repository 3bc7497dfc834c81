"""Adjustments of a plan: what was asked, by whom, on whose word, and what it would change.

`difference` is what was shown when it was asked for, and again when it was accepted: a record of what people saw,
not a source of anything. One adjustment of a prescription is open at a time, so that nobody authorises a change of
a plan that has changed meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.actors import Actor, ActorKind
from pharmacy.domain.adjustments import Adjustment, AdjustmentKind
from pharmacy.domain.authority import AdjustmentState, Authority, advance_adjustment
from pharmacy.domain.errors import NotFound
from pharmacy.domain.titration import TimeOfDay
from pharmacy.store.base import Facts, Model, new_id, one_of


@dataclass(eq=False)
class AdjustmentNotFound(NotFound):
    """There is no such adjustment, or it is not the caller's to see."""

    def __str__(self) -> str:
        return "There is no such adjustment."


class AdjustmentRow(Model):
    __tablename__ = "adjustments"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    prescription_id: Mapped[UUID] = mapped_column(ForeignKey("prescriptions.id"), index=True)
    practice_id: Mapped[UUID] = mapped_column(ForeignKey("practices.id"))
    kind: Mapped[AdjustmentKind] = mapped_column(one_of(AdjustmentKind, "kind"))
    from_day: Mapped[int]
    days: Mapped[int | None]
    time_of_day: Mapped[TimeOfDay | None] = mapped_column(one_of(TimeOfDay, "time_of_day"))
    waits_a_day: Mapped[bool]
    reason: Mapped[str]
    # The plan that it was asked of; another one in force means that it must be asked anew.
    of_version: Mapped[int]
    state: Mapped[AdjustmentState] = mapped_column(one_of(AdjustmentState, "state"))
    state_at: Mapped[datetime]
    state_by: Mapped[UUID]
    asked_by: Mapped[UUID]
    asked_by_kind: Mapped[ActorKind] = mapped_column(one_of(ActorKind, "asked_by_kind"))
    asked_at: Mapped[datetime]
    authority: Mapped[Authority | None] = mapped_column(one_of(Authority, "authority"))
    # Who signed, when and how, where the prescriber did.
    authorization: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    settled_because: Mapped[str | None]
    difference: Mapped[Facts] = mapped_column(JSONB)
    plan_version_id: Mapped[UUID | None] = mapped_column(ForeignKey("plan_versions.id"))
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"))
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy declares it as an instance variable.
    __table_args__ = (
        CheckConstraint("from_day >= 1", name="from_day"),
        CheckConstraint(
            "state in ('proposed', 'declined', 'withdrawn') or authority is not null", name="word"
        ),
        CheckConstraint("(state = 'in_force') = (plan_version_id is not null)", name="in_force"),
        Index(
            "uq_adjustments_open",
            "prescription_id",
            unique=True,
            postgresql_where="state in ('proposed', 'authorised')",
        ),
    )

    def asked(self) -> Adjustment:
        """What was asked for, as the rules know it."""
        return Adjustment(
            kind=self.kind,
            from_day=self.from_day,
            days=self.days,
            to=self.time_of_day,
            waits_a_day=self.waits_a_day,
        )

    def advance_to(self, wanted: AdjustmentState, *, by: Actor, at: datetime) -> None:
        """The adjustment is in `wanted`; AdjustmentNotThere when it cannot go there."""
        self.state = advance_adjustment(self.state, wanted)
        self.state_at, self.state_by = at, by.id


def prescription_of(session: Session, adjustment_id: UUID, practice_id: UUID | None = None) -> UUID:
    """Whose plan it would change; AdjustmentNotFound, also for another practice's."""
    query = select(AdjustmentRow.prescription_id).where(AdjustmentRow.id == adjustment_id)
    if practice_id is not None:
        query = query.where(AdjustmentRow.practice_id == practice_id)
    found = session.scalar(query)
    if found is None:
        raise AdjustmentNotFound
    return found


def get_for_update(session: Session, adjustment_id: UUID) -> AdjustmentRow:
    """The adjustment, locked until the transaction ends."""
    query = select(AdjustmentRow).where(AdjustmentRow.id == adjustment_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def of_prescription(session: Session, prescription_id: UUID) -> list[AdjustmentRow]:
    """Every adjustment that was asked for, newest first."""
    query = select(AdjustmentRow).where(AdjustmentRow.prescription_id == prescription_id)
    return list(session.scalars(query.order_by(AdjustmentRow.id.desc())))
