"""A signature: whoever is signed in says again who they are, for the one act that bears their name.

Asked before verification, release, an override, and whatever else is signed. A screen left open signs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import NotAllowed, Unfit
from pharmacy.store import audit, staff
from pharmacy.usecases.sign_in import matches
from pharmacy.usecases.sign_in_policy import sign_in_policy

_REFUSED = "staff.signature_refused"


@dataclass(eq=False)
class SignatureDue(Unfit):
    def __str__(self) -> str:
        return "Sign with your password."


@dataclass(eq=False)
class SignatureRefused(Unfit):
    def __str__(self) -> str:
        return "That is not your password: nothing was signed."


@dataclass(eq=False)
class SignedInVain(NotAllowed):
    minutes: int

    def __str__(self) -> str:
        return f"Your signature was refused too often. Wait {self.minutes} minutes, then try again."


def sign_again(
    session: Session, password: str, *, by: Actor, now: datetime
) -> SignatureRefused | SignedInVain | None:
    """None when the password is that of the person who acts; or why not.

    A refusal is returned and not raised, because it is on record and must be kept: after so many tries the
    password is not even looked at. Whoever is disabled signs nothing.
    """
    policy = sign_in_policy(session)
    failures = audit.count_since(session, by.id, _REFUSED, since=now - policy.tries_count_for)
    if failures >= policy.tries:
        return SignedInVain(int(policy.tries_count_for.total_seconds() // 60))
    member = staff.member(session, by.id)
    if member is not None and member.disabled_at is None and matches(member.password_hash, password):
        return None
    audit.record(session, _REFUSED, by.id, by=by, at=now)
    return SignatureRefused(where=("signature",))
