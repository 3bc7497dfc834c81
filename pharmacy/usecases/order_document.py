"""An order as its readers see it: the rows, and the batch behind each line."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.potency import StrengthBasis
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.supply import Supply, SupplyLine, Window
from pharmacy.store import batches
from pharmacy.store.batches import Batch
from pharmacy.store.orders import Order, OrderLine
from pharmacy.usecases.batch_views import batch_facts, worksheet_facts
from pharmacy.usecases.derivation import LineBatch, derive_line
from pharmacy.usecases.plan_as_facts import vial_from_facts
from pharmacy.usecases.reference import Reference


def supply_line(line: OrderLine) -> SupplyLine:
    """The line as the rules know it."""
    vials = tuple(vial_from_facts(vial.steps, vial.capsules) for vial in line.vials)
    return SupplyLine(Micrograms(line.strength_ug), vials)


def supply_of(order: Order) -> Supply:
    """What the order supplies, as the rules know it."""
    return Supply(order.supply_method, order.window(), tuple(supply_line(line) for line in order.lines))


def planned_batch(line: OrderLine, window: Window, basis: StrengthBasis, reference: Reference) -> LineBatch:
    """The batch that line would be made from with today's lots."""
    return derive_line(supply_line(line), window, basis, reference)


def order_document(session: Session, order: Order, reference: Reference) -> dict[str, Any]:
    """The order with one batch entry for each line, worksheet included.

    A line whose batch is compounded shows that worksheet as it was kept; another shows what would be weighed
    today.
    """
    made = batches.of_lines(session, [line.id for line in order.lines])
    return {"order": order, "batches": [_batch_entry(order, line, made, reference) for line in order.lines]}


def _batch_entry(
    order: Order, line: OrderLine, made: dict[UUID, Batch], reference: Reference
) -> dict[str, Any]:
    batch = made.get(line.id)
    if batch is None:
        planned = planned_batch(line, order.window(), order.prescription.strength_basis, reference)
        return batch_facts(planned, line.position) | worksheet_facts(planned)
    return {
        "line": line.position,
        "strength_ug": line.strength_ug,
        "capsules_required": line.capsules,
        "refusal": None,
        "covers_last_dose": True,
        "beyond_use_on": batch.beyond_use_on,
        "beyond_use_limited_by": batch.beyond_use_limited_by,
        "batch_number": batch.number,
        **batch.worksheet,
    }
