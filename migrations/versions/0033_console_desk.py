"""Who has an order open, and the views of the queue that people saved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_INSERT = sa.text(
    "INSERT INTO settings (id, name, value, source, owner, reason, set_at)"
    " VALUES (gen_random_uuid(), 'presence_minutes', CAST('5' AS jsonb),"
    " 'house policy: who opened an order five minutes ago may still be at it', 'pharmacist-in-charge',"
    " 'default of a new pharmacy, console', now())"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "order_looks",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("staff_member_id", sa.Uuid(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_looks_order_id")),
        sa.ForeignKeyConstraint(
            ["staff_member_id"], ["staff_members.id"], name=op.f("fk_order_looks_staff_member_id")
        ),
        sa.PrimaryKeyConstraint("order_id", "staff_member_id", name=op.f("pk_order_looks")),
    )
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_member_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_member_id"], ["staff_members.id"], name=op.f("fk_saved_views_staff_member_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("staff_member_id", "name", name=op.f("uq_saved_views_staff_member_id_name")),
    )
    op.create_index(
        "ix_orders_promised_on",
        "orders",
        ["promised_on", "id"],
        postgresql_where=sa.text("promised_on is not null and shipped_on is null"),
    )
    op.execute("SELECT wall_shut('order_looks')")
    op.execute("SELECT wall_shut('saved_views')")
    op.execute(_INSERT)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM settings WHERE name = 'presence_minutes'")
    op.drop_index("ix_orders_promised_on", table_name="orders")
    op.drop_table("saved_views")
    op.drop_table("order_looks")
