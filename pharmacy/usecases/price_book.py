"""Price books as rows: every number as a decimal string, so that none is rounded on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from pharmacy.domain.overage import OverageTier
from pharmacy.domain.pricing import PriceRules


def rules_from(version: str, facts: Mapping[str, Any]) -> PriceRules:
    """The rules that `facts_of` wrote down."""
    given: dict[str, Any] = {"version": version, "overage_tiers": tiers_from(facts["overage_tiers"])}
    for each in fields(PriceRules):
        if each.name not in given:
            given[each.name] = int(facts[each.name]) if each.type is int else Decimal(facts[each.name])
    return PriceRules(**given)


def facts_of(rules: PriceRules) -> dict[str, Any]:
    """All numbers of the rules as strings, the version left out."""
    facts: dict[str, Any] = {
        each.name: str(getattr(rules, each.name)) for each in fields(PriceRules) if each.name != "version"
    }
    facts["overage_tiers"] = [{"up_to": tier.up_to, "share": str(tier.share)} for tier in rules.overage_tiers]
    return facts


def tiers_from(facts: list[Mapping[str, Any]]) -> tuple[OverageTier, ...]:
    return tuple(OverageTier(up_to=tier["up_to"], share=Decimal(tier["share"])) for tier in facts)
