"""What an order supplies, from its rows back to the values that the rules know."""

from __future__ import annotations

from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.supply import Supply, SupplyLine
from pharmacy.store.orders import Order, OrderLine
from pharmacy.usecases.plan_as_facts import vial_from_facts


def supply_line(line: OrderLine) -> SupplyLine:
    """The line as the rules know it."""
    vials = tuple(vial_from_facts(vial.steps, vial.capsules) for vial in line.vials)
    return SupplyLine(Micrograms(line.strength_ug), vials)


def supply_of(order: Order) -> Supply:
    """What the order supplies, as the rules know it."""
    return Supply(order.supply_method, order.window(), tuple(supply_line(line) for line in order.lines))
