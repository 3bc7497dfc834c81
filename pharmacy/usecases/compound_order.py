"""The batches of one order: made from the lots on the bench today, released by another, or destroyed.

Compounding releases nothing. A pharmacist who did not compound releases the batches by verifying the order;
capsules of an order that ends are destroyed, never restocked.
"""

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
from pharmacy.usecases.bench_stock import LotIds
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
        calculated, beyond_use, lots = _makeable(line, derived)
        batch = Batch(
            id=new_id(),
            number=batches.next_number(session, reference.on),
            kind=BatchKind.CAPSULES,
            status=BatchStatus.LOTS_ASSIGNED,
            status_at=now,
            status_by=by.id,
            compounded_on=reference.on,
            compounded_by=by.id,
            beyond_use_on=beyond_use.on,
            beyond_use_limited_by=beyond_use.limited_by,
            strength_ug=line.strength_ug,
            capsules_prepared=calculated.prepared,
            api_lot_id=lots.api_lot_id,
            filler_lot_id=lots.filler_lot_id,
            triturate_id=lots.triturate_id if calculated.route is Route.TRITURATE else None,
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


def release_batches(session: Session, order: Order, *, by: Actor, now: datetime) -> None:
    """The batches of the order are released by whoever verified it, at that instant."""
    for batch in _batches_of(session, order):
        _settle(batch, BatchStatus.RELEASED, by, now)
        audit.record(session, "batch.released", batch.id, by=by, at=now, number=batch.number)


def destroy_batches(session: Session, order: Order, reason: str, *, by: Actor, now: datetime) -> None:
    """The capsules that were made for an order that ends are on record as destroyed, by whom, when and why."""
    for batch in _batches_of(session, order):
        _settle(batch, BatchStatus.DESTROYED, by, now)
        audit.record(session, "batch.destroyed", batch.id, by=by, at=now, number=batch.number, reason=reason)


def _batches_of(session: Session, order: Order) -> list[Batch]:
    made = batches.of_lines(session, [line.id for line in order.lines])
    return [made[line.id] for line in order.lines if line.id in made]


def _settle(batch: Batch, status: BatchStatus, by: Actor, now: datetime) -> None:
    batch.status, batch.status_at, batch.status_by = status, now, by.id


def _makeable(line: OrderLine, derived: LineBatch) -> tuple[CapsuleBatch, BeyondUse, LotIds]:
    if derived.batch is None or derived.beyond_use is None or derived.lots is None:
        raise CannotBeCompounded(line.position, derived.refusal or "It cannot be derived.")
    if not derived.covers_last_dose:
        because = f"The beyond-use date {derived.beyond_use.on.isoformat()} is before the last planned dose."
        raise CannotBeCompounded(line.position, because)
    return derived.batch, derived.beyond_use, derived.lots
