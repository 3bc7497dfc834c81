"""What would follow from a plan, before anything is ordered."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson
from flask import Response

from pharmacy.domain.calendar import local_day
from pharmacy.usecases.commands import SupplyRequest
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.simulate_titration import simulate_titration
from pharmacy.web.api.input_schemas import SimulationInput
from pharmacy.web.api.output_schemas import SimulationOutput
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.current import the_pharmacy
from pharmacy.web.door import let_in_alone
from pharmacy.web.guards import needs_scope

_ANSWER = SimulationOutput()
blueprint = Blueprint("titrations", __name__, url_prefix="/api/v1/titrations", description="Titrations")


@blueprint.post("/simulate")
@needs_scope("titrations.simulate")
@blueprint.arguments(SimulationInput())
@blueprint.response(200, SimulationOutput)
def simulate(asked: SupplyRequest) -> Any:
    """Schedule, supply options, batches, prices and findings of a plan. Needs no patient; keeps nothing."""
    pharmacy = the_pharmacy()
    today = local_day(pharmacy.clock(), pharmacy.zone)
    caller = let_in_alone("titrations.simulate")
    reference = pharmacy.reference.kept(today, caller.reference_version)
    if reference is None:
        with pharmacy.sessions.read() as session:
            reference = pharmacy.reference.current(session, today, caller.reference_version)
    return Response(_worded(asked, reference), content_type="application/json")


# Most plans are the typical one, and its answer is fifty kilobytes: it is worded once for each reading of the books.
@lru_cache(maxsize=256)
def _worded(asked: SupplyRequest, reference: Reference) -> bytes:
    return orjson.dumps(_ANSWER.dump(simulate_titration(asked, reference)), default=str)
