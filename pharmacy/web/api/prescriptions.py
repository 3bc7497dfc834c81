"""The patient's calendar of a prescription, as JSON, as an iCalendar file and as a sheet to print."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from pharmacy.domain.calendar import local_day
from pharmacy.usecases.lay_out_schedule import lay_out_schedule
from pharmacy.web.api.calendar_answer import calendar_answer, sheet_answer
from pharmacy.web.api.input_schemas import ScheduleFormat, ScheduleQuery
from pharmacy.web.api.output_schemas import ScheduleOutput
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.current import the_pharmacy
from pharmacy.web.door import reading
from pharmacy.web.guards import needs_scope

blueprint = Blueprint(
    "prescriptions", __name__, url_prefix="/api/v1/prescriptions", description="Prescriptions"
)


@blueprint.get("/<uuid:prescription_id>/schedule")
@needs_scope("prescriptions.read")
@blueprint.arguments(ScheduleQuery(), location="query")
@blueprint.response(200, ScheduleOutput)
@blueprint.alt_response(200, content_type="text/calendar", schema={"type": "string"}, success=True)
@blueprint.alt_response(
    200, content_type="application/pdf", schema={"type": "string", "format": "binary"}, success=True
)
def schedule(asked: dict[str, Any], prescription_id: UUID) -> Any:
    """Which dose on which day, from the confirmed start, or from an assumed one that is marked so."""
    pharmacy = the_pharmacy()
    today = local_day(pharmacy.clock(), pharmacy.zone)
    with reading("prescriptions.read") as (session, knock):
        reference = pharmacy.reference.current(session, today, knock.reference_version)
        laid_out = lay_out_schedule(session, prescription_id, knock.practice_id, reference)
    if asked["format"] is ScheduleFormat.ICS:
        file = calendar_answer(
            laid_out, phone=pharmacy.imprint.identity.phone, changed_at=laid_out.changed_at
        )
        return Response(file, content_type="text/calendar; charset=utf-8")
    if asked["format"] is ScheduleFormat.PDF:
        sheet = sheet_answer(laid_out, pharmacy=pharmacy.imprint.identity)
        return Response(sheet, content_type="application/pdf")
    return laid_out.document
