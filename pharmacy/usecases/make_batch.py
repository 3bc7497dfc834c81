"""Mixing and filling: from what was weighed to what can be checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.batch_calculation import as_weighed
from pharmacy.domain.batches import IllegalBatchMove
from pharmacy.domain.errors import Conflict, Unfit
from pharmacy.domain.figures import Figure
from pharmacy.domain.quantities import Milligrams
from pharmacy.domain.weighing_plan import next_step
from pharmacy.store import batches, bench_work
from pharmacy.store.batches import Batch, BatchKind, BatchStatus
from pharmacy.usecases.bench_people import require_compounder
from pharmacy.usecases.figures_as_facts import figures_facts
from pharmacy.usecases.take_shells import Filled, hold_shells, take_shells
from pharmacy.usecases.weigh_batch import calculation_of


@dataclass(eq=False)
class WeighingsOpen(Conflict):
    """Something is still to be weighed, or to be signed by a second person."""

    number: str
    waiting: str

    def __str__(self) -> str:
        return f"Batch {self.number} waits for {self.waiting}."


@dataclass(eq=False)
class CountMissing(Unfit):
    """Capsules are counted as they are filled; nothing else is."""

    kind: BatchKind

    def __str__(self) -> str:
        if self.kind is BatchKind.CAPSULES:
            return "The number of filled capsules is due."
        return "Only capsules are counted."


@dataclass(frozen=True, slots=True, kw_only=True)
class Blended:
    """How the blend looks, in words; `on` is the pharmacy's day."""

    appearance: str
    on: date


def blend(session: Session, batch_id: UUID, blended: Blended, *, by: Actor, now: datetime) -> Batch:
    """Everything weighed and signed is mixed; the closing figures are drawn from what was really weighed.

    The strength of a triturate is what was weighed, from here on. Raises WeighingsOpen, IllegalBatchMove.
    """
    batch = batches.get_for_update(session, batch_id)
    _require(batch, BatchStatus.WEIGHING, BatchStatus.BLENDED)
    require_compounder(session, batch, by, blended.on)
    calculation, readings = calculation_of(batch), bench_work.weighings_of(session, batch_id)
    left = next_step(calculation.weighings, [each.step for each in readings])
    if left is not None:
        raise WeighingsOpen(batch.number, f"the weighing of {left.name}")
    unsigned = [each.step for each in readings if each.checked_by is None]
    if unsigned:
        raise WeighingsOpen(batch.number, f"a second person at {unsigned[0].replace('_', ' ')}")
    figures = as_weighed(calculation, {each.step: Milligrams(each.read_mg) for each in readings})
    batch.as_weighed = {"figures": figures_facts(figures), "exact": _exact(figures)}
    if batch.kind is BatchKind.TRITURATE:
        batch.strength_fraction = figures[0].number
    batch.appearance = blended.appearance
    batch.blended_at, batch.blended_by = now, by.id
    batches.move(session, batch, BatchStatus.BLENDED, by=by, at=now, appearance=blended.appearance)
    return batch


def fill(session: Session, batch_id: UUID, filled: Filled, *, by: Actor, now: datetime) -> Batch:
    """The blend is in its capsules or containers; the shells are off the books.

    Raises CountMissing, IllegalBatchMove, and what `take_shells` and `hold_shells` raise.
    """
    is_capsules = batches.get(session, batch_id).kind is BatchKind.CAPSULES
    shells = hold_shells(session, filled) if is_capsules else None
    batch = batches.get_for_update(session, batch_id)
    _require(batch, BatchStatus.BLENDED, BatchStatus.FILLED)
    require_compounder(session, batch, by, filled.on)
    if (filled.capsules is None) == (batch.kind is BatchKind.CAPSULES):
        raise CountMissing(batch.kind, where=("capsules_filled",))
    if shells is not None:
        take_shells(session, batch, filled, shells, by=by, now=now)
    batch.capsules_filled = filled.capsules
    batch.filled_at, batch.filled_by = now, by.id
    batches.move(session, batch, BatchStatus.FILLED, by=by, at=now, capsules=filled.capsules)
    return batch


def _require(batch: Batch, current: BatchStatus, wanted: BatchStatus) -> None:
    """Out of any other state this is refused before anything else is said."""
    if batch.status is not current:
        raise IllegalBatchMove(batch.number, batch.status, wanted)


def _exact(figures: tuple[Figure, ...]) -> dict[str, str]:
    """Every digit, for what is calculated from it later."""
    return {figure.key: format(figure.number, "f") for figure in figures}
