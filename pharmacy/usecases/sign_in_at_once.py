"""A member of staff comes in at the API: name, password and, where it is due, the code, all in one request.

The API asks no second time, so there is no way around the second factor here: without it no key is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import NotAllowed
from pharmacy.usecases.sealed_secrets import SealedSecrets
from pharmacy.usecases.second_factor import CodeRefused, TooManyCodes, prove_code
from pharmacy.usecases.sign_in import (
    NOT_IN,
    FactorDue,
    SeenBy,
    SignedIn,
    actor_of,
    sign_in,
)
from pharmacy.usecases.sign_out import sign_out


@dataclass(eq=False)
class SecondFactorDue(NotAllowed):
    """The password was right, and a code is due besides."""

    def __str__(self) -> str:
        return "A second factor is due: send the code of your authenticator, or a recovery code, with the password."


@dataclass(eq=False)
class NotEnrolled(NotAllowed):
    def __str__(self) -> str:
        return "A second factor is due and none is set up: sign in to the console once and set it up there."


@dataclass(frozen=True, slots=True)
class Credentials:
    username: str
    password: str
    code: str | None


def sign_in_at_once(
    session: Session, who: Credentials, vault: SealedSecrets, *, by: Actor, now: datetime
) -> SignedIn | NOT_IN | SecondFactorDue | NotEnrolled | CodeRefused | TooManyCodes:
    """The person is signed in wholly; or why not, which is on record and therefore returned."""
    answer = sign_in(session, who.username, who.password, SeenBy(door="api"), by=by, now=now)
    if not isinstance(answer, SignedIn) or answer.due is None:
        return answer
    session.flush()  # The code makes this very sign-in whole.
    person = actor_of(answer.member)
    if answer.due is FactorDue.ENROLMENT or not who.code:
        sign_out(session, answer.key, by=person, now=now)
        return NotEnrolled() if answer.due is FactorDue.ENROLMENT else SecondFactorDue()
    refused = prove_code(session, answer.key, who.code, vault, by=person, now=now)
    if refused is not None:
        sign_out(session, answer.key, by=person, now=now)
        return refused
    return answer
