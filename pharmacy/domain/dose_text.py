"""How doses and weights are written.

Two formatters that must never be mixed. A *dose* is a designation: no trailing zero, a
leading zero, "mcg" and not the micro sign (ISMP list of error-prone abbreviations; a
label reading 32.400MG was once read as 400 mg). A *weight* is a measurement: it keeps the
zeros that the balance shows, because 1.040 g and 1.04 g are not the same statement.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from pharmacy.domain.quantities import Micrograms, Milligrams

# Doses below a tenth of a milligram are printed in micrograms (house policy).
LEAST_DOSE_IN_MILLIGRAMS = Micrograms(100)
_ONE = Decimal(1)
_MILLIGRAMS_PER_GRAM = Decimal(1000)


class DoseUnit(StrEnum):
    """The unit a dose is written in."""

    MILLIGRAMS = "mg"
    MICROGRAMS = "mcg"


def plain_decimal(number: Decimal) -> str:
    """The number without exponent and without trailing zeros: "3", "0.5", "100".

    >>> plain_decimal(Decimal("3.0")), plain_decimal(Decimal("1E+2"))
    ('3', '100')
    """
    if not isinstance(number, Decimal):
        raise TypeError(f"plain_decimal needs a Decimal, got {number!r}")
    digits = f"{abs(number):f}"
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return f"-{digits}" if number < 0 else digits


def format_dose(dose: Micrograms) -> str:
    """The dose as every person reads it: "3 mg", "0.5 mg", "50 mcg"; no dose is "0 mg".

    Never a trailing zero, always a leading zero (ISMP); micrograms below 0.1 mg.
    """
    return format_dose_in(common_unit_of_doses([dose]), dose)


def common_unit_of_doses(doses: Iterable[Micrograms]) -> DoseUnit:
    """The one unit for doses that are read side by side, so that mg and mcg are never mixed among them.

    Micrograms as soon as one of them would be written in micrograms alone (house policy).
    """
    is_small = any(Micrograms(0) < dose < LEAST_DOSE_IN_MILLIGRAMS for dose in doses)
    return DoseUnit.MICROGRAMS if is_small else DoseUnit.MILLIGRAMS


def format_dose_in(unit: DoseUnit, dose: Micrograms) -> str:
    """The dose in that unit: "3 mg", "50 mcg", "4,500 mcg"; a comma from a thousand on (ISMP)."""
    if unit is DoseUnit.MICROGRAMS:
        return f"{dose.value:,} mcg"
    return f"{plain_decimal(dose.in_milligrams().value)} mg"


def capsules_text(count: int) -> str:
    """How many capsules, in numerals: "1 capsule", "3 capsules"."""
    return "1 capsule" if count == 1 else f"{count} capsules"


def amount_text(count: int, unit_ml: Decimal | None = None) -> str:
    """How much there is: "3 capsules", or of a liquid, counted in marks that measure `unit_ml`, "1.5 mL"."""
    return capsules_text(count) if unit_ml is None else f"{plain_decimal(unit_ml * count)} mL"


def strength_text(strength: Micrograms, unit_ml: Decimal | None = None) -> str:
    """What is in one capsule ("4.5 mg"), or in a millilitre of a liquid whose marks hold `strength` ("1 mg/mL")."""
    if unit_ml is None:
        return format_dose(strength)
    return f"{plain_decimal(strength.in_milligrams().value / unit_ml)} mg/mL"


def format_mass_g(mass: Milligrams, readability: Milligrams) -> str:
    """The weight in grams as a balance of this readability shows it, zeros kept: "1.040 g"."""
    return f"{_as_shown(mass.value / _MILLIGRAMS_PER_GRAM, readability.value / _MILLIGRAMS_PER_GRAM)} g"


def format_mass_mg(mass: Milligrams, readability: Milligrams) -> str:
    """The weight in milligrams as a balance of this readability shows it: "984 mg"."""
    return f"{_as_shown(mass.value, readability.value)} mg"


def _as_shown(number: Decimal, step: Decimal) -> str:
    """The nearest multiple of `step`, half-up, with as many decimals as the step has."""
    if step <= 0:
        raise ValueError("A balance reads in steps greater than zero")
    _, _, decimals = plain_decimal(step).partition(".")
    shown = (number / step).quantize(_ONE, rounding=ROUND_HALF_UP) * step
    return f"{shown:.{len(decimals)}f}"
