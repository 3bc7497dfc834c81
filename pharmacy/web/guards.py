"""Every address says who may come in: a test walks all of them and fails on one that does not.

API views open the books through `web.door` with the scope that is named here. Console views are let in by the
console itself, which reads the mark before the view runs; the API's views for staff open the books through
`web.staff_door`, which reads the mark too. `public` names the few that need nobody, with the
reason.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from pharmacy.domain.orders import Role
from pharmacy.web.current import bearer_token


class Unauthenticated(Exception):
    """No token came, or one that does not hold (any more)."""


_View = TypeVar("_View", bound=Callable[..., Any])


def needs_scope(scope: str) -> Callable[[_View], _View]:
    """The view lets in API clients with that scope."""

    def mark(view: _View) -> _View:
        @wraps(view)
        def guarded(*args: Any, **given: Any) -> Any:
            # Who brings no token is told so before anything else; the token is checked where it acts.
            if bearer_token() is None:
                raise Unauthenticated
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
            if bearer_token() is None:
                raise Unauthenticated
            return view(*args, **given)

        guarded.guard = f"staff {' or '.join(roles)}".rstrip()  # type: ignore[attr-defined]  # As above.
        guarded.staff_roles = frozenset(roles or Role)  # type: ignore[attr-defined]  # As above.
        return cast(_View, guarded)

    return mark


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


def signed_in(view: _View) -> _View:
    """The view lets in any member of staff who has signed in."""
    view.guard = "signed in"  # type: ignore[attr-defined]  # As above.
    return view


def needs_role(*roles: Role) -> Callable[[_View], _View]:
    """The view lets in signed-in members of staff with one of these roles."""

    def mark(view: _View) -> _View:
        view.guard = f"role {' or '.join(roles)}"  # type: ignore[attr-defined]  # As above.
        view.roles = frozenset(roles)  # type: ignore[attr-defined]
        return view

    return mark
