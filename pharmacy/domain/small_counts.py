"""Counts of people that may be shown: never of fewer than five, and none that can be worked out from the rest.

Hiding a small cell alone is not enough: whoever knows the total subtracts the cells that are shown. So as long as
what is hidden comes to fewer than five people together, or is one cell by itself, the smallest cell that is still
shown is hidden too. Five is house policy, as is usual for tables about health.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True)
class Shown(Generic[_Key]):
    """What may be shown of one table. `total` is None where all of them together are too few."""

    cells: Mapping[_Key, int] = field(default_factory=dict)
    total: int | None = None


def publishable(counts: Mapping[_Key, int], least: int) -> Shown[_Key]:
    """The cells that may be shown, and the total; a cell that is missing is hidden or empty, and nobody can tell.

    Every cell that is shown counts at least `least` people, and so does what is hidden, or nobody is hidden.
    """
    peopled = {key: count for key, count in counts.items() if count}
    total = sum(peopled.values())
    if total < least:
        return Shown()
    shown = {key: count for key, count in peopled.items() if count >= least}
    hidden = [count for key, count in peopled.items() if key not in shown]
    while shown and hidden and (sum(hidden) < least or len(hidden) == 1):
        smallest = min(shown, key=lambda key: (shown[key], str(key)))
        hidden.append(shown.pop(smallest))
    return Shown(shown, total)


def together(tables: list[Shown[_Key]]) -> Shown[_Key]:
    """Tables that share no person, added up from what each of them shows and nothing else.

    Whoever compares one span with another learns no more than the tables themselves show.
    """
    cells: dict[_Key, int] = {}
    for table in tables:
        for key, count in table.cells.items():
            cells[key] = cells.get(key, 0) + count
    totals = [table.total for table in tables if table.total is not None]
    return Shown(cells, sum(totals) if totals else None)
