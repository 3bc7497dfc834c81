"""Price books as rows: every number as a decimal string, so that none is rounded on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from pharmacy.domain.overage import OverageTier
from pharmacy.domain.price_rules import QuantityTier, StateTax, StockPrice, Surcharge
from pharmacy.domain.pricing import PriceRules
from pharmacy.domain.quantities import Micrograms

# What books from before these tables existed say of them: nothing.
_LATER: Mapping[str, Any] = {
    "quantity_tiers": [],
    "stock_prices": [],
    "surcharges": [],
    "taxes": [],
    "shipping_is_taxable": False,
    "free_shipping_from": None,
    "home_state": "",
    "vehicle_per_ml": None,
    "bottle": None,
}
_MAY_BE_NONE = ("free_shipping_from", "vehicle_per_ml", "bottle")


def row_of(table: str, facts: Mapping[str, Any]) -> Any:
    """One row of that table. What cannot be meant is a ValueError."""
    return _ROWS[table](facts)


def _quantity_tier(facts: Mapping[str, Any]) -> QuantityTier:
    return QuantityTier(from_capsules=facts["from_capsules"], share=Decimal(facts["share"]))


def _stock_price(facts: Mapping[str, Any]) -> StockPrice:
    return StockPrice(
        strength=Micrograms(facts["strength_ug"]),
        capsules=facts["capsules"],
        batch_capsules=facts["batch_capsules"],
    )


def _surcharge(facts: Mapping[str, Any]) -> Surcharge:
    return Surcharge(code=facts["code"], wording=facts["wording"], amount=Decimal(facts["amount"]))


def _state_tax(facts: Mapping[str, Any]) -> StateTax:
    return StateTax(state=facts["state"], share=Decimal(facts["share"]))


_ROWS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "quantity_tiers": _quantity_tier,
    "stock_prices": _stock_price,
    "surcharges": _surcharge,
    "taxes": _state_tax,
}


def rules_from(version: str, facts: Mapping[str, Any]) -> PriceRules:
    """The rules that `facts_of` wrote down. What cannot be meant is a ValueError."""
    said = {**_LATER, **facts}
    given: dict[str, Any] = {
        "version": version,
        "overage_tiers": tiers_from(said["overage_tiers"]),
        **{name: tuple(row_of(name, each) for each in said[name]) for name in _ROWS},
        "shipping_is_taxable": said["shipping_is_taxable"],
        **{name: None if said[name] is None else Decimal(said[name]) for name in _MAY_BE_NONE},
        "home_state": said["home_state"],
    }
    for each in fields(PriceRules):
        if each.name not in given:
            given[each.name] = int(said[each.name]) if each.type is int else Decimal(said[each.name])
    return PriceRules(**given)


def facts_of(rules: PriceRules) -> dict[str, Any]:
    """All numbers of the rules as strings, the version left out."""
    facts: dict[str, Any] = {
        each.name: str(getattr(rules, each.name)) for each in fields(PriceRules) if each.name != "version"
    }
    amounts = {name: getattr(rules, name) for name in _MAY_BE_NONE}
    return {
        **facts,
        "overage_tiers": [{"up_to": tier.up_to, "share": str(tier.share)} for tier in rules.overage_tiers],
        "quantity_tiers": [
            {"from_capsules": tier.from_capsules, "share": str(tier.share)} for tier in rules.quantity_tiers
        ],
        "stock_prices": [
            {
                "strength_ug": stock.strength.value,
                "capsules": stock.capsules,
                "batch_capsules": stock.batch_capsules,
            }
            for stock in rules.stock_prices
        ],
        "surcharges": [
            {"code": added.code, "wording": added.wording, "amount": str(added.amount)}
            for added in rules.surcharges
        ],
        "taxes": [{"state": tax.state, "share": str(tax.share)} for tax in rules.taxes],
        "shipping_is_taxable": rules.shipping_is_taxable,
        **{name: None if amount is None else str(amount) for name, amount in amounts.items()},
        "home_state": rules.home_state,
    }


def tiers_from(facts: list[Mapping[str, Any]]) -> tuple[OverageTier, ...]:
    return tuple(OverageTier(up_to=tier["up_to"], share=Decimal(tier["share"])) for tier in facts)
