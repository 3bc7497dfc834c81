"""Ending a kind of message from within one: a signed address, one press, no question asked.

A look at the address changes nothing, because mail programs fetch addresses by themselves; the press is a POST, which
a mail program may also make for its reader (RFC 8058).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pharmacy.domain.label_phrases import language_of
from pharmacy.domain.notice_rules import ConsentChannel
from pharmacy.store import patients
from pharmacy.store.waits import told_apart
from pharmacy.usecases.change_consent import ConsentChange, change_consent
from pharmacy.usecases.private_links import LinkNotValid, patient_actor
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import public
from pharmacy.web.patient.blueprint import blueprint, page

_BECAUSE = "the address is signed, and ends messages, nothing else"


@blueprint.get("/stop/<code>")
@public(_BECAUSE)
def ask_to_stop(code: str) -> Any:
    """The button."""
    patient_id, _ = _named(code)
    try:
        with told_apart(), the_pharmacy().sessions.read() as session:
            language = language_of(patients.get(session, patient_id).language)
    except patients.PatientNotFound:
        raise LinkNotValid from None
    return page("stop", language, is_done=False)


@blueprint.post("/stop/<code>")
@public(_BECAUSE)
def stop(code: str) -> Any:
    """The channel is shut from now on."""
    patient_id, channel = _named(code)
    pharmacy = the_pharmacy()
    change = ConsentChange(
        patient_id=patient_id, channel=channel, is_given=False, text_version="", source="link in an e-mail"
    )
    try:
        with told_apart(), pharmacy.sessions.write() as session:
            told = change_consent(session, change, by=patient_actor(patient_id), now=pharmacy.clock())
            language = language_of(told.language)
    except patients.PatientNotFound:
        raise LinkNotValid from None
    return page("stop", language, is_done=True)


def _named(code: str) -> tuple[UUID, ConsentChannel]:
    named = the_pharmacy().notice_desk.stop_codes.read(code)
    if named is None:
        raise LinkNotValid
    patient_id, channel = named
    return patient_id, ConsentChannel(channel)
