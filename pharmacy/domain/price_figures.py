"""The figures of a price, each with its formula.

Amounts here are dollars before rounding to the cent; `pricing` rounds each line once. Standard ingredients come
from the price book: its potency and packing statistics stand in for those of a lot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pharmacy.domain.capsule_figures import displacement_filler
from pharmacy.domain.dose_text import format_dose
from pharmacy.domain.figures import Figure, Input, shown
from pharmacy.domain.money import Money, to_cents, total
from pharmacy.domain.price_rules import PriceRules, Surcharge
from pharmacy.domain.quantities import Micrograms, Milligrams

DOLLARS = "USD"
CENT_PLACES = 2
GRAM_PLACES = 6
MILLIGRAMS_PER_GRAM = 1000
TO_THE_CENT = "half-up to the cent"
MONTH_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """One strength of an order: `capsules` of the `made` ones of its batch, and the standard powder for those.

    `vials` are the prices of its vials, in dollars.
    """

    strength: Micrograms
    capsules: int
    made: int
    prepared: int
    powder: Milligrams
    filler: Milligrams
    vials: tuple[Decimal, ...]

    @property
    def vial_cost(self) -> Decimal:
        return sum(self.vials, start=Decimal(0))


def standard_powder(rules: PriceRules, strength: Micrograms, prepared: int) -> Milligrams:
    """Naltrexone powder for the prepared capsules at the price book's potency."""
    return Milligrams(strength.in_milligrams().value * prepared / rules.potency_fraction)


def standard_filler(rules: PriceRules, powder: Milligrams, prepared: int) -> Milligrams:
    """Filler for the prepared capsules by displacement, at the price book's packing statistics; none if it is full."""
    api_packing, filler_packing = Milligrams(rules.api_packing_mg), Milligrams(rules.filler_packing_mg)
    return Milligrams(max(Decimal(0), displacement_filler(prepared, powder, api_packing, filler_packing)))


def ingredient_cost(rules: PriceRules, portion: Portion) -> Decimal:
    """Powder, filler and shells of the prepared capsules, times the multiplier, for the capsules ordered."""
    milligram_prices = (
        portion.powder.value * rules.api_per_gram + portion.filler.value * rules.filler_per_gram
    )
    made = milligram_prices / MILLIGRAMS_PER_GRAM + rules.shell * portion.prepared
    return made * rules.ingredient_multiplier * portion.capsules / portion.made


def ingredients(rules: PriceRules, portions: Sequence[Portion]) -> Figure:
    book = _source(rules)
    powder = sum((portion.powder.value for portion in portions), start=Decimal(0))
    filler = sum((portion.filler.value for portion in portions), start=Decimal(0))
    prepared = sum(portion.prepared for portion in portions)
    return _dollars(
        "ingredients",
        "Ingredients",
        sum((ingredient_cost(rules, portion) for portion in portions), start=Decimal(0)),
        "(powder x price + filler x price + shells x price) x multiplier" + _share_formula(portions),
        (
            Input("powder", _grams(powder), f"{book}, potency {shown(rules.potency_fraction)}"),
            Input("price of powder", f"{_usd(rules.api_per_gram)}/g", book),
            Input("filler", _grams(filler), f"{book}, packing {shown(rules.filler_packing_mg)} mg"),
            Input("price of filler", f"{_usd(rules.filler_per_gram)}/g", book),
            Input("shells", str(prepared), "capsules prepared"),
            Input("price of a shell", _usd(rules.shell), book),
            Input("multiplier", shown(rules.ingredient_multiplier), book),
            *_share_inputs(portions),
        ),
    )


def labour(rules: PriceRules, portions: Sequence[Portion], minutes: int) -> Figure:
    book, first = _source(rules), portions[0]
    prepared = sum(portion.prepared for portion in portions)
    return _dollars(
        "labour",
        "Labour",
        minutes * rules.labour_per_minute * first.capsules / first.made,
        "minutes x rate" + _share_formula(portions),
        (
            Input("minutes", str(minutes), _minutes_text(rules, len(portions), prepared)),
            Input("rate", f"{_usd(rules.labour_per_minute)}/minute", book),
            *_share_inputs(portions),
        ),
    )


def _minutes_text(rules: PriceRules, strengths: int, prepared: int) -> str:
    return (
        f"{_source(rules)}: {shown(rules.setup_minutes)} to set up,"
        f" {shown(rules.minutes_per_strength)} per strength ({strengths}),"
        f" {shown(rules.minutes_per_capsule)} per capsule prepared ({prepared}); up to a whole minute"
    )


def _share_formula(portions: Sequence[Portion]) -> str:
    return " x share of the stock batch" if portions[0].made != portions[0].capsules else ""


def _share_inputs(portions: Sequence[Portion]) -> tuple[Input, ...]:
    first = portions[0]
    if first.made == first.capsules:
        return ()
    return (Input("share of the stock batch", f"{first.capsules} of {first.made} capsules", "price book"),)


def fees(rules: PriceRules, vials: int) -> Figure:
    book = _source(rules)
    return _dollars(
        "script_and_vial_fees",
        "Script and vial fees",
        rules.script_fee + rules.extra_vial_fee * (vials - 1),
        "script fee + further vials x fee",
        (
            Input("script fee", _usd(rules.script_fee), book),
            Input("further vials", str(vials - 1), "order"),
            Input("fee of a further vial", _usd(rules.extra_vial_fee), book),
        ),
    )


def packaging(rules: PriceRules, portions: Sequence[Portion]) -> Figure:
    book = _source(rules)
    return _dollars(
        "packaging",
        "Packaging",
        sum((portion.vial_cost for portion in portions), start=Decimal(0)),
        "sum of the vials",
        tuple(
            Input(f"vials for {format_dose(portion.strength)}", " + ".join(map(_usd, portion.vials)), book)
            for portion in portions
        ),
    )


def discount(rules: PriceRules, subtotal: Money, days: int, capsules: int) -> tuple[str, Figure]:
    """The larger of the discount for a long supply and that of the quantity, in words and below zero; or zero."""
    book = _source(rules)
    long_supply = rules.discount_share if days >= rules.discount_from_days else Decimal(0)
    reached = [tier for tier in rules.quantity_tiers if capsules >= tier.from_capsules]
    best = max(reached, key=lambda tier: tier.share, default=None)
    if best is not None and best.share > long_supply:
        share, text = best.share, f"Discount from {best.from_capsules} capsules"
        measure = Input("capsules", str(capsules), f"{book}, {text.lower()}")
    else:
        share, text = long_supply, f"Discount from {rules.discount_from_days} days"
        measure = Input("days of supply", str(days), text.lower())
    figure = _dollars(
        "discount",
        "Discount",
        -(subtotal.dollars * share),
        "subtotal x discount",
        (
            Input("subtotal", f"{subtotal.text} USD"),
            Input("discount", f"{shown(share * 100)} %", book),
            measure,
        ),
    )
    return text, figure


def surcharge(rules: PriceRules, added: Surcharge) -> Figure:
    inputs = (Input(added.wording, _usd(added.amount), _source(rules)),)
    return _dollars("surcharge", added.wording, added.amount, "as the price book says", inputs)


def tax(rules: PriceRules, state: str, taxable: Money) -> Figure:
    """The tax of that state on what is taxable, rounded once."""
    share = rules.tax_in(state)
    includes = "with shipping" if rules.shipping_is_taxable else "without shipping"
    return _dollars(
        "tax",
        "Tax",
        taxable.dollars * share,
        "taxable sum x tax of the state",
        (
            Input("taxable sum", f"{taxable.text} USD", includes),
            Input("tax", f"{shown(share * 100)} %", f"{_source(rules)}, {state}"),
        ),
    )


def rounding(rules: PriceRules, before: Money, stepped: Money) -> Figure:
    return _dollars(
        "rounding",
        "Rounding",
        (stepped - before).dollars,
        "price rounded up to the step - price",
        (
            Input("price", f"{before.text} USD"),
            Input("step", _usd(rules.round_up_to), _source(rules)),
        ),
    )


def minimum(rules: PriceRules, before: Money, least: Money) -> Figure:
    return _dollars(
        "minimum",
        "Minimum charge",
        (least - before).dollars,
        "minimum charge - price, where that is above zero",
        (
            Input("price", f"{before.text} USD"),
            Input("minimum charge", _usd(rules.minimum_charge), _source(rules)),
        ),
    )


def shipping(rules: PriceRules) -> Figure:
    inputs = (Input("shipping", _usd(rules.shipping), _source(rules)),)
    return _dollars("shipping", "Shipping", rules.shipping, "flat rate", inputs)


def sum_of(key: str, name: str, amount: Money, parts: Sequence[tuple[str, Money]]) -> Figure:
    inputs = tuple(Input(text, f"{part.text} USD") for text, part in parts)
    return _dollars(key, name, amount.dollars, "sum of the lines", inputs)


def per_30_days(charged: Money, days: int) -> Figure:
    """The total for 30 days of supply, in dollars."""
    return _dollars(
        "per_30_days",
        "Per 30 days",
        charged.dollars * MONTH_DAYS / days,
        "total / days of supply x 30",
        (Input("total", f"{charged.text} USD"), Input("days of supply", str(days), "order")),
    )


def step(portion: Portion, *parts: Money) -> Figure:
    """One strength's part of the ingredients, labour and packaging lines, in that order."""
    names = ("part of ingredients", "part of labour", "vials")
    return Figure(
        key="step_price",
        name=f"Part of {format_dose(portion.strength)}",
        value=total(parts).dollars,
        unit=DOLLARS,
        formula="part of ingredients + part of labour + vials",
        inputs=tuple(
            Input(name, f"{part.text} USD", "by cost, minutes and vials of this strength")
            for name, part in zip(names, parts, strict=True)
        ),
        rounding="cents by largest remainder, so that the parts sum to the lines",
        places=CENT_PLACES,
    )


def _dollars(key: str, name: str, value: Decimal, formula: str, inputs: tuple[Input, ...]) -> Figure:
    return Figure(
        key=key,
        name=name,
        value=value,
        unit=DOLLARS,
        formula=formula,
        inputs=inputs,
        rounding=TO_THE_CENT,
        places=CENT_PLACES,
    )


def _source(rules: PriceRules) -> str:
    return f"price book {rules.version}"


def _usd(amount: Decimal) -> str:
    """Two decimals, as money is written; all of them where a rate is finer than a cent."""
    is_whole_cents = amount == to_cents(amount).dollars
    return f"{shown(amount, CENT_PLACES if is_whole_cents else None)} USD"


def _grams(milligrams: Decimal) -> str:
    return f"{shown(milligrams / MILLIGRAMS_PER_GRAM, GRAM_PLACES)} g"
