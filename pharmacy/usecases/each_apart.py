"""Many small deliveries in one task, none of which may spoil the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID


def each_apart(ids: Iterable[str], deliver: Callable[[UUID], None]) -> None:
    """Every id is tried; what went wrong is raised together at the end, and its lease will run out."""
    failures: list[Exception] = []
    for each in ids:
        try:
            deliver(UUID(each))
        except Exception as failure:  # An outermost door: collected, not swallowed.
            failures.append(failure)
    if failures:
        raise ExceptionGroup("deliveries failed", failures)
