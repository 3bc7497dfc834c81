"""One notice to one patient, said once or visibly uncertain.

The ledger row is written before the message leaves. Whoever finds a ledger row without an acceptance (a worker died,
the other side fell silent) settles the notice as uncertain and sends nothing: a person decides. While certainly
nobody has it, it is tried again with growing waits for as long as it is of use; a channel that does not take it is
shut and the next one tried. Every decision is kept with its reason, and no transaction is open while talking.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import local_day
from pharmacy.domain.notice_rules import Channel, Go, Never, Wait
from pharmacy.domain.notices import NoticeKind, next_try, tried_through
from pharmacy.store import audit, notices, orders, patients
from pharmacy.store.base import new_id
from pharmacy.store.inbound import ReplyKind
from pharmacy.store.notices import Notice, NoticeState, SentMessage
from pharmacy.store.sessions import Sessions
from pharmacy.store.tasks import NewTask, open_task
from pharmacy.usecases.ask_for_renewal import ask_for_renewal
from pharmacy.usecases.notice_case import NoticeCase, case_of, closed_because
from pharmacy.usecases.notice_desk import NoticeDesk
from pharmacy.usecases.notice_gates import decision_of, never_because
from pharmacy.usecases.notice_words import Outgoing, outgoing
from pharmacy.usecases.ports import OutgoingMail, Refused, Stage, Uncertain, Unreachable
from pharmacy.usecases.standing_course import hold_course


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A message on its way, with its row in the ledger already written."""

    ledger_id: UUID
    channel: Channel
    message: Outgoing
    has_sms: bool


def deliver_notice(
    sessions: Sessions, notice_id: UUID, desk: NoticeDesk, *, by: Actor, now: datetime
) -> None:
    """The notice is sent, suppressed with a reason, put off to when it may be sent, or uncertain."""
    with sessions.write() as session:
        prepared = _prepare(session, notice_id, desk, by=by, now=now)
    if prepared is None:
        return
    state, reason, provider_id = NoticeState.SENT, f"by {prepared.channel}", None
    try:
        provider_id = _hand_over(prepared.message, desk)
    except Unreachable as failure:
        _try_again(sessions, notice_id, prepared, str(failure), by=by, now=now)
        return
    except Refused as refusal:
        with sessions.write() as session:
            _refused(session, notice_id, prepared, refusal, by=by, now=now)
        return
    except Uncertain as silence:
        state, reason = NoticeState.UNCERTAIN, str(silence)
    with sessions.write() as session:
        notice = notices.get_waiting_for_update(session, notice_id)
        if notice is not None:
            _settle(session, notice, state, reason, by=by, now=now)
        if state is NoticeState.SENT:
            notices.mark_accepted(session, prepared.ledger_id, provider_id, now=now)


def _hand_over(message: Outgoing, desk: NoticeDesk) -> str | None:
    """What the other side calls the message, if it calls it anything."""
    if isinstance(message, OutgoingMail):
        desk.mail.send(message)
        return message.message_id
    if desk.sms is None:
        raise Refused(Stage.COMPOSING)
    return desk.sms.send(message) or None


def _prepare(
    session: Session, notice_id: UUID, desk: NoticeDesk, *, by: Actor, now: datetime
) -> Prepared | None:
    """What to send; None when nothing is to be sent now."""
    _hold_around(session, notice_id)
    notice = notices.get_waiting_for_update(session, notice_id)
    if notice is None:
        return None
    begun = notices.ledger_entry(session, notice.id)
    if begun is not None:
        _settle_begun(session, notice, begun, by=by, now=now)
        return None
    if notice.due_at > now:
        return None  # Put off in the meantime, to a quieter hour or to the next try.
    case = case_of(session, notice, now=now)
    if notice.kind is NoticeKind.RENEWAL:
        _tell_prescriber(session, case, desk, by=by, now=now)
        return None
    match decision_of(session, case, has_sms=desk.sms is not None):
        case Never() as never:
            _suppress(session, case, never, by=by, now=now)
        case Wait() as wait:
            notice.due_at, notice.leased_until, notice.reason = wait.until, None, wait.because
            notices.decided(session, notice.id, "deferred", wait.because, now=now, until=wait.until)
        case Go() as go:
            return _begin(session, case, go, desk, by=by, now=now)
    return None


def _hold_around(session: Session, notice_id: UUID) -> None:
    """Prescription and order first, the notice after: in the order in which whoever changes them takes them."""
    around = notices.place_of(session, notice_id)
    if around is None:
        return
    if around.kind is NoticeKind.RENEWAL:
        hold_course(session, around.prescription_id)
    else:
        orders.keep_in_place(session, around.order_id, around.prescription_id)


def _begin(
    session: Session, case: NoticeCase, go: Go, desk: NoticeDesk, *, by: Actor, now: datetime
) -> Prepared | None:
    """The ledger says that the message is on its way; words that fit no text message end here."""
    notice = case.notice
    try:
        message = outgoing(session, case, go.channel, desk, by=by, now=now)
    except Refused as refusal:
        _settle(session, notice, NoticeState.FAILED, str(refusal), by=by, now=now)
        return None
    entry = _ledger_entry(case, go.channel)
    session.add(entry)
    notice.attempts += 1
    notices.decided(session, notice.id, "claimed", f"{go.channel}: {go.because}", now=now)
    has_sms = desk.sms is not None
    return Prepared(ledger_id=entry.id, channel=go.channel, message=message, has_sms=has_sms)


def _tell_prescriber(
    session: Session, case: NoticeCase, desk: NoticeDesk, *, by: Actor, now: datetime
) -> None:
    """The prescriber is asked for a renewal; that is a matter of the books, and no message leaves here."""
    never = never_because(session, case)
    if isinstance(never, Never):
        _suppress(session, case, never, by=by, now=now)
        return
    notice = case.notice
    reference = desk.shelf.current(session, local_day(now, desk.zone))
    said = ask_for_renewal(session, case.order, reference, by=by, now=now)
    _settle(session, notice, NoticeState.SENT, said, by=by, now=now)


def _suppress(session: Session, case: NoticeCase, never: Never, *, by: Actor, now: datetime) -> None:
    """It does not go; where a person is to call instead, that is a task of today."""
    _settle(session, case.notice, NoticeState.SUPPRESSED, never.because, by=by, now=now)
    if never.call:
        _call_instead(session, case, never.because, by=by, now=now)


def _call_instead(session: Session, case: NoticeCase, because: str, *, by: Actor, now: datetime) -> None:
    about = case.notice.kind.replace("_", " ")
    is_urgent = case.notice.kind is NoticeKind.RECALL
    task = NewTask(
        kind="recall.phone" if is_urgent else ReplyKind.PHONE,
        subject_id=case.order.id,
        wording=f"Call the patient of Rx {case.order.number} about: {about}. Not sent because {because}.",
        due_on=case.today,
        order_id=case.order.id,
        patient_id=case.patient.id,
        practice_id=case.order.practice_id,
    )
    open_task(session, task, by=by, now=now)


def _settle_begun(session: Session, notice: Notice, begun: SentMessage, *, by: Actor, now: datetime) -> None:
    """A notice that was begun before is settled, unless somebody is sending it this minute."""
    if begun.accepted_at is not None:
        _settle(session, notice, NoticeState.SENT, f"by {begun.channel}", by=by, now=now)
    # A conversation never lasts as long as a lease.
    elif begun.started_at <= now - notices.LEASE:
        _settle(session, notice, NoticeState.UNCERTAIN, "a worker stopped while sending", by=by, now=now)


def _ledger_entry(case: NoticeCase, channel: Channel) -> SentMessage:
    return SentMessage(
        id=new_id(),
        notice_id=case.notice.id,
        patient_id=case.patient.id,
        prescription_id=case.order.prescription_id,
        kind=case.notice.kind,
        step_position=case.notice.step_position,
        due_on=case.notice.due_on,
        channel=channel,
        started_at=case.now,
    )


def _try_again(
    sessions: Sessions, notice_id: UUID, prepared: Prepared, failure: str, *, by: Actor, now: datetime
) -> None:
    """The other side certainly has nothing: the ledger row is taken back, and the next try has its time.

    A notice that would be of no use by then is failed.
    """
    with sessions.write() as session:
        _hold_around(session, notice_id)
        notice = notices.get_waiting_for_update(session, notice_id)
        notices.take_back(session, prepared.ledger_id)
        if notice is None:
            return
        case = case_of(session, notice, now=now)
        again_at = next_try(now, notice.attempts, case.zone, case.policy)
        last_day = tried_through(notice.due_on, case.step_end if case.has_step else None, case.policy)
        if local_day(again_at, case.zone) > last_day:
            reason = f"{failure}; given up at try {notice.attempts}"
            _settle(session, notice, NoticeState.FAILED, reason, by=by, now=now)
            _call_instead(session, case, reason, by=by, now=now)
        else:
            notice.due_at, notice.leased_until, notice.reason = again_at, None, failure
            notices.decided(session, notice.id, "deferred", failure, now=now, until=again_at)


def _refused(
    session: Session, notice_id: UUID, prepared: Prepared, refusal: Refused, *, by: Actor, now: datetime
) -> None:
    """The address takes no messages, and is not used again; the notice goes by the other channel, if there is one."""
    _hold_around(session, notice_id)
    notice = notices.get_waiting_for_update(session, notice_id)
    if notice is None:
        return
    case = case_of(session, notice, now=now)
    if prepared.channel is Channel.SMS or refusal.stage is not Stage.SENDING:
        _shut(session, case, prepared.channel, str(refusal), by=by, now=now)
    stopped = patients.stopped_elsewhere(session, case.patient)
    others = _others(prepared)
    if any(closed_because(case.patient, each, prepared.has_sms, stopped) is None for each in others):
        notices.take_back(session, prepared.ledger_id)
        notice.leased_until, notice.reason = None, str(refusal)
        because = f"{refusal}; the other channel is next"
        notices.decided(session, notice.id, "deferred", because, now=now, until=now)
        return
    _settle(session, notice, NoticeState.FAILED, str(refusal), by=by, now=now)
    _call_instead(session, case, str(refusal), by=by, now=now)


def _others(prepared: Prepared) -> list[Channel]:
    return [channel for channel in Channel if channel is not prepared.channel]


def _shut(
    session: Session, case: NoticeCase, channel: Channel, because: str, *, by: Actor, now: datetime
) -> None:
    for consent in case.patient.consents:
        if consent.channel == channel and consent.disabled_at is None:
            consent.disabled_at, consent.disabled_because = now, f"undeliverable: {because}"
            audit.record(session, "channel.disabled", case.patient.id, by=by, at=now, channel=channel)


def _settle(
    session: Session, notice: Notice, state: NoticeState, reason: str, *, by: Actor, now: datetime
) -> None:
    notice.state, notice.settled_at = state, now
    notice.reason = None if state is NoticeState.SENT else reason
    notices.decided(session, notice.id, state, reason, now=now)
    audit.record(
        session, f"notice.{state}", notice.order_id, by=by, at=now, kind=notice.kind, reason=notice.reason
    )
