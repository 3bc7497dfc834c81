"""How the bench is reached by the API: an act on a batch by a member of staff, answered with its whole record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import orjson
from flask import Response

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import local_day
from pharmacy.store.batches import Batch
from pharmacy.store.sessions import Session
from pharmacy.usecases.allocate_capsules import Shelf
from pharmacy.usecases.compounding_record import compounding_record
from pharmacy.usecases.reference import Reference
from pharmacy.web.api.batch_shapes import CompoundingRecordOutput
from pharmacy.web.current import the_pharmacy
from pharmacy.web.staff_door import staff_answer_once, staff_writing

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


def acted(work: BenchWork) -> Mapping[str, Any]:
    """The batch after the act."""
    with staff_writing() as (session, actor):
        return record_of(session, work(session, actor))


def created(work: BenchWork) -> Response:
    """The answer to what creates something at the bench: made now, or as it was given before to the same key."""
    return staff_answer_once(
        lambda session, actor: record_of(session, work(session, actor)),
        lambda document: orjson.dumps(_RECORD.dump(document)).decode(),
    )
