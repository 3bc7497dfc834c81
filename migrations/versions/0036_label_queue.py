"""Indexes for the room of labels: what was given up, what was printed lately, what is void."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_outbox_failed", "outbox", ["subject_id"], "failed_at is not null"),
    ("ix_label_prints_requested_at_id", "label_prints", ["requested_at", "id"], None),
    ("ix_labels_void", "labels", ["id"], "voided_at is not null and kind = 'dispensing'"),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name, table, columns, where in INDEXES:
        op.create_index(name, table, columns, postgresql_where=sa.text(where) if where else None)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name, table, _, _ in INDEXES:
        op.drop_index(name, table_name=table)
