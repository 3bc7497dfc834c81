"""What patients are told, for staff: everything planned and sent with its reason, and the consent behind it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pharmacy.store import audit
from pharmacy.usecases.change_consent import ConsentChange, change_consent
from pharmacy.usecases.notices_of_patient import channels_of, notices_of_patient
from pharmacy.web.api.notice_shapes import ChannelsOutput, ConsentChangeInput, PatientNoticesOutput
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_staff
from pharmacy.web.staff_door import staff_writing

blueprint = Blueprint("notices", __name__, url_prefix="/api/v1/patients", description="Notices to patients")


@blueprint.get("/<uuid:patient_id>/notices")
@needs_staff()
@blueprint.response(200, PatientNoticesOutput)
def listing(patient_id: UUID) -> Any:
    """What the patient was told and will be told, and why; the look is on record."""
    pharmacy = the_pharmacy()
    now = pharmacy.clock()
    with staff_writing() as (session, actor):
        shown = notices_of_patient(session, patient_id, has_sms=pharmacy.sms is not None, now=now)
        audit.record(session, "patient.notices_read", patient_id, by=actor, at=now)
        return shown


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
        return {"channels": channels_of(patient, has_sms=pharmacy.sms is not None)}
