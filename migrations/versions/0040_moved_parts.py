"""Parts of a fill whose plan has moved: how many days of the whole each uses up, and wholes of more than 90 days."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("orders", sa.Column("part_days", sa.BigInteger(), nullable=True))
    _check("orders", "part_days", "part_days is null or split_fill_id is not null")
    op.execute("ALTER TABLE split_fills DROP CONSTRAINT ck_split_fills_window")
    _check("split_fills", "window", "first_day >= 1 and days >= 1")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE orders DROP CONSTRAINT ck_orders_part_days")
    op.drop_column("orders", "part_days")
    op.execute("ALTER TABLE split_fills DROP CONSTRAINT ck_split_fills_window")
    # A longer whole cannot be told any more; its parts keep their days.
    op.execute("UPDATE split_fills SET days = 90 WHERE days > 90")
    _check("split_fills", "window", "first_day >= 1 and days between 1 and 90")


def _check(table: str, name: str, rule: str) -> None:
    """Added without a look at the rows, then looked at without keeping others from them."""
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({rule}) NOT VALID")
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{name}")
