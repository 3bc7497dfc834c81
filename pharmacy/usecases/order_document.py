"""An order as its readers see it: the rows, and the batch behind each line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.beyond_use import covers
from pharmacy.domain.potency import StrengthBasis
from pharmacy.domain.supply import Window
from pharmacy.store import batches
from pharmacy.store.batches import Batch
from pharmacy.store.orders import Order, OrderLine
from pharmacy.usecases.batch_views import batch_facts, worksheet_facts
from pharmacy.usecases.derivation import LineBatch, derive_line
from pharmacy.usecases.fill_start import start_of
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.supply_of_order import supply_line, supply_of

# The supply of an order is part of this module's face, though it lives in a file of its own.
__all__ = ["batch_entries", "order_document", "planned_batch", "supply_line", "supply_of"]


def planned_batch(line: OrderLine, window: Window, basis: StrengthBasis, reference: Reference) -> LineBatch:
    """The batch that line would be made from with today's lots."""
    return derive_line(supply_line(line), window, basis, reference)


def order_document(session: Session, order: Order, reference: Reference) -> dict[str, Any]:
    """The order with one batch entry for each line, worksheet included.

    A line whose batch is compounded shows that worksheet as it was kept; another shows what would be weighed
    today.
    """
    made = batches.all_of_lines(session, [line.id for line in order.lines])
    return {"order": order, "batches": batch_entries(order, made, reference)}


def batch_entries(
    order: Order, made: Mapping[UUID, Sequence[Batch]], reference: Reference
) -> list[dict[str, Any]]:
    """One entry for each line, given the batches that serve it, the first to end first."""
    return [_batch_entry(order, line, made.get(line.id, ()), reference) for line in order.lines]


def _batch_entry(
    order: Order, line: OrderLine, made: Sequence[Batch], reference: Reference
) -> dict[str, Any]:
    batch = next(iter(made), None)
    if batch is None:
        planned = planned_batch(line, order.window(), order.prescription.strength_basis, reference)
        return batch_facts(planned, line.position) | worksheet_facts(planned)
    return {
        "line": line.position,
        "strength_ug": line.strength_ug,
        "capsules_required": line.capsules,
        "unit_ml": line.unit_ml,
        "refusal": None,
        "covers_last_dose": _lasts(batch, order, reference),
        "beyond_use_on": batch.beyond_use_on,
        "beyond_use_limited_by": batch.beyond_use_limited_by,
        "batch_number": batch.number,
        **batch.worksheet,
    }


def _lasts(batch: Batch, order: Order, reference: Reference) -> bool:
    """Whether the batch may be used to the end of the fill, from the start that is confirmed or assumed today."""
    day_1, _ = start_of(order, reference)
    return covers(batch.beyond_use_on, day_1 + timedelta(days=order.first_day - 1), order.days)
