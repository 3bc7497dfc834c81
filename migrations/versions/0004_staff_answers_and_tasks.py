"""Staff call the API too and are answered once; and what a person must do is a task."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "staff_answers",
        sa.Column("staff_member_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_member_id"], ["staff_members.id"], name=op.f("fk_staff_answers_staff_member_id")
        ),
        sa.PrimaryKeyConstraint("staff_member_id", "key", name=op.f("pk_staff_answers")),
    )
    op.create_table(
        "tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint("kind ~ '^[a-z]+(\\.[a-z_]+)+$'", name=op.f("ck_tasks_kind")),
        sa.CheckConstraint(
            "num_nulls(closed_at, closed_by, outcome) in (0, 3)", name=op.f("ck_tasks_closed_whole")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_tasks_order_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_tasks_patient_id")),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_tasks_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    op.create_index(
        "uq_tasks_open", "tasks", ["kind", "subject_id"], unique=True, postgresql_where="closed_at is null"
    )
    op.create_index("ix_tasks_due", "tasks", ["due_on", "id"], postgresql_where="closed_at is null")
    op.create_index(op.f("ix_tasks_order_id"), "tasks", ["order_id"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index(op.f("ix_tasks_order_id"), table_name="tasks")
    op.drop_index("ix_tasks_due", table_name="tasks", postgresql_where="closed_at is null")
    op.drop_index("uq_tasks_open", table_name="tasks", postgresql_where="closed_at is null")
    op.drop_table("tasks")
    op.drop_table("staff_answers")
