"""Shapes of quotes: the offer, what other ways would cost, and what a renewed one differs by."""

from __future__ import annotations

from marshmallow import fields

from pharmacy.domain.pricing import Delivery
from pharmacy.domain.supply import SupplyMethod
from pharmacy.web.api.output_schemas import OptionOutput, PriceLineOutput
from pharmacy.web.api.shapes import Answered
from pharmacy.web.fields import OneOf
from pharmacy.web.quantity_fields import MoneyText


class OtherOption(Answered):
    """What another way to supply the plan would cost, line by line."""

    # Quotes from before they were itemised say the sums alone.
    may_lack = frozenset({"price_lines", "is_over_monthly_mark"})

    supply_option = OneOf(SupplyMethod, attribute="supply_method")
    strengths_mg = fields.List(fields.String())
    capsules = fields.Integer(allow_none=True)
    price_lines = fields.List(fields.Nested(PriceLineOutput))
    total_usd = MoneyText(attribute="total_cents")
    per_30_days_usd = MoneyText(attribute="per_30_days_cents")
    is_over_monthly_mark = fields.Boolean()


class QuoteOutput(Answered):
    """A priced offer that binds. One that renews another says by how much it differs."""

    id = fields.UUID()
    created_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime()
    supply_option = OneOf(SupplyMethod, attribute="supply_method")
    delivery = OneOf(Delivery)
    days = fields.Integer()
    ship_to_state = fields.String(allow_none=True)
    surcharges = fields.List(fields.String())
    total_usd = MoneyText(attribute="total_cents")
    requoted_from = fields.UUID(allow_none=True)
    previous_total_usd = MoneyText(attribute="previous_total_cents", allow_none=True)
    difference_usd = MoneyText(attribute="difference_cents", allow_none=True)
    offer = fields.Nested(OptionOutput)
    other_options = fields.List(fields.Nested(OtherOption))
