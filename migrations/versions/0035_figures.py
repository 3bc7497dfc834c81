"""Figures over spans of days find their rows by day; how few people are shown, and when a course counts as stopped."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

OWNER = "pharmacist-in-charge"
REASON = "default of a new pharmacy, figures"
SETTINGS: tuple[tuple[str, object, str], ...] = (
    ("figures_least_people", 5, "house policy: no figure tells of fewer than five people"),
    (
        "figures_stopped_after_days",
        14,
        "house policy: whoever has had nothing at home for more than two weeks begins anew (LDN Research Trust)",
    ),
    ("figures_use_days", 30, "house policy: days left follow from the use of the last thirty days"),
)
_INSERT = sa.text(
    "INSERT INTO settings (id, name, value, source, owner, reason, set_at)"
    " VALUES (gen_random_uuid(), :name, CAST(:value AS jsonb), :source, :owner, :reason, now())"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # Rows come in the order of their time: a few pages of index find a month, and writing costs nothing.
    op.create_index("ix_orders_created_at", "orders", ["created_at"], postgresql_using="brin")
    op.create_index(
        "ix_orders_shipped_on",
        "orders",
        ["shipped_on"],
        postgresql_where=sa.text("shipped_on is not null"),
    )
    op.create_index("ix_payment_operations_settled_at", "payment_operations", ["settled_at"])
    op.create_index("ix_notices_due_at", "notices", ["due_at"])
    op.create_index("ix_batches_compounded_on", "batches", ["compounded_on"])
    op.create_index("ix_stock_movements_moved_on", "stock_movements", ["moved_on"])
    for name, value, source in SETTINGS:
        op.execute(
            _INSERT.bindparams(name=name, value=json.dumps(value), source=source, owner=OWNER, reason=REASON)
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(sa.text("DELETE FROM settings WHERE reason = :reason").bindparams(reason=REASON))
    for name, table in (
        ("ix_stock_movements_moved_on", "stock_movements"),
        ("ix_batches_compounded_on", "batches"),
        ("ix_notices_due_at", "notices"),
        ("ix_payment_operations_settled_at", "payment_operations"),
        ("ix_orders_shipped_on", "orders"),
        ("ix_orders_created_at", "orders"),
    ):
        op.drop_index(name, table_name=table)
