"""Who pays for a practice's orders: the patient, unless staff have set the practice to pay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.payments import Payer
from pharmacy.store import audit, practices
from pharmacy.store.practices import Practice


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerChange:
    practice_id: UUID
    payer: Payer
    reason: str


def set_payer(session: Session, change: PayerChange, *, by: Actor, now: datetime) -> Practice:
    """From now on that payer is asked; prices accepted before stay with whom they were. Raises PracticeNotFound."""
    practice = practices.get_for_update(session, change.practice_id)
    practice.payer = change.payer
    audit.record(
        session, "practice.payer_set", practice.id, by=by, at=now, payer=change.payer, reason=change.reason
    )
    return practice
