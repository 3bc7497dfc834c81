"""Who is at work: the cookie, the look into the books, and the door that reads each view's guard.

A view of the console that bears no mark, or whose mark is not public, lets in nobody without a sign-in: the
door is shut unless a mark opens it. The person found is kept for the length of the request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from flask import Response, current_app, g, redirect, request, url_for

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import NotAllowed
from pharmacy.domain.orders import Role
from pharmacy.store.staff import Recognised, StaffMember, StaffSession
from pharmacy.store.waits import told_apart
from pharmacy.usecases.emergency_access import note_emergency_reading
from pharmacy.usecases.recognise_staff import is_whole, recognise_staff, whose_page
from pharmacy.usecases.sign_in import actor_of
from pharmacy.web.console.blueprint import PREFIX
from pharmacy.web.console.language import gettext
from pharmacy.web.console.words import ROLE_WORDS
from pharmacy.web.current import operation_asked, the_pharmacy

COOKIE = "console_key"
_LONGEST_KEY = 100


@dataclass(eq=False)
class RoomNotYours(NotAllowed):
    roles: frozenset[Role]

    def __str__(self) -> str:
        return gettext(
            "This is for %(roles)s only.",
            roles=gettext(" or ").join(sorted(str(ROLE_WORDS[role]) for role in self.roles)),
        )


def let_in() -> Any:
    """Nothing when the caller may come in; the way to the sign-in otherwise. Raises RoomNotYours."""
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "guard", "").startswith("public"):
        return None
    found = _recognised(whose_page if getattr(view, "renews_itself", False) else recognise_staff)
    # An address is kept in logs and histories, so what was asked for behind the "?" is not carried on.
    here = request.path if request.method == "GET" else None
    if found is None:
        return redirect(url_for("console.sign_in_page", next=here), code=303)
    g.member, g.sign_in = found.member, found.sign_in
    if not is_whole(found) and not getattr(view, "is_half_way", False):
        return redirect(url_for("console.second_factor_page", next=here), code=303)
    roles: frozenset[Role] | None = getattr(view, "roles", None)
    if roles is not None and found.member.role not in roles:
        _let_in_by_emergency(found, roles)
    return None


def _let_in_by_emergency(found: Recognised, roles: frozenset[Role]) -> None:
    """Readings are open by emergency access while it lasts, and are on record; RoomNotYours otherwise."""
    pharmacy, until = the_pharmacy(), found.sign_in.emergency_until
    now = pharmacy.clock()
    if request.method != "GET" or until is None or until <= now:
        raise RoomNotYours(roles)
    named = [given for given in (request.view_args or {}).values() if isinstance(given, UUID)]
    with told_apart(), pharmacy.sessions.write() as session:
        note_emergency_reading(
            session, named[0] if named else found.member.id, operation_asked(), by=the_actor(), now=now
        )


def the_member() -> StaffMember:
    """Who is at work in this request."""
    return cast(StaffMember, g.member)


def the_sign_in() -> StaffSession:
    """By which sign-in they are at work."""
    return cast(StaffSession, g.sign_in)


def the_key() -> str:
    """The key of that sign-in."""
    return session_key() or ""


def the_actor() -> Actor:
    """The same person as rules and records know them."""
    return actor_of(the_member())


def session_key() -> str | None:
    """The key in the browser's cookie, if one is there that could be ours."""
    key = request.cookies.get(COOKIE)
    return key if key and key.isascii() and len(key) <= _LONGEST_KEY else None


def give_key(response: Response, key: str) -> None:
    """The browser keeps the key until it is closed, and shows it to the console only; no script can read it."""
    response.set_cookie(
        COOKIE,
        key,
        path=PREFIX,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )


def take_key(response: Response) -> None:
    """The browser forgets the key."""
    response.delete_cookie(COOKIE, path=PREFIX, httponly=True, samesite="Lax")


def _recognised(recognise: Callable[..., Recognised | None]) -> Recognised | None:
    key = session_key()
    if key is None:
        return None
    pharmacy = the_pharmacy()
    with told_apart():
        return recognise(pharmacy.sessions, key, now=pharmacy.clock())
