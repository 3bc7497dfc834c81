"""What staff were refused is on record: who asked for what of which thing, and why not.

By whichever door they came, the entry is the same: its action says what kind of thing was refused, and its subject
is the thing itself where it was named, or else the person who asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import PharmacyError
from pharmacy.store import audit
from pharmacy.store.sessions import Sessions


class Of(StrEnum):
    """What was refused is an act on one of these; STAFF for whatever has no kind of its own."""

    BATCH = "batch"
    BATCH_PLAN = "batch_plan"
    EQUIPMENT = "equipment"
    FORMULATION = "formulation"
    LOG = "log"
    RECALL = "recall"
    STOCK = "stock"
    STAFF = "staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An act that was refused; `asked` is the method and the rule of the address."""

    of: Of
    subject_id: UUID
    asked: str
    refusal: PharmacyError


def put_refusal_on_record(sessions: Sessions, refused: Refused, *, by: Actor, now: datetime) -> None:
    """What was refused was rolled back whole, so this stands in a transaction of its own."""
    with sessions.write() as session:
        audit.record(
            session,
            f"{refused.of}.refused",
            refused.subject_id,
            by=by,
            at=now,
            asked=refused.asked,
            code=type(refused.refusal).__name__,
            reason=str(refused.refusal),
        )
