"""A refusal at the bench is on record: who wanted what of which batch or lot, and why not."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import PharmacyError
from pharmacy.store import audit
from pharmacy.store.sessions import Sessions


def put_refusal_on_record(
    sessions: Sessions, subject_id: UUID, refusal: PharmacyError, *, by: Actor, now: datetime
) -> None:
    """What was refused was rolled back whole, so this stands in a transaction of its own."""
    with sessions.write() as session:
        audit.record(
            session,
            "batch.refused",
            subject_id,
            by=by,
            at=now,
            code=type(refusal).__name__,
            reason=str(refusal),
        )
