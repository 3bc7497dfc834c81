"""Days that are over are counted once for the figures, and a patient is found by any part of the name at any number."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

REASON = "default of a new pharmacy, sums of figures"
_INSERT = sa.text(
    "INSERT INTO settings (id, name, value, source, owner, reason, set_at)"
    " VALUES (gen_random_uuid(), 'figures_recount_minutes', CAST(:value AS jsonb), :source,"
    " 'pharmacist-in-charge', :reason, now())"
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
    op.execute(
        _INSERT.bindparams(
            value=json.dumps(60),
            source="house policy: how far courses get is counted again every hour",
            reason=REASON,
        )
    )
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute("CREATE INDEX ix_patients_full_name ON patients USING gin (lower(full_name) gin_trgm_ops)")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_patients_full_name", table_name="patients")
    op.execute("DROP EXTENSION pg_trgm")
    op.execute(sa.text("DELETE FROM settings WHERE reason = :reason").bindparams(reason=REASON))
    op.drop_table("figure_sums")
