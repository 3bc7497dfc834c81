"""Batches: what we make, each from lots we can name, with the worksheet as it was calculated.

A triturate is a batch that is itself an ingredient. An allocation promises capsules of a batch to an order
line; a capsule batch with its allocations is what recall walks along. How many capsules are promised is counted
by the database as allocations come and go, and never exceeds what the batch holds.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, UniqueConstraint, func, select
from sqlalchemy import Sequence as NumberSequence
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.actors import Actor
from pharmacy.domain.batches import BatchKind, BatchStatus, advance
from pharmacy.domain.errors import NotFound
from pharmacy.domain.potency import StrengthBasis
from pharmacy.store import audit
from pharmacy.store.base import Facts, Model, Record, Ug, new_id, one_of

# What a batch is and where it stands are part of this module's face, though the rules have them.
__all__ = [
    "Allocation",
    "Batch",
    "BatchKind",
    "BatchNotFound",
    "BatchStatus",
    "all_of_lines",
    "allocations_from",
    "allocations_of",
    "get",
    "get_for_update",
    "move",
    "newest_first",
    "next_number",
    "of_lines",
]

BATCH_NUMBERS = NumberSequence("batch_numbers", start=1, metadata=Record.metadata)


@dataclass(eq=False)
class BatchNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such batch."


class Batch(Model):
    __tablename__ = "batches"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[BatchKind] = mapped_column(one_of(BatchKind, "kind"))
    status: Mapped[BatchStatus] = mapped_column(one_of(BatchStatus, "status"))
    status_at: Mapped[datetime]
    status_by: Mapped[UUID]
    compounded_on: Mapped[date]
    # Whoever planned it, until somebody weighs: from the first weighing on, the compounder.
    compounded_by: Mapped[UUID]
    beyond_use_on: Mapped[date]
    beyond_use_limited_by: Mapped[str]
    # Capsules: the label strength. Triturates: the mass fraction of naltrexone HCl, unrounded.
    strength_ug: Mapped[Ug | None]
    strength_fraction: Mapped[Decimal | None]
    capsules_prepared: Mapped[int | None]
    capsules_required: Mapped[int | None]
    # Capsules that order lines may be promised: those to fill, and once counted those that may be released.
    capsules_on_offer: Mapped[int | None]
    capsules_allocated: Mapped[int] = mapped_column(server_default="0")
    api_lot_id: Mapped[UUID] = mapped_column(ForeignKey("component_lots.id"), index=True)
    filler_lot_id: Mapped[UUID] = mapped_column(ForeignKey("component_lots.id"), index=True)
    triturate_id: Mapped[UUID | None] = mapped_column(ForeignKey("batches.id"), index=True)
    balance_id: Mapped[UUID | None] = mapped_column(ForeignKey("balances.id"))
    # None for what was made before batches kept it, and for triturates, which follow the standard procedure.
    formulation_id: Mapped[UUID | None] = mapped_column(ForeignKey("formulations.id"), index=True)
    # Scanned when the capsules are filled.
    shell_lot_id: Mapped[UUID | None] = mapped_column(ForeignKey("component_lots.id"), index=True)
    worksheet: Mapped[Facts] = mapped_column(JSONB)
    # What the worksheet was worked out from, with its hash; None for batches older than certificates.
    certificate: Mapped[dict[str, object] | None] = mapped_column(JSONB(none_as_null=True))
    # The closing figures once more, from what really lay on the pan.
    as_weighed: Mapped[dict[str, object] | None] = mapped_column(JSONB(none_as_null=True))
    blended_at: Mapped[datetime | None]
    blended_by: Mapped[UUID | None]
    appearance: Mapped[str | None]
    filled_at: Mapped[datetime | None]
    filled_by: Mapped[UUID | None]
    capsules_filled: Mapped[int | None]
    capsules_rejected: Mapped[int | None]
    capsules_retained: Mapped[int | None]
    waste_mg: Mapped[Decimal | None]
    reconciliation: Mapped[dict[str, object] | None] = mapped_column(JSONB(none_as_null=True))
    reconciled_at: Mapped[datetime | None]
    reconciled_by: Mapped[UUID | None]
    released_at: Mapped[datetime | None]
    released_by: Mapped[UUID | None]
    # The exception of a pharmacy of one pharmacist, with the pharmacist-in-charge's words.
    single_pharmacist_reason: Mapped[str | None]
    __table_args__ = (
        CheckConstraint(
            # A comparison with NULL is not false, and a CHECK lets it pass: that nothing is missing is said.
            "(kind = 'capsules' and num_nulls(strength_ug, capsules_prepared) = 0"
            " and strength_ug > 0 and capsules_prepared > 0 and strength_fraction is null)"
            " or (kind = 'triturate' and num_nonnulls(strength_ug, capsules_prepared) = 0"
            " and strength_fraction is not null and strength_fraction > 0 and strength_fraction < 1)"
            " or (kind = 'liquid' and num_nonnulls(strength_ug, capsules_prepared, strength_fraction) = 0)",
            name="kind_whole",
        ),
        CheckConstraint("beyond_use_on >= compounded_on", name="beyond_use"),
        CheckConstraint(
            "capsules_allocated >= 0 and capsules_allocated <= coalesce(capsules_on_offer, capsules_allocated)",
            name="allocated",
        ),
        CheckConstraint(
            "capsules_filled = capsules_on_offer + capsules_rejected + capsules_retained"
            " or capsules_rejected is null",
            name="counted",
        ),
        CheckConstraint(
            "released_by is distinct from compounded_by or single_pharmacist_reason is not null"
            " or released_by is null",
            name="two_people",
        ),
        Index("ix_batches_status_id", "status", "id"),
        Index("ix_batches_compounded_on", "compounded_on"),
    )

    @property
    def strength_basis(self) -> StrengthBasis:
        """What the label strength is milligrams of; what is older than certificates was made as hydrochloride."""
        inputs: Any = (self.certificate or {}).get("inputs", {})
        basis = inputs.get("asked", {}).get("basis")
        return StrengthBasis.NALTREXONE_HYDROCHLORIDE if basis is None else StrengthBasis(basis)

    @property
    def capsules_promised(self) -> int | None:
        """How many capsules order lines were promised; None of a liquid, whose count is of marks of the syringe."""
        return None if self.kind is BatchKind.LIQUID else self.capsules_allocated

    def advance_to(self, wanted: BatchStatus, *, by: Actor, at: datetime) -> None:
        """The batch is in `wanted`, entered by `by`; IllegalBatchMove when the table does not allow it."""
        self.status = advance(self.number, self.status, wanted)
        self.status_at = at
        self.status_by = by.id


class Allocation(Model):
    """Capsules of one batch promised to one order line; destroyed ones stay on record."""

    __tablename__ = "allocations"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batches.id"))
    order_line_id: Mapped[UUID] = mapped_column(ForeignKey("order_lines.id"), index=True)
    capsules: Mapped[int]
    allocated_at: Mapped[datetime]
    allocated_by: Mapped[UUID]
    destroyed_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("batch_id", "order_line_id"),
        CheckConstraint("capsules >= 1", name="capsules"),
    )


def move(
    session: Session, batch: Batch, wanted: BatchStatus, *, by: Actor, at: datetime, **detail: object
) -> None:
    """The batch is in that state, on record with what else there is to say of it."""
    batch.advance_to(wanted, by=by, at=at)
    session.flush()  # The database judges every move by itself; two in one would look like a leap.
    audit.record(session, f"batch.{wanted}", batch.id, by=by, at=at, number=batch.number, **detail)


def get(session: Session, batch_id: UUID) -> Batch:
    """The batch; BatchNotFound when there is none."""
    batch = session.get(Batch, batch_id)
    if batch is None:
        raise BatchNotFound
    return batch


def numbered(session: Session, number: str) -> Batch:
    """The batch that people call by that number; BatchNotFound when there is none."""
    batch = session.scalar(select(Batch).where(Batch.number == number))
    if batch is None:
        raise BatchNotFound
    return batch


def get_for_update(session: Session, batch_id: UUID) -> Batch:
    """The batch as it is now, ours until the transaction ends; BatchNotFound when there is none.

    Whoever needs orders or lots as well holds those first.
    """
    query = select(Batch).where(Batch.id == batch_id).with_for_update()
    batch = session.scalar(query.execution_options(populate_existing=True))
    if batch is None:
        raise BatchNotFound
    return batch


def newest_first(status: BatchStatus | None = None) -> Select[Batch]:
    """A page of batches, newest first, for lists."""
    return listed([] if status is None else [status])


def listed(statuses: Collection[BatchStatus]) -> Select[Batch]:
    """A page of batches, newest first: those in one of these states, or all where none is named."""
    query = select(Batch)
    if statuses:
        query = query.where(Batch.status.in_(statuses))
    return query.order_by(Batch.id.desc())


def counts_by_status(session: Session) -> dict[BatchStatus, int]:
    """How many batches are in each state that has any."""
    counted = select(Batch.status, func.count()).group_by(Batch.status)
    return {status: int(count) for status, count in session.execute(counted)}


def in_states(statuses: Collection[BatchStatus]) -> Select[Any]:
    """The ids of the batches in one of these states."""
    return select(Batch.id).where(Batch.status.in_(statuses))


def next_number(session: Session, on: date) -> str:
    """A batch number nobody has yet, such as B260302-0017: the day and a running number."""
    return f"B{on:%y%m%d}-{session.scalar(BATCH_NUMBERS.next_value()):04d}"


def all_of_lines(session: Session, line_ids: Sequence[UUID]) -> dict[UUID, list[Batch]]:
    """The batches that serve each of these order lines, the first to end first; lines without are left out."""
    rows = session.execute(
        select(Allocation.order_line_id, Batch)
        .join(Batch, Batch.id == Allocation.batch_id)
        .where(Allocation.order_line_id.in_(line_ids))
        .order_by(Batch.beyond_use_on, Batch.number)
    )
    found: dict[UUID, list[Batch]] = {}
    for line_id, batch in rows:
        found.setdefault(line_id, []).append(batch)
    return found


def of_lines(session: Session, line_ids: Sequence[UUID]) -> dict[UUID, Batch]:
    """The batch that serves each of these order lines, where one is allocated; of several the first to end."""
    return {line_id: made[0] for line_id, made in all_of_lines(session, line_ids).items()}


def allocations_of(session: Session, line_ids: Sequence[UUID]) -> list[Allocation]:
    """What is promised to these order lines, by batch."""
    query = select(Allocation).where(Allocation.order_line_id.in_(line_ids))
    return list(session.scalars(query.order_by(Allocation.batch_id, Allocation.id)))


def promised_to(session: Session, line_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many capsules are promised to each of these order lines; lines without are left out."""
    query = select(Allocation.order_line_id, func.sum(Allocation.capsules)).where(
        Allocation.order_line_id.in_(line_ids)
    )
    return {
        line_id: int(capsules)
        for line_id, capsules in session.execute(query.group_by(Allocation.order_line_id))
    }


def allocations_from(session: Session, batch_id: UUID) -> list[Allocation]:
    """What is promised of that batch, oldest first."""
    query = select(Allocation).where(Allocation.batch_id == batch_id)
    return list(session.scalars(query.order_by(Allocation.id)))
