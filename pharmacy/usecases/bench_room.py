"""One batch as whoever stands at the bench needs it: the record, the weighings, and the house's limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from pharmacy.domain.batches import PROMISABLE, BatchKind
from pharmacy.domain.quantities import Milligrams
from pharmacy.domain.weighing_plan import PlannedWeighing
from pharmacy.store import batch_plans
from pharmacy.store.batch_plans import LackingLine
from pharmacy.store.batch_rows import batch_rows
from pharmacy.store.batches import Batch
from pharmacy.store.bench_work import BatchCheck, BatchDeviation, BatchWeighing
from pharmacy.usecases.bench_policy import BenchPolicy, bench_policy
from pharmacy.usecases.check_batch import theoretical_fill_of
from pharmacy.usecases.compounding_record import record_of
from pharmacy.usecases.plan_batch import scanned_by
from pharmacy.usecases.scanned_bench import Scanned
from pharmacy.usecases.take_shells import proposed_shells
from pharmacy.usecases.weigh_batch import calculation_of

# As many lines as somebody still looks through; the earliest promises are among them.
_MOST_LINES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchRoom:
    """What was read; a batch from before certificates has no planned weighings and stands on nothing scanned."""

    batch: Batch
    planned: Sequence[PlannedWeighing]
    done: Sequence[BatchWeighing]
    checks: Sequence[BatchCheck]
    deviations: Sequence[BatchDeviation]
    stands_on: Scanned
    record: Mapping[str, Any]
    policy: BenchPolicy
    theoretical_fill: Milligrams | None
    # Lines that lack capsules of this strength.
    lacking: Sequence[LackingLine]
    # The lot of shells whose turn it is; "" where the house keeps none.
    shells: str


def bench_room(session: Session, batch: Batch) -> BenchRoom:
    """The batch with everything that its page tells."""
    is_certified, rows = batch.certificate is not None, batch_rows(session, batch)
    return BenchRoom(
        batch=batch,
        planned=calculation_of(batch).weighings if is_certified else (),
        done=rows.weighings,
        checks=rows.checks,
        deviations=rows.deviations,
        stands_on=scanned_by(batch, rows) if is_certified else Scanned(),
        record=record_of(session, batch, rows),
        lacking=_lacking(session, batch),
        policy=bench_policy(session),
        shells=proposed_shells(session, batch.compounded_on) or "",
        theoretical_fill=theoretical_fill_of(batch)
        if batch.as_weighed and batch.capsules_prepared is not None
        else None,
    )


def _lacking(session: Session, batch: Batch) -> Sequence[LackingLine]:
    """Whom the batch could serve; nobody where it may not be promised."""
    if batch.kind is not BatchKind.CAPSULES or batch.strength_ug is None or batch.status not in PROMISABLE:
        return ()
    return batch_plans.lines_lacking(session, batch.strength_ug, batch.strength_basis, _MOST_LINES)
