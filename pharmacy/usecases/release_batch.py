"""Release, rejection and what went otherwise: a pharmacist answers for the batch, or it goes no further."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.batches import (
    ExceptionNotInForce,
    IllegalBatchMove,
    SamePersonTwice,
)
from pharmacy.domain.errors import Conflict, Unfit
from pharmacy.domain.lots import LotStatus
from pharmacy.domain.orders import Role
from pharmacy.domain.quantities import Micrograms, Milligrams
from pharmacy.domain.screening import require_reason
from pharmacy.domain.stock import Movement, MovementKind
from pharmacy.domain.weighing_plan import Ingredient
from pharmacy.store import audit, batches, bench_work, orders
from pharmacy.store import reference as books
from pharmacy.store import stock_ledger as ledger
from pharmacy.store.base import new_id
from pharmacy.store.batches import Batch, BatchKind, BatchStatus
from pharmacy.store.bench_work import BatchDeviation
from pharmacy.store.tasks import NewTask, open_task
from pharmacy.usecases.bench_people import require_trained_today
from pharmacy.usecases.bench_policy import bench_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRequest:
    """What the pharmacist says with the release.

    `assessment` is due when something went otherwise; `exception_reason` invokes the exception of the single
    pharmacist. `on` is the pharmacy's day.
    """

    on: date
    assessment: str | None = None
    exception_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Why a batch goes no further; in quarantine it waits for an investigation. `on` is the pharmacy's day."""

    reason: str
    into_quarantine: bool
    on: date


@dataclass(eq=False)
class NotReconciled(Conflict):
    """Something stands against the release of the batch."""

    number: str
    because: str

    def __str__(self) -> str:
        return f"Batch {self.number} may not be released: {self.because}"


@dataclass(eq=False)
class AssessmentDue(Unfit):
    number: str
    deviations: int

    def __str__(self) -> str:
        return f"Batch {self.number} has {self.deviations} deviations on record: say why it may be released."


def release_batch(
    session: Session, batch_id: UUID, request: ReleaseRequest, *, by: Actor, now: datetime
) -> Batch:
    """A pharmacist who did not compound has reviewed the record; the capsules may go, a triturate may be weighed.

    Raises SamePersonTwice, NotReconciled, AssessmentDue, ExceptionNotInForce, IllegalBatchMove.
    """
    batch = batches.get_for_update(session, batch_id)
    if batch.status is not BatchStatus.QC_PASSED:
        raise IllegalBatchMove(batch.number, batch.status, BatchStatus.RELEASED)
    require_trained_today(session, by, request.on)
    _require_another(session, batch, request, by)
    _require_balanced(batch)
    _require_sound(session, batch, request.on)
    deviations = bench_work.deviations_of(session, batch_id)
    if deviations and not request.assessment:
        raise AssessmentDue(batch.number, len(deviations), where=("assessment",))
    batch.released_at, batch.released_by = now, by.id
    said = {"assessment": request.assessment, "exception_reason": request.exception_reason}
    detail = {name: words for name, words in said.items() if words}
    batches.move(session, batch, BatchStatus.RELEASED, by=by, at=now, **detail)
    if batch.kind is BatchKind.TRITURATE:
        _put_on_stock(session, batch, request.on, by, now)
    return batch


def reject_batch(
    session: Session, batch_id: UUID, rejection: Rejection, *, by: Actor, now: datetime
) -> Batch:
    """The batch goes no further. Its order lines have no capsules any more, and each order waits as a task."""
    require_reason(rejection.reason)
    batch = batches.get_for_update(session, batch_id)
    wanted = BatchStatus.QUARANTINED if rejection.into_quarantine else BatchStatus.REJECTED
    batches.move(session, batch, wanted, by=by, at=now, reason=rejection.reason)
    promised = batches.allocations_from(session, batch_id)
    for order in orders.numbers_of_lines(session, [each.order_line_id for each in promised]):
        wording = f"Order {order.number} needs another batch: {batch.number} is {wanted}."
        task = NewTask(
            kind="order.remake",
            subject_id=order.id,
            wording=wording,
            due_on=rejection.on + timedelta(days=1),
            order_id=order.id,
        )
        open_task(session, task, by=by, now=now)
    for allocation in promised:
        session.delete(allocation)
    return batch


def record_deviation(session: Session, batch_id: UUID, wording: str, *, by: Actor, now: datetime) -> Batch:
    """Something went otherwise than the formulation says, in words; whoever releases the batch answers for it."""
    batch = batches.get_for_update(session, batch_id)
    session.add(
        BatchDeviation(id=new_id(), batch_id=batch.id, wording=wording, recorded_at=now, recorded_by=by.id)
    )
    audit.record(session, "batch.deviated", batch.id, by=by, at=now, wording=wording)
    return batch


def _require_another(session: Session, batch: Batch, request: ReleaseRequest, by: Actor) -> None:
    """Whoever compounded releases nothing, unless the exception of the single pharmacist holds."""
    if by.id != batch.compounded_by:
        return
    if not request.exception_reason:
        raise SamePersonTwice(by.name, "compounder", "releaser")
    require_reason(request.exception_reason)
    if not bench_policy(session).excepts_single_pharmacist:
        raise ExceptionNotInForce("the setting is off", where=("exception_reason",))
    if by.role is not Role.PHARMACIST_IN_CHARGE:
        raise ExceptionNotInForce("it is the pharmacist-in-charge's to invoke", where=("exception_reason",))
    batch.single_pharmacist_reason = request.exception_reason


def _require_balanced(batch: Batch) -> None:
    if batch.kind is not BatchKind.CAPSULES:
        return
    if batch.reconciliation is None:
        raise NotReconciled(batch.number, "its capsules are not counted yet.")
    faults: list[str] = batch.reconciliation["faults"]  # type: ignore[assignment]  # Kept as JSON by the count.
    if faults:
        raise NotReconciled(batch.number, faults[0])


def _require_sound(session: Session, batch: Batch, on: date) -> None:
    """It may still be used, and nothing that went into it was found wanting since it was weighed.

    A lot that has expired or is used up by now was fit on the day of weighing.
    """
    if batch.beyond_use_on < on:
        raise NotReconciled(batch.number, f"it may be used until {batch.beyond_use_on.isoformat()} only.")
    weighed = {each.component_lot_id for each in bench_work.weighings_of(session, batch.id)}
    used = [lot_id for lot_id in (*weighed, batch.shell_lot_id) if lot_id is not None]
    for lot in books.lots(session, used).values():
        if lot.status in _FOUND_WANTING:
            raise NotReconciled(batch.number, f"lot {lot.number} that went into it is {lot.status}.")


_FOUND_WANTING = frozenset({LotStatus.QUARANTINED, LotStatus.REJECTED, LotStatus.RECALLED})


def _put_on_stock(session: Session, batch: Batch, on: date, by: Actor, now: datetime) -> None:
    """A triturate is an ingredient from here on: as much as was weighed into it."""
    weighed = bench_work.weighings_of(session, batch.id)
    total = sum(
        (each.read_mg for each in weighed if each.ingredient is not Ingredient.MIXTURE),
        start=weighed[0].read_mg * 0,
    )
    ledger.open_for_triturate(session, batch.id)
    made = Movement(
        stock_id=batch.id,
        ug=Micrograms.from_milligrams(Milligrams(total).value).value,
        kind=MovementKind.RECEIVE,
        subject_id=batch.id,
        on=on,
    )
    ledger.receive(session, made, by=by, now=now)
