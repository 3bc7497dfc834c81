"""Every address says who may come in: a test walks all of them and fails on one that does not.

API views open the books through `web.door` with the scope that is named here. Console views are let in by the
console itself, which reads the mark before the view runs; the API's views for staff open the books through
`web.staff_door`, which reads the mark too. `public` names the few that need nobody, with the
reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar, cast

from pharmacy.domain.orders import Role
from pharmacy.usecases.refused_tokens import put_on_record
from pharmacy.web.current import bearer_token, operation_asked, the_pharmacy
from pharmacy.web.rates import spend_for_token


class Unauthenticated(Exception):
    """No token came, or one that does not hold (any more)."""


_View = TypeVar("_View", bound=Callable[..., Any])


def needs_scope(scope: str) -> Callable[[_View], _View]:
    """The view lets in API clients with that scope."""

    def mark(view: _View) -> _View:
        @wraps(view)
        def guarded(*args: Any, **given: Any) -> Any:
            # Who brings no token is told so before anything else, who comes too often before the books are
            # opened; the token is checked where it acts.
            token = _token_brought()
            spend_for_token(token)
            with _refusal_on_record(token):
                return view(*args, **given)

        guarded.guard = f"scope {scope}"  # type: ignore[attr-defined]  # Functions take attributes; mypy does not know.
        guarded.scope = scope  # type: ignore[attr-defined]  # As above.
        return cast(_View, guarded)

    return mark


def needs_staff(*roles: Role) -> Callable[[_View], _View]:
    """The view of the API lets in members of staff with one of these roles; any role where none is named."""

    def mark(view: _View) -> _View:
        @wraps(view)
        def guarded(*args: Any, **given: Any) -> Any:
            with _refusal_on_record(_token_brought()):
                return view(*args, **given)

        guarded.guard = f"staff {' or '.join(roles)}".rstrip()  # type: ignore[attr-defined]  # As above.
        guarded.staff_roles = frozenset(roles or Role)  # type: ignore[attr-defined]  # As above.
        return cast(_View, guarded)

    return mark


def _token_brought() -> str:
    token = bearer_token()
    if token is None:
        raise Unauthenticated
    return token


@contextmanager
def _refusal_on_record(token: str) -> Iterator[None]:
    """A token that does not hold is refused, and that is on record before it is answered."""
    try:
        yield
    except Unauthenticated:
        pharmacy = the_pharmacy()
        put_on_record(
            pharmacy.sessions,
            pharmacy.gate,
            token,
            operation_asked(),
            by=pharmacy.clockwork,
            now=pharmacy.clock(),
        )
        raise


def staff_roles_of(view: Callable[..., Any]) -> frozenset[Role] | None:
    """The roles that the view lets in; None for a view that is not for staff."""
    return getattr(view, "staff_roles", None)


def scope_of(view: Callable[..., Any]) -> str | None:
    """The scope that the view asks for; None for a view that lets in anybody."""
    return getattr(view, "scope", None)


def public(because: str) -> Callable[[_View], _View]:
    """The view lets in anybody, for that reason."""

    def mark(view: _View) -> _View:
        view.guard = f"public: {because}"  # type: ignore[attr-defined]  # As above.
        return view

    return mark


def renews_itself(view: _View) -> _View:
    """The view is asked by pages on their own; nobody counts as being at work because of it."""
    view.renews_itself = True  # type: ignore[attr-defined]  # As above.
    return view


def takes_files(view: _View) -> _View:
    """The view reads a body with a file in it, which may be larger than any other."""
    view.takes_files = True  # type: ignore[attr-defined]  # As above.
    return view


def signed_in(view: _View) -> _View:
    """The view lets in any member of staff who has signed in."""
    view.guard = "signed in"  # type: ignore[attr-defined]  # As above.
    return view


def half_way(view: _View) -> _View:
    """The view lets in whoever has given the password, while the second factor is still due, too."""
    view.guard = "password given"  # type: ignore[attr-defined]  # As above.
    view.is_half_way = True  # type: ignore[attr-defined]
    return view


def needs_role(*roles: Role) -> Callable[[_View], _View]:
    """The view lets in signed-in members of staff with one of these roles."""

    def mark(view: _View) -> _View:
        view.guard = f"role {' or '.join(roles)}"  # type: ignore[attr-defined]  # As above.
        view.roles = frozenset(roles)  # type: ignore[attr-defined]
        return view

    return mark
