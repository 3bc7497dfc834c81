"""Every address says who may come in: a test walks all of them and fails on one that does not.

API views open the books through `web.door` with the scope that is named here; `public` names the few that
need nobody, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

_View = TypeVar("_View", bound=Callable[..., Any])


def needs_scope(scope: str) -> Callable[[_View], _View]:
    """The view lets in API clients with that scope."""

    def mark(view: _View) -> _View:
        view.guard = f"scope {scope}"  # type: ignore[attr-defined]  # Functions take attributes; mypy does not know.
        return view

    return mark


def public(because: str) -> Callable[[_View], _View]:
    """The view lets in anybody, for that reason."""

    def mark(view: _View) -> _View:
        view.guard = f"public: {because}"  # type: ignore[attr-defined]  # As above.
        return view

    return mark
