"""How the bench is reached: an act on a batch by a member of staff, and every refusal on record.

What a rule refuses is rolled back whole, so the refusal itself is written down in a transaction of its own: who
wanted what of which batch, and why not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from flask import Response

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import local_day
from pharmacy.domain.errors import Conflict, NotAllowed, Unfit
from pharmacy.store.batches import Batch
from pharmacy.store.sessions import Session
from pharmacy.usecases.allocate_capsules import Shelf
from pharmacy.usecases.compounding_record import compounding_record
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.refused_at_bench import put_refusal_on_record
from pharmacy.web.api.batch_shapes import CompoundingRecordOutput
from pharmacy.web.current import the_pharmacy
from pharmacy.web.staff_door import NotForThisRole, staff_answer_once, staff_writing

BenchWork = Callable[[Session, Actor], Batch]
_RECORD = CompoundingRecordOutput()


def today() -> date:
    """The pharmacy's day."""
    pharmacy = the_pharmacy()
    return local_day(pharmacy.clock(), pharmacy.zone)


def reference_of(session: Session) -> Reference:
    """What the pharmacy works with today."""
    return the_pharmacy().reference.current(session, today())


def shelf_of(session: Session) -> Shelf:
    """What allocating needs besides the books."""
    return Shelf(reference=reference_of(session), imprint=the_pharmacy().imprint)


def record_of(session: Session, batch: Batch) -> Mapping[str, Any]:
    """The batch as it leaves; what was just written is read back."""
    session.flush()  # The record is gathered from the books.
    session.refresh(batch)
    return compounding_record(session, batch)


def acted(batch_id: UUID, work: BenchWork) -> Mapping[str, Any]:
    """The batch after the act; a refusal is put on record and goes on."""
    with _refusals_of(batch_id) as whose, staff_writing() as (session, actor):
        whose.append(actor)
        return record_of(session, work(session, actor))


def created(batch_id: UUID | None, work: BenchWork) -> Response:
    """The answer to what creates something at the bench: made now, or as it was given before to the same key."""
    with _refusals_of(batch_id) as whose:

        def once(session: Session, actor: Actor) -> Mapping[str, Any]:
            whose.append(actor)
            return record_of(session, work(session, actor))

        return staff_answer_once(once, lambda document: orjson.dumps(_RECORD.dump(document)).decode())


@contextmanager
def _refusals_of(batch_id: UUID | None) -> Iterator[list[Actor]]:
    """Whoever is let in stands in the list; what they are refused is written down."""
    whose: list[Actor] = []
    try:
        yield whose
    except (Conflict, NotAllowed, Unfit) as refusal:
        if whose and not isinstance(refusal, NotForThisRole):
            pharmacy, by = the_pharmacy(), whose[-1]
            put_refusal_on_record(pharmacy.sessions, batch_id or by.id, refusal, by=by, now=pharmacy.clock())
        raise
