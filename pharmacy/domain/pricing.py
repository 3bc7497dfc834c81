"""What an order costs, line by line.

Price = ingredients x multiplier + labour by the minute + script and vial fees + packaging, less a discount for a
long supply, rounded up to the price step and never under the minimum, plus shipping. Each line is rounded to the
cent half-up, and the total is the sum of its lines: the rounding and the minimum are lines too. A price is made
of the price book's *standard* ingredients (its potency and packing statistics), so that it is known before any
lot is assigned and does not change with the lot. All numbers are house policy, versioned as one value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

from pharmacy.domain import price_figures as sheet
from pharmacy.domain.errors import within
from pharmacy.domain.figures import Figure, require_whole, shown
from pharmacy.domain.liquid_pricing import LiquidFill, liquid_figures
from pharmacy.domain.money import ZERO, Money, share_out, to_cents, total, up_to_step
from pharmacy.domain.overage import prepared_capsules
from pharmacy.domain.price_figures import MONTH_DAYS, Portion
from pharmacy.domain.price_rules import HOUSE_PRICES, PriceRules
from pharmacy.domain.quantities import Micrograms

# The rules are part of this module's face, though they live in a file of their own.
__all__ = [
    "HOUSE_PRICES",
    "NO_TERMS",
    "Delivery",
    "LineKind",
    "Price",
    "PriceLine",
    "PriceRules",
    "StepPrice",
    "StrengthCount",
    "Terms",
    "price",
]


class Delivery(StrEnum):
    """How the order reaches the patient."""

    MAIL = "mail"
    PICK_UP = "pick_up"


class LineKind(StrEnum):
    """What a price line is for, in the order of the lines."""

    INGREDIENTS = "ingredients"
    LABOUR = "labour"
    FEES = "script_and_vial_fees"
    PACKAGING = "packaging"
    DISCOUNT = "discount"
    ROUNDING = "rounding"
    MINIMUM = "minimum"
    SURCHARGE = "surcharge"
    SHIPPING = "shipping"
    TAX = "tax"


@dataclass(frozen=True, slots=True, kw_only=True)
class StrengthCount:
    """How many capsules of a strength, in how many labelled vials.

    `per_vial` is how many capsules each vial holds; without it they are taken as spread evenly. Of a liquid the
    capsules are marks of the oral syringe, each measuring `unit_ml`, and the vials bottles.
    """

    strength: Micrograms
    capsules: int
    vials: int
    per_vial: tuple[int, ...] = ()
    unit_ml: Decimal | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.strength, Micrograms):
            raise TypeError(f"A strength is Micrograms, not {type(self.strength).__name__}.")
        require_whole(self.capsules, "Capsules")
        if not 1 <= require_whole(self.vials, "Vials") <= self.capsules:
            raise ValueError("There is at least one vial, and a capsule in each.")
        if self.per_vial and (len(self.per_vial) != self.vials or sum(self.per_vial) != self.capsules):
            raise ValueError("The vials hold the capsules, no more and no fewer.")

    @property
    def vial_counts(self) -> tuple[int, ...]:
        """Capsules in each vial; they sum to `capsules`."""
        if self.per_vial:
            return self.per_vial
        each, more = divmod(self.capsules, self.vials)
        return tuple(each + 1 if place < more else each for place in range(self.vials))


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a price depends on besides the capsules: where they go, and which surcharges were asked for."""

    ship_to_state: str | None = None
    surcharges: tuple[str, ...] = ()


NO_TERMS = Terms()


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLine:
    """One line of a price. A discount is below zero. `figure` holds the amount before rounding to the cent."""

    kind: LineKind
    text: str
    amount: Money
    figure: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPrice:
    """One strength's part of the ingredients, labour and packaging lines; the parts sum to those lines."""

    strength: Micrograms
    ingredients: Money
    labour: Money
    packaging: Money
    amount: Money
    figure: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A price: `total` is the sum of `lines`.

    `subtotal` is before discount, rounding and minimum; `rx_price` after them and before shipping; `discount` is
    zero or more. Surcharges and tax stand beside `rx_price` and `shipping`. `month` is what 30 days cost, of a shorter supply the whole, unrounded: what a monthly mark is compared with.
    """

    lines: tuple[PriceLine, ...]
    subtotal: Money
    discount: Money
    rx_price: Money
    shipping: Money
    total: Money
    per_30_days: Money
    month: Decimal
    steps: tuple[StepPrice, ...]
    figures: tuple[Figure, ...]


def price(
    rules: PriceRules,
    strengths: tuple[StrengthCount, ...],
    days: int,
    delivery: Delivery,
    terms: Terms = NO_TERMS,
) -> Price:
    """The price of these capsules for `days` of supply, by the rules and on those terms.

    One strength in a count that the rules mark as stock is priced as its share of the stock batch: ingredients
    and labour. Vials are priced as they were filled, and split by nobody here. No strength, one given twice, no
    days, or a vial larger than the large one is a ValueError; a surcharge that the rules lack SurchargeUnknown.
    """
    _check(strengths, days)
    if strengths[0].unit_ml is not None:
        base, steps = _liquid(rules, strengths[0])
        return _charged(rules, _Goods(base, steps, 0), days, delivery, terms)
    stock_batch = (
        rules.stock_batch(strengths[0].strength, strengths[0].capsules) if len(strengths) == 1 else None
    )
    portions = tuple(_portion(rules, count, stock_batch) for count in strengths)
    base = _base_lines(rules, portions)
    goods = _Goods(base, _steps(rules, portions, base), sum(count.capsules for count in strengths))
    return _charged(rules, goods, days, delivery, terms)


@dataclass(frozen=True, slots=True)
class _Goods:
    """What is made, before anything is taken off or added: its lines, its steps, and capsules for quantity tiers."""

    lines: tuple[PriceLine, ...]
    steps: tuple[StepPrice, ...]
    capsules: int


def _charged(rules: PriceRules, made: _Goods, days: int, delivery: Delivery, terms: Terms) -> Price:
    base = made.lines
    subtotal = total([line.amount for line in base])
    adjusted = _adjustments(rules, subtotal, days, made.capsules)
    surcharges = tuple(_surcharge(rules, code, place) for place, code in enumerate(terms.surcharges))
    goods = total([line.amount for line in (*base, *adjusted, *surcharges)])
    shipping = _shipping(rules, delivery, goods)
    tax = _tax(rules, delivery, terms, goods, total([line.amount for line in shipping]))
    lines = (*base, *adjusted, *surcharges, *shipping, *tax)
    charged = total([line.amount for line in lines])
    return Price(
        lines=lines,
        subtotal=subtotal,
        discount=total([ZERO - line.amount for line in adjusted if line.kind is LineKind.DISCOUNT]),
        rx_price=subtotal + total([line.amount for line in adjusted]),
        shipping=total([line.amount for line in shipping]),
        total=charged,
        per_30_days=to_cents(sheet.per_30_days(charged, days).number),
        month=sheet.per_30_days(charged, max(days, MONTH_DAYS)).number,
        steps=made.steps,
        figures=(
            sheet.sum_of("subtotal", "Subtotal", subtotal, [(line.text, line.amount) for line in base]),
            sheet.sum_of("total", "Total", charged, [(line.text, line.amount) for line in lines]),
            sheet.per_30_days(charged, days),
        ),
    )


def _liquid(rules: PriceRules, count: StrengthCount) -> tuple[tuple[PriceLine, ...], tuple[StepPrice, ...]]:
    """The lines of a liquid, and all of them as its one preparation."""
    volume_ml = (count.unit_ml or Decimal(0)) * count.capsules
    fill = LiquidFill(drug=count.strength.times(count.capsules), volume_ml=volume_ml, bottles=count.vials)
    ingredients, labour, fees, packaging = liquid_figures(rules, fill)
    bottles = _counted(count.vials, "bottle")
    fees_text = (
        "Script fee" if count.vials == 1 else f"Script fee and {_counted(count.vials - 1, 'further bottle')}"
    )
    lines = (
        _line(LineKind.INGREDIENTS, f"Ingredients, {shown(volume_ml)} mL", ingredients),
        _line(LineKind.LABOUR, "Labour", labour),
        _line(LineKind.FEES, fees_text, fees),
        _line(LineKind.PACKAGING, f"Packaging, {bottles}", packaging),
    )
    return lines, ()


def _check(strengths: Sequence[StrengthCount], days: int) -> None:
    if require_whole(days, "Days of supply") < 1:
        raise ValueError("A supply is for one day or more.")
    if not strengths or len({count.strength for count in strengths}) != len(strengths):
        raise ValueError("A price is for one strength or more, each named once.")


def _portion(rules: PriceRules, count: StrengthCount, stock_batch: int | None) -> Portion:
    made = count.capsules if stock_batch is None else stock_batch
    prepared = prepared_capsules(made, rules.overage_tiers)
    powder = sheet.standard_powder(rules, count.strength, prepared.whole)
    return Portion(
        strength=count.strength,
        capsules=count.capsules,
        made=made,
        prepared=prepared.whole,
        powder=powder,
        filler=sheet.standard_filler(rules, powder, prepared.whole),
        vials=tuple(_vial(rules, held) for held in count.vial_counts),
    )


def _vial(rules: PriceRules, capsules: int) -> Decimal:
    """The price of the vial that holds these capsules: the small one, or the large one where they do not fit."""
    if capsules > rules.large_vial_capsules:
        raise ValueError(f"No vial of price book {rules.version} holds {capsules} capsules.")
    return rules.small_vial if capsules <= rules.small_vial_capsules else rules.large_vial


def _base_lines(rules: PriceRules, portions: tuple[Portion, ...]) -> tuple[PriceLine, ...]:
    minutes = _minutes(rules, portions)
    vials = sum(len(portion.vials) for portion in portions)
    return (
        _line(LineKind.INGREDIENTS, "Ingredients", sheet.ingredients(rules, portions)),
        _line(LineKind.LABOUR, f"Labour, {minutes} minutes", sheet.labour(rules, portions, minutes)),
        _line(LineKind.FEES, _fees_text(vials), sheet.fees(rules, vials)),
        _line(LineKind.PACKAGING, f"Packaging, {_counted(vials, 'vial')}", sheet.packaging(rules, portions)),
    )


def _line(kind: LineKind, text: str, figure: Figure) -> PriceLine:
    return PriceLine(kind=kind, text=text, amount=to_cents(figure.number), figure=figure)


def _minutes(rules: PriceRules, portions: Sequence[Portion]) -> int:
    """Whole minutes of labour, a part of a minute counting as one."""
    prepared = sum(portion.prepared for portion in portions)
    minutes = (
        rules.setup_minutes
        + rules.minutes_per_strength * len(portions)
        + rules.minutes_per_capsule * prepared
    )
    return int(minutes.to_integral_value(ROUND_CEILING))


def _fees_text(vials: int) -> str:
    return "Script fee" if vials == 1 else f"Script fee and {_counted(vials - 1, 'further vial')}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _adjustments(rules: PriceRules, subtotal: Money, days: int, capsules: int) -> tuple[PriceLine, ...]:
    """Discount, then rounding up, then the minimum; a line of nothing is left out."""
    text, discount = sheet.discount(rules, subtotal, days, capsules)
    after_discount = subtotal + to_cents(discount.number)
    stepped = up_to_step(after_discount, to_cents(rules.round_up_to))
    least = max(stepped, to_cents(rules.minimum_charge))
    lines = (
        _line(LineKind.DISCOUNT, text, discount),
        _line(
            LineKind.ROUNDING,
            f"Rounding up to {rules.round_up_to:.2f}",
            sheet.rounding(rules, after_discount, stepped),
        ),
        _line(LineKind.MINIMUM, "Minimum charge", sheet.minimum(rules, stepped, least)),
    )
    return tuple(line for line in lines if line.amount != ZERO)


def _surcharge(rules: PriceRules, code: str, place: int) -> PriceLine:
    with within("surcharges", place):
        surcharge = rules.surcharge(code)
    return _line(LineKind.SURCHARGE, surcharge.wording, sheet.surcharge(rules, surcharge))


def _shipping(rules: PriceRules, delivery: Delivery, goods: Money) -> tuple[PriceLine, ...]:
    if delivery is Delivery.PICK_UP:
        return ()
    if rules.free_shipping_from is not None and goods >= to_cents(rules.free_shipping_from):
        return ()
    return (_line(LineKind.SHIPPING, "Shipping", sheet.shipping(rules)),)


def _tax(
    rules: PriceRules, delivery: Delivery, terms: Terms, goods: Money, shipping: Money
) -> tuple[PriceLine, ...]:
    """Tax on the rounded taxable sum; a line of nothing is left out."""
    state = terms.ship_to_state if delivery is Delivery.MAIL else rules.home_state
    taxable = goods + shipping if rules.shipping_is_taxable else goods
    figure = sheet.tax(rules, state or "", taxable)
    line = _line(LineKind.TAX, f"Tax, {state}", figure)
    return (line,) if line.amount != ZERO else ()


def _steps(
    rules: PriceRules, portions: tuple[Portion, ...], base: tuple[PriceLine, ...]
) -> tuple[StepPrice, ...]:
    """Each strength's part; set-up is shared equally, and cents go by largest remainder (house policy)."""
    amounts = {line.kind: line.amount for line in base}
    ingredients = share_out(
        amounts[LineKind.INGREDIENTS], [sheet.ingredient_cost(rules, portion) for portion in portions]
    )
    labour = share_out(amounts[LineKind.LABOUR], _labour_weights(rules, portions))
    packaging = share_out(amounts[LineKind.PACKAGING], [portion.vial_cost for portion in portions])
    return tuple(
        _step(portion, *parts)
        for portion, *parts in zip(portions, ingredients, labour, packaging, strict=True)
    )


def _labour_weights(rules: PriceRules, portions: Sequence[Portion]) -> list[Decimal]:
    setup = rules.setup_minutes / len(portions)
    return [
        setup + rules.minutes_per_strength + rules.minutes_per_capsule * portion.prepared
        for portion in portions
    ]


def _step(portion: Portion, ingredients: Money, labour: Money, packaging: Money) -> StepPrice:
    amount = total([ingredients, labour, packaging])
    return StepPrice(
        strength=portion.strength,
        ingredients=ingredients,
        labour=labour,
        packaging=packaging,
        amount=amount,
        figure=sheet.step(portion, ingredients, labour, packaging),
    )
