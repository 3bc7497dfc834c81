"""What stays fast at any number of orders: days that are over are summed, names are indexed, long answers have an end."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

REASON = "default of a new pharmacy, any number of orders"
SETTINGS: tuple[tuple[str, int, str], ...] = (
    ("figures_recount_minutes", 60, "house policy: how far courses get is counted again every hour"),
    ("packet_most_orders", 5000, "house policy: a packet is made while its reader waits"),
    ("preview_most_orders", 5000, "house policy: prices are tried on last month's orders while somebody waits"),
)
_INSERT = sa.text(
    "INSERT INTO settings (id, name, value, source, owner, reason, set_at)"
    " VALUES (gen_random_uuid(), :name, CAST(:value AS jsonb), :source, 'pharmacist-in-charge', :reason, now())"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "figure_sums",
        sa.Column("figure", sa.String(40), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("cells", postgresql.JSONB(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("figure", "zone", "on", name=op.f("pk_figure_sums")),
        sa.CheckConstraint("figure in ('orders', 'turnaround', 'outcomes')", name=op.f("ck_figure_sums_figure")),
    )
    op.execute("SELECT wall_shut('figure_sums')")
    for name, value, source in SETTINGS:
        op.execute(_INSERT.bindparams(name=name, value=json.dumps(value), source=source, reason=REASON))
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute("CREATE INDEX ix_patients_full_name ON patients USING gin (full_name gin_trgm_ops)")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_patients_full_name", table_name="patients")
    op.execute("DROP EXTENSION pg_trgm")
    op.execute(sa.text("DELETE FROM settings WHERE reason = :reason").bindparams(reason=REASON))
    op.drop_table("figure_sums")
