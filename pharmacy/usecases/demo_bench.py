"""The bench of the demonstration: every batch of an order goes its whole way, by two people.

Nothing is skipped: each step is the use case that real hands call, with readings right on target, capsules of
exactly the theoretical fill, and the powder that is left thrown away on record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.batches import UNWEIGHED
from pharmacy.domain.quality import sample_due
from pharmacy.domain.quantities import Milligrams
from pharmacy.store import batches, orders
from pharmacy.store.batches import Batch, BatchKind
from pharmacy.usecases.check_batch import (
    Counted,
    Looked,
    Weighed,
    blend_of,
    check_batch,
    reconcile_batch,
    theoretical_fill_of,
)
from pharmacy.usecases.make_batch import Blended, blend, fill
from pharmacy.usecases.plan_batch import scanned_of
from pharmacy.usecases.release_batch import ReleaseRequest, release_batch
from pharmacy.usecases.take_shells import Filled
from pharmacy.usecases.weigh_batch import Reading, calculation_of, check_weighing, record_weighing

# A size 3 shell, empty.
_SHELL = Milligrams(Decimal(48))


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchHands:
    """Who compounds, and who sees each weighing, checks and releases; `on` is the pharmacy's day."""

    compounder: Actor
    pharmacist: Actor
    on: date


def work_off(session: Session, order_id: UUID, hands: BenchHands, *, now: datetime) -> None:
    """Every batch of the order that is not weighed yet is weighed, made, checked, counted and released."""
    lines = [line.id for line in orders.get(session, order_id).lines]
    made = batches.all_of_lines(session, lines)
    for batch_id in sorted({batch.id for each in made.values() for batch in each}):
        if batches.get(session, batch_id).status in UNWEIGHED:
            make(session, batch_id, hands, now=now)


def make(session: Session, batch_id: UUID, hands: BenchHands, *, now: datetime) -> Batch:
    """The batch, which has its lots, goes from the first weighing to its release."""
    weigh_all(session, batch_id, hands, now=now)
    looks = Blended(appearance="white, even powder", on=hands.on)
    batch = blend(session, batch_id, looks, by=hands.compounder, now=now)
    is_capsules = batch.kind is BatchKind.CAPSULES
    filled = Filled(capsules=batch.capsules_required if is_capsules else None, on=hands.on)
    fill(session, batch_id, filled, by=hands.compounder, now=now)
    if is_capsules:
        _check_capsules(session, batch, hands, now)
    else:
        looked = Looked(conforms=True, remark="as described", on=hands.on)
        check_batch(session, batch_id, looked, by=hands.pharmacist, now=now)
    return release_batch(session, batch_id, ReleaseRequest(on=hands.on), by=hands.pharmacist, now=now)


def weigh_all(session: Session, batch_id: UUID, hands: BenchHands, *, now: datetime) -> None:
    """Every weighing is read on target and seen by the pharmacist."""
    batch = batches.get(session, batch_id)
    balance = scanned_of(session, batch).balance or ""
    for planned in calculation_of(batch).weighings:
        reading = Reading(step=planned.step, read=planned.weighing.target, balance=balance, on=hands.on)
        record_weighing(session, batch_id, reading, by=hands.compounder, now=now)
        session.flush()  # The second person signs what is in the books.
        check_weighing(session, batch_id, planned.step, hands.on, by=hands.pharmacist, now=now)


def _check_capsules(session: Session, batch: Batch, hands: BenchHands, now: datetime) -> None:
    fill_mass, count = theoretical_fill_of(batch), batch.capsules_filled or 0
    weighed = Weighed(
        gross=(_SHELL + fill_mass,) * sample_due(count),
        mean_shell=_SHELL,
        awaits_laboratory=False,
        on=hands.on,
    )
    check_batch(session, batch.id, weighed, by=hands.pharmacist, now=now)
    session.flush()  # The count reads the mean of what was weighed.
    left = blend_of(batch) - fill_mass.times(count)
    counted = Counted(rejected=0, retained=0, released=count, waste=left, on=hands.on)
    reconcile_batch(session, batch.id, counted, by=hands.pharmacist, now=now)
