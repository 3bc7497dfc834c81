"""Who holds this key, and whether it still holds.

Every page asks; that the person is still here is written down once a minute at most, so that reading a page
is nearly always only reading.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from pharmacy.store import staff
from pharmacy.store.sessions import Sessions
from pharmacy.store.staff import Recognised, StaffMember
from pharmacy.usecases.sign_in import hash_of
from pharmacy.usecases.sign_in_policy import policy_from

NOTED_EVERY = timedelta(minutes=1)


def member_of_key(session: Session, key: str, *, now: datetime) -> StaffMember | None:
    """The member of staff whose whole sign-in this is, as this transaction sees it; None when it does not hold."""
    found = staff.member_of_session(session, hash_of(key))
    return found.member if found is not None and is_whole(found) and _holds(found, now) else None


def whose_page(sessions: Sessions, key: str, *, now: datetime) -> Recognised | None:
    """The same as `recognise_staff` for a page that renews itself: that it asks does not mean that anybody is there."""
    with sessions.read() as session:
        found = staff.member_of_session(session, hash_of(key))
    return found if found is not None and _holds(found, now) else None


def recognise_staff(sessions: Sessions, key: str, *, now: datetime) -> Recognised | None:
    """Whose sign-in this is, whole or half-way; None when it is unknown, ended, idle or too old."""
    with sessions.read() as session:
        found = staff.member_of_session(session, hash_of(key))
    if found is None or not _holds(found, now):
        return None
    if now - found.sign_in.last_seen_at >= NOTED_EVERY:
        with sessions.write() as session:
            staff.lives_on(session, found.sign_in.key_hash, now=now)
    return found


def is_whole(found: Recognised) -> bool:
    """Whether nothing is due any more before that sign-in opens rooms."""
    return found.sign_in.proved_at is not None


def _holds(found: Recognised, now: datetime) -> bool:
    return policy_from(found.setting).holds(found.sign_in, now)
