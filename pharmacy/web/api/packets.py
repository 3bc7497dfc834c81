"""The inspector's packet: every record about one thing or of some days, as one PDF or as CSV files in a ZIP."""

from __future__ import annotations

from typing import Any

from pharmacy.usecases.inspectors_packet import PacketRequest, read_packet
from pharmacy.usecases.sign_again import sign_again
from pharmacy.web.api.packet_shapes import PacketInput
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.current import the_pharmacy
from pharmacy.web.figure_days import days_asked
from pharmacy.web.guards import needs_staff
from pharmacy.web.packet_files import PACKET_READERS, packet_answer
from pharmacy.web.staff_door import staff_writing

blueprint = Blueprint("packets", __name__, url_prefix="/api/v1/packets", description="Inspectors' packets")
_FILE = {"type": "string", "format": "binary"}


@blueprint.post("")
@needs_staff(*PACKET_READERS)
@blueprint.arguments(PacketInput())
@blueprint.response(200, content_type="application/pdf", schema=_FILE)
@blueprint.alt_response(200, content_type="application/zip", schema=_FILE, success=True)
def make(asked: dict[str, Any]) -> Any:
    """The packet as a file; who read it, about what and why, is on record. At most 5,000 orders."""
    now = the_pharmacy().clock()
    wanted = PacketRequest(
        subject=asked["subject"],
        subject_id=asked["subject_id"],
        asked=days_asked(asked["first_on"], asked["last_on"]),
        reason=asked["reason"],
    )
    with staff_writing() as (session, actor):
        refusal = sign_again(session, asked["signature"], by=actor, now=now)
        if refusal is None:
            read_packet(session, wanted, by=actor, now=now)
    if refusal is not None:
        raise refusal
    return packet_answer(wanted, asked["form"], by=actor)
