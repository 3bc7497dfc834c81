"""The batches of one order: opened for every line that lacks capsules, and what becomes of them when it ends.

Compounding begins with lots: a batch is opened on those whose turn it is today, and its capsules are promised to
the line. Lines that batches serve already, pooled or from the shelf, get none of their own. Weighing, filling,
checking and release are the batch's life, at the bench; the order waits for them before labels and verification.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.batch_calculation import Asked, CapsulesAsked, LiquidAsked
from pharmacy.domain.batches import NEXT, UNWEIGHED
from pharmacy.domain.errors import Conflict
from pharmacy.domain.liquids import LiquidBatch
from pharmacy.domain.orders import HANDED_OVER, OrderStatus
from pharmacy.domain.quantities import Micrograms
from pharmacy.store import audit, batches
from pharmacy.store import reference as books
from pharmacy.store.batches import Allocation, Batch, BatchStatus
from pharmacy.store.orders import Order, OrderLine
from pharmacy.usecases.allocate_capsules import promise, take_back, uncovered
from pharmacy.usecases.bench_policy import bench_policy
from pharmacy.usecases.derivation import LineBatch
from pharmacy.usecases.liquid_derivation import batch_asked
from pharmacy.usecases.order_document import planned_batch
from pharmacy.usecases.plan_batch import NewBatch, plan_batch
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.scanned_bench import Scanned
from pharmacy.usecases.supply_of_order import supply_line


@dataclass(eq=False)
class CannotBeCompounded(Conflict):
    """A line cannot be weighed on this bench, or would not last to its last dose."""

    line: int
    because: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.because}"


@dataclass(frozen=True, slots=True)
class _Bench:
    """What a batch is asked for with besides its line: capsules a plate holds, and today's reference."""

    plate: int
    reference: Reference


def compound_order(
    session: Session, order: Order, reference: Reference, *, by: Actor, now: datetime
) -> list[Batch]:
    """One batch for each line that lacks capsules, on today's lots, its capsules promised to the line.

    Raises CannotBeCompounded; then nothing is made.
    """
    made = []
    plate = bench_policy(session).plate
    for line, missing in uncovered(session, order):
        derived = planned_batch(line, order.window(), order.prescription.strength_basis, reference)
        scanned = _makeable(session, line, derived, reference)
        asked = _asked(order, line, missing, derived, _Bench(plate, reference))
        batch = plan_batch(session, NewBatch(asked=asked, scanned=scanned), reference, by=by, now=now)
        if isinstance(asked, LiquidAsked):
            batch.capsules_on_offer = missing  # Marks of the syringe: all that is mixed is for this line.
        session.flush()  # The promise names the batch by id, without a relationship to order them.
        batches.move(session, batch, BatchStatus.LOTS_ASSIGNED, by=by, at=now)
        promise(session, batch, line, missing, by=by, now=now)
        made.append(batch)
    order.compounded_by = by.id
    return made


def _asked(order: Order, line: OrderLine, missing: int, derived: LineBatch, bench: _Bench) -> Asked:
    """So many capsules, or so many millilitres and as many more as it takes to weigh the drug."""
    basis = order.prescription.strength_basis
    if isinstance(derived.batch, LiquidBatch):
        return batch_asked(supply_line(line), missing, basis, derived.batch, bench.reference)
    return CapsulesAsked(
        strength=Micrograms(line.strength_ug),
        required=missing,
        basis=basis,
        route=None,
        portion=None,
        plate=bench.plate,
    )


def clear_capsules(session: Session, order: Order, reason: str, *, by: Actor, now: datetime) -> None:
    """What was promised to an order that ends: before labels the batch's again, afterwards destroyed for good.

    A batch that was opened for this order alone, and not weighed yet, is rejected; one of which nothing is left
    but destroyed capsules is destroyed.
    """
    kept = batches.allocations_of(session, [line.id for line in order.lines])
    is_labelled = (order.resumes_to or order.status) in _LABELLED
    for allocation in kept:
        batch = batches.get_for_update(session, allocation.batch_id)
        if is_labelled:
            _destroy(session, batch, allocation, reason, by=by, now=now)
        else:
            _give_back(session, batch, allocation, reason, by=by, now=now)


def _give_back(
    session: Session, batch: Batch, allocation: Allocation, reason: str, *, by: Actor, now: datetime
) -> None:
    take_back(session, batch, [allocation], by=by, now=now)
    session.refresh(batch)  # The database has counted what is promised.
    if batch.status in UNWEIGHED and not batch.capsules_allocated:
        batches.move(session, batch, BatchStatus.REJECTED, by=by, at=now, reason=reason)


def _destroy(
    session: Session, batch: Batch, allocation: Allocation, reason: str, *, by: Actor, now: datetime
) -> None:
    allocation.destroyed_at = now
    told = {"order_line": str(allocation.order_line_id), "capsules": allocation.capsules, "reason": reason}
    audit.record(session, "batch.capsules_destroyed", batch.id, by=by, at=now, number=batch.number, **told)
    session.flush()  # What else lives of the batch is asked in the books.
    lives_on = any(each.destroyed_at is None for each in batches.allocations_from(session, batch.id))
    if batch.status in _OVER or lives_on or batch.capsules_allocated < (batch.capsules_on_offer or 0):
        return
    if BatchStatus.DESTROYED not in NEXT[batch.status]:
        batches.move(session, batch, BatchStatus.REJECTED, by=by, at=now, reason=reason)
    batches.move(session, batch, BatchStatus.DESTROYED, by=by, at=now, reason=reason)


def _makeable(session: Session, line: OrderLine, derived: LineBatch, reference: Reference) -> Scanned:
    """The lots on which the line can be made and lasts to its last dose; CannotBeCompounded otherwise."""
    if derived.batch is None or derived.beyond_use is None or derived.lots is None:
        raise CannotBeCompounded(line.position, derived.refusal or "It cannot be derived.")
    if not derived.covers_last_dose:
        because = f"The beyond-use date {derived.beyond_use.on.isoformat()} is before the last planned dose."
        raise CannotBeCompounded(line.position, because)
    lots = derived.lots
    names = books.numbers_of_lots(session, [lots.api_lot_id, lots.filler_lot_id])
    return Scanned(
        api_lot=names[lots.api_lot_id],
        filler_lot=names[lots.filler_lot_id],
        triturate=None if lots.triturate_id is None else batches.get(session, lots.triturate_id).number,
        balance=reference.bench_stock().balance.name,
    )


# Of these nothing is left to destroy.
_OVER = frozenset({BatchStatus.DEPLETED, BatchStatus.DESTROYED})
_LABELLED = HANDED_OVER | {OrderStatus.LABELLED, OrderStatus.VERIFIED}
