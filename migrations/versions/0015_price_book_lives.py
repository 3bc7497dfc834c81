"""Price books are drafted, approved and withdrawn; quotes keep what they were asked for and what they renew.

Whatever was approved or quoted never changes, whoever writes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

REASON = "default of a new pharmacy, prices"
# The money of an order is behind the wall of its practice: table, its column, and the walled table it names.
BY_PARENT = (
    ("price_acceptances", "order_id", "orders"),
    ("payments", "order_id", "orders"),
    ("payment_operations", "payment_id", "payments"),
    ("refund_decisions", "order_id", "orders"),
    ("private_links", "patient_id", "patients"),
)
_STATUS = "ALTER TABLE price_books ADD CONSTRAINT ck_price_books_{} CHECK ({}) NOT VALID"
_VALIDATE = "ALTER TABLE {} VALIDATE CONSTRAINT {}"
_INSERT = sa.text(
    "INSERT INTO settings (id, name, value, source, owner, reason, set_at)"
    " VALUES (gen_random_uuid(), :name, CAST(:value AS jsonb), :source, 'pharmacist-in-charge', :reason, now())"
)
_CHECKS = (
    ("status", "status IN ('draft', 'approved', 'withdrawn')"),
    ("approved", "status = 'draft' or approved_by <> ''"),
    ("withdrawn", "(status = 'withdrawn') = (withdrawn_because is not null)"),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _add_to_price_books()
    _add_to_quotes()
    op.execute(
        """
        CREATE FUNCTION keep_approved_prices() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.status = 'draft' THEN
                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
            END IF;
            IF TG_OP = 'UPDATE' AND to_jsonb(NEW) = to_jsonb(OLD) THEN
                RETURN NEW;
            END IF;
            IF TG_OP = 'UPDATE' AND OLD.status = 'approved' AND NEW.status = 'withdrawn'
                AND to_jsonb(NEW) - 'status' - 'withdrawn_because' = to_jsonb(OLD) - 'status' - 'withdrawn_because'
            THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'prices that were approved are never changed or removed'
                USING ERRCODE = 'restrict_violation';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER keeps_approved BEFORE UPDATE OR DELETE ON price_books "
        "FOR EACH ROW EXECUTE FUNCTION keep_approved_prices()"
    )
    op.execute(
        "CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON quotes FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        _INSERT.bindparams(
            name="monthly_mark_usd",
            value='"100.00"',
            source="house policy: a month usually costs less than 100 dollars",
            reason=REASON,
        )
    )


    for table, column, parent in BY_PARENT:
        op.execute(f"SELECT wall_by_parent('{table}', '{column}', '{parent}')")
    # What the embedded provider keeps is the provider's.
    op.execute("SELECT wall_shut('house_ledger')")


def _add_to_price_books() -> None:
    op.execute("ALTER TABLE price_books ADD COLUMN status VARCHAR(40) DEFAULT 'approved' NOT NULL")
    op.add_column("price_books", sa.Column("reason", sa.Text(), server_default="", nullable=False))
    op.add_column("price_books", sa.Column("drafted_by", sa.Text(), nullable=True))
    op.add_column("price_books", sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("price_books", sa.Column("withdrawn_because", sa.Text(), nullable=True))
    op.add_column("price_books", sa.Column("edition", sa.BigInteger(), server_default="1", nullable=False))
    for name, check in _CHECKS:
        op.execute(_STATUS.format(name, check))
        op.execute(_VALIDATE.format("price_books", f"ck_price_books_{name}"))


def _add_to_quotes() -> None:
    json = postgresql.JSONB(astext_type=sa.Text())
    op.add_column("quotes", sa.Column("other_options", json, server_default="[]", nullable=False))
    op.add_column("quotes", sa.Column("ship_to_state", sa.Text(), nullable=True))
    op.add_column("quotes", sa.Column("surcharges", json, server_default="[]", nullable=False))
    op.add_column("quotes", sa.Column("requoted_from", sa.Uuid(), nullable=True))
    op.add_column("quotes", sa.Column("previous_total_cents", sa.BigInteger(), nullable=True))
    op.execute(
        "ALTER TABLE quotes ADD CONSTRAINT fk_quotes_requoted_from"
        " FOREIGN KEY (requoted_from) REFERENCES quotes (id) NOT VALID"
    )
    op.execute(
        "ALTER TABLE quotes ADD CONSTRAINT ck_quotes_requoted_whole"
        " CHECK (num_nulls(requoted_from, previous_total_cents) in (0, 2)) NOT VALID"
    )
    for name in ("fk_quotes_requoted_from", "ck_quotes_requoted_whole"):
        op.execute(_VALIDATE.format("quotes", name))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(sa.text("DELETE FROM settings WHERE reason = :reason").bindparams(reason=REASON))
    for table, _, _ in BY_PARENT:
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        for policy in ("practice_sees", "practice_changes", "practice_removes", "practice_files"):
            op.execute(f"DROP POLICY {policy} ON {table}")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON house_ledger TO pharmacy_client")
    op.execute("DROP TRIGGER immutable ON quotes")
    op.execute("DROP TRIGGER keeps_approved ON price_books")
    op.execute("DROP FUNCTION keep_approved_prices()")
    for column in ("previous_total_cents", "requoted_from", "surcharges", "ship_to_state", "other_options"):
        op.drop_column("quotes", column)
    # Books that know no drafts hold approved prices only; drafts and withdrawn prices were never charged.
    op.execute("DELETE FROM price_books WHERE status <> 'approved'")
    for column in ("edition", "withdrawn_because", "approved_at", "drafted_by", "reason", "status"):
        op.drop_column("price_books", column)
