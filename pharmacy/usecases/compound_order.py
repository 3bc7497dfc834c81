"""The batches of one order, made from the lots that are on the bench today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.beyond_use import BeyondUse
from pharmacy.domain.capsules import CapsuleBatch, Route
from pharmacy.domain.errors import Conflict
from pharmacy.store import audit, batches
from pharmacy.store.base import new_id
from pharmacy.store.batches import Allocation, Batch, BatchKind, BatchStatus
from pharmacy.store.orders import Order, OrderLine
from pharmacy.usecases.batch_views import worksheet_facts
from pharmacy.usecases.derivation import LineBatch
from pharmacy.usecases.order_document import planned_batch
from pharmacy.usecases.reference import Reference


@dataclass(eq=False)
class CannotBeCompounded(Conflict):
    """A line cannot be weighed on this bench, or would not last to its last dose."""

    line: int
    because: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.because}"


def compound_order(
    session: Session, order: Order, reference: Reference, *, by: Actor, now: datetime
) -> list[Batch]:
    """One batch for each line, its worksheet kept as calculated, its capsules allocated to the line.

    Raises CannotBeCompounded; then nothing is made.
    """
    made = []
    for line in order.lines:
        derived = planned_batch(line, order.window(), order.prescription.strength_basis, reference)
        calculated, beyond_use = _makeable(line, derived)
        batch = Batch(
            id=new_id(),
            number=batches.next_number(session, reference.on),
            kind=BatchKind.CAPSULES,
            status=BatchStatus.RELEASED,
            status_at=now,
            status_by=by.id,
            compounded_on=reference.on,
            compounded_by=by.id,
            beyond_use_on=beyond_use.on,
            beyond_use_limited_by=beyond_use.limited_by,
            strength_ug=line.strength_ug,
            capsules_prepared=calculated.prepared,
            api_lot_id=reference.lots.api_lot_id,
            filler_lot_id=reference.lots.filler_lot_id,
            triturate_id=reference.lots.triturate_id if calculated.route is Route.TRITURATE else None,
            worksheet=worksheet_facts(derived),
        )
        session.add(batch)
        audit.record(session, "batch.compounded", batch.id, by=by, at=now, number=batch.number)
        made.append((line, batch))
    session.flush()  # The allocations below name the batches by id, without a relationship to order them.
    for line, batch in made:
        session.add(
            Allocation(
                batch_id=batch.id,
                order_line_id=line.id,
                capsules=line.capsules,
                allocated_at=now,
                allocated_by=by.id,
            )
        )
    order.compounded_by = by.id
    return [batch for _, batch in made]


def _makeable(line: OrderLine, derived: LineBatch) -> tuple[CapsuleBatch, BeyondUse]:
    if derived.batch is None or derived.beyond_use is None:
        raise CannotBeCompounded(line.position, derived.refusal or "It cannot be derived.")
    if not derived.covers_last_dose:
        because = f"The beyond-use date {derived.beyond_use.on.isoformat()} is before the last planned dose."
        raise CannotBeCompounded(line.position, because)
    return derived.batch, derived.beyond_use
