"""Many small deliveries in one task, none of which may spoil the others."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID


@dataclass(eq=False)
class DeliveriesFailed(Exception):
    """Some deliveries went wrong in ways nobody foresaw; `places` holds a kind and a line of code for each.

    A failure's own text is left out: the database, for one, quotes the row, and with it a patient.
    """

    places: tuple[str, ...]

    def __str__(self) -> str:
        return f"{len(self.places)} deliveries failed: {'; '.join(self.places)}"


def each_apart(
    ids: Iterable[str], deliver: Callable[[UUID], object], *, ends: tuple[type[Exception], ...]
) -> None:
    """Every id is tried; what went wrong is told together at the end, and its lease will run out.

    `ends` are the exceptions that end the task itself, such as a time limit: they pass at once.
    """
    places: list[str] = []
    for each in ids:
        try:
            deliver(UUID(each))
        except ends:
            raise
        except Exception as failure:  # An outermost door: collected and told, not swallowed.
            places.append(_place(failure))
    if places:
        raise DeliveriesFailed(tuple(places))


def _place(failure: Exception) -> str:
    last = traceback.extract_tb(failure.__traceback__)[-1]
    return f"{type(failure).__name__} in {last.name}, line {last.lineno}"
