"""Quantities in UCUM, exactly: masses in micrograms, durations in days, counts of capsules.

`mg`, `ug` and `mL` are understood, `{capsule}` and `1` count capsules. The unit that people read must say the same
as the code, where both are given: a request whose words say mcg and whose code says mg is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from fractions import Fraction

from pharmacy.domain.quantities import Micrograms
from pharmacy.web.fhir.element import INVALID, REQUIRED, Element

UCUM = "http://unitsofmeasure.org"
_SNOMED = "http://snomed.info/sct"
_DRUG_FORMS = "http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm"
MOST_VALUE = 10**6


class Unit(Enum):
    MG = "mg"
    UG = "ug"
    ML = "mL"
    CAPSULE = "capsule"
    DAY = "d"
    WEEK = "wk"


_CODES: Mapping[tuple[str, str], Unit] = {
    (UCUM, "mg"): Unit.MG,
    (UCUM, "ug"): Unit.UG,
    (UCUM, "mL"): Unit.ML,
    (UCUM, "ml"): Unit.ML,
    (UCUM, "{capsule}"): Unit.CAPSULE,
    (UCUM, "{Capsule}"): Unit.CAPSULE,
    (UCUM, "{capsules}"): Unit.CAPSULE,
    (UCUM, "1"): Unit.CAPSULE,
    (_DRUG_FORMS, "CAP"): Unit.CAPSULE,
    # Capsule as unit of presentation, and as unit of product usage (dm+d).
    (_SNOMED, "732937005"): Unit.CAPSULE,
    (_SNOMED, "428641000"): Unit.CAPSULE,
    (UCUM, "d"): Unit.DAY,
    (UCUM, "wk"): Unit.WEEK,
}
# What people read beside the code, in small letters.
_WORDS: Mapping[Unit, frozenset[str]] = {
    Unit.MG: frozenset(["mg", "milligram", "milligrams"]),
    Unit.UG: frozenset(["ug", "mcg", "\u00b5g", "\u03bcg", "microgram", "micrograms"]),
    Unit.ML: frozenset(["ml", "milliliter", "milliliters", "millilitre", "millilitres"]),
    Unit.CAPSULE: frozenset(
        [
            "capsule",
            "capsules",
            "cap",
            "caps",
            "capsule(s)",
            "{capsule}",
            "1",
            "capsule (unit of presentation)",
        ]
    ),
    Unit.DAY: frozenset(["d", "day", "days"]),
    Unit.WEEK: frozenset(["wk", "week", "weeks"]),
}
_IN_MICROGRAMS = {Unit.UG: 1, Unit.MG: 1000}
_IN_DAYS = {Unit.DAY: 1, Unit.WEEK: 7}


def amount(quantity: Element) -> tuple[Fraction, Unit]:
    """The value, exactly, and its unit; NotUnderstood for anything but a plain quantity in a unit known here."""
    quantity.require_only("value", "unit", "system", "code")
    value = quantity.number("value")
    if value is None:
        quantity.refuse("value is missing.", "value", code=REQUIRED)
    if not 0 <= value <= MOST_VALUE:
        quantity.refuse(f"value must be between 0 and {MOST_VALUE}.", "value", code=INVALID)
    return Fraction(value), unit_of(quantity)


def unit_of(quantity: Element) -> Unit:
    """The unit that system and code name; NotUnderstood when there is none, or the words say another."""
    system, code, words = quantity.text("system"), quantity.text("code"), quantity.text("unit")
    if system is None or code is None:
        quantity.refuse("A quantity needs the system and code of its unit, in UCUM.", "code", code=REQUIRED)
    unit = _CODES.get((system, code))
    if unit is None:
        quantity.refuse(f"The unit {code[:40]} is not understood here.", "code", reason="C-DOSE-UNIT")
    if words is not None and words.strip().lower() not in _WORDS[unit]:
        text = f"The unit reads {words[:40]}, but its code says {code[:40]}."
        quantity.refuse(text, "unit", code=INVALID, reason="C-DOSE-UNIT")
    return unit


def days(duration: Element) -> int:
    """A duration in whole days; weeks are seven."""
    value, unit = amount(duration)
    if unit not in _IN_DAYS:
        duration.refuse("A duration is given in days or weeks.", "code")
    total = value * _IN_DAYS[unit]
    if total.denominator != 1 or total < 1:
        duration.refuse("A duration is a whole number of days, at least 1.", "value", code=INVALID)
    return int(total)


def mass(value: Fraction, unit: Unit) -> Fraction | None:
    """That many micrograms, or None for a unit that is no mass."""
    return value * _IN_MICROGRAMS[unit] if unit in _IN_MICROGRAMS else None


def whole_micrograms(value: Fraction, quantity: Element) -> Micrograms:
    """The dose; NotUnderstood when it is finer than a microgram."""
    if value.denominator != 1:
        quantity.refuse("The dose is finer than 1 mcg, the smallest dose step kept.", "value", code=INVALID)
    return Micrograms(int(value))
