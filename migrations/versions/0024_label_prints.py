"""Prints of labels: who printed which copy where, why again, and what became of it; who wants no purpose shown."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_TEMPLATES = ("4x2", "3x2", "2.25x1.25")
_STATES = ("waiting", "sending", "printed", "uncertain", "failed")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "label_prints",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("label_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("printer", sa.Text(), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("template_version", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_label_prints"),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name="fk_label_prints_label_id"),
        sa.ForeignKeyConstraint(["requested_by"], ["staff_members.id"], name="fk_label_prints_requested_by"),
        sa.CheckConstraint(f"template in {_TEMPLATES}", name=op.f("ck_label_prints_template")),
        sa.CheckConstraint(f"state in {_STATES}", name=op.f("ck_label_prints_state")),
        sa.CheckConstraint("(number = 0) = (reason is null)", name=op.f("ck_label_prints_reprint_has_reason")),
        sa.CheckConstraint("number >= 0", name=op.f("ck_label_prints_number")),
        sa.CheckConstraint(
            "(state in ('waiting', 'sending')) = (settled_at is null)", name=op.f("ck_label_prints_settled")
        ),
        sa.CheckConstraint(
            "num_nulls(sha256, template_version) in (0, 2)", name=op.f("ck_label_prints_bytes_whole")
        ),
    )
    op.create_index("ix_label_prints_label_id", "label_prints", ["label_id"])
    op.create_index(
        "uq_label_prints_number",
        "label_prints",
        ["label_id", "number"],
        unique=True,
        postgresql_where=sa.text("state <> 'failed'"),
    )
    op.add_column(
        "patients",
        sa.Column("purpose_on_label", sa.Boolean(), server_default=sa.true(), nullable=False),
    )
    # Printing is the pharmacy's own business; no client has any in it.
    op.execute("SELECT wall_shut('label_prints')")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("patients", "purpose_on_label")
    op.drop_table("label_prints")
