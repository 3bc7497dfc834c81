"""A text message from a patient, and what it sets going: at once, and once however often it is delivered.

STOP in any words shuts the channel for everybody who gave that number; START opens it again for whoever had
consented; HELP is answered; "1" asks for the refill that is due; anything else is a task for a person. More words than
a bare STOP are shown to staff too: they may be a question about the medicine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.identity import phone_key
from pharmacy.domain.label_phrases import Language, language_of
from pharmacy.domain.notice_phrases import ANSWERS, Answer
from pharmacy.domain.notice_rules import Channel, Intent, intent_of, is_wrong_number
from pharmacy.domain.notice_texts import Sender, in_gsm
from pharmacy.store import audit, inbound, patients
from pharmacy.store.base import new_id
from pharmacy.store.inbound import InboundMessage, ReplyKind
from pharmacy.store.patients import Patient
from pharmacy.store.tasks import NewTask, open_task
from pharmacy.usecases.change_consent import reopen, withdraw
from pharmacy.usecases.request_refill import RefillWish, request_refill

_SOURCE = "text message"
_BARE_STOP_WORDS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedSms:
    """A text message as the gateway hands it over; `provider_id` is what it calls it."""

    provider_id: str
    sender_phone: str
    wording: str
    on: date
    house: Sender


def take_sms(session: Session, received: ReceivedSms, *, by: Actor, now: datetime) -> str | None:
    """What to answer, if anything; a message that was taken before is answered by nothing."""
    intent = intent_of(received.wording)
    who = patients.of_phone(session, phone_key(received.sender_phone))
    message = InboundMessage(
        provider_id=received.provider_id,
        sender_phone=received.sender_phone,
        wording=received.wording,
        intent=intent,
        received_at=now,
        patient_id=who[0] if len(who) == 1 else None,
    )
    if not inbound.file_inbound(session, message):
        return None
    held = [patients.to_reach(session, each) for each in who]
    for patient in held:
        audit.record(session, "message.received", patient.id, by=by, at=now, intent=intent)
    return _carried_out(session, received, intent, held, by=by, now=now)


def _carried_out(
    session: Session,
    received: ReceivedSms,
    intent: Intent,
    held: Sequence[Patient],
    *,
    by: Actor,
    now: datetime,
) -> str | None:
    said = _answers(received.house, held)
    match intent:
        case Intent.STOP:
            _stop(session, received, held, by=by, now=now)
            return said.stopped
        case Intent.START:
            opened = [reopen(session, each, Channel.SMS, _SOURCE, by=by, now=now) for each in held]
            if any(opened):
                return said.started
            _task(session, received, held, by=by, now=now)
            return None
        case Intent.HELP:
            return said.help
        case Intent.REFILL if len(held) == 1:
            wish = RefillWish(patient_id=held[0].id, source=_SOURCE, on=received.on)
            if request_refill(session, wish, by=by, now=now):
                return said.refill
    _task(session, received, held, by=by, now=now)
    return None


def _answers(house: Sender, held: Sequence[Patient]) -> Answer:
    """What we answer, in the language of whoever gave the number; English where that is nobody or several."""
    languages = {language_of(each.language) for each in held} or {Language.ENGLISH}
    language = languages.pop() if len(languages) == 1 else Language.ENGLISH
    return Answer(*(in_gsm(text.format(name=house.name, phone=house.phone)) for text in ANSWERS[language]))


def _stop(
    session: Session, received: ReceivedSms, held: Sequence[Patient], *, by: Actor, now: datetime
) -> None:
    for patient in held:
        withdraw(session, patient, [Channel.SMS], _SOURCE, by=by, now=now)
        if is_wrong_number(received.wording):
            for consent in patient.consents:
                if consent.channel in {Channel.SMS, "phone"} and consent.disabled_at is None:
                    consent.disabled_at, consent.disabled_because = now, "wrong number"
    if len(received.wording.split()) > _BARE_STOP_WORDS:
        _task(session, received, held, by=by, now=now)


def _task(
    session: Session, received: ReceivedSms, held: Sequence[Patient], *, by: Actor, now: datetime
) -> None:
    """A person reads it: once for each message."""
    only = held[0] if len(held) == 1 else None
    whose = (
        "A patient"
        if only
        else "Somebody whose number " + ("several patients gave" if held else "nobody gave")
    )
    task = NewTask(
        kind=ReplyKind.MESSAGE,
        subject_id=new_id(),
        wording=f"{whose} wrote: {received.wording}",
        due_on=received.on,
        patient_id=only.id if only else None,
        practice_id=only.practice_id if only else None,
    )
    open_task(session, task, by=by, now=now)
