"""Orders that staff enter from fax, telephone or paper: the picture, who called, and the dose as each person read it.

A reading of the dose is written once and never changed: whoever reads the sheet again leaves another. An entry is open
until two people's newest readings agree and the order is filed, or until somebody sets it aside with a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.double_entry import Channel
from pharmacy.domain.errors import NotFound
from pharmacy.domain.pictures import PictureKind
from pharmacy.store.base import Facts, Model, new_id, one_of
from pharmacy.store.side_by_side import Listing


class EntryState(StrEnum):
    """Where an entry is: nothing typed, one reading, two that differ, an order, or set aside."""

    OPENED = "opened"
    ENTERED_ONCE = "entered_once"
    DIFFERS = "differs"
    SUBMITTED = "submitted"
    SET_ASIDE = "set_aside"


OPEN_STATES = (EntryState.OPENED, EntryState.ENTERED_ONCE, EntryState.DIFFERS)


@dataclass(eq=False)
class EntryNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such entry."


class OrderEntry(Model):
    __tablename__ = "order_entries"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    practice_id: Mapped[UUID] = mapped_column(ForeignKey("practices.id"), index=True)
    channel: Mapped[Channel] = mapped_column(one_of(Channel, "channel"))
    # Who called or sent it, in words; and, for a call, to whom it was read back, by whom, when.
    caller: Mapped[str]
    read_back_to: Mapped[str | None]
    read_back_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"))
    state: Mapped[EntryState] = mapped_column(one_of(EntryState, "state"))
    # Everything but the dose, in the shape of the API's order, as the first person typed it.
    form: Mapped[Facts | None] = mapped_column(JSONB(none_as_null=True))
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"), unique=True)
    set_aside_because: Mapped[str | None]
    state_at: Mapped[datetime]
    state_by: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"))
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy declares it as an instance variable.
    __table_args__ = (
        CheckConstraint("(order_id is not null) = (state = 'submitted')", name="submitted"),
        CheckConstraint("(set_aside_because is not null) = (state = 'set_aside')", name="set_aside"),
        CheckConstraint("num_nulls(read_back_to, read_back_at) in (0, 2)", name="read_back_whole"),
        CheckConstraint("channel <> 'phone' or read_back_to is not null", name="calls_are_read_back"),
        Index("ix_order_entries_state_id", "state", "id"),
    )


class EntryPicture(Model):
    """The sheet as it came, with its hash."""

    __tablename__ = "entry_pictures"
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("order_entries.id"), primary_key=True)
    kind: Mapped[PictureKind] = mapped_column(one_of(PictureKind, "kind"))
    sha256: Mapped[str]
    content: Mapped[bytes]


class EntryReading(Model):
    """The dose as one person read it from the sheet."""

    __tablename__ = "entry_readings"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("order_entries.id"), index=True)
    read_by: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"))
    read_at: Mapped[datetime]
    plan: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    days: Mapped[int | None]


def get(session: Session, entry_id: UUID) -> OrderEntry:
    """The entry; EntryNotFound when there is none."""
    found = session.get(OrderEntry, entry_id)
    if found is None:
        raise EntryNotFound
    return found


def get_for_update(session: Session, entry_id: UUID) -> OrderEntry:
    """The entry, locked until the transaction ends; EntryNotFound when there is none."""
    found = session.scalar(select(OrderEntry).where(OrderEntry.id == entry_id).with_for_update())
    if found is None:
        raise EntryNotFound
    return found


def newest_readings(session: Session, entry_id: UUID) -> Sequence[EntryReading]:
    """The newest reading of each person, the person who read it first standing first."""
    query = select(EntryReading).where(EntryReading.entry_id == entry_id).order_by(EntryReading.id)
    newest: dict[UUID, EntryReading] = {}
    for reading in session.scalars(query):
        newest[reading.read_by] = reading
    return list(newest.values())


def picture_of(session: Session, entry_id: UUID) -> EntryPicture | None:
    """The sheet, if one came."""
    return session.get(EntryPicture, entry_id)


def picture_kind_of(session: Session, entry_id: UUID) -> PictureKind | None:
    """What kind of picture there is, without its content."""
    return session.scalar(select(EntryPicture.kind).where(EntryPicture.entry_id == entry_id))


def of_order(session: Session, order_id: UUID) -> OrderEntry | None:
    """The entry that the order was filed from, if it came that way."""
    return session.scalar(select(OrderEntry).where(OrderEntry.order_id == order_id))


def listing_of(order_id: UUID) -> Listing:
    """The same, for whoever asks other things too."""
    return Listing(OrderEntry, OrderEntry.order_id == order_id, [OrderEntry.id])


def waiting() -> Select[OrderEntry]:
    """Entries that are still open, oldest first."""
    return select(OrderEntry).where(OrderEntry.state.in_(OPEN_STATES)).order_by(OrderEntry.id)
