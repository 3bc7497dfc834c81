"""Plans read from free text; what came written beside a plan; what was expected and what was found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "plan_proposals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reading", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "proposed",
                "accepted",
                "declined",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("accepted_plan", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "num_nulls(decided_at, decided_by) = case status when 'proposed' then 2 else 0 end",
            name=op.f("ck_plan_proposals_decided_whole"),
        ),
        sa.CheckConstraint(
            "(accepted_plan is not null) = (status = 'accepted')",
            name=op.f("ck_plan_proposals_accepted_plan"),
        ),
        sa.CheckConstraint(
            "(reason is not null) = (status = 'declined')", name=op.f("ck_plan_proposals_reason")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_plan_proposals_practice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_proposals")),
    )
    op.create_index(op.f("ix_plan_proposals_practice_id"), "plan_proposals", ["practice_id"])
    op.execute("SELECT wall_by_practice('plan_proposals')")
    op.add_column("order_findings", sa.Column("expected", sa.Text(), nullable=True))
    op.add_column("order_findings", sa.Column("found", sa.Text(), nullable=True))
    op.add_column(
        "prescriptions",
        sa.Column("as_written", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("prescriptions", "as_written")
    op.drop_column("order_findings", "found")
    op.drop_column("order_findings", "expected")
    op.drop_table("plan_proposals")
