"""Orders that staff enter: the entry, its picture, and the dose as each person read it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

TABLES = ("order_entries", "entry_pictures", "entry_readings")


def _one_of(table: str, column: str, *values: str) -> sa.CheckConstraint:
    named = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({named})", name=op.f(f"ck_{table}_{column}"))


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "order_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("read_back_to", sa.Text(), nullable=True),
        sa.Column("read_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("form", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("set_aside_because", sa.Text(), nullable=True),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_by", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        _one_of("order_entries", "channel", "fax", "phone", "paper", "e_prescription"),
        _one_of(
            "order_entries", "state", "opened", "entered_once", "differs", "submitted", "set_aside"
        ),
        sa.CheckConstraint(
            "(order_id is not null) = (state = 'submitted')", name=op.f("ck_order_entries_submitted")
        ),
        sa.CheckConstraint(
            "(set_aside_because is not null) = (state = 'set_aside')", name=op.f("ck_order_entries_set_aside")
        ),
        sa.CheckConstraint(
            "num_nulls(read_back_to, read_back_at) in (0, 2)", name=op.f("ck_order_entries_read_back_whole")
        ),
        sa.CheckConstraint(
            "channel <> 'phone' or read_back_to is not null",
            name=op.f("ck_order_entries_calls_are_read_back"),
        ),
        _refers("order_entries", "practice_id", "practices"),
        _refers("order_entries", "opened_by", "staff_members"),
        _refers("order_entries", "state_by", "staff_members"),
        _refers("order_entries", "order_id", "orders"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_entries")),
        sa.UniqueConstraint("order_id", name=op.f("uq_order_entries_order_id")),
    )
    op.create_index(op.f("ix_order_entries_practice_id"), "order_entries", ["practice_id"])
    op.create_index("ix_order_entries_state_id", "order_entries", ["state", "id"])
    op.create_table(
        "entry_pictures",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _one_of("entry_pictures", "kind", "application/pdf", "image/png", "image/jpeg"),
        _refers("entry_pictures", "entry_id", "order_entries"),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_entry_pictures")),
    )
    op.create_table(
        "entry_readings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("read_by", sa.Uuid(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("plan", postgresql.JSONB(), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=True),
        _refers("entry_readings", "entry_id", "order_entries"),
        _refers("entry_readings", "read_by", "staff_members"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_readings")),
    )
    op.create_index(op.f("ix_entry_readings_entry_id"), "entry_readings", ["entry_id"])
    for table in ("entry_pictures", "entry_readings"):
        op.execute(
            f"CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    # Papers of a practice that no system of it sent: for staff alone.
    for table in TABLES:
        op.execute(f"SELECT wall_shut('{table}')")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in reversed(TABLES):
        op.drop_table(table)
