"""Notices: what is due to be said to a patient, and the ledger of what was said.

A due row is re-derived while it waits; once leased by a sweep it is sent, suppressed with a reason, or left
as a task for staff. The ledger has a unique key, and is written *before* the message leaves: a death in
between shows as `uncertain`, and nothing uncertain is ever sent again by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    UniqueConstraint,
    and_,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.errors import NotFound
from pharmacy.domain.notices import NoticeKind
from pharmacy.store import patients
from pharmacy.store.base import Model, new_id, one_of
from pharmacy.store.orders import Order
from pharmacy.store.patients import Patient
from pharmacy.store.side_by_side import Listing, side_by_side

LEASE = timedelta(seconds=60)


@dataclass(eq=False)
class NoticeNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such notice."


class NoticeState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    SUPPRESSED = "suppressed"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


FOR_A_PERSON = (NoticeState.UNCERTAIN, NoticeState.FAILED)


class Notice(Model):
    """One thing to say to one patient at one time."""

    __tablename__ = "notices"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"))
    kind: Mapped[NoticeKind] = mapped_column(one_of(NoticeKind, "kind"))
    step_position: Mapped[int]
    due_on: Mapped[date]
    due_at: Mapped[datetime]
    state: Mapped[NoticeState] = mapped_column(one_of(NoticeState, "state"))
    settled_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    leased_until: Mapped[datetime | None]
    # How often a person had it sent once more.
    sent_again: Mapped[int] = mapped_column(default=0, server_default="0")
    __table_args__ = (
        # One notice of a kind for a step of an order on a day; a step of 0 means the order as a whole.
        UniqueConstraint("order_id", "kind", "step_position", "due_on"),
        CheckConstraint("(state = 'waiting') = (settled_at is null)", name="settled_pair"),
        Index("ix_notices_due", "due_at", postgresql_where="state = 'waiting'"),
        Index("ix_notices_due_at", "due_at"),
        Index("ix_notices_patient_id_due_at", "patient_id", "due_at"),
        Index("ix_notices_state_due_at_id", "state", "due_at", "id"),
        Index("ix_notices_uncertain", "due_at", "id", postgresql_where="state = 'uncertain'"),
        # Room on each page for a second version of its rows: a lease changes no index then.
        {"postgresql_with": {"fillfactor": 50}},
    )


class NoticeDecision(Model):
    """What was decided about a notice, and why: each deferral, suppression and sending is kept."""

    __tablename__ = "notice_decisions"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"), index=True)
    decided_at: Mapped[datetime]
    decision: Mapped[str]
    because: Mapped[str]
    # Until when it was put off, if it was.
    until: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint(
            "decision in ('deferred', 'claimed', 'sent', 'suppressed', 'failed', 'uncertain', 'again')",
            name="decision",
        ),
    )


class SentMessage(Model):
    """The ledger: at most one row per patient, prescription, kind, step and day, whoever tries."""

    __tablename__ = "sent_messages"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id"), unique=True)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"))
    prescription_id: Mapped[UUID] = mapped_column(ForeignKey("prescriptions.id"))
    kind: Mapped[NoticeKind] = mapped_column(one_of(NoticeKind, "kind"))
    step_position: Mapped[int]
    due_on: Mapped[date]
    channel: Mapped[str]
    started_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    # What the other side calls it; a bounce may name it later.
    provider_id: Mapped[str | None] = mapped_column(index=True)
    __table_args__ = (UniqueConstraint("patient_id", "prescription_id", "kind", "step_position", "due_on"),)


def lease_due(session: Session, *, now: datetime, most: int) -> Sequence[UUID]:
    """Ids of the `most` longest due notices, in no order, leased to the caller until `now + LEASE`."""
    due = (
        select(Notice.id)
        .where(
            Notice.state == NoticeState.WAITING,
            Notice.due_at <= now,
            or_(Notice.leased_until.is_(None), Notice.leased_until < now),
        )
        .order_by(Notice.due_at)
        .limit(most)
        .with_for_update(skip_locked=True)
        # As a common table expression it runs once; a subquery may run again and lease more than `most`.
        .cte("due")
    )
    leased = (
        update(Notice)
        .where(Notice.id.in_(select(due.c.id)))
        .values(leased_until=now + LEASE)
        .returning(Notice.id)
        .execution_options(synchronize_session=False)
    )
    return list(session.scalars(leased))


def release(session: Session, notice_ids: Sequence[UUID]) -> None:
    """The leases of these are given back: the next sweep finds what of them still waits."""
    session.execute(
        update(Notice)
        .where(Notice.id.in_(notice_ids), Notice.state == NoticeState.WAITING)
        .values(leased_until=None)
        .execution_options(synchronize_session=False)
    )


@dataclass(frozen=True, slots=True)
class Place:
    """What a notice is about."""

    kind: NoticeKind
    order_id: UUID
    prescription_id: UUID


def place_of(session: Session, notice_id: UUID) -> Place | None:
    """What the notice is about; nothing is locked."""
    query = select(Notice.kind, Notice.order_id, Order.prescription_id)
    found = session.execute(
        query.join(Order, Order.id == Notice.order_id).where(Notice.id == notice_id)
    ).first()
    return None if found is None else Place(found.kind, found.order_id, found.prescription_id)


def get_waiting_for_update(session: Session, notice_id: UUID) -> Notice | None:
    """The notice, locked, if it still waits; whoever holds it is waited for, as long as a lock may take."""
    query = select(Notice).where(Notice.id == notice_id, Notice.state == NoticeState.WAITING)
    return session.scalar(query.with_for_update())


def get(session: Session, notice_id: UUID) -> Notice:
    """The notice; NoticeNotFound when there is none."""
    found = session.get(Notice, notice_id)
    if found is None:
        raise NoticeNotFound
    return found


def with_prescription(session: Session, notice_id: UUID) -> tuple[Notice, UUID]:
    """The notice and the prescription whose course it is about; NoticeNotFound when there is none."""
    query = select(Notice, Order.prescription_id).join(Order, Order.id == Notice.order_id)
    found = session.execute(query.where(Notice.id == notice_id)).first()
    if found is None:
        raise NoticeNotFound
    return found[0], found[1]


def messages_and_decisions(
    session: Session, notice_id: UUID
) -> tuple[Sequence[SentMessage], Sequence[NoticeDecision]]:
    """The message that was begun for the notice, and every decision about it, oldest first."""
    messages, decisions = side_by_side(
        session,
        Listing(SentMessage, SentMessage.notice_id == notice_id, [SentMessage.id]),
        Listing(NoticeDecision, NoticeDecision.notice_id == notice_id, [NoticeDecision.id]),
    )
    return messages, decisions


def get_for_update(session: Session, notice_id: UUID) -> Notice:
    """The notice, locked until the transaction ends; NoticeNotFound when there is none."""
    found = session.scalar(select(Notice).where(Notice.id == notice_id).with_for_update())
    if found is None:
        raise NoticeNotFound
    return found


def mark_accepted(session: Session, ledger_id: UUID, provider_id: str | None, *, now: datetime) -> None:
    """The other side has taken the message."""
    taken = {"accepted_at": now, "provider_id": provider_id}
    session.execute(update(SentMessage).where(SentMessage.id == ledger_id).values(taken))


def take_back(session: Session, ledger_id: UUID) -> None:
    """The message certainly did not leave, so the ledger forgets that it was tried."""
    session.execute(delete(SentMessage).where(SentMessage.id == ledger_id))


def decided(
    session: Session,
    notice_id: UUID,
    decision: str,
    because: str,
    *,
    now: datetime,
    until: datetime | None = None,
) -> None:
    """The decision is kept with its reason."""
    session.add(
        NoticeDecision(notice_id=notice_id, decided_at=now, decision=decision, because=because, until=until)
    )


def decisions_of(session: Session, notice_ids: Sequence[UUID]) -> list[NoticeDecision]:
    """Every decision about these notices, oldest first."""
    query = select(NoticeDecision).where(NoticeDecision.notice_id.in_(notice_ids))
    return list(session.scalars(query.order_by(NoticeDecision.id)))


def said_lately(session: Session, patient: Patient, since: datetime) -> list[tuple[str, datetime]]:
    """Channel and moment of each message to the person since then, but for recalls, which no cap counts.

    What was said to a merged record was said to the same person. A text message counts for whoever has that number,
    in whichever record: the caps are those of a telephone.
    """
    same_number = select(Patient.id).where(
        Patient.phone_key == patient.phone_key, Patient.phone_key != "", Patient.id != patient.id
    )
    to_number = and_(SentMessage.channel == "sms", SentMessage.patient_id.in_(same_number))
    query = select(SentMessage.channel, SentMessage.started_at).where(
        or_(SentMessage.patient_id.in_(patients.ids_of_person(session, patient)), to_number),
        SentMessage.started_at > since,
        SentMessage.kind != NoticeKind.RECALL,
    )
    return [(row.channel, row.started_at) for row in session.execute(query)]


def waiting_kinds(session: Session, patient: Patient, before: datetime) -> list[NoticeKind]:
    """The kinds of the person's waiting notices that are due before that moment."""
    query = select(Notice.kind).where(
        Notice.patient_id.in_(patients.ids_of_person(session, patient)),
        Notice.state == NoticeState.WAITING,
        Notice.due_at < before,
    )
    return list(session.scalars(query))


def sent_count(session: Session, order_id: UUID, kinds: Sequence[NoticeKind]) -> int:
    """How many notices of these kinds about the order went out."""
    query = select(func.count()).where(
        Notice.order_id == order_id, Notice.kind.in_(kinds), Notice.state == NoticeState.SENT
    )
    return session.scalar(query) or 0


def of_patient(session: Session, patient_id: UUID) -> list[Notice]:
    """Everything that the patient was told or will be, soonest due first."""
    query = select(Notice).where(Notice.patient_id == patient_id).order_by(Notice.due_at, Notice.id)
    return list(session.scalars(query))


def is_begun(session: Session, notice_ids: Sequence[UUID]) -> set[UUID]:
    """Of these notices those that stand in the ledger."""
    return set(session.scalars(select(SentMessage.notice_id).where(SentMessage.notice_id.in_(notice_ids))))


def orders_told_later(session: Session, patient_id: UUID) -> list[UUID]:
    """Ids, in order, of the patient's orders of which something waits to be told."""
    query = select(Notice.order_id).where(
        Notice.patient_id == patient_id, Notice.state == NoticeState.WAITING
    )
    return list(session.scalars(query.distinct().order_by(Notice.order_id)))


def in_state(state: NoticeState) -> Select[Notice]:
    """Every notice in that state, soonest due first."""
    return select(Notice).where(Notice.state == state).order_by(Notice.due_at, Notice.id)


def newest_in_state(state: NoticeState) -> Select[Notice]:
    """Every notice in that state, newest first, for lists of what is past."""
    return select(Notice).where(Notice.state == state).order_by(Notice.due_at.desc(), Notice.id.desc())


def count_in(session: Session, states: Sequence[NoticeState]) -> dict[NoticeState, int]:
    """How many notices are in each of these states."""
    query = select(Notice.state, func.count()).where(Notice.state.in_(states)).group_by(Notice.state)
    return dict(session.execute(query).all())


def waiting_for_a_person() -> Select[Any]:
    """The ids of the notices that only a person can decide about."""
    return select(Notice.id).where(Notice.state.in_(FOR_A_PERSON))


def overdue(session: Session, before: datetime) -> int:
    """How many notices were due before that moment and wait yet."""
    query = select(func.count()).where(Notice.state == NoticeState.WAITING, Notice.due_at < before)
    return session.scalar(query) or 0


def channels_of(session: Session, notice_ids: Sequence[UUID]) -> dict[UUID, str]:
    """By which channel each of these was begun, where it was."""
    query = select(SentMessage.notice_id, SentMessage.channel).where(SentMessage.notice_id.in_(notice_ids))
    return dict(session.execute(query).all())


def order_numbers(session: Session, order_ids: Collection[UUID]) -> dict[UUID, int]:
    """What people call these orders."""
    return dict(session.execute(select(Order.id, Order.number).where(Order.id.in_(order_ids))).all())


def of_provider(session: Session, provider_id: str) -> SentMessage | None:
    """The message that the other side calls so."""
    return session.scalar(select(SentMessage).where(SentMessage.provider_id == provider_id))


def ledger_entry(session: Session, notice_id: UUID) -> SentMessage | None:
    return session.scalar(select(SentMessage).where(SentMessage.notice_id == notice_id))


def of_order(session: Session, order_id: UUID) -> list[Notice]:
    query = select(Notice).where(Notice.order_id == order_id).order_by(Notice.due_at, Notice.id)
    return list(session.scalars(query))


def listing_of(order_id: UUID) -> Listing:
    """The same, for whoever asks other things too."""
    return Listing(Notice, Notice.order_id == order_id, [Notice.due_at, Notice.id])


def forget_waiting(session: Session, order_id: UUID, kinds: Sequence[NoticeKind]) -> None:
    """Waiting notices of these kinds are gone; what was sent or settled stays, and what is being sent."""
    waiting = select(Notice.id).where(
        Notice.order_id == order_id, Notice.kind.in_(kinds), Notice.state == NoticeState.WAITING
    )
    # Locked first, and looked up in the ledger by a statement of its own: a single one would not see the
    # ledger row of a delivery that it had to wait for.
    ids = session.scalars(waiting.order_by(Notice.id).with_for_update()).all()
    is_begun = select(SentMessage.id).where(SentMessage.notice_id == Notice.id).exists()
    session.execute(delete(Notice).where(Notice.id.in_(ids), ~is_begun))
