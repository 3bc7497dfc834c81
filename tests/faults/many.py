"""One order made into many by the database itself, each with its patient, its prescription and what hangs on it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, text

from bench.typical import typical_order
from pharmacy.bootstrap import Pharmacy, build
from pharmacy.config import Config
from pharmacy.domain.orders import OrderStatus
from tests.faults.running import Running
from tests.work import Work

# table, which rows of the order, columns that point to copies of other tables' rows
_PEOPLE = (
    ("patients", "SELECT patient_id FROM orders WHERE id = :order", {}),
    ("patient_consents", "SELECT c.id FROM patient_consents c JOIN orders o USING (patient_id) WHERE o.id = :order", {"patient_id": "patients"}),
    ("prescriptions", "SELECT prescription_id FROM orders WHERE id = :order", {"patient_id": "patients"}),
    ("plan_versions", "SELECT plan_version_id FROM orders WHERE id = :order", {"prescription_id": "prescriptions"}),
    ("plan_intakes", "SELECT i.id FROM plan_intakes i JOIN orders o USING (plan_version_id) WHERE o.id = :order", {"plan_version_id": "plan_versions"}),
    ("orders", "SELECT CAST(:order AS uuid)", {"patient_id": "patients", "prescription_id": "prescriptions", "plan_version_id": "plan_versions"}),
)  # fmt: skip
_NOTICES = (
    ("notices", "SELECT id FROM notices WHERE order_id = :order AND kind = 'shipped'", {"patient_id": "patients", "order_id": "orders"}),
)  # fmt: skip


def at_work(whole: Running, monkeypatch: pytest.MonkeyPatch) -> Work:
    """Somebody who works with the same books as the processes, by the real clock."""
    for name, value in {**whole.surroundings.variables(), **whole.more}.items():
        monkeypatch.setenv(name, value)
    return Work(build(Config.from_env()))


def brought_to(work: Work, status: OrderStatus) -> UUID:
    """A typical order of today in that state, its labels drawn."""
    order_id = work.bring_to(status, typical_order(datetime.now(UTC)))
    work.carry_out()
    return order_id


def many_notices(engine: Engine, order_id: UUID, times: int) -> None:
    """So many patients, each with an order on its way and its announcement due."""
    with engine.begin() as connection:
        _copied(connection, order_id, times, (*_PEOPLE, *_NOTICES))


def _copied(
    connection: Connection, order_id: UUID, times: int, tables: tuple[tuple[str, str, dict[str, str]], ...]
) -> None:
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    for table, which, links in tables:
        # Several rows of one order each have a copy; of the others there is one.
        several = table in {"plan_intakes", "patient_consents"}
        own = f"md5('{table}' || n || x.id)::uuid" if several else f"md5('{table}' || n)::uuid"
        changed = ["'id'", own]
        for column, parent in links.items():
            changed += [f"'{column}'", f"md5('{parent}' || n)::uuid"]
        if table == "orders":
            changed += ["'number'", "900000 + n"]
        if table == "patients":
            changed += ["'full_name'", "'Patient Number ' || n"]
        connection.execute(
            text(
                f"INSERT INTO {table} SELECT (jsonb_populate_record(x, jsonb_build_object("
                f"{', '.join(changed)}))).* FROM {table} x, generate_series(1, {times}) n WHERE x.id IN ({which})"
            ),
            {"order": order_id},
        )


def engine_of(pharmacy: Pharmacy) -> Engine:
    """The engine behind the pharmacy's sessions."""
    with pharmacy.sessions.read() as session:
        bind = session.get_bind()
    assert isinstance(bind, Engine)
    return bind
