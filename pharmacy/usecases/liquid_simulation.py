"""A plan told as an oral liquid: every dose in micrograms and millilitres, and the bottles that last.

What it costs and what is weighed for it stand in the option, as with capsules.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from pharmacy.domain.dose_text import plain_decimal
from pharmacy.domain.errors import within
from pharmacy.domain.liquid import Bottle, LiquidDose, liquid_supply
from pharmacy.domain.supply import Window
from pharmacy.domain.titration import date_of
from pharmacy.usecases.commands import DosageForm, SupplyRequest
from pharmacy.usecases.derivation import assumed_start
from pharmacy.usecases.reference import Reference


def liquid_document(request: SupplyRequest, window: Window, reference: Reference) -> dict[str, Any] | None:
    """Doses and bottles; None for capsules. Raises DoseNotMeasurable and BottleTooShort with their places."""
    if request.dosage_form is not DosageForm.ORAL_LIQUID:
        return None
    start_on = assumed_start(request.delivery, reference)
    rules = reference.liquid
    lasts = rules.days_at_the_patient(reference.refills[request.delivery].start_lag_days)
    with within("plan"):
        supply = liquid_supply(request.plan, window, rules, bottle_days=lasts)
    return {
        "concentration_mg_per_ml": plain_decimal(rules.micrograms_per_ml.in_milligrams().value),
        "beyond_use_category": rules.category.value,
        "total_ml": plain_decimal(supply.total_ml),
        "doses": [_dose(dose) for dose in supply.doses],
        "bottles": [_bottle(bottle, start_on) for bottle in supply.bottles],
    }


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
