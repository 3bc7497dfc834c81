"""A member of staff chooses a password: by a link that holds once, or by the one they have.

What counts is how hard it is to guess (zxcvbn), not which signs are in it. Choosing one ends every other sign-in
of that person.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session
from zxcvbn import zxcvbn

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import NotFound, Unfit
from pharmacy.store import audit, second_factors, staff
from pharmacy.store.second_factors import PasswordLink
from pharmacy.store.staff import StaffMember
from pharmacy.usecases.hashing import hasher
from pharmacy.usecases.sign_in import actor_of, hash_of
from pharmacy.usecases.sign_in_policy import SignInPolicy, sign_in_policy

# Beyond this a guess is hopeless already, and estimating it takes long.
_LONGEST_ESTIMATED = 72
_SHORTEST_WORD = 3
_GRADES = ("very easy to guess", "easy to guess", "could be guessed", "hard to guess", "very hard to guess")


@dataclass(eq=False)
class LinkDead(NotFound):
    def __str__(self) -> str:
        return "This link was used or is too old. Ask an administrator for another."


@dataclass(eq=False)
class PasswordUnfit(Unfit):
    because: str

    def __str__(self) -> str:
        return self.because


@dataclass(frozen=True, slots=True)
class Strength:
    """How hard a password is to guess: 0 to 4, in words, and what would help."""

    score: int
    words: str
    advice: str
    is_enough: bool


def strength_of(password: str, known: Iterable[str], policy: SignInPolicy) -> Strength:
    """How hard that password is to guess for somebody who knows these words about its owner."""
    # What everybody knows of the person makes no password longer.
    bare = password.casefold()
    for word in sorted((each.casefold() for each in known), key=len, reverse=True):
        bare = bare.replace(word, "") if len(word) >= _SHORTEST_WORD else bare
    judged = password if bare == password.casefold() else bare
    found = zxcvbn(judged[:_LONGEST_ESTIMATED] or "a", user_inputs=["ldn", "pharmacy", "naltrexone", *known])
    score = int(found["score"])
    feedback = found["feedback"]
    advice = " ".join(each for each in (feedback["warning"], *feedback["suggestions"]) if each)
    is_enough = score >= policy.least_strength and len(password) >= policy.shortest_password
    return Strength(score, _GRADES[score], advice, is_enough)


def words_about(member: StaffMember) -> tuple[str, ...]:
    """What somebody who knows the person would try first."""
    return (member.username, member.full_name, *member.full_name.split())


def require_fit(password: str, member: StaffMember, policy: SignInPolicy) -> None:
    """Raises PasswordUnfit for one that is too short or too easy to guess, and says what would help."""
    if len(password) < policy.shortest_password:
        raise PasswordUnfit(f"At least {policy.shortest_password} characters.", where=("password",))
    strength = strength_of(password, words_about(member), policy)
    if not strength.is_enough:
        because = f"This password is {strength.words}. {strength.advice}".strip()
        raise PasswordUnfit(because, where=("password",))


def make_link(session: Session, member: StaffMember, *, by: Actor, now: datetime) -> str:
    """The token of a fresh link by which that person chooses a password; those before hold no more."""
    second_factors.void_links(session, member.id, now=now)
    token = secrets.token_urlsafe(32)
    session.add(
        PasswordLink(
            token_hash=hash_of(token),
            staff_member_id=member.id,
            made_at=now,
            made_by=by.id,
            expires_at=now + sign_in_policy(session).link_lasts,
        )
    )
    audit.record(session, "staff.link_made", member.id, by=by, at=now)
    return token


def member_of_link(session: Session, token: str, *, now: datetime) -> StaffMember:
    """Whose link that is. Raises LinkDead for one that was used, is too old, or whose owner is disabled."""
    found = second_factors.link(session, hash_of(token), now=now)
    member = staff.member(session, found.staff_member_id) if found else None
    if member is None or member.disabled_at is not None:
        raise LinkDead
    return member


def choose_password(session: Session, token: str, password: str, *, by: Actor, now: datetime) -> StaffMember:
    """The password is that of the link's owner from now on, and the link is dead.

    Raises LinkDead and PasswordUnfit; then the link holds as before.
    """
    found = second_factors.link_for_update(session, hash_of(token), now=now)
    if found is None:
        raise LinkDead
    held = staff.member_for_update(session, found.staff_member_id)
    if held.disabled_at is not None:
        raise LinkDead
    require_fit(password, held, sign_in_policy(session))
    found.used_at = now
    _set_password(session, held, password, but=None, by=actor_of(held), now=now)
    return held


def change_password(session: Session, key: str, password: str, *, by: Actor, now: datetime) -> None:
    """The password of whoever asks is another from now on; only this sign-in goes on. Raises PasswordUnfit."""
    held = staff.member_for_update(session, by.id)
    require_fit(password, held, sign_in_policy(session))
    _set_password(session, held, password, but=hash_of(key), by=by, now=now)


def _set_password(
    session: Session, held: StaffMember, password: str, *, but: bytes | None, by: Actor, now: datetime
) -> None:
    held.password_hash, held.invited_at, held.opened_again_at = hasher.hash(password), None, now
    second_factors.void_links(session, held.id, now=now)
    staff.end_sessions(session, held.id, now=now, but=but)
    audit.record(session, "staff.password_chosen", held.id, by=by, at=now)


def unusable_hash() -> str:
    """The hash of a password that nobody knows."""
    return hasher.hash(secrets.token_urlsafe(32))
