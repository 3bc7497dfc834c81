"""What was recalled of a liquid is told in millilitres: a recall keeps what a mark of the syringe measures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("recall_patients", sa.Column("unit_ml", sa.Numeric(), nullable=True))
    op.create_check_constraint(op.f("ck_recall_patients_unit_ml"), "recall_patients", "unit_ml > 0")
    # The lines of an order are capsules, or one liquid.
    op.execute(
        "UPDATE recall_patients SET unit_ml = line.unit_ml FROM order_lines line"
        " WHERE line.order_id = recall_patients.order_id AND line.unit_ml IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint(op.f("ck_recall_patients_unit_ml"), "recall_patients", type_="check")
    op.drop_column("recall_patients", "unit_ml")
