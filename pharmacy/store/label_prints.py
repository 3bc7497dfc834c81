"""Every time a label was handed to a printer, or to a person's browser: who, when, where, which copy, and what became
of it.

Number 0 is the print that the vial gets; every further one is a reprint, with a person's reason and its number on the
label. The row is `sending` before the first byte leaves, so that whoever finds it so later knows that paper may exist.
A print that certainly reached nobody is `failed` and leaves its number free.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.errors import NotFound
from pharmacy.domain.labels import LabelTemplate
from pharmacy.store.base import Model, new_id, one_of

# Longer than any conversation with a printer.
LEASE = timedelta(seconds=60)


class PrintState(StrEnum):
    """`uncertain`: the printer may have printed it; a person looks and decides."""

    WAITING = "waiting"
    SENDING = "sending"
    PRINTED = "printed"
    UNCERTAIN = "uncertain"
    FAILED = "failed"


@dataclass(eq=False)
class PrintNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such print."


class LabelPrint(Model):
    __tablename__ = "label_prints"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    label_id: Mapped[UUID] = mapped_column(ForeignKey("labels.id"), index=True)
    number: Mapped[int]
    printer: Mapped[str]
    template: Mapped[LabelTemplate] = mapped_column(one_of(LabelTemplate, "template"))
    reason: Mapped[str | None]
    requested_at: Mapped[datetime]
    requested_by: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"))
    state: Mapped[PrintState] = mapped_column(one_of(PrintState, "state"))
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    started_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    detail: Mapped[str | None]
    # Of the bytes that were handed over, and what laid them out.
    sha256: Mapped[str | None]
    template_version: Mapped[str | None]
    __table_args__ = (
        CheckConstraint("(number = 0) = (reason is null)", name="reprint_has_reason"),
        CheckConstraint("number >= 0", name="number"),
        CheckConstraint("(state in ('waiting', 'sending')) = (settled_at is null)", name="settled"),
        CheckConstraint("num_nulls(sha256, template_version) in (0, 2)", name="bytes_whole"),
        Index("ix_label_prints_requested_at_id", "requested_at", "id"),
        Index(
            "uq_label_prints_number", "label_id", "number", unique=True, postgresql_where="state <> 'failed'"
        ),
    )


def of_label(session: Session, label_id: UUID) -> Sequence[LabelPrint]:
    """Every print of the label, oldest first."""
    query = select(LabelPrint).where(LabelPrint.label_id == label_id)
    return session.scalars(query.order_by(LabelPrint.requested_at, LabelPrint.id)).all()


def next_number(session: Session, label_id: UUID) -> int:
    """The number of the next print; what certainly reached nobody does not count."""
    taken = select(func.max(LabelPrint.number)).where(
        LabelPrint.label_id == label_id, LabelPrint.state != PrintState.FAILED
    )
    highest = session.scalar(taken)
    return 0 if highest is None else highest + 1


def get(session: Session, print_id: UUID) -> LabelPrint:
    """The print; PrintNotFound when there is none."""
    found = session.get(LabelPrint, print_id)
    if found is None:
        raise PrintNotFound
    return found


def get_for_update(session: Session, print_id: UUID) -> LabelPrint:
    """The print, locked until the transaction ends."""
    found = session.scalar(select(LabelPrint).where(LabelPrint.id == print_id).with_for_update())
    if found is None:
        raise PrintNotFound
    return found
