"""What would follow from a plan. No patient, no row."""

from __future__ import annotations

from typing import Any

from pharmacy.domain.titration import mass_between
from pharmacy.usecases.commands import SupplyRequest
from pharmacy.usecases.derivation import derive
from pharmacy.usecases.liquid_simulation import liquid_document
from pharmacy.usecases.option_document import (
    findings_document,
    not_offered_document,
    option_document,
)
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.schedule_document import steps_document
from pharmacy.usecases.written_findings import findings_of_written


def simulate_titration(request: SupplyRequest, reference: Reference) -> dict[str, Any]:
    """Schedule, supply options with batches and prices, and the findings an order of this would have.

    Raises Unfit with the place of the fault, as an order would.
    """
    derivation = derive(request, reference)
    window = derivation.window
    first = derivation.chosen(request)
    written = findings_of_written(request, window, at=("as_written",))
    offered = derivation.options if request.method is None else (first,)
    return {
        "first_day": window.first_day,
        "days": window.days,
        "start_on": derivation.assumed_start_on,
        "schedule": steps_document(request.plan, window, derivation.assumed_start_on),
        "total_ug": mass_between(request.plan, window.first_day, window.last_day).value,
        "options": [option_document(option) for option in offered],
        "liquid": liquid_document(request, window, reference),
        "not_offered": [not_offered_document(each) for each in derivation.not_offered],
        "findings": findings_document((*derivation.findings, *first.findings, *written)),
    }
