"""Batch plans with what they were worked out from, and the settings of the planner."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

OWNER = "pharmacist-in-charge"
REASON = "default of the batch planner"
# name, value, source
SETTINGS: tuple[tuple[str, object, str], ...] = (
    ("batch_planner", {"largest_batch": 300, "plate": 100}, "house policy; three loads of a plate of 100"),
    (
        "anticipation",
        {"window_days": 30, "look_back_days": 365},
        "FDA guidance of 2016 on section 503A: a 30-day supply from a 30-day window of the past year",
    ),
)

_INSERT = sa.text(
    "INSERT INTO settings (id, name, value, source, owner, reason, set_at)"
    " VALUES (gen_random_uuid(), :name, CAST(:value AS jsonb), :source, :owner, :reason, now())"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "batch_plans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed", "accepted", name="state", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("inputs_sha256", sa.Text(), nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_by", sa.Uuid(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(state = 'accepted') = (accepted_at is not null) and num_nulls(accepted_at, accepted_by) in (0, 2)",
            name=op.f("ck_batch_plans_accepted_whole"),
        ),
        sa.CheckConstraint("inputs_sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_batch_plans_hash_shape")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_plans")),
    )
    op.create_index("ix_batch_plans_planned_on", "batch_plans", ["planned_on"], unique=False)
    op.execute("SELECT wall_shut('batch_plans')")
    for name, value, source in SETTINGS:
        op.execute(
            _INSERT.bindparams(name=name, value=json.dumps(value), source=source, owner=OWNER, reason=REASON)
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(sa.text("DELETE FROM settings WHERE reason = :reason").bindparams(reason=REASON))
    op.drop_table("batch_plans")
