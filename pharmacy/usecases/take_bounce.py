"""A message came back: the gateway or the mail server says that nobody is there.

The channel is shut, so that nothing is sent into the void, and a person calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.store import audit, notices, patients
from pharmacy.store.inbound import ReplyKind
from pharmacy.store.tasks import NewTask, open_task


@dataclass(frozen=True, slots=True)
class Bounce:
    """Which message came back, as the other side calls it, why, and on which day of the pharmacy."""

    provider_id: str
    because: str
    on: date


def take_bounce(session: Session, bounce: Bounce, *, by: Actor, now: datetime) -> bool:
    """Whether the message was one of ours: then its channel is shut, and staff call."""
    sent = notices.of_provider(session, bounce.provider_id)
    if sent is None:
        return False
    patient = patients.to_reach(session, sent.patient_id)
    notice = notices.get(session, sent.notice_id)
    for consent in patient.consents:
        if consent.channel == sent.channel and consent.disabled_at is None:
            consent.disabled_at, consent.disabled_because = now, f"came back: {bounce.because}"
            audit.record(session, "channel.disabled", patient.id, by=by, at=now, channel=sent.channel)
            task = NewTask(
                kind=ReplyKind.PHONE,
                subject_id=notice.order_id,
                wording=f"A message by {sent.channel} came back: call the patient, and ask for another address.",
                due_on=bounce.on,
                order_id=notice.order_id,
                patient_id=patient.id,
                practice_id=patient.practice_id,
            )
            open_task(session, task, by=by, now=now)
    return True
