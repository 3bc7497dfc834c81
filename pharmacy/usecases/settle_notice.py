"""A person decides about a notice whose fate nobody knows, or that did not go: it arrived, or it is sent once more.

Nothing uncertain is ever sent again by itself. Whoever has asked the patient or looked at the provider's list says
what they found, in words. Sent once more it passes every gate again: consent, quiet hours and caps may still stop it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict
from pharmacy.domain.screening import require_reason
from pharmacy.store import audit, notices
from pharmacy.store.notices import Notice, NoticeState


class Finding(StrEnum):
    """What the person found, or wants."""

    ARRIVED = "arrived"
    SEND_AGAIN = "send_again"


@dataclass(eq=False)
class NothingToSettle(Conflict):
    state: NoticeState

    def __str__(self) -> str:
        return f"The notice is {self.state}; only what is uncertain or failed is decided by a person."


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """Which notice, what was found, and how: "called her, she has it"."""

    notice_id: UUID
    finding: Finding
    reason: str


def settle_notice(session: Session, settlement: Settlement, *, by: Actor, now: datetime) -> Notice:
    """The notice counts as sent, or is due again from now on. Raises NoticeNotFound, ReasonTooShort, NothingToSettle."""
    require_reason(settlement.reason)
    notice = notices.get_for_update(session, settlement.notice_id)
    if notice.state not in _SETTLED_BY[settlement.finding]:
        raise NothingToSettle(notice.state)
    before, because = notice.state, f"{by.name}: {settlement.reason.strip()}"
    if settlement.finding is Finding.ARRIVED:
        _arrived(session, notice, because, now)
    else:
        _send_again(session, notice, because, now)
    audit.record(
        session,
        f"notice.{settlement.finding}",
        notice.order_id,
        by=by,
        at=now,
        notice=str(notice.id),
        before=before,
        reason=settlement.reason.strip(),
    )
    return notice


_SETTLED_BY = {
    Finding.ARRIVED: frozenset({NoticeState.UNCERTAIN}),
    Finding.SEND_AGAIN: frozenset({NoticeState.UNCERTAIN, NoticeState.FAILED}),
}


def _arrived(session: Session, notice: Notice, because: str, now: datetime) -> None:
    begun = notices.ledger_entry(session, notice.id)
    if begun is not None:
        notices.mark_accepted(session, begun.id, begun.provider_id, now=now)
    notice.state, notice.settled_at, notice.reason = NoticeState.SENT, now, None
    notices.decided(session, notice.id, "sent", because, now=now)


def _send_again(session: Session, notice: Notice, because: str, now: datetime) -> None:
    begun = notices.ledger_entry(session, notice.id)
    if begun is not None:
        # Its place in the ledger is free again; that it was tried before stays among the decisions.
        notices.take_back(session, begun.id)
    notice.state, notice.settled_at, notice.reason = NoticeState.WAITING, None, because
    notice.due_at, notice.leased_until, notice.attempts = now, None, 0
    notice.sent_again += 1
    notices.decided(session, notice.id, "again", because, now=now)
