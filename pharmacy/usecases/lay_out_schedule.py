"""The calendar of a prescription: which dose on which day, counted from the start as far as it is known.

It shows the plan in force, from the newest fill as far as what was supplied carries.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.notices import Start
from pharmacy.domain.supply import Supply
from pharmacy.domain.titration import TitrationPlan
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.schedule_document import days_document, steps_document
from pharmacy.usecases.standing_course import course_now, supplied_now


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidOut:
    """A schedule with its supply, in dates of the patient's zone."""

    rx_number: int
    plan: TitrationPlan
    supply: Supply
    start_on: date
    start: Start
    zone_name: str
    changed_at: datetime
    document: dict[str, Any]


def lay_out_schedule(
    session: Session, prescription_id: UUID, practice_id: UUID, reference: Reference
) -> LaidOut:
    """The days that the newest fill covers, by the plan in force. Raises PrescriptionNotFound."""
    standing = course_now(session, prescription_id, practice_id)
    plan, window, supply = supplied_now(standing)
    start_on, start = standing.start(reference)
    newest = standing.newest
    return LaidOut(
        rx_number=newest.number,
        plan=plan,
        supply=supply,
        start_on=start_on,
        start=start,
        zone_name=standing.prescription.patient.time_zone,
        changed_at=max(newest.start_confirmed_at or newest.status_at, standing.version.created_at),
        document={
            "prescription_id": prescription_id,
            "plan_version": standing.version.version,
            "start": {"on": start_on, "basis": start.value},
            "steps": steps_document(plan, window, start_on),
            "days": days_document(plan, window, start_on),
        },
    )
