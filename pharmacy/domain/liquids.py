"""An oral liquid: how much is made, and what is weighed for it.

The usual strength is 1 mg/mL. The volume is what the doses take; the drug is weighed for the whole volume,
corrected for potency once, and the vehicle is added up to the mark. How long it may be used depends on the
vehicle: 14 days aqueous, 35 preserved, 90 without water (USP <795>).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from pharmacy.domain import capsule_figures as worksheet
from pharmacy.domain.bench import ApiLot
from pharmacy.domain.beyond_use import CATEGORY_LIMIT_DAYS, Category
from pharmacy.domain.dose_text import format_dose
from pharmacy.domain.figures import Figure, Input, require_decimal, require_whole, shown
from pharmacy.domain.potency import (
    StrengthBasis,
    adjustment_factor,
    hydrate_factor,
    hydrochloride_content,
    potency,
    salt_factor,
)
from pharmacy.domain.quantities import Micrograms, Milligrams
from pharmacy.domain.weighing import EXACT_PLACES, Balance, Weighing, minimum_weighable, weigh

# A batch that is larger than its order is a round number of millilitres (house policy).
VOLUME_STEP_ML = Decimal(10)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiquidStep:
    """So many days of one dose."""

    dose: Micrograms
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LiquidBatch:
    """What to weigh for `volume_ml` millilitres, and every figure behind it."""

    concentration_mg_per_ml: Decimal
    volume_ml: Decimal
    active: Weighing
    delivered_pct: Decimal
    figures: tuple[Figure, ...]
    instructions: tuple[str, ...]


def volume_of_doses(steps: Sequence[LiquidStep], concentration_mg_per_ml: Decimal) -> Figure:
    """The millilitres that these doses take, nothing added."""
    _require_concentration(concentration_mg_per_ml)
    drug = sum(
        (step.dose.in_milligrams().value * require_whole(step.days, "Days") for step in steps), Decimal(0)
    )
    return Figure(
        key="volume",
        name="Volume of all doses",
        value=drug / concentration_mg_per_ml,
        unit="mL",
        formula="sum of (days x dose) / concentration",
        inputs=(
            *(
                Input(f"step {place}", f"{step.days} days x {format_dose(step.dose)}")
                for place, step in _numbered(steps)
            ),
            Input("concentration", f"{shown(concentration_mg_per_ml)} mg/mL"),
        ),
        places=1,
    )


def lasts_as(category: Category, days: int) -> bool:
    """Whether `days` of doses fit into one bottle of that category, first taken on the day it is made."""
    return days <= CATEGORY_LIMIT_DAYS[category]


def volume_to_make(
    concentration_mg_per_ml: Decimal,
    needed_ml: Decimal,
    lot: ApiLot,
    balance: Balance,
    basis: StrengthBasis,
) -> Decimal:
    """The volume that is needed, or the least for which the drug can be weighed, in whole steps of VOLUME_STEP_ML.

    What is made beyond the need is thrown away (house policy): a weighing below the balance's minimum would be a guess.
    """
    fraction, form = potency(lot.certificate, lot.source), hydrate_factor(lot.certificate)
    a_millilitre = worksheet.powder_exact(
        _pure_drug(concentration_mg_per_ml, Decimal(1), salt_factor(basis)), form, fraction
    )
    least = minimum_weighable(balance).number / a_millilitre.number
    if needed_ml >= least:
        return needed_ml
    return (least / VOLUME_STEP_ML).to_integral_value(ROUND_CEILING) * VOLUME_STEP_ML


def liquid_batch(
    concentration_mg_per_ml: Decimal, volume_ml: Decimal, lot: ApiLot, balance: Balance, basis: StrengthBasis
) -> LiquidBatch:
    """The weighing for a liquid; raises what `weigh` raises."""
    _require_concentration(concentration_mg_per_ml)
    if require_decimal(volume_ml, "A volume") <= 0:
        raise ValueError("A volume is above zero.")
    fraction, form, salt = (
        potency(lot.certificate, lot.source),
        hydrate_factor(lot.certificate),
        salt_factor(basis),
    )
    pure = _pure_drug(concentration_mg_per_ml, volume_ml, salt)
    exact = worksheet.powder_exact(pure, form, fraction)
    name = f"naltrexone powder, lot {lot.number}"
    active = weigh(name, Milligrams(exact.number), balance, key="api_target")
    delivered = worksheet.delivered(active, hydrochloride_content(lot.certificate, lot.source), pure)
    leading = (fraction, adjustment_factor(fraction), salt, form, pure, minimum_weighable(balance))
    return LiquidBatch(
        concentration_mg_per_ml=concentration_mg_per_ml,
        volume_ml=volume_ml,
        active=active,
        delivered_pct=delivered.number,
        figures=(*leading, exact, active.figure, delivered),
        instructions=(
            f"Weigh {balance.text(active.target)} of {name}, on balance {balance.name}.",
            "Wet the powder with a little vehicle and mix to an even paste.",
            f"Add vehicle to {shown(volume_ml)} mL, rinsing the mortar, and shake.",
        ),
    )


def _pure_drug(concentration: Decimal, volume_ml: Decimal, salt: Figure) -> Figure:
    return Figure(
        key="pure_drug",
        name="Pure drug",
        value=concentration * volume_ml * salt.number,
        unit="mg",
        formula="concentration x volume x salt factor",
        inputs=(
            Input("concentration", f"{shown(concentration)} mg/mL"),
            Input("volume", f"{shown(volume_ml)} mL"),
            salt.as_input(),
        ),
        places=None if salt.number == 1 else EXACT_PLACES,
    )


def _require_concentration(concentration_mg_per_ml: Decimal) -> None:
    if require_decimal(concentration_mg_per_ml, "A concentration") <= 0:
        raise ValueError("A concentration is above zero.")


def _numbered(steps: Sequence[LiquidStep]) -> list[tuple[int, LiquidStep]]:
    return list(enumerate(steps, start=1))
