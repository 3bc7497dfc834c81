"""A fill in parts with the price of the whole, an order made again at no charge, and order lines of a liquid."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_BEFORE = ("one_strength_per_step", "multiples_of_one_strength", "strength_set")
_METHODS = (*_BEFORE, "oral_liquid")
_KINDS_BEFORE = (
    "shipped", "ready", "step", "check_in", "refill", "follow_up", "renewal", "expiring", "home_expired", "recall",
)  # fmt: skip
_KINDS = (*_KINDS_BEFORE, "price")
_LINE_BEFORE = "capsules between 1 and 300"
# A liquid is counted in marks of the syringe: at most two litres at a hundredth of a millilitre.
_LINE = "capsules between 1 and case when unit_ml is null then 300 else 200000 end"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "split_fills",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("prescription_id", sa.Uuid(), nullable=False),
        sa.Column("plan_version_id", sa.Uuid(), nullable=False),
        sa.Column("refill_number", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.BigInteger(), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("capsules", sa.BigInteger(), nullable=False),
        sa.Column("supply_method", sa.String(length=40), nullable=False),
        sa.Column("strengths_ug", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("price_book_id", sa.Uuid(), nullable=False),
        sa.Column("price_lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_day >= 1 and days between 1 and 90", name=op.f("ck_split_fills_window")),
        sa.CheckConstraint("capsules >= 1 and total_cents >= 0", name=op.f("ck_split_fills_whole")),
        sa.CheckConstraint(_one_of(_METHODS), name=op.f("ck_split_fills_supply_method")),
        sa.ForeignKeyConstraint(
            ["prescription_id"], ["prescriptions.id"], name=op.f("fk_split_fills_prescription_id")
        ),
        sa.ForeignKeyConstraint(
            ["plan_version_id"], ["plan_versions.id"], name=op.f("fk_split_fills_plan_version_id")
        ),
        sa.ForeignKeyConstraint(
            ["price_book_id"], ["price_books.id"], name=op.f("fk_split_fills_price_book_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_split_fills")),
    )
    op.create_index(op.f("ix_split_fills_prescription_id"), "split_fills", ["prescription_id"])
    op.execute("SELECT wall_by_parent('split_fills', 'prescription_id', 'prescriptions')")
    op.add_column("orders", sa.Column("split_fill_id", sa.Uuid(), nullable=True))
    op.add_column("orders", sa.Column("remake_of_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_orders_split_fill_id"), "orders", "split_fills", ["split_fill_id"], ["id"]
    )
    op.create_foreign_key(op.f("fk_orders_remake_of_id"), "orders", "orders", ["remake_of_id"], ["id"])
    op.create_index(op.f("ix_orders_remake_of_id"), "orders", ["remake_of_id"])
    op.add_column("orders", sa.Column("home_until", sa.Date(), nullable=True))
    op.add_column("refund_decisions", sa.Column("remake_order_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_refund_decisions_remake_order_id"), "refund_decisions", "orders", ["remake_order_id"], ["id"]
    )
    op.add_column("order_lines", sa.Column("unit_ml", sa.Numeric(), nullable=True))
    _allow_methods(_METHODS)
    _check("order_lines", "capsules", _LINE)
    _check("order_lines", "unit_ml", "unit_ml > 0", is_new=True)
    _allow_kinds(_KINDS)


def _allow_kinds(kinds: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    for table in ("notices", "sent_messages"):
        _check(table, "kind", f"kind IN ({listed})")


def _one_of(methods: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{method}'" for method in methods)
    return f"supply_method IN ({listed})"


def _allow_methods(methods: tuple[str, ...]) -> None:
    for table in ("orders", "quotes"):
        _check(table, "supply_method", _one_of(methods))


def _check(table: str, name: str, rule: str, *, is_new: bool = False) -> None:
    """Rows there are looked through without stopping anybody."""
    if not is_new:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{name}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({rule}) NOT VALID")
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{name}")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # What the code before does not know is forgotten.
    for table in ("sent_messages", "notices"):
        op.execute(f"DELETE FROM {table} WHERE kind = 'price'")
    _allow_kinds(_KINDS_BEFORE)
    op.execute("ALTER TABLE order_lines DROP CONSTRAINT ck_order_lines_unit_ml")
    _allow_methods(_BEFORE)
    _check("order_lines", "capsules", _LINE_BEFORE)
    op.drop_column("order_lines", "unit_ml")
    op.drop_column("refund_decisions", "remake_order_id")
    op.drop_column("orders", "home_until")
    op.drop_index(op.f("ix_orders_remake_of_id"), table_name="orders")
    op.drop_column("orders", "remake_of_id")
    op.drop_column("orders", "split_fill_id")
    op.drop_table("split_fills")
