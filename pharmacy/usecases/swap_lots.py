"""Other lots for a batch, with all that hangs on them: its figures, its beyond-use date, the labels of its orders."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.store import batches, orders
from pharmacy.store.batches import Batch
from pharmacy.usecases.act_gates import covers_last_dose
from pharmacy.usecases.allocate_capsules import Shelf, WouldNotLast, uncovered
from pharmacy.usecases.plan_batch import assign_lots
from pharmacy.usecases.request_labels import request_dispensing_labels
from pharmacy.usecases.scanned_bench import Scanned


def swap_lots(
    session: Session, batch_id: UUID, scanned: Scanned, shelf: Shelf, *, by: Actor, now: datetime
) -> tuple[Batch, list[str]]:
    """The batch stands on the scanned lots; and what that changed. Labels that say another day are asked for anew.

    Raises as `assign_lots`, and WouldNotLast when an order that was promised capsules would outlast them.
    """
    promised = batches.allocations_from(session, batch_id)
    line_ids = {each.order_line_id for each in promised}
    served = [
        orders.get_for_update(session, each.id) for each in orders.numbers_of_lines(session, list(line_ids))
    ]
    before = batches.get(session, batch_id).beyond_use_on
    batch, changed = assign_lots(session, batch_id, scanned, shelf.reference, by=by, now=now)
    if batch.beyond_use_on == before:
        return batch, changed
    for order in served:
        for line in order.lines:
            refusal = covers_last_dose(order, line, batch, shelf.reference) if line.id in line_ids else None
            if refusal is not None:
                raise WouldNotLast(refusal.reason)
        if not uncovered(session, order):
            request_dispensing_labels(session, order, shelf.imprint, by=by, now=now)
    return batch, changed
