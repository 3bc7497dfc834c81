"""Batches name their formulation and shells; tablets and shells as lots; counts fall due; one pharmacist verifies."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

OWNER = "pharmacist-in-charge"
REASON = "default of a new pharmacy, bench rooms"
SETTINGS: tuple[tuple[str, object, str], ...] = (
    ("count_every_days", 30, "house policy: naltrexone is counted monthly"),
    (
        "proposed_triturate",
        {"fraction": "0.1", "total_mg": "10000"},
        "house policy: a stock triturate of one part in ten, 10 g at a time",
    ),
)
_INSERT = sa.text(
    "INSERT INTO settings (id, name, value, source, owner, reason, set_at)"
    " VALUES (gen_random_uuid(), :name, CAST(:value AS jsonb), :source, :owner, :reason, now())"
)
_KINDS = ("api", "filler", "vehicle", "preservative", "tablet", "shell")
_KINDS_BEFORE = _KINDS[:-1]
_TWO_PEOPLE_BEFORE = "verified_by is distinct from compounded_by or verified_by is null"
_TWO_PEOPLE = f"{_TWO_PEOPLE_BEFORE} or single_pharmacist_reason is not null"
_VERIFIER = """
    CREATE OR REPLACE FUNCTION verifier_did_not_compound() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF %sEXISTS (
            SELECT FROM order_lines
            JOIN allocations ON allocations.order_line_id = order_lines.id
            JOIN batches ON batches.id = allocations.batch_id
            WHERE order_lines.order_id = NEW.id AND batches.compounded_by = NEW.verified_by
                AND batches.single_pharmacist_reason IS NULL
        ) THEN
            RAISE EXCEPTION 'whoever compounded for an order may not verify it'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NULL;
    END $$
"""
# The books of before begin with what batches that nobody has weighed yet will take; a count says the rest.
_OPENING = """
    WITH wanted AS (
        SELECT coalesce(triturate_id, api_lot_id) AS stock_id, worksheet->>'active_mg' AS mg
        FROM batches WHERE status IN ('planned', 'lots_assigned')
        UNION ALL
        SELECT filler_lot_id, worksheet->>'filler_mg'
        FROM batches WHERE status IN ('planned', 'lots_assigned')
    ), opening AS (
        SELECT stock_id, sum(ceil(mg::numeric * 1000))::bigint AS ug
        FROM wanted JOIN stock_levels ON stock_levels.id = stock_id
        WHERE mg IS NOT NULL AND movements = 0 GROUP BY stock_id HAVING sum(mg::numeric) > 0
    ), raised AS (
        UPDATE stock_levels SET on_hand_ug = ug, movements = 1
        FROM opening WHERE stock_levels.id = stock_id RETURNING stock_id, ug
    )
    INSERT INTO stock_movements (
        id, stock_id, position, kind, ug, on_hand_after_ug, subject_id, reason, moved_on, moved_at, moved_by
    )
    SELECT gen_random_uuid(), stock_id, 1, 'adjust', ug, ug, stock_id,
        'opening entry: what batches under way need; count this lot',
        current_date, now(), '00000000-0000-0000-0000-000000000000'
    FROM raised
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for column, target in (("formulation_id", "formulations"), ("shell_lot_id", "component_lots")):
        op.add_column("batches", sa.Column(column, sa.Uuid(), nullable=True))
        op.create_foreign_key(op.f(f"fk_batches_{column}"), "batches", target, [column], ["id"])
        op.create_index(op.f(f"ix_batches_{column}"), "batches", [column], unique=False)
    op.add_column("orders", sa.Column("single_pharmacist_reason", sa.Text(), nullable=True))
    _two_people(_TWO_PEOPLE)
    op.execute(_VERIFIER % "NEW.single_pharmacist_reason IS NULL AND ")
    op.add_column("component_lots", sa.Column("shell_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_component_lots_shell_id"), "component_lots", "shells", ["shell_id"], ["id"])
    op.add_column("component_lots", sa.Column("tablet_label_mg", sa.Numeric(), nullable=True))
    op.add_column("component_lots", sa.Column("tablet_mean_mg", sa.Numeric(), nullable=True))
    op.create_check_constraint(
        op.f("ck_component_lots_tablets"),
        "component_lots",
        "num_nulls(tablet_label_mg, tablet_mean_mg) in (0, 2)"
        " and (tablet_label_mg is null or (tablet_label_mg > 0 and tablet_mean_mg >= tablet_label_mg))",
    )
    op.create_check_constraint(
        op.f("ck_component_lots_shells"), "component_lots", "(kind = 'shell') = (shell_id is not null)"
    )
    _allow(_KINDS)
    op.execute(_OPENING)
    for name, value, source in SETTINGS:
        op.execute(
            _INSERT.bindparams(name=name, value=json.dumps(value), source=source, owner=OWNER, reason=REASON)
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(sa.text("DELETE FROM settings WHERE reason = :reason").bindparams(reason=REASON))
    op.drop_constraint(op.f("ck_component_lots_shells"), "component_lots", type_="check")
    op.drop_constraint(op.f("ck_component_lots_tablets"), "component_lots", type_="check")
    op.drop_index(op.f("ix_batches_shell_lot_id"), table_name="batches")
    op.drop_column("batches", "shell_lot_id")
    # What the older form has no word for stays as what comes nearest to it.
    op.execute("UPDATE component_lots SET kind = 'preservative' WHERE kind = 'shell'")
    op.execute("UPDATE components SET kind = 'preservative' WHERE kind = 'shell'")
    _allow(_KINDS_BEFORE)
    for column in ("tablet_mean_mg", "tablet_label_mg", "shell_id"):
        op.drop_column("component_lots", column)
    op.execute(_VERIFIER % "")
    op.execute("UPDATE orders SET verified_by = NULL WHERE single_pharmacist_reason IS NOT NULL")
    _two_people(_TWO_PEOPLE_BEFORE)
    op.drop_column("orders", "single_pharmacist_reason")
    op.drop_index(op.f("ix_batches_formulation_id"), table_name="batches")
    op.drop_column("batches", "formulation_id")


def _two_people(condition: str) -> None:
    op.drop_constraint(op.f("ck_orders_two_people"), "orders", type_="check")
    op.create_check_constraint(op.f("ck_orders_two_people"), "orders", condition)


def _allow(kinds: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    for table in ("component_lots", "components"):
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_kind")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_kind CHECK (kind IN ({listed}))")
