"""A member of staff leaves: the key no longer opens anything."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.store import audit, staff
from pharmacy.usecases.sign_in import hash_of


def sign_out(session: Session, key: str, *, by: Actor, now: datetime) -> None:
    """The sign-in that this key belongs to has ended."""
    staff.end_session(session, hash_of(key), now=now)
    audit.record(session, "staff.signed_out", by.id, by=by, at=now)
