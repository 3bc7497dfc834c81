"""What the other tables hold of one batch, by one question: readings, checks, deviations, what it stands on, promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import true
from sqlalchemy.orm import Session

from pharmacy.store.batches import Allocation, Batch
from pharmacy.store.bench_work import BatchCheck, BatchDeviation, BatchWeighing
from pharmacy.store.formulations import Formulation
from pharmacy.store.reference import BalanceRow, ComponentLot
from pharmacy.store.side_by_side import Listing, side_by_side


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRows:
    """The rows, each list oldest first; lots and the names of balances by id."""

    weighings: Sequence[BatchWeighing]
    checks: Sequence[BatchCheck]
    deviations: Sequence[BatchDeviation]
    # What is promised of it to order lines.
    allocations: Sequence[Allocation]
    lots: Mapping[UUID, ComponentLot]
    balances: Mapping[UUID, str]
    # The triturate that it is made from and the formulation that it names, where there are such.
    triturate: Batch | None
    formulation: Formulation | None


def batch_rows(session: Session, batch: Batch) -> BatchRows:
    """What is in the books now about this batch."""
    lots = [each for each in (batch.api_lot_id, batch.filler_lot_id, batch.shell_lot_id) if each is not None]
    weighings, checks, deviations, allocations, found, balances, triturates, formulations = side_by_side(
        session,
        Listing(BatchWeighing, BatchWeighing.batch_id == batch.id, [BatchWeighing.id]),
        Listing(BatchCheck, BatchCheck.batch_id == batch.id, [BatchCheck.id]),
        Listing(BatchDeviation, BatchDeviation.batch_id == batch.id, [BatchDeviation.id]),
        Listing(Allocation, Allocation.batch_id == batch.id, [Allocation.id]),
        Listing(ComponentLot, ComponentLot.id.in_(lots), [ComponentLot.id]),
        Listing(BalanceRow, true(), [BalanceRow.id]),
        Listing(Batch, Batch.id == batch.triturate_id, [Batch.id]),
        Listing(Formulation, Formulation.id == batch.formulation_id, [Formulation.id]),
    )
    return BatchRows(
        weighings=weighings,
        checks=checks,
        deviations=deviations,
        allocations=allocations,
        lots={each.id: each for each in found},
        balances={each.id: each.name for each in balances},
        triturate=triturates[0] if triturates else None,
        formulation=formulations[0] if formulations else None,
    )
