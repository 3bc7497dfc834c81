"""Administrator and pharmacist-in-charge keep the people: who comes, in which role, and who comes no more.

Everything is on record with its reason. Nobody shuts themselves out, and there is always one left who may let
people in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict, NotAllowed, NotFound, Unfit
from pharmacy.domain.orders import Role
from pharmacy.domain.screening import require_reason
from pharmacy.store import audit, second_factors, staff
from pharmacy.store.base import new_id
from pharmacy.store.staff import StaffMember
from pharmacy.usecases.choose_password import make_link, unusable_hash

KEEPERS = (Role.ADMINISTRATOR, Role.PHARMACIST_IN_CHARGE)
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")


@dataclass(eq=False)
class NameTaken(Conflict):
    def __str__(self) -> str:
        return "Somebody works, or has worked, here under that name. Choose another."


@dataclass(eq=False)
class MemberUnfit(Unfit):
    because: str

    def __str__(self) -> str:
        return self.because


@dataclass(eq=False)
class MemberChanged(Conflict):
    def __str__(self) -> str:
        return "Somebody has changed this since you looked. Look again, then act."


@dataclass(eq=False)
class NotYourself(NotAllowed):
    def __str__(self) -> str:
        return "Nobody does that to themselves. Ask another administrator or the pharmacist-in-charge."


@dataclass(eq=False)
class LastKeeper(Conflict):
    def __str__(self) -> str:
        return "Nobody would be left who may let people in. Name another administrator first."


@dataclass(eq=False)
class SignInGone(NotFound):
    def __str__(self) -> str:
        return "You have no such sign-in, or it has ended."


@dataclass(eq=False)
class KeeperThere(Conflict):
    def __str__(self) -> str:
        return "Somebody can let people in already: ask them, under People in the console."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMember:
    username: str
    full_name: str
    initials: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutMember:
    """Whom it concerns, as they were seen, and why."""

    member_id: UUID
    seen_version: int
    reason: str


def invite_member(session: Session, new: NewMember, *, by: Actor, now: datetime) -> tuple[StaffMember, str]:
    """Somebody new works here, and the token of the link by which they choose their password.

    Raises MemberUnfit and NameTaken.
    """
    if not _USERNAME.fullmatch(new.username):
        because = "2 to 40 small letters, digits, dots or dashes, with a letter first."
        raise MemberUnfit(because, where=("username",))
    for name in ("full_name", "initials"):
        if not getattr(new, name):
            raise MemberUnfit("Say what it is.", where=(name,))
    if staff.is_taken(session, new.username):
        raise NameTaken(where=("username",))
    member = StaffMember(
        id=new_id(),
        username=new.username,
        full_name=new.full_name,
        initials=new.initials,
        role=new.role,
        password_hash=unusable_hash(),
        invited_at=now,
    )
    session.add(member)
    session.flush()  # The link names the member.
    audit.record(
        session, "staff.invited", member.id, by=by, at=now, username=new.username, role=new.role.value
    )
    return member, make_link(session, member, by=by, now=now)


def invite_first(session: Session, new: NewMember, *, by: Actor, now: datetime) -> str:
    """The token of the link by which the very first administrator chooses a password.

    Raises KeeperThere once somebody can let people in, besides what `invite_member` raises.
    """
    if any(each.invited_at is None for each in staff.keepers(session, KEEPERS)):
        raise KeeperThere
    return invite_member(session, new, by=by, now=now)[1]


def disable_member(session: Session, about: AboutMember, *, by: Actor, now: datetime) -> StaffMember:
    """That person is out at once, everywhere. Raises NotYourself, LastKeeper, MemberChanged, ReasonTooShort."""
    held = _held(session, about, by)
    _require_another_keeper(session, held)
    held.disabled_at = held.disabled_at or now
    staff.end_sessions(session, held.id, now=now)
    second_factors.void_links(session, held.id, now=now)
    return _on_record(session, "staff.disabled", held, about, by, now)


def enable_member(
    session: Session, about: AboutMember, *, by: Actor, now: datetime
) -> tuple[StaffMember, str]:
    """That person may come again, once they have chosen a new password by the link whose token this is."""
    held = _held(session, about, by)
    held.disabled_at, held.password_hash, held.invited_at = None, unusable_hash(), now
    return _on_record(session, "staff.enabled", held, about, by, now), make_link(
        session, held, by=by, now=now
    )


def change_role(session: Session, about: AboutMember, role: Role, *, by: Actor, now: datetime) -> StaffMember:
    """That person has another role from now on, and signs in anew. Raises as `disable_member` does."""
    held = _held(session, about, by)
    if role not in KEEPERS:
        _require_another_keeper(session, held)
    was, held.role = held.role, role
    staff.end_sessions(session, held.id, now=now)
    return _on_record(session, "staff.role_changed", held, about, by, now, was=was.value, role=role.value)


def open_again(session: Session, about: AboutMember, *, by: Actor, now: datetime) -> StaffMember:
    """Tries in vain are forgiven: that person may try again at once."""
    held = _held(session, about, by)
    held.opened_again_at = now
    return _on_record(session, "staff.opened_again", held, about, by, now)


def reset_password(
    session: Session, about: AboutMember, *, by: Actor, now: datetime
) -> tuple[StaffMember, str]:
    """The token of a link by which that person chooses a new password; the old one opens nothing any more."""
    held = _held(session, about, by)
    held.password_hash, held.invited_at = unusable_hash(), now
    staff.end_sessions(session, held.id, now=now)
    return _on_record(session, "staff.password_reset", held, about, by, now), make_link(
        session, held, by=by, now=now
    )


def reset_factor(session: Session, about: AboutMember, *, by: Actor, now: datetime) -> StaffMember:
    """That person's authenticator, recovery codes and passkeys hold no more; they set up new ones."""
    held = _held(session, about, by)
    held.totp_sealed = held.totp_confirmed_at = held.totp_last_step = None
    second_factors.forget_factors(session, held.id)
    staff.end_sessions(session, held.id, now=now)
    return _on_record(session, "staff.factor_reset", held, about, by, now)


def end_sign_ins(session: Session, about: AboutMember, *, by: Actor, now: datetime) -> StaffMember:
    """That person is signed out everywhere, and may sign in again."""
    held = _held(session, about, by)
    staff.end_sessions(session, held.id, now=now)
    return _on_record(session, "staff.sign_ins_ended", held, about, by, now)


def end_own_sign_in(session: Session, session_id: UUID, *, by: Actor, now: datetime) -> None:
    """That sign-in of whoever asks has ended. Raises SignInGone for one that was not theirs, or had ended."""
    if not staff.end_sessions(session, by.id, now=now, only=session_id):
        raise SignInGone
    audit.record(session, "staff.sign_in_ended", by.id, by=by, at=now, sign_in=str(session_id))


def remove_own_factor(session: Session, *, by: Actor, now: datetime) -> None:
    """Whoever asks has no authenticator and no recovery codes any more; passkeys stay."""
    held = staff.member_for_update(session, by.id)
    held.totp_sealed = held.totp_confirmed_at = held.totp_last_step = None
    second_factors.replace_codes(session, by.id, (), now=now)
    audit.record(session, "staff.authenticator_removed", by.id, by=by, at=now)


def _held(session: Session, about: AboutMember, by: Actor) -> StaffMember:
    if about.member_id == by.id:
        raise NotYourself
    held = staff.member_for_update(session, about.member_id)
    if held.version != about.seen_version:
        raise MemberChanged
    require_reason(about.reason)
    return held


def _require_another_keeper(session: Session, held: StaffMember) -> None:
    if held.role in KEEPERS and {each.id for each in staff.keepers(session, KEEPERS)} <= {held.id}:
        raise LastKeeper


def _on_record(
    session: Session,
    action: str,
    held: StaffMember,
    about: AboutMember,
    by: Actor,
    now: datetime,
    **detail: str,
) -> StaffMember:
    audit.record(session, action, held.id, by=by, at=now, reason=about.reason, **detail)
    return held
