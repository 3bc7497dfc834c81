"""A member of staff comes in with name and password, and leaves with a key for the day.

The key is random and the books keep its SHA-256 only. It holds while it is used, and for so long at most, as the
setting `sign_in` says; where a second factor is due it opens nothing until that is proved. A name that was tried
in vain too often is asked to wait, and after many more has to be opened again; whether somebody of that name
works here shows neither in the answer nor in the time it takes.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor, ActorKind
from pharmacy.domain.errors import NotAllowed
from pharmacy.store import audit, second_factors, staff
from pharmacy.store.base import new_id
from pharmacy.store.staff import StaffMember, StaffSession
from pharmacy.usecases.hashing import hasher
from pharmacy.usecases.sign_in_policy import SecondFactorRule, SignInPolicy, sign_in_policy

_REFUSED = "staff.sign_in_refused"
# Tries are counted by what was typed, so that names of nobody are treated as names of somebody.
_TYPED_NAMES = UUID("b2b0f4de-1f0f-5b7c-9a51-0c7f6f3d9a11")
_LONGEST_BROWSER = 200

_NOBODY = hasher.hash(secrets.token_urlsafe(16))


class FactorDue(StrEnum):
    """What a sign-in still lacks: a code or passkey, or that one is set up at all."""

    PROOF = "proof"
    ENROLMENT = "enrolment"


@dataclass(eq=False)
class SignInRefused(NotAllowed):
    def __str__(self) -> str:
        return "Name and password do not belong together."


@dataclass(eq=False)
class TooManyTries(NotAllowed):
    minutes: int

    def __str__(self) -> str:
        return f"This name was tried too often. Wait {self.minutes} minutes, then try again."


@dataclass(eq=False)
class LockedOut(TooManyTries):
    def __str__(self) -> str:
        return (
            "This name was tried so often that it is locked. An administrator or the pharmacist-in-charge can open "
            "it again."
        )


@dataclass(frozen=True, slots=True)
class SeenBy:
    """By which door somebody comes, and with what browser."""

    door: str = "console"
    browser: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who came in, the key that the browser keeps, and what is still due before it opens anything."""

    member: StaffMember
    key: str
    due: FactorDue | None


NOT_IN = SignInRefused | TooManyTries


def sign_in(
    session: Session,
    username: str,
    password: str,
    seen: SeenBy = SeenBy(),  # Frozen, and the same for everybody.
    *,
    by: Actor,
    now: datetime,
) -> SignedIn | NOT_IN:
    """The person is signed in, wholly or but for the second factor; or why not.

    A refusal is returned and not raised, because it is on record and must be kept.
    """
    policy = sign_in_policy(session)
    member = known_by_password(session, username, password, policy, by=by, now=now)
    if not isinstance(member, StaffMember):
        return member
    due = factor_due(session, member, policy)
    key = open_session(session, member, seen, is_whole=due is None, now=now)
    audit.record(
        session,
        "staff.signed_in" if due is None else "staff.password_given",
        member.id,
        by=actor_of(member),
        at=now,
        door=seen.door,
    )
    return SignedIn(member, key, due)


def known_by_password(
    session: Session, username: str, password: str, policy: SignInPolicy, *, by: Actor, now: datetime
) -> StaffMember | NOT_IN:
    """The person of that name and password; or why not, which is on record.

    After so many tries the password is not even looked at.
    """
    typed = typed_name(username)
    member = staff.member_named(session, username)
    forgiven = member.opened_again_at if member else None
    refused = _tried_too_often(session, typed, policy, forgiven, now)
    if refused is not None:
        return refused
    if not matches(member.password_hash if member else _NOBODY, password) or member is None:
        audit.record(session, _REFUSED, typed, by=by, at=now)
        return SignInRefused()
    return member


def _tried_too_often(
    session: Session, typed: UUID, policy: SignInPolicy, forgiven: datetime | None, now: datetime
) -> TooManyTries | None:
    def tries(within: timedelta) -> int:
        since = now - within
        return audit.count_since(session, typed, _REFUSED, since=max(since, forgiven or since))

    if tries(policy.locked_for) >= policy.locked_after:
        return LockedOut(_minutes(policy.locked_for))
    if tries(policy.tries_count_for) >= policy.tries:
        return TooManyTries(_minutes(policy.tries_count_for))
    return None


def is_locked(session: Session, member: StaffMember, policy: SignInPolicy, now: datetime) -> bool:
    """Whether that person is kept out by tries in vain, and has to be opened again."""
    refused = _tried_too_often(session, typed_name(member.username), policy, member.opened_again_at, now)
    return isinstance(refused, LockedOut)


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)


def typed_name(username: str) -> UUID:
    """Under what the tries of that name are counted."""
    return uuid5(_TYPED_NAMES, username.casefold())


def factor_due(session: Session, member: StaffMember, policy: SignInPolicy) -> FactorDue | None:
    """What that person must show besides the password; None for nothing."""
    if member.totp_confirmed_at is not None or second_factors.passkeys_of(session, member.id):
        return FactorDue.PROOF
    return FactorDue.ENROLMENT if policy.second_factor is SecondFactorRule.REQUIRED else None


def open_session(
    session: Session, member: StaffMember, seen: SeenBy, *, is_whole: bool, now: datetime
) -> str:
    """The key of a new sign-in of that person."""
    key = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            key_hash=hash_of(key),
            id=new_id(),
            staff_member_id=member.id,
            door=seen.door,
            browser=seen.browser[:_LONGEST_BROWSER],
            started_at=now,
            last_seen_at=now,
            proved_at=now if is_whole else None,
        )
    )
    return key


def actor_of(member: StaffMember) -> Actor:
    """The member of staff as rules and records know them."""
    return Actor(kind=ActorKind.STAFF, id=member.id, name=member.full_name, role=member.role)


def hash_of(key: str) -> bytes:
    """How the books keep a session key, a recovery code, or a link."""
    return hashlib.sha256(key.encode()).digest()


def matches(hashed: str, password: str) -> bool:
    """Whether that is the password of which this is the hash."""
    try:
        return hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False
