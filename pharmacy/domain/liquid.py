"""A plan as an oral liquid: the same exact micrograms, told in millilitres, in bottles that last.

A dose stays what was prescribed; the volume follows from the stated concentration and must be a whole number of the
syringe's marks, or the dose cannot be given. Oral liquids do not last as capsules do (USP <795>: 14 days aqueous, 35
preserved, 90 non-aqueous), so a fill may take several bottles, each made when the one before runs out. A first part
of less than a week is not worth a bottle: then the whole fill waits for another vehicle (house policy).
"""

from dataclasses import dataclass
from decimal import Decimal

from pharmacy.domain.beyond_use import CATEGORY_LIMIT_DAYS, Category
from pharmacy.domain.dose_text import format_dose, plain_decimal
from pharmacy.domain.errors import Unfit
from pharmacy.domain.figures import require_decimal
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.supply import Supply, Window, multiples
from pharmacy.domain.titration import TimeOfDay, TitrationPlan, scheduled_between

# Fewer days are not worth a bottle (house policy).
FEWEST_BOTTLE_DAYS = 7


@dataclass(eq=False)
class DoseNotMeasurable(Unfit):
    """A dose of that concentration falls between two marks of the oral syringe. `position` counts from 1."""

    position: int
    dose: Micrograms
    concentration: str
    syringe_step_ml: Decimal

    def __str__(self) -> str:
        return (
            f"Step {self.position}: {format_dose(self.dose)} of {self.concentration} is not a whole number "
            f"of {plain_decimal(self.syringe_step_ml)} mL."
        )


@dataclass(eq=False)
class BottleTooShort(Unfit):
    """What a bottle lasts after the way to the patient is less than a week."""

    days: int

    def __str__(self) -> str:
        return f"A bottle would last {self.days} days at the patient's, and less than {FEWEST_BOTTLE_DAYS} is not sent."


@dataclass(frozen=True, slots=True, kw_only=True)
class LiquidRules:
    """What the liquid is (a setting): micrograms in a millilitre, its beyond-use category, the syringe's marks."""

    micrograms_per_ml: Micrograms
    category: Category
    syringe_step_ml: Decimal

    def __post_init__(self) -> None:
        if require_decimal(self.syringe_step_ml, "syringe_step_ml") <= 0 or not self.micrograms_per_ml.value:
            raise ValueError("A concentration and the marks of a syringe are above zero")

    @property
    def mark(self) -> Micrograms:
        """What one mark of the syringe holds; ValueError where that is no whole number of micrograms."""
        if (self.micrograms_per_ml.value * self.syringe_step_ml) % 1:
            raise ValueError("What one mark of the syringe holds is a whole number of micrograms.")
        return Micrograms(int(self.micrograms_per_ml.value * self.syringe_step_ml))

    @property
    def concentration(self) -> str:
        """As it is written: "1 mg/mL"."""
        return f"{format_dose(self.micrograms_per_ml)}/mL"

    def days_at_the_patient(self, start_lag_days: int) -> int:
        """How many days of doses a bottle gives, sent on the day it is made, which counts as day 1."""
        return max(0, CATEGORY_LIMIT_DAYS[self.category] - start_lag_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiquidDose:
    """One dose of a step, in both measures; days are plan days, both included."""

    position: int
    first_day: int
    last_day: int
    time_of_day: TimeOfDay
    dose: Micrograms
    volume_ml: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Bottle:
    """One bottle and the days it is for, both included."""

    first_day: int
    last_day: int
    volume_ml: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class LiquidSupply:
    """The liquid that covers a window, dose by dose and bottle by bottle."""

    window: Window
    doses: tuple[LiquidDose, ...]
    bottles: tuple[Bottle, ...]

    @property
    def total_ml(self) -> Decimal:
        """What all bottles hold."""
        return sum((bottle.volume_ml for bottle in self.bottles), start=Decimal(0))


def as_supply(plan: TitrationPlan, window: Window, rules: LiquidRules) -> Supply:
    """The window as one fill of the liquid, counted in marks of the syringe: exact, like capsules.

    Raises DoseNotMeasurable for the first dose between two marks.
    """
    _doses(plan, window, rules)
    return multiples(plan, window, rules.mark, rules.syringe_step_ml)


def liquid_supply(
    plan: TitrationPlan, window: Window, rules: LiquidRules, *, bottle_days: int
) -> LiquidSupply:
    """The window in bottles of at most `bottle_days` days of doses each.

    Raises DoseNotMeasurable for the first dose between two marks, BottleTooShort when a bottle of less than a week
    would have to be sent although more days are due.
    """
    if bottle_days < min(FEWEST_BOTTLE_DAYS, window.days):
        raise BottleTooShort(bottle_days)
    doses = _doses(plan, window, rules)
    bottles = []
    for first_day in range(window.first_day, window.last_day + 1, bottle_days):
        last_day = min(first_day + bottle_days - 1, window.last_day)
        bottles.append(
            Bottle(first_day=first_day, last_day=last_day, volume_ml=_volume(doses, first_day, last_day))
        )
    return LiquidSupply(window=window, doses=doses, bottles=tuple(bottles))


def _doses(plan: TitrationPlan, window: Window, rules: LiquidRules) -> tuple[LiquidDose, ...]:
    return tuple(
        LiquidDose(
            position=part.position,
            first_day=part.first_day,
            last_day=part.last_day,
            time_of_day=intake.time_of_day,
            dose=intake.dose,
            volume_ml=_millilitres(intake.dose, part.position, part.step.dose_field, rules),
        )
        for part in scheduled_between(plan, window.first_day, window.last_day)
        for intake in part.step.doses
    )


def _millilitres(dose: Micrograms, position: int, dose_field: str, rules: LiquidRules) -> Decimal:
    """The volume, exactly. As a ratio of whole numbers: a quotient of decimals might be rounded on the way."""
    step, unit = rules.syringe_step_ml.as_integer_ratio()
    marks, rest = divmod(dose.value * unit, rules.micrograms_per_ml.value * step)
    if rest:
        where = ("steps", position - 1, dose_field)
        raise DoseNotMeasurable(position, dose, rules.concentration, rules.syringe_step_ml, where=where)
    return rules.syringe_step_ml * marks


def _volume(doses: tuple[LiquidDose, ...], first_day: int, last_day: int) -> Decimal:
    """All doses from `first_day` to `last_day`, both included."""
    return sum(
        (
            dose.volume_ml * (min(dose.last_day, last_day) - max(dose.first_day, first_day) + 1)
            for dose in doses
            if dose.first_day <= last_day and dose.last_day >= first_day
        ),
        start=Decimal(0),
    )
