"""Dispensed orders by the hundred thousand, each a copy of one order of the demonstration.

The database copies the rows itself, column by column as the catalogue lists them, so that whatever a table has a
copy has too. Orders share prescriptions, five fills each, and batches, fifty orders each. One lot is recalled: it
went into a triturate, that into a second one, and that into the first twenty batches.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import psycopg
from psycopg import sql

FILLS = 5
DILUTED_BATCHES = 20
LOTS, TRITURATES, BATCHES, PATIENTS, PRESCRIPTIONS, PLANS, INTAKES, ORDERS, LINES, VIALS, ALLOCATIONS = range(
    1, 12
)
RECALLED_LOT = UUID("00000000-0000-7000-8000-000010000001")

# A name for the n-th row of a kind, in the order in which rows are made, as real ones are.
_NAMES = """
    CREATE FUNCTION pg_temp.id_of(kind int, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
        SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(kind), 5, '0') || lpad(to_hex(n), 7, '0'))::uuid
    $$
"""
_PATTERN = """
    CREATE TEMP TABLE pattern AS
        SELECT orders.id AS order_id, lines.id AS line_id, orders.prescription_id, orders.plan_version_id,
            orders.patient_id, batches.id AS batch_id, batches.api_lot_id, allocations.id AS allocation_id,
            (SELECT id FROM vials WHERE order_line_id = lines.id ORDER BY position LIMIT 1) AS vial_id,
            (SELECT id FROM batches WHERE kind = 'triturate' ORDER BY number LIMIT 1) AS triturate_id
        FROM orders
        JOIN order_lines lines ON lines.order_id = orders.id
        JOIN allocations ON allocations.order_line_id = lines.id
        JOIN batches ON batches.id = allocations.batch_id
        WHERE orders.status IN ('shipped', 'completed') AND lines.capsules > 7
        ORDER BY orders.number, lines.position
        LIMIT 1
"""


def file_rows(connection: psycopg.Connection, orders: int, *, batches: int) -> None:
    """So many orders, dispensed from so many batches, with all that hangs on them."""
    connection.execute("SET session_replication_role = replica")  # No guard is asked, no key looked up.
    connection.execute(_NAMES)
    connection.execute(_PATTERN)
    courses = orders // FILLS
    copy_rows(connection, "component_lots", "api_lot_id", 1 + batches // 100 + 1, _named(LOTS))
    copy_rows(
        connection,
        "batches",
        "triturate_id",
        2,
        _named(TRITURATES)
        | {
            "number": "'BENCH-T' || n",
            "api_lot_id": f"pg_temp.id_of({LOTS}, 1)",
            "triturate_id": f"CASE n WHEN 2 THEN pg_temp.id_of({TRITURATES}, 1) END",
        },
    )
    diluted = f"CASE WHEN n <= {DILUTED_BATCHES} THEN pg_temp.id_of({TRITURATES}, 2) END"
    powder = f"pg_temp.id_of({LOTS}, 2 + n / 100)"
    copy_rows(
        connection,
        "batches",
        "batch_id",
        batches,
        _named(BATCHES) | {"api_lot_id": powder, "triturate_id": diluted},
    )
    copy_rows(connection, "patients", "patient_id", courses, _plain(PATIENTS))
    copy_rows(
        connection,
        "prescriptions",
        "prescription_id",
        courses,
        _plain(PRESCRIPTIONS) | {"patient_id": f"pg_temp.id_of({PATIENTS}, n)"},
    )
    copy_rows(
        connection,
        "plan_versions",
        "plan_version_id",
        courses,
        _plain(PLANS) | {"prescription_id": f"pg_temp.id_of({PRESCRIPTIONS}, n)"},
    )
    copy_rows(
        connection,
        "plan_intakes",
        "plan_version_id",
        courses,
        {
            "id": f"pg_temp.id_of({INTAKES}, n * 32 + made.position)",
            "plan_version_id": f"pg_temp.id_of({PLANS}, n)",
        },
        on="plan_version_id",
    )
    _orders(connection, orders, batches)
    connection.execute("VACUUM ANALYZE")


def _orders(connection: psycopg.Connection, orders: int, batches: int) -> None:
    course = f"1 + (n - 1) / {FILLS}"
    copy_rows(
        connection,
        "orders",
        "order_id",
        orders,
        {
            "id": f"pg_temp.id_of({ORDERS}, n)",
            "number": "10000000 + n",
            "quote_id": "NULL",
            "patient_id": f"pg_temp.id_of({PATIENTS}, {course})",
            "prescription_id": f"pg_temp.id_of({PRESCRIPTIONS}, {course})",
            "plan_version_id": f"pg_temp.id_of({PLANS}, {course})",
            "fill_number": f"(n - 1) % {FILLS}",
        },
    )
    copy_rows(
        connection,
        "order_lines",
        "line_id",
        orders,
        _plain(LINES) | {"order_id": f"pg_temp.id_of({ORDERS}, n)", "position": "1"},
    )
    copy_rows(
        connection,
        "vials",
        "vial_id",
        orders,
        _plain(VIALS) | {"order_line_id": f"pg_temp.id_of({LINES}, n)"},
    )
    copy_rows(
        connection,
        "allocations",
        "allocation_id",
        orders,
        _plain(ALLOCATIONS)
        | {
            "order_line_id": f"pg_temp.id_of({LINES}, n)",
            # Orders of one batch lie apart in the table, as they would.
            "batch_id": f"pg_temp.id_of({BATCHES}, 1 + n % {batches})",
        },
    )


def _plain(kind: int) -> dict[str, str]:
    return {"id": f"pg_temp.id_of({kind}, n)"}


def _named(kind: int) -> dict[str, str]:
    return {**_plain(kind), "number": "'BENCH-' || n"}


def copy_rows(  # One row to copy, how often, and what differs.
    connection: psycopg.Connection,
    table: str,
    pattern: str,
    times: int,
    other: Mapping[str, str],
    *,
    on: str = "id",
) -> None:
    """The pattern's row of that table, so many times over, with these columns by their own expression of `n`."""
    names = [
        str(name)
        for (name,) in connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
            [table],
        ).fetchall()
    ]
    values = [sql.SQL(other[name]) if name in other else sql.Identifier("made", name) for name in names]  # type: ignore[arg-type]  # Ours, no visitor's.
    connection.execute(
        sql.SQL(
            "INSERT INTO {table} ({names}) SELECT {values} FROM pattern"
            " JOIN {table} made ON made.{on} = pattern.{pattern} CROSS JOIN generate_series(1, {times}) n"
        ).format(
            table=sql.Identifier(table),
            names=sql.SQL(", ").join(map(sql.Identifier, names)),
            values=sql.SQL(", ").join(values),
            on=sql.Identifier(on),
            pattern=sql.Identifier(pattern),
            times=sql.Literal(times),
        )
    )
