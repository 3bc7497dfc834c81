"""What one patient was told and will be told, why, and by which consent; and the texts of consent."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import render_template, url_for

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import local_day
from pharmacy.domain.label_phrases import Language
from pharmacy.domain.notice_rules import Channel, ConsentChannel
from pharmacy.domain.orders import Role
from pharmacy.store import consents, patients
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.add_consent_text import NewConsentText, add_consent_text
from pharmacy.usecases.change_consent import ConsentChange, change_consent
from pharmacy.usecases.change_reach import ServiceChange, change_service, prefer_channel
from pharmacy.usecases.notices_of_patient import notices_of_patient
from pharmacy.web.console.attempts import Work, tried
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext
from pharmacy.web.console.notices_shown import (
    CHANNEL_WORDS,
    channel_shown,
    history_shown,
    told_row,
)
from pharmacy.web.console.places import BENCH
from pharmacy.web.console.presence import the_member
from pharmacy.web.console.words import instant_moment
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_role, signed_in

_HERE = "notices"
_LONGEST_WORDING = 4000
_PLANNED = frozenset({"planned", "claimed"})


@blueprint.get("/notices/patients/<uuid:patient_id>")
@signed_in
def patient_notices(patient_id: UUID) -> Any:
    """Everything that the patient was told and will be, each with its reason; the look is on record."""
    return _show(patient_id, Form())


@blueprint.post("/notices/patients/<uuid:patient_id>/consent")
@needs_role(*BENCH, Role.SHIPPING)
def agree(patient_id: UUID) -> Any:
    """The patient agrees to a channel, or withdraws, from now on."""
    form = Form.typed("channel", "answer", "text_version", "source", name="consent").lacking(
        {
            "channel": gettext("Choose the channel."),
            "answer": gettext("Choose what the patient said."),
            "source": gettext("Say where the patient said it."),
        }
    )
    if form["channel"] and form["channel"] not in set(ConsentChannel):
        form = form.at_fault("channel", gettext("Choose the channel."))
    if form["answer"] and form["answer"] not in {"yes", "no"}:
        form = form.at_fault("answer", gettext("Choose what the patient said."))
    if form.faults:
        return _show(patient_id, form), 422
    change = ConsentChange(
        patient_id=patient_id,
        channel=ConsentChannel(form["channel"]),
        is_given=form["answer"] == "yes",
        text_version=form["text_version"],
        source=form["source"],
    )
    return _tried(lambda session, by, now: change_consent(session, change, by=by, now=now), form, patient_id)


@blueprint.post("/notices/patients/<uuid:patient_id>/preference")
@needs_role(*BENCH, Role.SHIPPING)
def prefer(patient_id: UUID) -> Any:
    """By which channel the patient would rather hear."""
    form = Form.typed("preferred", name="preference")
    channel = Channel(form["preferred"]) if form["preferred"] in set(Channel) else None
    return _tried(
        lambda session, by, now: prefer_channel(session, patient_id, channel, by=by, now=now),
        form,
        patient_id,
    )


@blueprint.post("/notices/patients/<uuid:patient_id>/service")
@needs_role(*BENCH)
def serve(patient_id: UUID) -> Any:
    """The patient is told nothing any more, or is again."""
    form = Form.typed("served", "reason", name="service").lacking({"reason": gettext("Say why, in words.")})
    change = ServiceChange(patient_id=patient_id, is_served=form["served"] == "yes", reason=form["reason"])
    return _tried(lambda session, by, now: change_service(session, change, by=by, now=now), form, patient_id)


@blueprint.get("/consent-texts")
@signed_in
def consent_texts() -> Any:
    """What patients agree to, word for word, newest first."""
    return _show_texts(Form())


@blueprint.post("/consent-texts")
@needs_role(Role.PHARMACIST_IN_CHARGE)
def add_text() -> Any:
    """A new version of the text."""
    form = Form.typed("version", "wording_en", "wording_es", name="text", longest=_LONGEST_WORDING).lacking(
        {
            "version": gettext("Give the version a name."),
            "wording_en": gettext("Write the text in English."),
            "wording_es": gettext("Write the text in Spanish."),
        }
    )
    new = NewConsentText(
        version=form["version"][:50],
        wordings={Language.ENGLISH: form["wording_en"], Language.SPANISH: form["wording_es"]},
    )

    def work(session: Session, by: Actor, now: datetime) -> None:
        add_consent_text(session, new, by=by, now=now)

    return tried(work, form, _show_texts, url_for("console.consent_texts"))


def _tried(work: Work, form: Form, patient_id: UUID) -> Any:
    here = url_for("console.patient_notices", patient_id=patient_id)
    return tried(work, form, lambda refused: _show(patient_id, refused), here)


def _show(patient_id: UUID, form: Form) -> str:
    pharmacy, member = the_pharmacy(), the_member()
    now = pharmacy.clock()
    with told_apart(), pharmacy.sessions.read() as session:
        patient = patients.get(session, patient_id)
        told = notices_of_patient(session, patient, has_sms=pharmacy.sms is not None)
        history = consents.history_of(session, patient_id)
        versions = list(dict.fromkeys(each.version for each in consents.texts(session)))
        around = frame(session, _HERE)
    zone = ZoneInfo(patient.time_zone)
    today = local_day(now, zone)
    coming = [each for each in told["notices"] if each["state"] in _PLANNED]
    past = [each for each in told["notices"] if each["state"] not in _PLANNED]
    return render_template(
        "console/patient_notices.html",
        frame=around,
        patient=patient,
        zone=zone.key.replace("_", " "),
        inactive_since=instant_moment(patient.inactive_since, zone) if patient.inactive_since else None,
        channels=[channel_shown(each, zone) for each in told["channels"]],
        coming=[told_row(each, zone, today) for each in coming],
        past=[told_row(each, zone, today) for each in reversed(past)],
        history=history_shown(history, zone),
        versions=[(each, each) for each in versions],
        channel_options=[(each.value, str(CHANNEL_WORDS[each])) for each in ConsentChannel],
        preference_options=[
            ("", gettext("No preference")),
            *((each.value, str(CHANNEL_WORDS[each])) for each in Channel),
        ],
        form=form,
        may_record=member.role in {*BENCH, Role.SHIPPING},
        may_end=member.role in BENCH,
    )


def _show_texts(form: Form) -> str:
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.read() as session:
        texts = consents.texts(session)
        around = frame(session, _HERE)
    return render_template(
        "console/consent_texts.html",
        frame=around,
        texts=[(each, instant_moment(each.added_at, pharmacy.zone)) for each in texts],
        form=form,
        may_add=the_member().role is Role.PHARMACIST_IN_CHARGE,
    )
