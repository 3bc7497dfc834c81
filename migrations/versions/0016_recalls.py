"""Recalls, the indexes that a trace walks along, and what a recalled thing is kept from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ANSWERS = ("to_notify", "notified", "answered", "returned", "unreachable")
SUBJECTS = ("component_lot", "batch")

# Whether a batch, or anything it was made of, is recalled. Powder that a triturate took the place of was not used.
_IS_RECALLED = """
    CREATE FUNCTION is_recalled(wanted uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
        WITH RECURSIVE made_of AS (
            SELECT id, status, triturate_id, api_lot_id, filler_lot_id FROM batches WHERE id = wanted
            UNION
            SELECT batches.id, batches.status, batches.triturate_id, batches.api_lot_id, batches.filler_lot_id
                FROM batches JOIN made_of ON batches.id = made_of.triturate_id
        )
        SELECT EXISTS (SELECT FROM made_of WHERE status = 'recalled') OR EXISTS (
            SELECT FROM made_of JOIN component_lots ON component_lots.status = 'recalled'
                AND (component_lots.id = made_of.filler_lot_id
                    OR component_lots.id = made_of.api_lot_id AND made_of.triturate_id IS NULL)
        )
    $$
"""

_ALLOCATION = """
    CREATE FUNCTION nothing_recalled_is_promised() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        -- Whoever opens a recall holds the batch; we wait for them, and look afterwards.
        PERFORM FROM batches WHERE id = NEW.batch_id FOR NO KEY UPDATE;
        IF is_recalled(NEW.batch_id) THEN
            RAISE EXCEPTION 'batch % or what it was made of is recalled', NEW.batch_id
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
"""

_RELEASE = """
    CREATE FUNCTION nothing_recalled_is_released() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF is_recalled(NEW.id) OR (TG_OP = 'UPDATE' AND OLD.status = 'recalled') THEN
            RAISE EXCEPTION 'batch % or what it was made of is recalled', NEW.number
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
"""

_ORDER = """
    CREATE FUNCTION nothing_recalled_leaves() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM order_lines JOIN allocations ON allocations.order_line_id = order_lines.id
            WHERE order_lines.order_id = NEW.id AND is_recalled(allocations.batch_id)
        ) THEN
            RAISE EXCEPTION 'order % holds capsules of a recalled batch', NEW.number
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for column in ("api_lot_id", "filler_lot_id", "triturate_id"):
        op.create_index(op.f(f"ix_batches_{column}"), "batches", [column], unique=False)
    _tables()
    for table in ("recalls", "recall_patients", "recall_practices"):
        op.execute(f"SELECT wall_shut('{table}')")
    op.execute(_IS_RECALLED)
    op.execute(_ALLOCATION)
    op.execute(
        "CREATE TRIGGER nothing_recalled BEFORE INSERT OR UPDATE OF batch_id, order_line_id, capsules"
        " ON allocations FOR EACH ROW EXECUTE FUNCTION nothing_recalled_is_promised()"
    )
    op.execute(_RELEASE)
    op.execute(
        "CREATE TRIGGER nothing_recalled BEFORE UPDATE OF status ON batches FOR EACH ROW"
        " WHEN (NEW.status = 'released' AND OLD.status <> 'released')"
        " EXECUTE FUNCTION nothing_recalled_is_released()"
    )
    op.execute(_ORDER)
    op.execute(
        "CREATE TRIGGER nothing_recalled BEFORE UPDATE OF status ON orders FOR EACH ROW"
        " WHEN (NEW.status IN ('verified', 'shipped', 'picked_up') AND OLD.status <> NEW.status)"
        " EXECUTE FUNCTION nothing_recalled_leaves()"
    )


def _tables() -> None:
    op.create_table(
        "recalls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", _one_of(SUBJECTS, "subject"), nullable=False),
        sa.Column("component_lot_id", sa.Uuid(), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("is_drill", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("elapsed_ms", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(component_lot_id, batch_id) = 1"
            " and (subject = 'component_lot') = (component_lot_id is not null)",
            name=op.f("ck_recalls_one_subject"),
        ),
        sa.CheckConstraint(
            "num_nulls(closed_at, closed_by, outcome) in (0, 3)", name=op.f("ck_recalls_closed_whole")
        ),
        sa.CheckConstraint("elapsed_ms >= 0", name=op.f("ck_recalls_elapsed")),
        sa.ForeignKeyConstraint(
            ["component_lot_id"], ["component_lots.id"], name=op.f("fk_recalls_component_lot_id")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_recalls_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recalls")),
    )
    for column in ("component_lot", "batch"):
        op.create_index(
            f"uq_recalls_{column}",
            "recalls",
            [f"{column}_id"],
            unique=True,
            postgresql_where=sa.text("not is_drill"),
        )
    op.create_table(
        "recall_patients",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recall_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("capsules", sa.BigInteger(), nullable=False),
        sa.Column("capsules_left", sa.BigInteger(), nullable=False),
        sa.Column("step_position", sa.BigInteger(), nullable=True),
        sa.Column("answer", _one_of(ANSWERS, "answer"), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("capsules_returned", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "capsules >= 1 and capsules_left between 0 and capsules", name=op.f("ck_recall_patients_capsules")
        ),
        sa.CheckConstraint(
            "(answer = 'to_notify') = (answered_at is null) and num_nulls(answered_at, answered_by) in (0, 2)",
            name=op.f("ck_recall_patients_answered_whole"),
        ),
        sa.CheckConstraint(
            "(answer = 'returned') = (capsules_returned is not null)",
            name=op.f("ck_recall_patients_returned_whole"),
        ),
        sa.CheckConstraint(
            "capsules_returned between 0 and capsules", name=op.f("ck_recall_patients_returned")
        ),
        sa.ForeignKeyConstraint(["recall_id"], ["recalls.id"], name=op.f("fk_recall_patients_recall_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_recall_patients_order_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_recall_patients_patient_id")),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_recall_patients_practice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_patients")),
        sa.UniqueConstraint("recall_id", "order_id", name=op.f("uq_recall_patients_recall_id_order_id")),
    )
    for column in ("order_id", "patient_id"):
        op.create_index(op.f(f"ix_recall_patients_{column}"), "recall_patients", [column], unique=False)
    op.create_table(
        "recall_practices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recall_id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_by", sa.Uuid(), nullable=True),
        sa.Column("told_whom", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "num_nulls(told_at, told_by, told_whom) in (0, 3)", name=op.f("ck_recall_practices_told_whole")
        ),
        sa.ForeignKeyConstraint(["recall_id"], ["recalls.id"], name=op.f("fk_recall_practices_recall_id")),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_recall_practices_practice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_practices")),
        sa.UniqueConstraint("recall_id", "practice_id", name=op.f("uq_recall_practices_recall_id_practice_id")),
    )


def _one_of(values: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for function in (
        "nothing_recalled_leaves()",
        "nothing_recalled_is_released()",
        "nothing_recalled_is_promised()",
    ):
        op.execute(f"DROP FUNCTION {function} CASCADE")
    op.execute("DROP FUNCTION is_recalled(uuid)")
    for table in ("recall_practices", "recall_patients", "recalls"):
        op.drop_table(table)
    for column in ("triturate_id", "filler_lot_id", "api_lot_id"):
        op.drop_index(op.f(f"ix_batches_{column}"), table_name="batches")
