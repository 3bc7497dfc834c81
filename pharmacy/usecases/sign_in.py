"""A member of staff comes in with name and password, and leaves with a key for the day.

The key is random and the books keep its SHA-256 only. It holds while it is used at least every half hour, and
for twelve hours at most. A name that was tried in vain too often is asked to wait; whether somebody of that
name works here shows neither in the answer nor in the time it takes.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor, ActorKind
from pharmacy.domain.errors import NotAllowed
from pharmacy.store import audit, staff
from pharmacy.store.staff import StaffMember, StaffSession

LONGEST_IDLE = timedelta(minutes=30)
LONGEST_SESSION = timedelta(hours=12)
MOST_FAILURES = 5
FAILURES_COUNT_FOR = timedelta(minutes=15)

_REFUSED = "staff.sign_in_refused"
# Tries are counted by what was typed, so that names of nobody are treated as names of somebody.
_TYPED_NAMES = UUID("b2b0f4de-1f0f-5b7c-9a51-0c7f6f3d9a11")

hasher = PasswordHasher()
_NOBODY = hasher.hash(secrets.token_urlsafe(16))


@dataclass(eq=False)
class SignInRefused(NotAllowed):
    def __str__(self) -> str:
        return "Name and password do not belong together."


@dataclass(eq=False)
class TooManyTries(NotAllowed):
    minutes: int

    def __str__(self) -> str:
        return f"This name was tried too often. Wait {self.minutes} minutes, then try again."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who came in, and the key that the browser keeps."""

    member: StaffMember
    key: str


def sign_in(
    session: Session, username: str, password: str, *, by: Actor, now: datetime
) -> SignedIn | SignInRefused | TooManyTries:
    """The person is signed in; or why not.

    A refusal is returned and not raised, because it is on record and must be kept: after MOST_FAILURES within
    FAILURES_COUNT_FOR the password is not even looked at.
    """
    typed = uuid5(_TYPED_NAMES, username.casefold())
    failures = audit.count_since(session, typed, _REFUSED, since=now - FAILURES_COUNT_FOR)
    if failures >= MOST_FAILURES:
        return TooManyTries(int(FAILURES_COUNT_FOR.total_seconds() // 60))
    member = staff.member_named(session, username)
    if not matches(member.password_hash if member else _NOBODY, password) or member is None:
        audit.record(session, _REFUSED, typed, by=by, at=now)
        return SignInRefused()
    key = secrets.token_urlsafe(32)
    session.add(
        StaffSession(key_hash=hash_of(key), staff_member_id=member.id, started_at=now, last_seen_at=now)
    )
    audit.record(session, "staff.signed_in", member.id, by=actor_of(member), at=now)
    return SignedIn(member, key)


def actor_of(member: StaffMember) -> Actor:
    """The member of staff as rules and records know them."""
    return Actor(kind=ActorKind.STAFF, id=member.id, name=member.full_name, role=member.role)


def hash_of(key: str) -> bytes:
    """How the books keep a session key."""
    return hashlib.sha256(key.encode()).digest()


def matches(hashed: str, password: str) -> bool:
    """Whether that is the password of which this is the hash."""
    try:
        return hasher.verify(hashed, password)
    except VerificationError:
        return False
