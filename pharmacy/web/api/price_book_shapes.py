"""Shapes of price books: what is drafted and edited, and what a preview says."""

from __future__ import annotations

from marshmallow import fields, validate

from pharmacy.store.reference import PriceBookStatus
from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.fields import (
    CalendarDay,
    Flag,
    Identifier,
    KeptDay,
    OneOf,
    Text,
    Whole,
)
from pharmacy.web.quantity_fields import DoseMg, MoneyText, Number
from pharmacy.web.states import State

_MOST_ROWS = 60


class QuantityTierInput(Asked):
    """From so many capsules in one order this share of the subtotal is taken off."""

    from_capsules = Whole(least=1, most=1200, required=True)
    share = Number(required=True)


class StockPriceInput(Asked):
    """Exactly so many capsules of that strength are priced as a share of a batch of that size."""

    strength_mg = DoseMg(required=True)
    capsules = Whole(least=1, most=300, required=True)
    batch_capsules = Whole(least=1, most=20_000, required=True)


class SurchargeInput(Asked):
    code = Text(most=40, required=True, validate=validate.Regexp(r"^[a-z][a-z_]*$", error="Letters and _."))
    wording = Text(most=60, required=True)
    amount = Number(required=True)


class StateTaxInput(Asked):
    state = OneOf(State, required=True)
    share = Number(required=True)


class PriceRulesInput(Asked):
    """What changes of the prices; what is not named stays. Amounts are US dollars, shares fractions."""

    api_per_gram = Number()
    filler_per_gram = Number()
    shell = Number()
    ingredient_multiplier = Number()
    labour_per_minute = Number()
    setup_minutes = Number()
    minutes_per_strength = Number()
    minutes_per_capsule = Number()
    script_fee = Number()
    extra_vial_fee = Number()
    small_vial = Number()
    large_vial = Number()
    small_vial_capsules = Whole(least=1, most=1000)
    large_vial_capsules = Whole(least=1, most=1000)
    round_up_to = Number()
    minimum_charge = Number()
    shipping = Number()
    discount_from_days = Whole(least=1, most=365)
    discount_share = Number()
    potency_fraction = Number()
    filler_packing_mg = Number()
    api_packing_mg = Number()
    quantity_tiers = fields.List(fields.Nested(QuantityTierInput), validate=validate.Length(max=_MOST_ROWS))
    stock_prices = fields.List(fields.Nested(StockPriceInput), validate=validate.Length(max=_MOST_ROWS))
    surcharges = fields.List(fields.Nested(SurchargeInput), validate=validate.Length(max=_MOST_ROWS))
    taxes = fields.List(fields.Nested(StateTaxInput), validate=validate.Length(max=_MOST_ROWS))
    shipping_is_taxable = Flag()
    free_shipping_from = Number(allow_none=True)
    home_state = OneOf(State)
    vehicle_per_ml = Number(allow_none=True, metadata={"description": "Of an oral liquid."})
    bottle = Number(allow_none=True, metadata={"description": "Of an oral liquid, each."})


class PriceBookInput(Asked):
    """A draft: like the price book it is based on, but for what it names."""

    version = Text(most=40, required=True)
    effective_on = CalendarDay(required=True)
    based_on = Identifier(required=True)
    rules = fields.Nested(PriceRulesInput, load_default=dict)
    reason = Text(least=5, most=500, required=True)


class PriceBookChange(Asked):
    """Changes of a draft, with the edition in which it was read."""

    seen_edition = Whole(least=1, most=1_000_000, required=True)
    effective_on = CalendarDay(load_default=None)
    rules = fields.Nested(PriceRulesInput, load_default=dict)


class WithdrawalInput(Asked):
    reason = Text(least=5, most=500, required=True)


class PreviewInput(Asked):
    """Orders received on these days, both included; the calendar month before this one where none are named."""

    first_on = CalendarDay(load_default=None)
    last_on = CalendarDay(load_default=None)


class PriceBookOutput(Answered):
    """One version of the prices. A draft is edited; what was approved never changes."""

    id = fields.UUID()
    version = fields.String()
    status = OneOf(PriceBookStatus)
    effective_on = KeptDay()
    reason = fields.String()
    drafted_by = fields.String(allow_none=True)
    approved_by = fields.String(metadata={"description": "Empty while it is a draft."})
    approved_at = fields.AwareDateTime(allow_none=True)
    withdrawn_because = fields.String(allow_none=True)
    edition = fields.Integer()
    rules = fields.Dict(metadata={"description": "Every number of the prices, as it is kept."})


class PriceBooksOutput(Answered):
    price_books = fields.List(fields.Nested(PriceBookOutput))


class PreviewedOrder(Answered):
    """What one order cost, and would cost; `refusal` says why it has no price by this book."""

    order_id = fields.UUID()
    rx_number = fields.Integer()
    before_usd = MoneyText(attribute="before_cents")
    after_usd = MoneyText(attribute="after_cents", allow_none=True)
    difference_usd = MoneyText(attribute="difference_cents", allow_none=True)
    refusal = fields.String(allow_none=True)


class PreviewOutput(Answered):
    """Totals before and after for every order, and the sums of those that have a price both times."""

    price_book_id = fields.UUID()
    version = fields.String()
    first_on = KeptDay()
    last_on = KeptDay()
    orders = fields.List(fields.Nested(PreviewedOrder))
    is_cut = fields.Boolean(
        metadata={
            "description": "Whether there were more orders than are looked at together; sums are of those shown."
        }
    )
    before_usd = MoneyText(attribute="before_cents")
    after_usd = MoneyText(attribute="after_cents")
    difference_usd = MoneyText(attribute="difference_cents")
    dearer = fields.Integer()
    cheaper = fields.Integer()
