"""What would follow from a plan as an oral liquid: doses in micrograms and millilitres, and bottles that last.

Nothing of it can be quoted or ordered yet: prices, worksheets and labels are those of capsules.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from pharmacy.domain.dose_text import plain_decimal
from pharmacy.domain.errors import within
from pharmacy.domain.findings import Finding, Severity
from pharmacy.domain.liquid import Bottle, LiquidDose, LiquidSupply, liquid_supply
from pharmacy.domain.supply import MOST_DAYS, DaysOutOfRange
from pharmacy.domain.titration import check_plan, date_of, mass_between
from pharmacy.usecases.commands import SupplyRequest
from pharmacy.usecases.derivation import assumed_start, window_of
from pharmacy.usecases.option_document import findings_document
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.schedule_document import steps_document
from pharmacy.usecases.written_findings import findings_of_written

SPLIT = "F-LIQUID-SPLIT"


def liquid_document(request: SupplyRequest, reference: Reference) -> dict[str, Any]:
    """Schedule, doses and bottles, with the findings. Raises Unfit with the place of the fault."""
    with within("plan"):
        findings = check_plan(request.plan, reference.dose_limits)
    window, window_findings = window_of(request, 0)
    if window.days > MOST_DAYS:
        raise DaysOutOfRange(window.days, where=("days",))
    start_on = assumed_start(request.delivery, reference)
    rules = reference.liquid
    lasts = rules.days_at_the_patient(reference.refills[request.delivery].start_lag_days)
    with within("plan"):
        supply = liquid_supply(request.plan, window, rules, bottle_days=lasts)
    told = (
        *(replace(each, where=("plan", *each.where)) for each in findings),
        *window_findings,
        *_split(supply, lasts),
        *findings_of_written(request, window, at=("as_written",)),
    )
    return {
        "first_day": window.first_day,
        "days": window.days,
        "start_on": start_on,
        "schedule": steps_document(request.plan, window, start_on),
        "total_ug": mass_between(request.plan, window.first_day, window.last_day).value,
        "options": [],
        "not_offered": [],
        "liquid": {
            "concentration_mg_per_ml": plain_decimal(rules.micrograms_per_ml.in_milligrams().value),
            "beyond_use_category": rules.category.value,
            "total_ml": plain_decimal(supply.total_ml),
            "doses": [_dose(dose) for dose in supply.doses],
            "bottles": [_bottle(bottle, start_on) for bottle in supply.bottles],
        },
        "findings": findings_document(told),
    }


def _split(supply: LiquidSupply, lasts: int) -> tuple[Finding, ...]:
    if len(supply.bottles) == 1:
        return ()
    because = (
        f"A bottle lasts {lasts} days at the patient's, so {supply.window.days} days take "
        f"{len(supply.bottles)} bottles, each made when the one before runs out."
    )
    return (Finding(SPLIT, Severity.WARN, because, ("days",)),)


def _dose(dose: LiquidDose) -> dict[str, Any]:
    return {
        "position": dose.position,
        "first_day": dose.first_day,
        "last_day": dose.last_day,
        "time_of_day": dose.time_of_day,
        "dose_ug": dose.dose.value,
        "dose_ml": plain_decimal(dose.volume_ml),
    }


def _bottle(bottle: Bottle, start_on: date) -> dict[str, Any]:
    return {
        "first_day": bottle.first_day,
        "last_day": bottle.last_day,
        "first_on": date_of(start_on, bottle.first_day),
        "last_on": date_of(start_on, bottle.last_day),
        "volume_ml": plain_decimal(bottle.volume_ml),
    }
