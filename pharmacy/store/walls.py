"""The second wall between practices: what PostgreSQL itself keeps from an API client's transaction.

Every query for a client names its practice (`of_practice`); that is the first wall. The second stands in the
database: once a client is let in (`store.door`), its transaction acts under the role CLIENT_ROLE, for which row-level
security shows the rows of that one practice, so that a query that forgot the scope returns nothing. Staff,
workers and migrations act as the owner of the books, whom no policy binds.

A migration that makes a table ends with one of: `SELECT wall_by_practice('things')` where it has a practice_id,
`SELECT wall_by_parent('things', 'order_id', 'orders')` where it hangs on a walled table, `SELECT
wall_shut('things')` where no client has any business. What is neither is the house's own (stock, prices,
settings) and open to read; HOUSE names it, and a test sees that every table is one or the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import ColumnElement, Text, cast, func, literal, select
from sqlalchemy.orm import Session

from pharmacy.store.practices import ApiClient

CLIENT_ROLE = "pharmacy_client"
# Nothing in these tells of a patient or of a practice.
HOUSE = frozenset(
    [
        "balances",
        "batches",
        "component_lots",
        "components",
        "formulations",
        "diagnosis_codes",
        "diagnosis_meanings",
        "heartbeats",
        "ingredients",
        "medicine_codes",
        "packing_statistics",
        "price_books",
        "reference_version",
        "screening_rules",
        "settings",
        "shells",
        "stock_levels",
        "stock_movements",
    ]
)


def let_in() -> tuple[ColumnElement[str], ColumnElement[str]]:
    """Columns of the query that lets a client in: from then on its transaction acts behind the wall."""
    practice = cast(ApiClient.practice_id, Text)
    return (
        func.set_config("pharmacy.practice_id", practice, True).label("walled_practice"),
        func.set_config("role", literal(CLIENT_ROLE), True).label("walled_role"),
    )


@contextmanager
def whole_pharmacy(session: Session) -> Iterator[None]:
    """Inside, an API client's transaction sees every practice: for patient matching and screening alone.

    What is found inside is never answered with another practice's facts. Staff and workers need it nowhere.
    """
    connection = session.connection()
    before = connection.scalar(select(func.current_setting("role")))
    connection.execute(select(func.set_config("role", "none", True)))
    yield
    # After an exception the transaction ends, and the role with it.
    connection.execute(select(func.set_config("role", before, True)))
