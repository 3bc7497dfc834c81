"""The audit trail is sealed: positions of sealed entries, signed heads, and what still waits to be sealed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEPT = ("audit_seals", "audit_positions")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "audit_seals",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("previous_head", sa.LargeBinary(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_audit_seals_number")),
        sa.CheckConstraint("entries >= 1", name=op.f("ck_audit_seals_entries")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_seals")),
    )
    op.create_table(
        "audit_positions",
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("seal_number", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_audit_positions")),
        sa.UniqueConstraint(
            "seal_number", "position", name=op.f("uq_audit_positions_seal_number_position")
        ),
    )
    op.create_table(
        "audit_unsealed",
        sa.Column("audit_id", sa.Uuid(), nullable=False),
    )
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        """
        CREATE FUNCTION await_seal() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            -- The order of identifiers is not that of commits, so what is not sealed yet is kept by name.
            INSERT INTO audit_unsealed (audit_id) SELECT id FROM filed;
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER awaits_seal AFTER INSERT ON audit REFERENCING NEW TABLE AS filed "
        "FOR EACH STATEMENT EXECUTE FUNCTION await_seal()"
    )
    op.execute("INSERT INTO audit_unsealed (audit_id) SELECT id FROM audit")
    for table in KEPT:
        op.execute(f"SELECT wall_shut('{table}')")
    # Clients of practices file entries, and so name what waits; they read none of it.
    op.execute("ALTER TABLE audit_unsealed ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY practice_files ON audit_unsealed FOR INSERT TO pharmacy_client WITH CHECK (true)")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TRIGGER awaits_seal ON audit")
    op.execute("DROP FUNCTION await_seal()")
    op.drop_table("audit_unsealed")
    op.drop_table("audit_positions")
    op.drop_table("audit_seals")
