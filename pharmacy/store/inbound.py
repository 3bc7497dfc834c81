"""What came back from patients: text messages, and answers to check-ins.

An inbound message is kept under the name the gateway gave it, so that one that is delivered twice counts once.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.check_ins import CheckInAnswer
from pharmacy.domain.notice_rules import Intent
from pharmacy.store.base import Model, new_id, one_of


class InboundMessage(Model):
    __tablename__ = "inbound_messages"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    provider_id: Mapped[str] = mapped_column(unique=True)
    sender_phone: Mapped[str]
    wording: Mapped[str]
    intent: Mapped[Intent] = mapped_column(one_of(Intent, "intent"))
    received_at: Mapped[datetime]
    # None where nobody, or more than one patient, gave that number.
    patient_id: Mapped[UUID | None] = mapped_column(ForeignKey("patients.id"), index=True)


class CheckIn(Model):
    """The answer to one check-in; a patient may answer again, and the last answer counts."""

    __tablename__ = "check_ins"
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id"), primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    answer: Mapped[CheckInAnswer] = mapped_column(one_of(CheckInAnswer, "answer"))
    answered_at: Mapped[datetime]


class ReplyKind(StrEnum):
    """Which task a reply opens."""

    CHECK_IN = "plan.check_in"
    REFILL = "refill.requested"
    MESSAGE = "message.received"
    PHONE = "notice.phone"


def file_inbound(session: Session, message: InboundMessage) -> bool:
    """Whether the message was not known before; it is in the books now."""
    columns = {
        name: getattr(message, name)
        for name in ("provider_id", "sender_phone", "wording", "intent", "received_at", "patient_id")
    }
    filed = session.scalar(
        insert(InboundMessage)
        .values(id=new_id(), **columns)
        .on_conflict_do_nothing(index_elements=[InboundMessage.provider_id])
        .returning(InboundMessage.id)
    )
    return filed is not None


def check_in_of(session: Session, notice_id: UUID) -> CheckIn | None:
    """The answer to that check-in, locked."""
    return session.scalar(select(CheckIn).where(CheckIn.notice_id == notice_id).with_for_update())
