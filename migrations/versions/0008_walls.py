"""The second wall between practices: row-level security for the role under which API clients act.

The role belongs to the whole server, so it is made where it is missing and stays when this step is taken back.
"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BY_PRACTICE = ("patients", "prescriptions", "orders", "quotes", "events", "roster_entries", "api_clients", "tasks")
# Table, its column, and the walled table that the column names.
BY_PARENT = (
    ("patient_consents", "patient_id", "patients"),
    ("plan_versions", "prescription_id", "prescriptions"),
    ("plan_intakes", "plan_version_id", "plan_versions"),
    ("order_lines", "order_id", "orders"),
    ("vials", "order_line_id", "order_lines"),
    ("allocations", "order_line_id", "order_lines"),
    ("price_lines", "order_id", "orders"),
    ("order_findings", "order_id", "orders"),
    ("labels", "order_id", "orders"),
    ("notices", "order_id", "orders"),
    ("sent_messages", "patient_id", "patients"),
    ("access_tokens", "api_client_id", "api_clients"),
    ("idempotency_keys", "api_client_id", "api_clients"),
)
SHUT = ("staff_members", "staff_sessions", "staff_answers", "alembic_version")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        DO $$ BEGIN
            CREATE ROLE pharmacy_client NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL; -- Another database of this server has made it.
        END $$
        """
    )
    op.execute(
        """
        DO $$ BEGIN
            IF NOT pg_has_role(current_user, 'pharmacy_client', 'SET') THEN
                EXECUTE format('GRANT pharmacy_client TO %I', current_user);
            END IF;
        END $$
        """
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO pharmacy_client")
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO pharmacy_client")
    op.execute(
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public"
        " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO pharmacy_client"
    )
    op.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO pharmacy_client")
    _functions()
    for table in BY_PRACTICE:
        op.execute(f"SELECT wall_by_practice('{table}')")
    for table, column, parent in BY_PARENT:
        op.execute(f"SELECT wall_by_parent('{table}', '{column}', '{parent}')")
    for table in SHUT:
        op.execute(f"SELECT wall_shut('{table}')")
    op.execute("ALTER TABLE practices ENABLE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY own_practice ON practices TO pharmacy_client USING (id = (SELECT practice_let_in()))"
    )
    # Facts for the outside are written by whoever acts, and carried out by workers alone.
    op.execute("ALTER TABLE outbox ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY practice_files ON outbox FOR INSERT TO pharmacy_client WITH CHECK (true)")
    op.execute("ALTER TABLE audit ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY practice_files ON audit FOR INSERT TO pharmacy_client WITH CHECK (true)")
    op.execute(
        "CREATE POLICY practice_sees ON audit FOR SELECT TO pharmacy_client USING ("
        " EXISTS (SELECT FROM orders WHERE orders.id = audit.subject_id)"
        " OR EXISTS (SELECT FROM prescriptions WHERE prescriptions.id = audit.subject_id)"
        " OR EXISTS (SELECT FROM quotes WHERE quotes.id = audit.subject_id))"
    )


def _functions() -> None:
    op.execute(
        """
        CREATE FUNCTION practice_let_in() RETURNS uuid LANGUAGE sql STABLE AS
        $$ SELECT nullif(current_setting('pharmacy.practice_id', true), '')::uuid $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION wall_by_practice(walled regclass) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', walled);
            EXECUTE format('CREATE POLICY own_practice ON %s TO pharmacy_client'
                ' USING (practice_id = (SELECT practice_let_in()))', walled);
        END $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION wall_by_parent(walled regclass, child text, parent regclass) RETURNS void
        LANGUAGE plpgsql AS $$
        DECLARE
            seen text := format('EXISTS (SELECT FROM %s AS parent WHERE parent.id = %s.%I)', parent, walled, child);
        BEGIN
            EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', walled);
            EXECUTE format('CREATE POLICY practice_sees ON %s FOR SELECT TO pharmacy_client USING (%s)', walled, seen);
            EXECUTE format('CREATE POLICY practice_changes ON %s FOR UPDATE TO pharmacy_client USING (%s)', walled, seen);
            EXECUTE format('CREATE POLICY practice_removes ON %s FOR DELETE TO pharmacy_client USING (%s)', walled, seen);
            -- One statement may file parent and child, and then neither sees the other: the foreign key holds.
            EXECUTE format('CREATE POLICY practice_files ON %s FOR INSERT TO pharmacy_client WITH CHECK (true)', walled);
        END $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION wall_shut(walled regclass) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            EXECUTE format('REVOKE ALL ON %s FROM pharmacy_client', walled);
        END $$
        """
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in (
        *BY_PRACTICE,
        *(table for table, _, _ in BY_PARENT),
        "practices",
        "outbox",
        "audit",
    ):
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    # Policies and privileges of this database; the role itself may be another database's too.
    op.execute("DROP OWNED BY pharmacy_client")
    for function in (
        "wall_shut(regclass)",
        "wall_by_parent(regclass, text, regclass)",
        "wall_by_practice(regclass)",
        "practice_let_in()",
    ):
        op.execute(f"DROP FUNCTION {function}")
