"""A patient in words: the facts, what screening knows, how they may be reached, and which records are one person."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from pharmacy.domain.calendar import age_on
from pharmacy.domain.label_phrases import Language
from pharmacy.domain.notice_rules import Channel
from pharmacy.domain.screening import OpioidAnswer
from pharmacy.store.patient_links import LinkKind, PatientLink
from pharmacy.store.patients import Patient
from pharmacy.usecases.notice_case import closed_because
from pharmacy.web.console.language import gettext, lazy_gettext
from pharmacy.web.console.queue_rows import Viewer
from pharmacy.web.console.words import Chip, Moment, Tone, day_text, instant_moment

LANGUAGE_CHOICES: Sequence[tuple[str, str]] = tuple(
    (each.value, {"en": "English", "es": "Español"}.get(each.value, each.value)) for each in Language
)
CHANNEL_CHOICES: Sequence[tuple[str, str]] = (
    (Channel.EMAIL.value, lazy_gettext("e-mail")),
    (Channel.SMS.value, lazy_gettext("text message")),
)
_CHANNEL_WORDS = dict(CHANNEL_CHOICES)
_LINK_WORDS: Mapping[LinkKind, str] = {
    LinkKind.MERGED: lazy_gettext("merged"),
    LinkKind.UNMERGED: lazy_gettext("taken apart again"),
    LinkKind.TOLD_APART: lazy_gettext("two people"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What belongs to a record besides itself."""

    merged: tuple[Patient, ...]
    possible: tuple[Patient, ...]
    decisions: tuple[PatientLink, ...]
    deciders: Mapping[UUID, str]
    has_sms: bool
    stopped_elsewhere: Collection[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientRow:
    """One record in a line."""

    patient_id: UUID
    name: str
    born: str
    place: str
    phone: str
    state: Chip | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelShown:
    words: str
    state: Chip
    why: str
    given: Moment | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionShown:
    words: str
    who: str
    at: Moment
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientSheet:
    patient_id: UUID
    name: str
    born: str
    age: str
    state: Chip | None
    address: str
    phone: str
    email: str
    language: str
    time_zone: str
    purpose: str
    allergies: tuple[str, ...]
    medicines: tuple[str, ...]
    conditions: tuple[str, ...]
    opioid: str
    known_since: Moment | None
    channels: tuple[ChannelShown, ...]
    merged: tuple[PatientRow, ...]
    possible: tuple[PatientRow, ...]
    decisions: tuple[DecisionShown, ...]
    # What stands in the forms.
    contact: Mapping[str, str | None]
    health: Mapping[str, str | None]


def patient_row(patient: Patient, today: date) -> PatientRow:
    """That record in a line, as of today."""
    return PatientRow(
        patient_id=patient.id,
        name=patient.full_name,
        born=f"{day_text(patient.birth_on)}, {_age(patient, today)}",
        place=f"{patient.city}, {patient.state}",
        phone=patient.phone,
        state=_state(patient),
    )


def patient_sheet(patient: Patient, known: Known, viewer: Viewer) -> PatientSheet:
    """That record in full."""
    lists = {name: _texts(patient, name) for name in ("allergies", "medicines", "conditions")}
    changed = patient.profile_changed_at
    return PatientSheet(
        patient_id=patient.id,
        name=patient.full_name,
        born=day_text(patient.birth_on),
        age=_age(patient, viewer.today),
        state=_state(patient),
        address=f"{patient.address_line}, {patient.city}, {patient.state} {patient.postal_code}",
        phone=patient.phone,
        email=patient.email or gettext("none"),
        language=dict(LANGUAGE_CHOICES).get(patient.language, patient.language),
        time_zone=patient.time_zone,
        purpose=gettext("stands on the vial")
        if patient.purpose_on_label
        else gettext("is kept off the vial"),
        allergies=lists["allergies"],
        medicines=lists["medicines"],
        conditions=lists["conditions"],
        opioid=_opioid(patient),
        known_since=instant_moment(changed, viewer.zone) if changed else None,
        channels=tuple(_channel(patient, each, known, viewer) for each in Channel),
        merged=tuple(patient_row(each, viewer.today) for each in known.merged),
        possible=tuple(patient_row(each, viewer.today) for each in known.possible),
        decisions=tuple(_decision(each, known, viewer) for each in reversed(known.decisions)),
        contact=_contact(patient),
        health={name: "\n".join(texts) for name, texts in lists.items()},
    )


def _age(patient: Patient, today: date) -> str:
    return gettext("%(years)s years", years=age_on(patient.birth_on, today))


def _state(patient: Patient) -> Chip | None:
    if patient.inactive_since is None:
        return None
    return Chip(gettext("inactive: %(why)s", why=patient.inactive_because or ""), Tone.ENDED)


def _texts(patient: Patient, name: str) -> tuple[str, ...]:
    return tuple(each["text"] for each in patient.profile.get(name, ()))


def _opioid(patient: Patient) -> str:
    told = patient.profile.get("opioid") or {}
    match told.get("answer"):
        case OpioidAnswer.YES:
            agent = (told.get("agent") or {}).get("text", "")
            return gettext(
                "yes: %(agent)s, last on %(day)s", agent=agent, day=told.get("last_dose_on") or "?"
            )
        case OpioidAnswer.NO:
            return gettext("no")
        case _:
            return gettext("not known")


def _channel(patient: Patient, channel: Channel, known: Known, viewer: Viewer) -> ChannelShown:
    consent = next((each for each in patient.consents if each.channel == channel), None)
    why = closed_because(patient, channel, known.has_sms, known.stopped_elsewhere)
    is_preferred = patient.preferred_channel == channel
    words = _CHANNEL_WORDS[channel.value]
    return ChannelShown(
        words=gettext("%(channel)s, preferred", channel=words) if is_preferred else words,
        state=Chip(gettext("shut"), Tone.HELD) if why else Chip(gettext("open"), Tone.DONE),
        why=str(why or ""),
        given=instant_moment(consent.consented_at, viewer.zone) if consent else None,
        source=f"{consent.text_version}, {consent.source}" if consent else "",
    )


def _decision(link: PatientLink, known: Known, viewer: Viewer) -> DecisionShown:
    return DecisionShown(
        words=str(_LINK_WORDS[link.kind]),
        who=known.deciders.get(link.decided_by, ""),
        at=instant_moment(link.decided_at, viewer.zone),
        reason=link.reason,
    )


def _contact(patient: Patient) -> Mapping[str, str | None]:
    names = (
        "full_name", "phone", "email", "address_line", "city", "state", "postal_code", "time_zone", "language",
    )  # fmt: skip
    shown: dict[str, str | None] = {name: getattr(patient, name) for name in names}
    return {**shown, "purpose_on_label": "yes" if patient.purpose_on_label else ""}
