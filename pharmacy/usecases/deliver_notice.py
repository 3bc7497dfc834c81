"""One notice to one patient, said once or visibly uncertain.

The ledger row is written before the message leaves. Whoever finds a ledger row without an acceptance (a
worker died, the server fell silent) settles the notice as uncertain and sends nothing: a person decides. While certainly nobody has it, it is tried again
with growing waits for as long as it is of use; a step that is over is told to nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import assert_never
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import ONE_DAY, local_day
from pharmacy.domain.notices import (
    NoticeKind,
    Sender,
    Start,
    StepNews,
    next_sendable,
    next_try,
    notice_text,
    step_begins_on,
    step_ends_on,
    step_words,
    tried_through,
)
from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.supply import Supply
from pharmacy.domain.titration import TitrationPlan
from pharmacy.store import audit, notices, orders
from pharmacy.store.base import new_id
from pharmacy.store.notices import Notice, NoticeState, SentMessage
from pharmacy.store.orders import Order
from pharmacy.store.sessions import Sessions
from pharmacy.usecases.ports import Mail, OutgoingMail, Refused, Uncertain, Unreachable
from pharmacy.usecases.standing_course import course_now, supplied_now

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
    if begun is not None:
        _settle_begun(session, notice, begun, by=by, now=now)
        return None
    if notice.due_at > now:
        return None  # Put off in the meantime, to a quieter hour or to the next try.
    order = orders.get(session, notice.order_id)
    zone = ZoneInfo(order.patient.time_zone)
    plan, _, supply = supplied_now(course_now(session, order.prescription_id))
    why_not = _suppressed(order) or _outdated(order, plan, notice, local_day(now, zone))
    if why_not is not None:
        _settle(session, notice, NoticeState.SUPPRESSED, why_not, by=by, now=now)
        return None
    allowed_at = next_sendable(now, zone)
    if allowed_at > now:
        notice.due_at, notice.leased_until = allowed_at, None
        return None
    entry = _ledger_entry(order, notice, now)
    session.add(entry)
    notice.attempts += 1
    return Prepared(
        ledger_id=entry.id, mail=_mail(order, supply, notice, sender, told_on=local_day(now, zone))
    )


def _settle_begun(session: Session, notice: Notice, begun: SentMessage, *, by: Actor, now: datetime) -> None:
    """A notice that was begun before is settled, unless somebody is sending it this minute."""
    if begun.accepted_at is not None:
        _settle(session, notice, NoticeState.SENT, None, by=by, now=now)
    # A conversation never lasts as long as a lease.
    elif begun.started_at <= now - notices.LEASE:
        _settle(session, notice, NoticeState.UNCERTAIN, "a worker stopped while sending", by=by, now=now)


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


def _outdated(order: Order, plan: TitrationPlan, notice: Notice, today: date) -> str | None:
    """Why the notice would be wrong on that day of the patient's, or None."""
    match notice.kind:
        case NoticeKind.SHIPPED:
            return None
        case NoticeKind.REFILL:
            last = order.prescription.last_fill_on
            return f"came too late: last fill {last.isoformat()}" if today > last else None
        case NoticeKind.STEP:
            return _outdated_step(order, plan, notice, today)
        case _ as unknown:
            assert_never(unknown)


def _outdated_step(order: Order, plan: TitrationPlan, notice: Notice, today: date) -> str | None:
    """The start moved after the notice was begun, or the step it announces is over."""
    position = notice.step_position
    if (
        order.started_on is not None
        and _start(order) is Start.CONFIRMED
        and notice.due_on + ONE_DAY != step_begins_on(plan, position, order.started_on)
    ):
        return "the start has moved"
    ends_on = _step_end(plan, notice)
    return f"came too late: step {position} is over" if ends_on is not None and today > ends_on else None


def _step_end(plan: TitrationPlan, notice: Notice) -> date | None:
    """The last day of the step that the notice announces; None for a step without end and other notices."""
    if notice.kind is not NoticeKind.STEP:
        return None
    return step_ends_on(plan, notice.step_position, notice.due_on + ONE_DAY)


def _start(order: Order) -> Start:
    return Start.ASSUMED if order.start_confirmed_at is None else Start.CONFIRMED


def _mail(order: Order, supply: Supply, notice: Notice, sender: Sender, *, told_on: date) -> OutgoingMail:
    news = None
    if notice.kind is NoticeKind.STEP:
        news = StepNews(
            words=step_words(supply, notice.step_position),
            begins_on=notice.due_on + ONE_DAY,
            told_on=told_on,
            start=_start(order),
        )
    text = notice_text(notice.kind, sender, news)
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
    """The server certainly has nothing: the ledger row is taken back, and the next try has its time.

    A notice that would be of no use by then is failed.
    """
    with sessions.write() as session:
        notice = notices.get_waiting_for_update(session, notice_id)
        notices.take_back(session, prepared.ledger_id)
        if notice is None:
            return
        order = orders.get(session, notice.order_id)
        zone = ZoneInfo(order.patient.time_zone)
        again_at = next_try(now, notice.attempts, zone)
        plan = course_now(session, order.prescription_id).course.plan
        if local_day(again_at, zone) > tried_through(notice.due_on, _step_end(plan, notice)):
            reason = f"{failure}; given up at try {notice.attempts}"
            _settle(session, notice, NoticeState.FAILED, reason, by=by, now=now)
        else:
            notice.due_at, notice.leased_until, notice.reason = again_at, None, failure


def _settle(
    session: Session, notice: Notice, state: NoticeState, reason: str | None, *, by: Actor, now: datetime
) -> None:
    notice.state, notice.reason, notice.settled_at = state, reason, now
    audit.record(session, f"notice.{state}", notice.order_id, by=by, at=now, kind=notice.kind, reason=reason)
