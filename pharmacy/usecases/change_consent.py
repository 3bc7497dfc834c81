"""A patient's consent to a channel: given, given again, or withdrawn, from that moment on.

This is the only way in which a consent on record changes. Staff record what a patient says with the version of the text
that was read to them and where it was said; a text message or the address in an e-mail withdraws at once, without
anybody in between.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Unfit
from pharmacy.domain.notice_rules import Channel, ConsentChannel
from pharmacy.store import audit, consents, patients
from pharmacy.store.base import new_id
from pharmacy.store.patients import Consent, Patient


@dataclass(eq=False)
class ConsentTextUnknown(Unfit):
    """Nobody can have been read a text that is not on record."""

    version: str

    def __str__(self) -> str:
        return f"There is no consent text of version {self.version}."


@dataclass(eq=False)
class ConsentUnknown(Unfit):
    """A consent is withdrawn that was never given."""

    channel: str

    def __str__(self) -> str:
        return f"No consent to {self.channel} is on record, so nothing is sent by it."


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentChange:
    """What the patient wants of one channel; `text_version` and `source` say what was read to them, and where."""

    patient_id: UUID
    channel: ConsentChannel
    is_given: bool
    text_version: str
    source: str


def change_consent(session: Session, change: ConsentChange, *, by: Actor, now: datetime) -> Patient:
    """From now on the channel is open, or shut.

    Raises PatientNotFound; ConsentTextUnknown where consent is given, ConsentUnknown where none is withdrawn.
    """
    if change.is_given and not consents.has_version(session, change.text_version):
        raise ConsentTextUnknown(change.text_version, where=("text_version",))
    patient = patients.to_reach(session, change.patient_id)
    if change.is_given:
        _give(session, patient, change, by=by, now=now)
    elif all(each.channel != change.channel for each in patient.consents):
        raise ConsentUnknown(change.channel, where=("channel",))
    else:
        withdraw(session, patient, [change.channel], change.source, by=by, now=now)
    return patient


def _give(session: Session, patient: Patient, change: ConsentChange, *, by: Actor, now: datetime) -> None:
    found = next((each for each in patient.consents if each.channel == change.channel), None)
    if found is None:
        found = Consent(id=new_id(), patient_id=patient.id, channel=change.channel)
        patient.consents.append(found)
    found.text_version, found.source, found.consented_at = change.text_version, change.source, now
    found.withdrawn_at = found.withdrawn_by = found.disabled_at = found.disabled_because = None
    audit.record(
        session,
        "consent.given",
        patient.id,
        by=by,
        at=now,
        channel=change.channel,
        source=change.source,
        text_version=change.text_version,
    )


def withdraw(
    session: Session, patient: Patient, channels: Iterable[str], source: str, *, by: Actor, now: datetime
) -> None:
    """The channels are shut from now on; one that is shut already keeps its first day."""
    for consent in patient.consents:
        if consent.channel in set(channels) and consent.withdrawn_at is None:
            consent.withdrawn_at, consent.withdrawn_by = now, source
            audit.record(
                session,
                "consent.withdrawn",
                patient.id,
                by=by,
                at=now,
                channel=consent.channel,
                source=source,
            )


def reopen(
    session: Session, patient: Patient, channel: Channel, source: str, *, by: Actor, now: datetime
) -> bool:
    """Whether the patient had consented before and does so again; nobody consents for the first time by a word.

    What the same person stopped in another record no longer stands against this one.
    """
    for consent in patient.consents:
        if consent.channel == channel:
            if consent.withdrawn_at is not None or channel in patients.stopped_elsewhere(session, patient):
                consent.withdrawn_at = consent.withdrawn_by = None
                consent.consented_at, consent.source = now, source
                audit.record(
                    session, "consent.given", patient.id, by=by, at=now, channel=channel, source=source
                )
            return True
    return False
