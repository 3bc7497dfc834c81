"""The remaining fills go to another pharmacy: both pharmacists are on record, and here nothing is left to fill.

What the other pharmacy gets to know is the formula, the strengths and how many refills remain; beyond-use dates of
our capsules do not go with it. A fill that is under way, or an adjustment that waits, is settled first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.events import EventKind
from pharmacy.domain.renewing import NoRefillLeft
from pharmacy.store import audit, events
from pharmacy.store.prescriptions import Prescription
from pharmacy.usecases.adjust_prescription import require_here, require_none_open
from pharmacy.usecases.fill_dates import refills_left
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.refill_prescription import FillUnderWay
from pharmacy.usecases.schedule_notices import schedule_notices
from pharmacy.usecases.standing_course import course_now, hold_course


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRequest:
    """To which pharmacy, to which of its pharmacists, and why."""

    prescription_id: UUID
    pharmacy: str
    pharmacist: str
    phone: str
    reason: str


def transfer_prescription(
    session: Session, request: TransferRequest, reference: Reference, *, by: Actor, now: datetime
) -> Prescription:
    """The prescription is void here from now on. Raises NoRefillLeft, FillUnderWay, AdjustmentOpen."""
    standing = hold_course(session, request.prescription_id)
    require_here(standing)
    require_none_open(session, standing)
    waiting = [order for order in standing.live if order not in standing.handed]
    if waiting:
        raise FillUnderWay(waiting[0].number)
    prescription, left = standing.prescription, refills_left(standing)
    if left < 1:
        raise NoRefillLeft(prescription.refills)
    prescription.transferred_at = now
    prescription.transfer = {
        "pharmacy": request.pharmacy,
        "pharmacist": request.pharmacist,
        "phone": request.phone,
        "reason": request.reason,
        "our_pharmacist": by.name,
        "refills": left,
    }
    session.flush()  # Notices are derived from what now holds.
    for order in course_now(session, prescription.id).handed:
        schedule_notices(session, order, reference, by=by, now=now)
    audit.record(session, "prescription.transferred", prescription.id, by=by, at=now, refills=left)
    events.add(
        session,
        EventKind.PRESCRIPTION_TRANSFERRED,
        practice_id=prescription.practice_id,
        prescription_id=prescription.id,
        now=now,
    )
    return prescription
