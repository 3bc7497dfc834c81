"""What is paid for an order is seen by the order's practice alone; the ledger and private links by no client."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BY_PARENT = (
    ("price_acceptances", "order_id", "orders"),
    ("payments", "order_id", "orders"),
    ("payment_operations", "payment_id", "payments"),
    ("refund_decisions", "order_id", "orders"),
)
SHUT = ("house_ledger", "private_links")
POLICIES = ("practice_sees", "practice_changes", "practice_removes", "practice_files")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, column, parent in BY_PARENT:
        op.execute(f"SELECT wall_by_parent('{table}', '{column}', '{parent}')")
    for table in SHUT:
        op.execute(f"SELECT wall_shut('{table}')")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in SHUT:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO pharmacy_client")
    for table, _, _ in BY_PARENT:
        for policy in POLICIES:
            op.execute(f"DROP POLICY {policy} ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
