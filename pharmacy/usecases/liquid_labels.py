"""A bottle of an order as its label needs it: from the row, which counts marks of the syringe, to millilitres."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from pharmacy.domain.beyond_use import Category
from pharmacy.domain.bottle_labels import BottleOnLabel, steps_of_vial
from pharmacy.domain.liquid import LiquidRules
from pharmacy.domain.quantities import Micrograms
from pharmacy.store import reference
from pharmacy.store.orders import OrderLine, Vial
from pharmacy.usecases.plan_as_facts import vial_from_facts


def bottle_on_label(session: Session, line: OrderLine, vial: Vial, at: datetime) -> BottleOnLabel:
    """The bottle; how it is kept (cold or not) follows from what the house's liquid was at that moment."""
    unit_ml = line.unit_ml or Decimal(1)
    setting = reference.setting_as_of(session, "oral_liquid", at)
    return BottleOnLabel(
        volume_ml=unit_ml * vial.capsules,
        steps=steps_of_vial(vial_from_facts(vial.steps, vial.capsules), unit_ml),
        rules=LiquidRules(
            micrograms_per_ml=Micrograms(int(Decimal(line.strength_ug) / unit_ml)),
            category=Category(setting["beyond_use_category"]),
            syringe_step_ml=unit_ml,
        ),
    )
