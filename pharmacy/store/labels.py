"""Labels: what is on one vial, made once by a worker and kept with its hash.

A proof exists before lots are allocated and bears no barcode; the dispensing label is made when lot and
beyond-use date are known. One living label of each kind per vial: a unique index holds it, so that two
workers that make the same label at once leave one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.errors import Conflict, NotFound
from pharmacy.store.base import Facts, Model, new_id, one_of


class LabelKind(StrEnum):
    PROOF = "proof"
    DISPENSING = "dispensing"


@dataclass(eq=False)
class LabelNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such label."


@dataclass(eq=False)
class LabelNotMade(Conflict):
    """A worker has yet to make it, or could not."""

    def __str__(self) -> str:
        return "The label is still being made; ask again in a moment."


class Label(Model):
    __tablename__ = "labels"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    vial_id: Mapped[UUID] = mapped_column(ForeignKey("vials.id"), index=True)
    kind: Mapped[LabelKind] = mapped_column(one_of(LabelKind, "kind"))
    # What the label says, decided in the transaction that asked for it; the worker only draws it.
    content: Mapped[Facts] = mapped_column(JSONB)
    barcode: Mapped[str | None] = mapped_column(unique=True)
    requested_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    template_version: Mapped[str | None]
    sha256: Mapped[str | None]
    pdf: Mapped[bytes | None]
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str | None]
    __table_args__ = (
        CheckConstraint("num_nulls(made_at, template_version, sha256, pdf) in (0, 4)", name="made_whole"),
        CheckConstraint("num_nulls(voided_at, void_reason) in (0, 2)", name="void_whole"),
        CheckConstraint("kind <> 'proof' or barcode is null", name="proof_has_no_barcode"),
        CheckConstraint("kind <> 'dispensing' or barcode is not null", name="dispensing_has_barcode"),
        Index(
            "ix_labels_void",
            "id",
            postgresql_where="voided_at is not null and kind = 'dispensing'",
        ),
        Index(
            "uq_labels_living",
            "vial_id",
            "kind",
            unique=True,
            postgresql_where="voided_at is null",
        ),
    )


def get(session: Session, label_id: UUID) -> Label:
    """The label with that id; LabelNotFound when there is none."""
    label = session.get(Label, label_id)
    if label is None:
        raise LabelNotFound
    return label


def get_for_update(session: Session, label_id: UUID) -> Label:
    """The label, locked until the transaction ends."""
    label = session.scalar(select(Label).where(Label.id == label_id).with_for_update())
    if label is None:
        raise LabelNotFound
    return label


def order_of_barcode(session: Session, barcode: str) -> UUID | None:
    """The order of the living label that bears this barcode."""
    query = select(Label.order_id).where(Label.barcode == barcode, Label.voided_at.is_(None))
    return session.scalar(query)


def of_ids(session: Session, label_ids: Collection[UUID]) -> dict[UUID, Label]:
    """These labels, by id."""
    found = session.scalars(select(Label).where(Label.id.in_(label_ids)))
    return {label.id: label for label in found}


def of_order(session: Session, order_id: UUID) -> list[Label]:
    """Every label of the order without its picture, oldest first."""
    query = select(Label).where(Label.order_id == order_id).order_by(Label.requested_at, Label.id)
    return list(session.scalars(query))


def unmade_of_order(session: Session, order_id: UUID) -> list[Label]:
    """The living labels of the order that have yet to be drawn."""
    return [
        label for label in of_order(session, order_id) if label.made_at is None and label.voided_at is None
    ]


def file_of(session: Session, label_id: UUID) -> bytes:
    """The file of any label, for staff. Raises LabelNotFound or LabelNotMade."""
    return made(get(session, label_id).pdf)


def made(pdf: bytes | None) -> bytes:
    """The file, if there is one; LabelNotMade otherwise."""
    if pdf is None:
        raise LabelNotMade
    return pdf
