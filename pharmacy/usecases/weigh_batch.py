"""Weighing: what was read on which balance, taken from the ledger, and signed by a second person.

Refused with the reason, and nothing changed: a weighing out of turn, a reading below the balance's minimum, off
its grid or out of tolerance, a balance out of calibration, a lot that may not be used or has not enough, lots of
another day, a person who is not trained or not the compounder, a second person who is the weigher.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.batch_calculation import Calculation
from pharmacy.domain.batches import IllegalBatchMove, require_two_people
from pharmacy.domain.errors import Conflict, NotFound
from pharmacy.domain.figures import shown
from pharmacy.domain.quantities import Micrograms, Milligrams
from pharmacy.domain.stock import Movement, MovementKind
from pharmacy.domain.weighing_plan import (
    Ingredient,
    PlannedWeighing,
    WeighingStep,
    accept_reading,
    require_next,
)
from pharmacy.store import audit, batches, bench_work
from pharmacy.store import stock_ledger as ledger
from pharmacy.store.base import new_id
from pharmacy.store.batches import Batch, BatchStatus
from pharmacy.store.bench_work import BatchWeighing
from pharmacy.usecases.bench_people import LotsOfAnotherDay, require_compounder, require_trained_today
from pharmacy.usecases.bench_policy import bench_policy
from pharmacy.usecases.bench_stock import balance_of
from pharmacy.usecases.calculation_certificate import recalculate
from pharmacy.usecases.plan_batch import NotCertified
from pharmacy.usecases.scanned_bench import balance_named


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a balance showed for one step of a batch; `on` is the pharmacy's day."""

    step: WeighingStep
    read: Milligrams
    balance: str
    on: date


@dataclass(eq=False)
class NoSuchStep(NotFound):
    step: str

    def __str__(self) -> str:
        return f"No batch has a weighing that is called {self.step}."


@dataclass(eq=False)
class NotWeighed(NotFound):
    """There is no reading of that step to sign."""

    step: WeighingStep

    def __str__(self) -> str:
        return f"There is no weighing of {self.step.replace('_', ' ')} in this batch yet."


@dataclass(eq=False)
class LotsSwapped(Conflict):
    """Between looking and weighing somebody put the batch on other lots."""

    number: str

    def __str__(self) -> str:
        return f"Batch {self.number} was put on other lots this moment: look at it again, then weigh."


@dataclass(eq=False)
class SignedAlready(Conflict):
    step: WeighingStep

    def __str__(self) -> str:
        return f"The weighing of {self.step.replace('_', ' ')} was signed by a second person already."


def step_named(name: str) -> WeighingStep:
    """The step of that name; NoSuchStep when there is none."""
    found = next((step for step in WeighingStep if step.value == name), None)
    if found is None:
        raise NoSuchStep(name)
    return found


def calculation_of(batch: Batch) -> Calculation:
    """The calculation of the batch, worked out again from what its certificate keeps."""
    if batch.certificate is None:
        raise NotCertified(batch.number)
    return recalculate(batch.certificate).calculation


def record_weighing(session: Session, batch_id: UUID, reading: Reading, *, by: Actor, now: datetime) -> Batch:
    """The reading is on record and its mass is taken from the ledger, as read and not as planned."""
    source = _source(batches.get(session, batch_id), reading.step)
    if source is not None:
        ledger.hold(session, [source])  # Lots are held before batches, by everybody.
    batch = batches.get_for_update(session, batch_id)
    if _source(batch, reading.step) != source:
        raise LotsSwapped(batch.number)
    done = bench_work.weighings_of(session, batch_id)
    planned = _due(session, batch, done, reading, by)
    balance = balance_named(session, reading.balance, reading.on)
    off_pct = accept_reading(
        planned, reading.read, balance_of(balance), bench_policy(session).weighing_tolerance_pct
    )
    if source is not None:
        _take(session, source, batch, reading, by, now)
    session.add(
        BatchWeighing(
            id=new_id(),
            batch_id=batch.id,
            step=planned.step,
            ingredient=planned.ingredient,
            component_lot_id=None if planned.ingredient is Ingredient.TRITURATE else source,
            triturate_id=source if planned.ingredient is Ingredient.TRITURATE else None,
            balance_id=balance.id,
            target_mg=planned.weighing.target.value,
            read_mg=reading.read.value,
            off_pct=off_pct,
            weighed_at=now,
            weighed_by=by.id,
        )
    )
    if batch.status is not BatchStatus.WEIGHING:
        batch.compounded_by = by.id
        batches.move(session, batch, BatchStatus.WEIGHING, by=by, at=now)
    audit.record(
        session,
        "batch.weighed",
        batch.id,
        by=by,
        at=now,
        step=planned.step,
        read_mg=shown(reading.read.value),
        balance=balance.name,
    )
    return batch


def check_weighing(
    session: Session, batch_id: UUID, step: WeighingStep, on: date, *, by: Actor, now: datetime
) -> Batch:
    """A second person has seen that reading. Raises SamePersonTwice, NotWeighed or SignedAlready."""
    batch = batches.get_for_update(session, batch_id)
    found = (each for each in bench_work.weighings_of(session, batch_id) if each.step is step)
    weighing = next(found, None)
    if weighing is None:
        raise NotWeighed(step)
    if weighing.checked_by is not None:
        raise SignedAlready(step)
    require_two_people(weighing.weighed_by, by.id, by.name, "second person")
    require_two_people(batch.compounded_by, by.id, by.name, "second person")
    require_trained_today(session, by, on)
    weighing.checked_at, weighing.checked_by = now, by.id
    audit.record(session, "batch.weighing_checked", batch.id, by=by, at=now, step=step)
    return batch


def _due(
    session: Session, batch: Batch, done: Sequence[BatchWeighing], reading: Reading, by: Actor
) -> PlannedWeighing:
    """The weighing that is next, when this person may do it today."""
    if batch.status not in {BatchStatus.LOTS_ASSIGNED, BatchStatus.WEIGHING}:
        raise IllegalBatchMove(batch.number, batch.status, BatchStatus.WEIGHING)
    if batch.compounded_on != reading.on:
        raise LotsOfAnotherDay(batch.number, batch.compounded_on, reading.on)
    if done:
        require_compounder(session, batch, by, reading.on)
    require_trained_today(session, by, reading.on)
    planned = calculation_of(batch).weighings
    return require_next(planned, [each.step for each in done], reading.step)


def _source(batch: Batch, step: WeighingStep) -> UUID | None:
    """The lot or triturate that step takes from; None for a mixture, and for a step the batch does not have."""
    planned = (each.ingredient for each in calculation_of(batch).weighings if each.step is step)
    match next(planned, None):
        case Ingredient.API:
            return batch.api_lot_id
        case Ingredient.TRITURATE:
            return batch.triturate_id
        case Ingredient.FILLER:
            return batch.filler_lot_id
    return None


def _take(session: Session, source: UUID, batch: Batch, reading: Reading, by: Actor, now: datetime) -> None:
    movement = Movement(
        stock_id=source,
        ug=Micrograms.from_milligrams(reading.read.value).value,
        kind=MovementKind.WEIGH,
        subject_id=batch.id,
        on=reading.on,
    )
    ledger.take(session, movement, by=by, now=now)
