"""How much waits in several places at once: one statement, each place counted to a limit.

The rail stands on every page, so that a place more must not be a question more to the books.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

# What waits in one place.
RowsWaiting = Callable[[], Select[Any]]
# Of more it is said that they are more.
MOST_COUNTED = 1000


def count_each(session: Session, wanted: Mapping[str, Select[Any]]) -> dict[str, int]:
    """How many rows each of these has, by name; MOST_COUNTED + 1 where there are more."""
    if not wanted:
        return {}
    counts = (
        select(func.count())
        .select_from(each.order_by(None).limit(MOST_COUNTED + 1).subquery())
        .scalar_subquery()
        for each in wanted.values()
    )
    return dict(zip(wanted, session.execute(select(*counts)).one(), strict=True))
