"""Prescriptions that came as documents of another system, as they were sent, and the sender's identifiers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "submitted_documents",
        sa.Column("prescription_id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("sent", sa.Text(), nullable=False),
        sa.Column("worded", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["prescription_id"], ["prescriptions.id"], name=op.f("fk_submitted_documents_prescription_id")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_submitted_documents_practice_id")
        ),
        sa.PrimaryKeyConstraint("prescription_id", name=op.f("pk_submitted_documents")),
    )
    op.create_index(op.f("ix_submitted_documents_practice_id"), "submitted_documents", ["practice_id"])
    op.create_table(
        "submitted_identifiers",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("prescription_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_submitted_identifiers_practice_id")
        ),
        sa.ForeignKeyConstraint(
            ["prescription_id"], ["prescriptions.id"], name=op.f("fk_submitted_identifiers_prescription_id")
        ),
        sa.PrimaryKeyConstraint("practice_id", "system", "value", name=op.f("pk_submitted_identifiers")),
    )
    op.create_index(
        op.f("ix_submitted_identifiers_prescription_id"), "submitted_identifiers", ["prescription_id"]
    )
    op.execute("SELECT wall_by_practice('submitted_documents')")
    op.execute("SELECT wall_by_practice('submitted_identifiers')")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("submitted_identifiers")
    op.drop_table("submitted_documents")
