"""The second factor: codes of an authenticator (RFC 6238), and ten recovery codes for when it is lost.

A code is good for its half minute and the ones beside it, and never twice. Whoever types too many wrong ones is
asked to wait; so many tries in a window leave no chance worth speaking of at a million codes.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime

import pyotp
from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict, NotAllowed, Unfit
from pharmacy.store import audit, second_factors, staff
from pharmacy.store.staff import StaffMember, StaffSession
from pharmacy.usecases.sealed_secrets import SealedSecrets
from pharmacy.usecases.sign_in import actor_of, hash_of
from pharmacy.usecases.sign_in_policy import sign_in_policy

ISSUER = "LDN pharmacy"
RECOVERY_CODES = 10
_STEP_SECONDS = 30
_CODE_DIGITS = 6
_RECOVERY_BYTES = 10
_REFUSED = "staff.code_refused"


@dataclass(eq=False)
class CodeRefused(NotAllowed):
    def __str__(self) -> str:
        return "That code does not hold. Codes change every half minute, and none is taken twice."


@dataclass(eq=False)
class TooManyCodes(NotAllowed):
    minutes: int

    def __str__(self) -> str:
        return f"Too many codes were wrong. Wait {self.minutes} minutes, then sign in again."


@dataclass(eq=False)
class AlreadyEnrolled(Conflict):
    def __str__(self) -> str:
        return "An authenticator is set up already. Remove it first."


@dataclass(eq=False)
class NothingToConfirm(Conflict):
    def __str__(self) -> str:
        return "Set up an authenticator first."


@dataclass(eq=False)
class CodeWrong(Unfit):
    def __str__(self) -> str:
        return "That is not the code which the authenticator shows now. Check its clock, and type the newest."


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator is set up with: its secret, to be typed, and the same as an address, to be scanned."""

    secret: str = field(repr=False)
    address: str = field(repr=False)


def begin_authenticator(
    session: Session, member: StaffMember, vault: SealedSecrets, *, by: Actor, now: datetime
) -> None:
    """A fresh secret waits for its first code. Raises AlreadyEnrolled."""
    held = staff.member_for_update(session, member.id)
    if held.totp_confirmed_at is not None:
        raise AlreadyEnrolled
    held.totp_sealed = vault.seal(held.id, pyotp.random_base32())
    audit.record(session, "staff.authenticator_begun", held.id, by=by, at=now)


def waiting_enrolment(member: StaffMember, vault: SealedSecrets) -> Enrolment | None:
    """What the authenticator is set up with, until its first code was typed; None otherwise."""
    if member.totp_sealed is None or member.totp_confirmed_at is not None:
        return None
    secret = vault.open(member.id, member.totp_sealed)
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=member.username, issuer_name=ISSUER))


def confirm_authenticator(
    session: Session, key: str, code: str, vault: SealedSecrets, *, by: Actor, now: datetime
) -> tuple[str, ...]:
    """The authenticator counts from now on, this sign-in is whole, and these are the recovery codes, shown once.

    Raises NothingToConfirm, AlreadyEnrolled, CodeWrong.
    """
    held = staff.member_for_update(session, by.id)
    if held.totp_confirmed_at is not None:
        raise AlreadyEnrolled
    if held.totp_sealed is None:
        raise NothingToConfirm
    step = _step_of(code, vault.open(held.id, held.totp_sealed), None, now)
    if step is None:
        raise CodeWrong(where=("code",))
    held.totp_confirmed_at, held.totp_last_step = now, step
    audit.record(session, "staff.authenticator_confirmed", held.id, by=by, at=now)
    _make_whole(session, key, held, now)
    return new_recovery_codes(session, by=by, now=now)


def new_recovery_codes(session: Session, *, by: Actor, now: datetime) -> tuple[str, ...]:
    """Ten fresh recovery codes of whoever asks; those before hold no more. Only their hashes are kept."""
    codes = tuple(_recovery_code() for _ in range(RECOVERY_CODES))
    second_factors.replace_codes(session, by.id, [hash_of(_plain(code)) for code in codes], now=now)
    audit.record(session, "staff.recovery_codes_made", by.id, by=by, at=now)
    return codes


def prove_code(
    session: Session, key: str, code: str, vault: SealedSecrets, *, by: Actor, now: datetime
) -> CodeRefused | TooManyCodes | None:
    """This sign-in is whole from now on; or why not, which is on record and therefore returned.

    After too many wrong codes the sign-in is ended.
    """
    policy = sign_in_policy(session)
    held = staff.member_for_update(session, by.id)
    failures = audit.count_since(session, held.id, _REFUSED, since=now - policy.tries_count_for)
    if failures >= policy.tries:
        staff.end_session(session, hash_of(key), now=now)
        return TooManyCodes(int(policy.tries_count_for.total_seconds() // 60))
    how = spend(session, held, code, vault, now)
    if how is None:
        audit.record(session, _REFUSED, held.id, by=by, at=now)
        return CodeRefused(where=("code",))
    _make_whole(session, key, held, now, how)
    return None


def spend(session: Session, held: StaffMember, code: str, vault: SealedSecrets, now: datetime) -> str | None:
    """By what the code proves that person, who is held for update; None when it proves nothing. It is used up."""
    if held.totp_sealed is not None and held.totp_confirmed_at is not None:
        step = _step_of(code, vault.open(held.id, held.totp_sealed), held.totp_last_step, now)
        if step is not None:
            held.totp_last_step = step
            return "authenticator"
    if second_factors.spend_code(session, held.id, hash_of(_plain(code)), now=now):
        return "recovery code"
    return None


def _make_whole(session: Session, key: str, held: StaffMember, now: datetime, how: str = "enrolment") -> None:
    """The sign-in opens rooms from now on, unless it did before."""
    sign_in: StaffSession | None = staff.session_for_update(session, hash_of(key))
    if sign_in is not None and sign_in.proved_at is None:
        sign_in.proved_at = now
        audit.record(session, "staff.signed_in", held.id, by=actor_of(held), at=now, factor=how)


def _step_of(code: str, secret: str, last: int | None, now: datetime) -> int | None:
    """The half minute whose code that is: this one or its neighbours, and later than the last that was taken."""
    digits = "".join(code.split())
    if len(digits) != _CODE_DIGITS or not (digits.isascii() and digits.isdecimal()):
        return None
    totp, present = pyotp.TOTP(secret), int(now.timestamp()) // _STEP_SECONDS
    for step in (present - 1, present, present + 1):
        is_fresh = last is None or step > last
        if is_fresh and hmac.compare_digest(totp.generate_otp(step), digits):
            return step
    return None


def _recovery_code() -> str:
    """Eighty bits in four groups, without letters that are taken for one another."""
    text = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def _plain(code: str) -> str:
    return code.upper().replace("-", "").replace(" ", "")
