"""One notice to one patient, said once or visibly uncertain.

The ledger row is written before the message leaves. Whoever finds a ledger row without an acceptance (a
worker died, the server fell silent) settles the notice as uncertain and sends nothing: a person decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.notices import NoticeKind, Sender, Start, next_sendable, notice_text, step_words
from pharmacy.domain.orders import OrderStatus
from pharmacy.store import audit, notices, orders
from pharmacy.store.base import new_id
from pharmacy.store.notices import Notice, NoticeState, SentMessage
from pharmacy.store.orders import Order
from pharmacy.store.sessions import Sessions
from pharmacy.usecases.order_document import supply_of
from pharmacy.usecases.ports import Mail, OutgoingMail, Refused, Uncertain, Unreachable

# A mail server that does not answer is tried so often, one lease apart.
MOST_ATTEMPTS = 5
_UNDER_WAY = frozenset({OrderStatus.SHIPPED, OrderStatus.PICKED_UP, OrderStatus.COMPLETED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A message on its way, with its row in the ledger already written."""

    ledger_id: UUID
    mail: OutgoingMail


def deliver_notice(
    sessions: Sessions, notice_id: UUID, mail: Mail, sender: Sender, *, by: Actor, now: datetime
) -> None:
    """The notice is sent, suppressed with a reason, put off to when it may be sent, or uncertain."""
    with sessions.write() as session:
        prepared = _prepare(session, notice_id, sender, by=by, now=now)
    if prepared is None:
        return
    state, reason = NoticeState.SENT, None
    try:
        mail.send(prepared.mail)
    except Unreachable as failure:
        _try_again(sessions, notice_id, prepared, str(failure), by=by, now=now)
        return
    except Uncertain as silence:
        state, reason = NoticeState.UNCERTAIN, str(silence)
    except Refused as refusal:
        state, reason = NoticeState.FAILED, str(refusal)
    with sessions.write() as session:
        notice = notices.get_waiting_for_update(session, notice_id)
        if notice is not None:
            _settle(session, notice, state, reason, by=by, now=now)
        if state is NoticeState.SENT:
            notices.mark_accepted(session, prepared.ledger_id, now=now)


def _prepare(
    session: Session, notice_id: UUID, sender: Sender, *, by: Actor, now: datetime
) -> Prepared | None:
    """What to send; None when nothing is to be sent now."""
    notice = notices.get_waiting_for_update(session, notice_id)
    if notice is None:
        return None
    begun = notices.ledger_entry(session, notice.id)
    if begun is not None and begun.started_at > now - notices.LEASE:
        return None  # Somebody is sending it this minute; a conversation never lasts as long as a lease.
    if begun is not None:
        _settle(session, notice, NoticeState.UNCERTAIN, "a worker stopped while sending", by=by, now=now)
        return None
    order = orders.get(session, notice.order_id)
    why_not = _suppressed(order)
    if why_not is not None:
        _settle(session, notice, NoticeState.SUPPRESSED, why_not, by=by, now=now)
        return None
    allowed_at = next_sendable(now, ZoneInfo(order.patient.time_zone))
    if allowed_at > now:
        notice.due_at, notice.leased_until = allowed_at, None
        return None
    entry = _ledger_entry(order, notice, now)
    session.add(entry)
    notice.attempts += 1
    return Prepared(ledger_id=entry.id, mail=_mail(order, notice, sender))


def _suppressed(order: Order) -> str | None:
    """Why this patient is not to be told, or None."""
    if order.status not in _UNDER_WAY:
        return f"the order is {order.status}"
    has_consent = any(
        consent.channel == "email" and consent.withdrawn_at is None for consent in order.patient.consents
    )
    if not has_consent or order.patient.email is None:
        return "no consent to e-mail: call the patient"
    return None


def _mail(order: Order, notice: Notice, sender: Sender) -> OutgoingMail:
    start = Start.ASSUMED if order.start_confirmed_at is None else Start.CONFIRMED
    step = step_words(supply_of(order), notice.step_position) if notice.kind is NoticeKind.STEP else ""
    text = notice_text(notice.kind, sender, step=step, start=start)
    return OutgoingMail(
        to=order.patient.email or "",
        subject=text.subject,
        body=text.body,
        message_id=f"<{notice.id}@notices.pharmacy.example>",
    )


def _ledger_entry(order: Order, notice: Notice, now: datetime) -> SentMessage:
    return SentMessage(
        id=new_id(),
        notice_id=notice.id,
        patient_id=order.patient_id,
        prescription_id=order.prescription_id,
        kind=notice.kind,
        step_position=notice.step_position,
        due_on=notice.due_on,
        channel="email",
        started_at=now,
    )


def _try_again(
    sessions: Sessions, notice_id: UUID, prepared: Prepared, failure: str, *, by: Actor, now: datetime
) -> None:
    """The server certainly has nothing: the ledger row is taken back, and the lease decides when to retry."""
    with sessions.write() as session:
        notices.take_back(session, prepared.ledger_id)
        notice = notices.get_waiting_for_update(session, notice_id)
        if notice is not None and notice.attempts >= MOST_ATTEMPTS:
            _settle(session, notice, NoticeState.FAILED, failure, by=by, now=now)


def _settle(
    session: Session, notice: Notice, state: NoticeState, reason: str | None, *, by: Actor, now: datetime
) -> None:
    notice.state, notice.reason, notice.settled_at = state, reason, now
    audit.record(session, f"notice.{state}", notice.order_id, by=by, at=now, kind=notice.kind, reason=reason)
