"""What would follow from a plan, before anything is ordered."""

from __future__ import annotations

from typing import Any

from pharmacy.domain.calendar import local_day
from pharmacy.usecases.commands import SupplyRequest
from pharmacy.usecases.simulate_titration import simulate_titration
from pharmacy.web.api.input_schemas import SimulationInput
from pharmacy.web.api.output_schemas import SimulationOutput
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.current import the_pharmacy
from pharmacy.web.door import reading
from pharmacy.web.guards import needs_scope

blueprint = Blueprint("titrations", __name__, url_prefix="/api/v1/titrations", description="Titrations")


@blueprint.post("/simulate")
@needs_scope("titrations.simulate")
@blueprint.arguments(SimulationInput())
@blueprint.response(200, SimulationOutput)
def simulate(asked: SupplyRequest) -> Any:
    """Schedule, supply options, batches, prices and findings of a plan. Needs no patient; keeps nothing."""
    pharmacy = the_pharmacy()
    today = local_day(pharmacy.clock(), pharmacy.zone)
    with reading("titrations.simulate") as (session, knock):
        reference = pharmacy.reference.current(session, today, knock.reference_version)
    return simulate_titration(asked, reference)
