"""The ledger of stock, and the triggers that hold each level to its movements."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KINDS = ("receive", "weigh", "waste", "adjust", "transfer", "destroy")

_FOLLOWS = """
    CREATE FUNCTION movement_follows() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE before_ug bigint := 0;
    BEGIN
        IF NEW.position > 1 THEN
            SELECT on_hand_after_ug INTO before_ug FROM stock_movements
                WHERE stock_id = NEW.stock_id AND position = NEW.position - 1;
        END IF;
        IF before_ug IS NULL OR before_ug + NEW.ug <> NEW.on_hand_after_ug THEN
            RAISE EXCEPTION 'movement % of stock % does not follow from the one before it',
                NEW.position, NEW.stock_id USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
"""

# Looked at as the transaction commits, when the movement has been written after the level.
_TOLD = """
    CREATE FUNCTION level_is_told() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE told_ug bigint := 0;
    BEGIN
        IF NEW.movements > 0 THEN
            SELECT on_hand_after_ug INTO told_ug FROM stock_movements
                WHERE stock_id = NEW.id AND position = NEW.movements;
        END IF;
        IF told_ug IS DISTINCT FROM NEW.on_hand_ug THEN
            RAISE EXCEPTION 'no movement tells that % micrograms of stock % are on hand',
                NEW.on_hand_ug, NEW.id USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NULL;
    END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "stock_levels",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("component_lot_id", sa.Uuid(), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("on_hand_ug", sa.BigInteger(), nullable=False),
        sa.Column("movements", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(component_lot_id, batch_id) = 1 and id = coalesce(component_lot_id, batch_id)",
            name=op.f("ck_stock_levels_one_stock"),
        ),
        sa.CheckConstraint("on_hand_ug >= 0", name=op.f("ck_stock_levels_on_hand")),
        sa.CheckConstraint("movements >= 0", name=op.f("ck_stock_levels_movements")),
        sa.ForeignKeyConstraint(
            ["component_lot_id"], ["component_lots.id"], name=op.f("fk_stock_levels_component_lot_id")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_stock_levels_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_levels")),
        sa.UniqueConstraint("component_lot_id", name=op.f("uq_stock_levels_component_lot_id")),
        sa.UniqueConstraint("batch_id", name=op.f("uq_stock_levels_batch_id")),
    )
    op.create_table(
        "stock_movements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stock_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*KINDS, name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("ug", sa.BigInteger(), nullable=False),
        sa.Column("on_hand_after_ug", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("moved_on", sa.Date(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("on_hand_after_ug >= 0", name=op.f("ck_stock_movements_on_hand_after")),
        sa.CheckConstraint(
            "ug <> 0 and (kind in ('adjust', 'transfer')"
            " or (kind = 'receive') = ((ug > 0) = (reverses_id is null)))",
            name=op.f("ck_stock_movements_direction"),
        ),
        sa.CheckConstraint(
            "reason is not null or (kind not in ('waste', 'adjust', 'destroy') and reverses_id is null)",
            name=op.f("ck_stock_movements_reason"),
        ),
        sa.ForeignKeyConstraint(["stock_id"], ["stock_levels.id"], name=op.f("fk_stock_movements_stock_id")),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["stock_movements.id"], name=op.f("fk_stock_movements_reverses_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_movements")),
        sa.UniqueConstraint("stock_id", "position", name=op.f("uq_stock_movements_stock_id_position")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_stock_movements_reverses_id")),
    )
    op.create_index(op.f("ix_stock_movements_subject_id"), "stock_movements", ["subject_id"], unique=False)
    # What was there before the ledger has one from now on; how much of it there is, a count will say.
    op.execute(
        "INSERT INTO stock_levels (id, component_lot_id, on_hand_ug, movements)"
        " SELECT id, id, 0, 0 FROM component_lots"
    )
    op.execute(
        "INSERT INTO stock_levels (id, batch_id, on_hand_ug, movements)"
        " SELECT id, id, 0, 0 FROM batches WHERE kind = 'triturate'"
    )
    op.execute(_FOLLOWS)
    op.execute(
        "CREATE TRIGGER follows BEFORE INSERT ON stock_movements"
        " FOR EACH ROW EXECUTE FUNCTION movement_follows()"
    )
    op.execute(
        "CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON stock_movements"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER never_emptied BEFORE TRUNCATE ON stock_movements"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(_TOLD)
    op.execute(
        "CREATE CONSTRAINT TRIGGER is_told AFTER INSERT OR UPDATE ON stock_levels"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION level_is_told()"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("stock_movements")
    op.drop_table("stock_levels")
    op.execute("DROP FUNCTION movement_follows()")
    op.execute("DROP FUNCTION level_is_told()")
