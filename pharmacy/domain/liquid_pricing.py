"""What an oral liquid costs before discount and rounding: drug and vehicle, one preparation, the script, its bottles.

The price book's own standard again, so that a price is known before any lot is: its potency for the drug, its price
for a millilitre of vehicle and for a bottle. A liquid is mixed once, whatever its volume.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from pharmacy.domain.dose_text import plain_decimal
from pharmacy.domain.errors import Unfit
from pharmacy.domain.figures import Figure, Input, shown
from pharmacy.domain.price_figures import CENT_PLACES, TO_THE_CENT
from pharmacy.domain.price_rules import PriceRules
from pharmacy.domain.quantities import Micrograms

MILLIGRAMS_PER_GRAM = 1000


@dataclass(eq=False)
class LiquidNotPriced(Unfit):
    """The price book has no price for a liquid."""

    version: str

    def __str__(self) -> str:
        return f"Price book {self.version} has no price for an oral liquid: vehicle and bottle are due in it."


@dataclass(frozen=True, slots=True, kw_only=True)
class LiquidFill:
    """So many millilitres that hold so much drug, in so many bottles."""

    drug: Micrograms
    volume_ml: Decimal
    bottles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LiquidRates:
    """What the price book says of liquids, whole."""

    vehicle_per_ml: Decimal
    bottle: Decimal


def rates_of(rules: PriceRules) -> LiquidRates:
    """What a liquid is priced by; LiquidNotPriced where the price book does not say."""
    if rules.vehicle_per_ml is None or rules.bottle is None:
        raise LiquidNotPriced(rules.version, where=("dosage_form",))
    return LiquidRates(vehicle_per_ml=rules.vehicle_per_ml, bottle=rules.bottle)


def liquid_figures(rules: PriceRules, fill: LiquidFill) -> tuple[Figure, Figure, Figure, Figure]:
    """Ingredients, labour, fees and packaging, in US dollars before rounding to the cent."""
    rates, book = rates_of(rules), f"price book {rules.version}"
    grams = fill.drug.in_milligrams().value / rules.potency_fraction / MILLIGRAMS_PER_GRAM
    drug = grams * rules.api_per_gram
    vehicle = fill.volume_ml * rates.vehicle_per_ml
    minutes = (rules.setup_minutes + rules.minutes_per_strength).to_integral_value(ROUND_CEILING)
    volume = Input("volume", f"{plain_decimal(fill.volume_ml)} mL")
    return (
        _usd(
            "ingredients",
            "Ingredients",
            (drug + vehicle) * rules.ingredient_multiplier,
            "(powder x price + volume x price of vehicle) x multiplier",
            (
                Input("powder", f"{shown(grams, 4)} g", f"{book}, potency {shown(rules.potency_fraction)}"),
                Input("price of powder", f"{rules.api_per_gram} USD/g", book),
                volume,
                Input("price of vehicle", f"{rates.vehicle_per_ml} USD/mL", book),
                Input("multiplier", shown(rules.ingredient_multiplier), book),
            ),
        ),
        _usd(
            "labour",
            "Labour",
            minutes * rules.labour_per_minute,
            "minutes x rate",
            (
                Input("minutes", str(minutes), f"{book}: to set up, and one preparation"),
                Input("rate", f"{rules.labour_per_minute} USD/minute", book),
            ),
        ),
        _usd(
            "script_and_vial_fees",
            "Script and bottle fees",
            rules.script_fee + rules.extra_vial_fee * (fill.bottles - 1),
            "script fee + further bottles x fee",
            (
                Input("script fee", f"{rules.script_fee} USD", book),
                Input("further bottles", str(fill.bottles - 1), "order"),
                Input("fee of a further bottle", f"{rules.extra_vial_fee} USD", book),
            ),
        ),
        _usd(
            "packaging",
            "Packaging",
            rates.bottle * fill.bottles,
            "bottles x price",
            (
                Input("bottles", str(fill.bottles), "order"),
                Input("price of a bottle", f"{rates.bottle} USD", book),
            ),
        ),
    )


def _usd(key: str, name: str, value: Decimal, formula: str, inputs: tuple[Input, ...]) -> Figure:
    return Figure(
        key=key,
        name=name,
        value=value,
        unit="USD",
        formula=formula,
        inputs=inputs,
        rounding=TO_THE_CENT,
        places=CENT_PLACES,
    )
