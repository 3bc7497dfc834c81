"""The one hot write: the rows of a whole submission in one statement.

As objects flushed one by one a submission costs three times as much. So the rows are plain mappings, handed
to PostgreSQL as one JSON array for each table, and filed by a single statement that is built once, from the
tables themselves: columns are named in one place and no SQL text can drift from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Identity, Insert, Table, bindparam, column, func, insert, select
from sqlalchemy.dialects.postgresql import JSONB, TEXT
from sqlalchemy.orm import Session

from pharmacy.store.audit import AuditEntry
from pharmacy.store.events import Event
from pharmacy.store.idempotency import IdempotencyKey
from pharmacy.store.orders import Order, OrderFinding, OrderLine, PriceLineRow, Vial
from pharmacy.store.outbox import Message
from pharmacy.store.patients import Consent, Patient
from pharmacy.store.prescriptions import PlanIntake, PlanVersion, Prescription
from pharmacy.store.quotes import Quote
from pharmacy.store.screening import Screening
from pharmacy.store.split_fills import SplitFill
from pharmacy.store.tasks import Task

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def rows_into(*models: Any) -> Insert:
    """One statement that files rows into the tables of `models`, in that order.

    Each table's rows are bound, under the table's name, as one JSON array of objects whose keys are its
    columns; a column that is not named there is null, so every NOT NULL column must be named.
    """
    *others, last = [_insert_into(model.__table__) for model in models]
    for number, one in enumerate(others):
        last = last.add_cte(one.cte(f"filed_{number}"))
    return last


def _insert_into(table: Table) -> Insert:
    columns = [each for each in table.columns if not isinstance(each.server_default, Identity)]
    given = (
        func.jsonb_to_recordset(bindparam(table.name, type_=JSONB))
        # Binary arrives as hexadecimal text: JSON has no bytes.
        .table_valued(*[column(each.name, _sent_as(each.type)) for each in columns])
        .render_derived(name=f"given_{table.name}", with_types=True)
    )
    chosen = [
        func.decode(given.c[each.name], "hex")
        if isinstance(_sent_as(each.type), TEXT) and _is_binary(each.type)
        else given.c[each.name]
        for each in columns
    ]
    return insert(table).from_select([each.name for each in columns], select(*chosen), include_defaults=False)


def _is_binary(kind: Any) -> bool:
    return bool(kind.__visit_name__ == "large_binary")


def _sent_as(kind: Any) -> Any:
    return TEXT() if _is_binary(kind) else kind


_SUBMISSION = rows_into(
    Patient,
    Consent,
    Prescription,
    PlanVersion,
    PlanIntake,
    SplitFill,
    Order,
    OrderLine,
    Vial,
    PriceLineRow,
    OrderFinding,
    Screening,
    Task,
    AuditEntry,
    Message,
    Event,
    IdempotencyKey,
)
_QUOTE = rows_into(Quote, AuditEntry, IdempotencyKey)


def file_submission(session: Session, rows: Rows) -> None:
    """All rows of the submission are filed, or none: the constraints speak at once."""
    session.connection().execute(_SUBMISSION, dict(rows))


def file_quote(session: Session, rows: Rows) -> None:
    """The quote, its audit row and its stored answer are filed, or none."""
    session.connection().execute(_QUOTE, dict(rows))
