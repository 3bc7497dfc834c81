"""Capsules of a batch are promised to order lines, and promises are taken back, until labels are on.

A batch serves lines of several orders, and a line may be served from several batches. When the last line of an
order is covered, the order moves on: out of the queue it is being compounded, and its labels are asked for anew,
since lots and beyond-use date are known. Orders are held before batches, so that nobody waits in a circle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.batches import PROMISABLE, words
from pharmacy.domain.dose_text import format_dose
from pharmacy.domain.errors import Conflict, NotFound, Unfit
from pharmacy.domain.events import of_status
from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.quantities import Micrograms
from pharmacy.store import audit, batches, events, orders
from pharmacy.store.base import new_id
from pharmacy.store.batches import Allocation, Batch
from pharmacy.store.orders import Order, OrderLine
from pharmacy.usecases.act_gates import covers_last_dose, standing_of
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.request_labels import Imprint, request_dispensing_labels

# An order takes capsules from the queue on, and gives them back until its labels are on.
TAKES_CAPSULES = frozenset({OrderStatus.QUEUED, OrderStatus.COMPOUNDING})


@dataclass(frozen=True, slots=True, kw_only=True)
class CapsulesAsked:
    """So many capsules of that batch for that line of an order."""

    order_line_id: UUID
    capsules: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What allocating needs besides the books: today's reference, and what labels share."""

    reference: Reference
    imprint: Imprint


@dataclass(eq=False)
class LineNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such order line."


@dataclass(eq=False)
class CapsulesShort(Conflict):
    """The batch has fewer capsules left than were asked for."""

    number: str
    wanted: int
    left: int

    def __str__(self) -> str:
        return f"Batch {self.number} has {self.left} capsules left: {self.wanted - self.left} short of {self.wanted}."


@dataclass(eq=False)
class LineOwesLess(Conflict):
    """The line would be promised more than it owes."""

    owed: int
    promised: int
    wanted: int

    def __str__(self) -> str:
        return (
            f"The line owes {self.owed} capsules and has {self.promised}: {self.wanted} more are"
            f" {self.promised + self.wanted - self.owed} too many."
        )


@dataclass(eq=False)
class NothingPromised(Unfit):
    def __str__(self) -> str:
        return "One capsule at least is promised."


@dataclass(eq=False)
class OrderTakesNone(Conflict):
    status: OrderStatus

    def __str__(self) -> str:
        return f"Capsules are promised to orders in the queue or in compounding; this one is {self.status.replace('_', ' ')}."


@dataclass(eq=False)
class OrderNotPaid(Conflict):
    because: str

    def __str__(self) -> str:
        return f"{self.because}: nothing is promised to this order."


@dataclass(eq=False)
class BatchGivesNone(Conflict):
    number: str
    because: str

    def __str__(self) -> str:
        return f"Batch {self.number} serves nobody: it is {self.because}."


@dataclass(eq=False)
class OtherStrength(Unfit):
    """The batch is not of the line's strength."""

    number: str
    wanted_ug: int

    def __str__(self) -> str:
        return f"Batch {self.number} does not hold capsules of {format_dose(Micrograms(self.wanted_ug))}."


@dataclass(eq=False)
class OtherBasis(Unfit):
    """The batch's strength counts naltrexone, and the prescription's its hydrochloride, or the other way round."""

    number: str

    def __str__(self) -> str:
        return f"The strength of batch {self.number} does not count what the prescription's strength counts."


@dataclass(eq=False)
class WouldNotLast(Conflict):
    because: str

    def __str__(self) -> str:
        return f"{self.because}."


def allocate(
    session: Session, batch_id: UUID, asked: CapsulesAsked, shelf: Shelf, *, by: Actor, now: datetime
) -> Batch:
    """The capsules are promised, all that the line lacks or a part. Moves the order on when it was the last line.

    Raises CapsulesShort and LineOwesLess with the numbers, and what else speaks against it.
    """
    if asked.capsules < 1:
        raise NothingPromised(where=("capsules",))
    order, line = held_line(session, asked.order_line_id)
    batch = batches.get_for_update(session, batch_id)
    if order.status not in TAKES_CAPSULES:
        raise OrderTakesNone(order.status)
    unpaid = standing_of(session, order, shelf.reference).unpaid
    if unpaid is not None:
        raise OrderNotPaid(unpaid)
    _require_serving(batch, order, line, shelf.reference)
    kept = batches.allocations_of(session, [line.id])
    promised = sum(each.capsules for each in kept)
    if promised + asked.capsules > line.capsules:
        raise LineOwesLess(line.capsules, promised, asked.capsules)
    left = (batch.capsules_on_offer or 0) - batch.capsules_allocated
    if asked.capsules > left:
        raise CapsulesShort(batch.number, asked.capsules, left)
    promise(session, batch, line, asked.capsules, by=by, now=now)
    move_on(session, order, shelf, by=by, now=now)
    session.refresh(batch)  # The database has counted what is promised.
    return batch


def withdraw(session: Session, batch_id: UUID, order_line_id: UUID, *, by: Actor, now: datetime) -> Batch:
    """The line's capsules are the batch's again. Raises OrderTakesNone once labels are on, LineNotFound."""
    order, line = held_line(session, order_line_id)
    batch = batches.get_for_update(session, batch_id)
    if order.status not in TAKES_CAPSULES:
        raise OrderTakesNone(order.status)
    kept = [each for each in batches.allocations_of(session, [line.id]) if each.batch_id == batch_id]
    if not kept:
        raise LineNotFound
    take_back(session, batch, kept, by=by, now=now)
    session.refresh(batch)  # As above.
    return batch


def promise(
    session: Session, batch: Batch, line: OrderLine, capsules: int, *, by: Actor, now: datetime
) -> None:
    """The promise is written down; a second one to the same line is added to the first."""
    kept = [each for each in batches.allocations_of(session, [line.id]) if each.batch_id == batch.id]
    if kept:
        kept[0].capsules += capsules
    else:
        session.add(
            Allocation(
                id=new_id(),
                batch_id=batch.id,
                order_line_id=line.id,
                capsules=capsules,
                allocated_at=now,
                allocated_by=by.id,
            )
        )
    session.flush()  # What is covered is asked below; the database counts as this is written.
    audit.record(
        session, "batch.allocated", batch.id, by=by, at=now, order_line=str(line.id), capsules=capsules
    )


def take_back(
    session: Session, batch: Batch, kept: Sequence[Allocation], *, by: Actor, now: datetime
) -> None:
    """These promises are taken back, each on record."""
    for allocation in kept:
        session.delete(allocation)
        line = str(allocation.order_line_id)
        audit.record(
            session, "batch.withdrawn", batch.id, by=by, at=now, order_line=line, capsules=allocation.capsules
        )
    session.flush()  # The database counts as this is written.


def move_on(session: Session, order: Order, shelf: Shelf, *, by: Actor, now: datetime) -> None:
    """When every line is covered, labels are asked for, and an order in the queue is being compounded."""
    if uncovered(session, order):
        return
    if order.status is OrderStatus.QUEUED:
        order.advance_to(OrderStatus.COMPOUNDING, by=by, at=now)
        audit.record(session, "order.compounding", order.id, by=by, at=now)
        told = of_status(order.status)
        events.add(session, told, practice_id=order.practice_id, order_id=order.id, now=now)
    request_dispensing_labels(session, order, shelf.imprint, by=by, now=now)


def uncovered(session: Session, order: Order) -> list[tuple[OrderLine, int]]:
    """The lines that still lack capsules, and how many each lacks."""
    promised = batches.promised_to(session, [line.id for line in order.lines])
    lacking = ((line, line.capsules - promised.get(line.id, 0)) for line in order.lines)
    return [(line, missing) for line, missing in lacking if missing > 0]


def held_line(session: Session, order_line_id: UUID) -> tuple[Order, OrderLine]:
    """The order of that line, held, and the line; LineNotFound when there is none."""
    order_id = orders.id_of_line(session, order_line_id)
    if order_id is None:
        raise LineNotFound
    order = orders.get_for_update(session, order_id)
    return order, next(line for line in order.lines if line.id == order_line_id)


def _require_serving(batch: Batch, order: Order, line: OrderLine, reference: Reference) -> None:
    """The batch has this strength of the same substance, may be promised, and lasts to the last planned dose."""
    if batch.status not in PROMISABLE:
        raise BatchGivesNone(batch.number, words(batch.status))
    if batch.strength_ug != line.strength_ug:
        raise OtherStrength(batch.number, line.strength_ug)
    if batch.strength_basis is not order.prescription.strength_basis:
        raise OtherBasis(batch.number)
    too_early = covers_last_dose(order, line, batch, reference)
    if too_early is not None:
        raise WouldNotLast(too_early.reason)
