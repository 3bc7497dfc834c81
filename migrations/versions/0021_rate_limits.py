"""How often systems may knock is a setting of the house."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

LIMITS = {
    "client_a_minute": 1200,
    "proof_a_minute": 30,
    "address_a_minute": 600,
    "refusals_on_record_a_minute": 60,
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        sa.text(
            "INSERT INTO settings (id, name, value, source, owner, reason, set_at)"
            " VALUES (gen_random_uuid(), 'rate_limits', CAST(:value AS jsonb), :source, :owner, :reason, now())"
        ).bindparams(
            value=json.dumps(LIMITS),
            source="house policy: twenty requests a second are far more than a practice's system sends",
            owner="pharmacist-in-charge",
            reason="default of a new pharmacy for the doors of systems",
        )
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM settings WHERE name = 'rate_limits'")
