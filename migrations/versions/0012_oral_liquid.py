"""What the pharmacy's oral liquid is: its concentration, how long it lasts, and the marks of the syringe."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

VALUE = {
    "concentration_mg_per_ml": "1",
    "beyond_use_category": "oral_non_aqueous",
    "syringe_step_ml": "0.01",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        sa.text(
            "INSERT INTO settings (id, name, value, source, owner, reason, set_at) VALUES"
            " (gen_random_uuid(), 'oral_liquid', CAST(:value AS jsonb), :source, 'pharmacist-in-charge', :reason, now())"
        ).bindparams(
            value=json.dumps(VALUE),
            source="1 mg/mL is the usual oral liquid; USP <795> gives 90 days to a non-aqueous one; marks: house policy",
            reason="default of a new oral liquid",
        )
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM settings WHERE name = 'oral_liquid'")
