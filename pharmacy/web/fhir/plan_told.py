"""A plan as dosage instructions in shape A, and the medicine they are about.

Capsules are told by mass. A liquid is told by volume, as the patient measures it, and then the medicine states its
concentration: whoever reads the one without the other could take it for another strength. What goes out here is read
again by our own reader as the same plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from pharmacy.domain.dose_text import format_dose, plain_decimal
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.titration import Step, TimeOfDay, TitrationPlan
from pharmacy.web.fhir.element import Element, NotUnderstood
from pharmacy.web.fhir.medication import NALTREXONE, RXNORM, medicine_of
from pharmacy.web.fhir.quantity import UCUM

_WHEN = {TimeOfDay.MORNING: "MORN", TimeOfDay.BEDTIME: "HS"}
# A volume with more places than an oral syringe could show is told by its mass instead.
_ML_PLACES = 3


@dataclass(frozen=True, slots=True)
class MadeAs:
    """What a prescription is made as: capsules, or a liquid of so many micrograms in a millilitre."""

    micrograms_per_ml: Decimal | None = None

    @property
    def strength_words(self) -> str:
        """ "1 mg/mL"; "" of capsules."""
        per_ml = self.micrograms_per_ml
        return "" if per_ml is None else f"{plain_decimal(per_ml / 1000)} mg/mL"


CAPSULES = MadeAs()


def medication_of(made_as: MadeAs) -> dict[str, Any]:
    """The medicine, with the concentration of a liquid."""
    form = f"{made_as.strength_words} oral liquid" if made_as.micrograms_per_ml is not None else "capsule"
    coding = {"system": RXNORM, "code": NALTREXONE, "display": "naltrexone"}
    return {"coding": [coding], "text": f"naltrexone HCl {form}, compounded"}


def stated_as_made(document: Mapping[str, Any], made_as: MadeAs) -> dict[str, Any]:
    """The request, whose medicine states the concentration that is made where its doses are volumes.

    What the sender stated stays wherever it says the same, and for capsules.
    """
    if made_as.micrograms_per_ml is None or _stated_per_ml(document) == made_as.micrograms_per_ml:
        return dict(document)
    named = (document.get("medicationReference") or {}).get("reference", "")
    kept = {name: each for name, each in document.items() if name != "medicationReference"}
    others = [each for each in document.get("contained", ()) if f"#{each.get('id')}" != named]
    if "contained" in kept:
        kept["contained"] = others
    return {**kept, "medicationCodeableConcept": medication_of(made_as)}


def dosages_of(plan: TitrationPlan, made_as: MadeAs = CAPSULES) -> list[dict[str, Any]]:
    """The plan in shape A; amounts of one step that differ by time of day share its sequence."""
    return [
        _dosage(number, step, time, dose, made_as)
        for number, step in enumerate(plan.steps, start=1)
        for time, dose in ((intake.time_of_day, intake.dose) for intake in step.intakes)
    ]


def _stated_per_ml(document: Mapping[str, Any]) -> Fraction | None:
    """The concentration that the kept request states; None where it states none, or in words nobody reads whole."""
    request = Element("MedicationRequest", document)
    found = request.one("medicationCodeableConcept")
    named = (document.get("medicationReference") or {}).get("reference", "")
    for each in request.many("contained"):
        if named == f"#{each.members.get('id')}":
            found = each
    try:
        return None if found is None else medicine_of(found).per_millilitre
    except NotUnderstood:
        return None


def _dosage(number: int, step: Step, time: TimeOfDay, dose: Micrograms, made_as: MadeAs) -> dict[str, Any]:
    until = "" if step.duration_days is None else f" for {step.duration_days} days"
    repeat: dict[str, Any] = {"frequency": 1, "period": 1, "periodUnit": "d", "when": [_WHEN[time]]}
    if step.duration_days is not None:
        repeat["boundsDuration"] = _quantity(Decimal(step.duration_days), "d")
    volume_ml = _volume_ml(dose, made_as)
    words, quantity = format_dose(dose), _quantity(dose.in_milligrams().value, "mg")
    if volume_ml is not None:
        words = f"{plain_decimal(volume_ml)} mL ({words})"
        quantity = _quantity(volume_ml, "mL")
    return {
        "sequence": number,
        "text": f"{words} {time.words}{until}",
        "timing": {"repeat": repeat},
        "doseAndRate": [{"doseQuantity": quantity}],
    }


def _volume_ml(dose: Micrograms, made_as: MadeAs) -> Decimal | None:
    """The dose as it is measured; None of capsules, and where no syringe could show it exactly."""
    if made_as.micrograms_per_ml is None:
        return None
    thousandths = Fraction(dose.value) / Fraction(made_as.micrograms_per_ml) * 10**_ML_PLACES
    if thousandths.denominator != 1:
        return None
    return Decimal(plain_decimal(Decimal(int(thousandths)).scaleb(-_ML_PLACES)))


def _quantity(value: Decimal, unit: str) -> dict[str, Any]:
    exact = value.quantize(Decimal(1)) if value == value.to_integral_value() else value
    return {"value": exact, "unit": unit, "system": UCUM, "code": unit}
