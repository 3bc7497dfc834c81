"""An account in words: where somebody is signed in, and what proves them besides the password."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from pharmacy.store.second_factors import Passkey
from pharmacy.store.staff import StaffMember, StaffSession
from pharmacy.web.console.language import gettext
from pharmacy.web.console.words import Moment, instant_moment

_BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("iPad", "iPad"),
    ("iPhone", "iPhone"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInShown:
    session_id: UUID
    where: str
    started: Moment
    seen: Moment
    is_this: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyShown:
    passkey_id: UUID
    name: str
    made: Moment
    used: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    username: str
    full_name: str
    has_authenticator: bool
    confirmed: Moment | None
    codes_left: int
    passkeys: tuple[PasskeyShown, ...]
    sign_ins: tuple[SignInShown, ...]


def account_shown(
    member: StaffMember,
    sign_ins: Sequence[StaffSession],
    passkeys: Sequence[Passkey],
    codes_left: int,
    here: UUID,
    zone: ZoneInfo,
) -> Account:
    """The account of that person, who looks at it by the sign-in `here`."""
    confirmed = member.totp_confirmed_at
    return Account(
        username=member.username,
        full_name=member.full_name,
        has_authenticator=confirmed is not None,
        confirmed=instant_moment(confirmed, zone) if confirmed else None,
        codes_left=codes_left,
        passkeys=tuple(
            PasskeyShown(
                passkey_id=each.id,
                name=each.name,
                made=instant_moment(each.made_at, zone),
                used=instant_moment(each.last_used_at, zone) if each.last_used_at else None,
            )
            for each in passkeys
        ),
        sign_ins=tuple(sign_in_shown(each, here, zone) for each in sign_ins),
    )


def sign_in_shown(sign_in: StaffSession, here: UUID | None, zone: ZoneInfo) -> SignInShown:
    """One sign-in: by which door and browser, since when, and when it was used last."""
    return SignInShown(
        session_id=sign_in.id,
        where=gettext("API") if sign_in.door == "api" else browser_words(sign_in.browser),
        started=instant_moment(sign_in.started_at, zone),
        seen=instant_moment(sign_in.last_seen_at, zone),
        is_this=sign_in.id == here,
    )


def browser_words(browser: str) -> str:
    """ "Firefox on Windows", as far as the browser tells."""
    name = next((words for sign, words in _BROWSERS if sign in browser), gettext("A browser"))
    system = next((words for sign, words in _SYSTEMS if sign in browser), "")
    return gettext("%(name)s on %(system)s", name=name, system=system) if system else name
