"""A fill may be supplied from a set of strengths, and the formulary says which strengths are made."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = ("orders", "quotes")
BEFORE = ("one_strength_per_step", "multiples_of_one_strength")
AFTER = (*BEFORE, "strength_set")
FORMULARY = {
    "strengths_mg": [
        *("0.001", "0.002", "0.005", "0.01", "0.02", "0.05"),
        *("0.1", "0.25", "0.5", "1", "1.5", "2", "2.5", "3", "3.5", "4", "4.5", "6"),
    ],
    "most_in_set": 4,
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _allow(AFTER)
    op.execute(
        sa.text(
            "INSERT INTO settings (id, name, value, source, owner, reason, set_at) VALUES"
            " (gen_random_uuid(), 'formulary', CAST(:value AS jsonb), :source, 'pharmacist-in-charge', :reason, now())"
        ).bindparams(
            value=json.dumps(FORMULARY),
            source="strengths that low-dose naltrexone is sold in; the ultra-low ones and the size of a set: house policy",
            reason="default of a new formulary",
        )
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM settings WHERE name = 'formulary'")
    _allow(BEFORE)


def _allow(methods: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{method}'" for method in methods)
    for table in TABLES:
        name = f"ck_{table}_supply_method"
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK (supply_method IN ({listed}))")
