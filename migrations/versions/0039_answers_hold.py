"""How long what a patient was asked is taken over from one order by another."""

from __future__ import annotations

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        "INSERT INTO settings (id, name, value, source, owner, reason, set_at) VALUES (gen_random_uuid(),"
        " 'answers_hold_days', '14', 'house policy, as many days as opioids are asked about',"
        " 'pharmacist-in-charge', 'an old answer about opioids, allergies or medicines says nothing of today', now())"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM settings WHERE name = 'answers_hold_days'")
