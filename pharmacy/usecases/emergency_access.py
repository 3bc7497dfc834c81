"""Emergency access: somebody reads what their role does not open, because a patient's safety cannot wait.

It opens readings only, for a while, in one sign-in, with a reason. The pharmacist-in-charge is told at once by a
task, and every page that was read by it is on record (45 CFR 164.312(a)(2)(ii)). Nothing is signed by it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.screening import require_reason
from pharmacy.store import audit, staff
from pharmacy.store.tasks import NewTask, open_of_kind, open_task
from pharmacy.usecases.sign_in import hash_of
from pharmacy.usecases.sign_in_policy import sign_in_policy

EMERGENCY_TASK = "emergency.review"
_READ = "emergency.read"


def begin_emergency(
    session: Session, key: str, reason: str, today: date, *, by: Actor, now: datetime
) -> datetime:
    """Until when this sign-in reads everything. Raises ReasonTooShort."""
    require_reason(reason)
    ends_at = now + sign_in_policy(session).emergency_lasts
    sign_in = staff.session_for_update(session, hash_of(key))
    if sign_in is None:  # It was ended meanwhile: then there is nothing to open.
        return now
    sign_in.emergency_until = ends_at
    audit.record(session, "emergency.began", by.id, by=by, at=now, reason=reason, ends_at=ends_at.isoformat())
    wording = f"{by.name} took emergency access: {reason} Look at what was read, and close this."
    open_task(
        session,
        NewTask(kind=EMERGENCY_TASK, subject_id=sign_in.id, wording=wording, due_on=today),
        by=by,
        now=now,
    )
    return ends_at


def end_emergency(session: Session, key: str, *, by: Actor, now: datetime) -> None:
    """This sign-in reads no more than its role allows."""
    sign_in = staff.session_for_update(session, hash_of(key))
    if sign_in is not None and sign_in.emergency_until is not None:
        sign_in.emergency_until = None
        audit.record(session, "emergency.ended", by.id, by=by, at=now)


def note_emergency_reading(
    session: Session, subject_id: UUID, asked: str, *, by: Actor, now: datetime
) -> None:
    """What was read by emergency access is on record: which page, and about what it named."""
    audit.record(session, _READ, subject_id, by=by, at=now, asked=asked)


def emergencies_open() -> Select[Any]:
    """The tasks of emergency access that nobody has looked at yet."""
    return open_of_kind(EMERGENCY_TASK)
