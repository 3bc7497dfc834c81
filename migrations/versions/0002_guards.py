"""Number sequences, and guards that hold whoever writes: insert-only audit, versioned reference."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Every table that an order's derivation reads. Of batches only triturates are ingredients.
WATCHED = ("component_lots", "balances", "packing_statistics", "price_books", "settings")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE SEQUENCE order_numbers START 100001")
    op.execute("CREATE SEQUENCE batch_numbers START 1")
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% rows are never changed or removed', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    for table in ("plan_versions", "plan_intakes"):
        op.execute(
            f"CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute("CREATE SEQUENCE reference_changes START 2")
    op.execute("INSERT INTO reference_version (id, version) VALUES (1, 1)")
    op.execute(
        """
        CREATE FUNCTION raise_reference_version() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            -- From a sequence: a number that was rolled back is never given again.
            UPDATE reference_version SET version = nextval('reference_changes');
            RETURN NULL;
        END $$
        """
    )
    for table in WATCHED:
        op.execute(
            f"CREATE TRIGGER raises_version AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION raise_reference_version()"
        )
    op.execute(
        "CREATE TRIGGER raises_version_new AFTER INSERT ON batches FOR EACH ROW "
        "WHEN (NEW.kind = 'triturate') EXECUTE FUNCTION raise_reference_version()"
    )
    op.execute(
        "CREATE TRIGGER raises_version AFTER UPDATE ON batches FOR EACH ROW "
        "WHEN (NEW.kind = 'triturate') EXECUTE FUNCTION raise_reference_version()"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP FUNCTION raise_reference_version() CASCADE")
    op.execute("DROP FUNCTION refuse_change() CASCADE")
    op.execute("DELETE FROM reference_version")
    op.execute("DROP SEQUENCE reference_changes")
    op.execute("DROP SEQUENCE batch_numbers")
    op.execute("DROP SEQUENCE order_numbers")
