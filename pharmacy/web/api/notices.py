"""What patients are told, for staff: everything planned and sent with its reason, and the consent behind it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pharmacy.domain.orders import Role
from pharmacy.store import consents, patients
from pharmacy.store.patients import Patient
from pharmacy.usecases.change_consent import ConsentChange, change_consent
from pharmacy.usecases.change_reach import ServiceChange, change_service, prefer_channel
from pharmacy.usecases.notices_of_patient import channels_of, notices_of_patient
from pharmacy.web.api.notice_shapes import (
    ChannelsOutput,
    ConsentChangeInput,
    ConsentHistoryOutput,
    PatientNoticesOutput,
    PreferenceInput,
    ServiceInput,
    ServiceOutput,
)
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_staff
from pharmacy.web.staff_door import staff_reading, staff_writing

blueprint = Blueprint("notices", __name__, url_prefix="/api/v1/patients", description="Notices to patients")


@blueprint.get("/<uuid:patient_id>/notices")
@needs_staff()
@blueprint.response(200, PatientNoticesOutput)
def listing(patient_id: UUID) -> Any:
    """What the patient was told and will be told, and why; the look is on record."""
    with staff_reading() as (session, _):
        patient = patients.get(session, patient_id)
        return notices_of_patient(session, patient, has_sms=the_pharmacy().sms is not None)


@blueprint.put("/<uuid:patient_id>/consent")
@needs_staff()
@blueprint.arguments(ConsentChangeInput())
@blueprint.response(200, ChannelsOutput)
def consent(asked: dict[str, Any], patient_id: UUID) -> Any:
    """The patient agrees to a channel, or withdraws; it counts from now on."""
    pharmacy = the_pharmacy()
    change = ConsentChange(patient_id=patient_id, **asked)
    with staff_writing() as (session, actor):
        patient = change_consent(session, change, by=actor, now=pharmacy.clock())
        return {"channels": channels_of(session, patient, has_sms=pharmacy.sms is not None)}


@blueprint.get("/<uuid:patient_id>/consent-history")
@needs_staff()
@blueprint.response(200, ConsentHistoryOutput)
def consent_history(patient_id: UUID) -> Any:
    """Every state that the patient's consents were ever in; the look is on record."""
    with staff_reading() as (session, _):
        patient = patients.get(session, patient_id)
        return {"history": consents.history_of(session, patient.id)}


@blueprint.put("/<uuid:patient_id>/preferred-channel")
@needs_staff()
@blueprint.arguments(PreferenceInput())
@blueprint.response(200, ChannelsOutput)
def preferred_channel(asked: dict[str, Any], patient_id: UUID) -> Any:
    """By which channel the patient hears first, as far as they consented to it."""
    pharmacy = the_pharmacy()
    with staff_writing() as (session, actor):
        patient = prefer_channel(session, patient_id, asked["channel"], by=actor, now=pharmacy.clock())
        return {"channels": channels_of(session, patient, has_sms=pharmacy.sms is not None)}


@blueprint.put("/<uuid:patient_id>/service")
@needs_staff(Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
@blueprint.arguments(ServiceInput())
@blueprint.response(200, ServiceOutput)
def service(asked: dict[str, Any], patient_id: UUID) -> Any:
    """Whether the patient is served: one who has died or moved away is told nothing more, and a recall by telephone."""
    change = ServiceChange(patient_id=patient_id, **asked)
    with staff_writing() as (session, actor):
        return _served(change_service(session, change, by=actor, now=the_pharmacy().clock()))


def _served(patient: Patient) -> dict[str, Any]:
    return {
        "patient_id": patient.id,
        "is_served": patient.inactive_since is None,
        "since": patient.inactive_since,
        "reason": patient.inactive_because,
    }
