"""Who reviewed an order, for the initials on its labels, and what the house's capsules look like."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

LOOK = {"colours": {"en": "clear/white", "es": "transparente/blanca"}, "imprint": None}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("orders", sa.Column("reviewed_by", sa.Uuid(), nullable=True))
    op.execute(
        sa.text(
            "INSERT INTO settings (id, name, value, source, owner, reason, set_at) VALUES"
            " (gen_random_uuid(), 'capsule_look', CAST(:value AS jsonb), :source, 'pharmacist-in-charge', :reason, now())"
        ).bindparams(
            value=json.dumps(LOOK),
            source="Cal. Bus. & Prof. Code s. 4076: a physical description stands on the label; colours: house policy",
            reason="default of a new pharmacy, labels",
        )
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM settings WHERE name = 'capsule_look'")
    op.drop_column("orders", "reviewed_by")
