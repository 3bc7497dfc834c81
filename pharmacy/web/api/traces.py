"""What became of a component lot or a batch."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pharmacy.domain.calendar import local_day
from pharmacy.domain.orders import Role
from pharmacy.domain.recalls import RecallSubject
from pharmacy.usecases.trace_stock import Traced, trace_document, trace_stock
from pharmacy.web.api.recall_shapes import TraceOutput
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_staff
from pharmacy.web.staff_door import staff_reading

blueprint = Blueprint("traces", __name__, url_prefix="/api/v1", description="Traces of lots and batches")
READERS = (Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE, Role.AUDITOR)


@blueprint.get("/component-lots/<uuid:component_lot_id>/trace")
@needs_staff(*READERS)
@blueprint.response(200, TraceOutput)
def of_lot(component_lot_id: UUID) -> Any:
    """Batches made from the lot, through triturates, and the orders and patients that have them."""
    return _traced(Traced(RecallSubject.COMPONENT_LOT, component_lot_id))


@blueprint.get("/batches/<uuid:batch_id>/trace")
@needs_staff(*READERS)
@blueprint.response(200, TraceOutput)
def of_batch(batch_id: UUID) -> Any:
    """What the batch was made of, what became of it, and who has it."""
    return _traced(Traced(RecallSubject.BATCH, batch_id))


def _traced(traced: Traced) -> dict[str, Any]:
    pharmacy = the_pharmacy()
    now = pharmacy.clock()
    with staff_reading() as (session, _):
        reference = pharmacy.reference.current(session, local_day(now, pharmacy.zone))
        return trace_document(*trace_stock(session, traced, reference, now=now))
