"""Every record, so that the metadata is whole wherever tables are compared with the database."""

from pharmacy.store import (
    audit,
    batches,
    heartbeat,
    idempotency,
    labels,
    notices,
    orders,
    outbox,
    patients,
    practices,
    prescriptions,
    quotes,
    reference,
    staff,
    stock_ledger,
    tasks,
)

__all__ = [
    "audit",
    "batches",
    "heartbeat",
    "idempotency",
    "labels",
    "notices",
    "orders",
    "outbox",
    "patients",
    "practices",
    "prescriptions",
    "quotes",
    "reference",
    "staff",
    "stock_ledger",
    "tasks",
]
