"""Who holds this key, and whether it still holds.

Every page asks; that the person is still here is written down once a minute at most, so that reading a page
is nearly always only reading.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from pharmacy.store import staff
from pharmacy.store.sessions import Sessions
from pharmacy.store.staff import StaffMember, StaffSession
from pharmacy.usecases.sign_in import LONGEST_IDLE, LONGEST_SESSION, hash_of

NOTED_EVERY = timedelta(minutes=1)


def member_of_key(session: Session, key: str, *, now: datetime) -> StaffMember | None:
    """The member of staff whose sign-in this is, as this transaction sees it; None when it does not hold."""
    found = staff.member_of_session(session, hash_of(key))
    return found[0] if found is not None and _holds(found[1], now) else None


def whose_page(sessions: Sessions, key: str, *, now: datetime) -> StaffMember | None:
    """The same as `recognise_staff` for a page that renews itself: that it asks does not mean that anybody is there."""
    with sessions.read() as session:
        return member_of_key(session, key, now=now)


def recognise_staff(sessions: Sessions, key: str, *, now: datetime) -> StaffMember | None:
    """The member of staff whose sign-in this is; None when it is unknown, ended, idle or too old."""
    with sessions.read() as session:
        found = staff.member_of_session(session, hash_of(key))
    if found is None or not _holds(found[1], now):
        return None
    member, sign_in = found
    if now - sign_in.last_seen_at >= NOTED_EVERY:
        with sessions.write() as session:
            staff.lives_on(session, sign_in.key_hash, now=now)
    return member


def _holds(sign_in: StaffSession, now: datetime) -> bool:
    return now - sign_in.last_seen_at <= LONGEST_IDLE and now - sign_in.started_at <= LONGEST_SESSION
