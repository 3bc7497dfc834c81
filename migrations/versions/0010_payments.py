"""Private links, accepted prices, payments with their operations, and the embedded provider's own ledger."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OWNER = "pharmacist-in-charge"
REASON = "default of a new pharmacy, payments"
# name, value, source
SETTINGS: tuple[tuple[str, object, str], ...] = (
    ("private_link_valid_days", 14, "house policy: as long as a price may be accepted"),
    ("private_link_tries", 5, "house policy: five tries at the birth date"),
    ("acceptance_valid_days", 14, "house policy: an order nobody accepts in 14 days is cancelled"),
    ("authorisation_days", 7, "card schemes hold an authorisation about seven days"),
)
# Rows that are only ever added.
KEPT = ("price_acceptances", "payments", "refund_decisions", "house_ledger")
_ACTORS = "ALTER TABLE audit ADD CONSTRAINT ck_audit_actor_kind CHECK (actor_kind IN ({})) NOT VALID"
_INSERT = sa.text(
    "INSERT INTO settings (id, name, value, source, owner, reason, set_at)"
    " VALUES (gen_random_uuid(), :name, CAST(:value AS jsonb), :source, :owner, :reason, now())"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _name_actors("'api_client', 'staff', 'system', 'patient'")
    op.execute("ALTER TABLE practices ADD COLUMN payer VARCHAR(40) DEFAULT 'patient' NOT NULL")
    op.execute(
        "ALTER TABLE practices ADD CONSTRAINT ck_practices_payer CHECK (payer IN ('patient', 'practice')) NOT VALID"
    )
    op.execute("ALTER TABLE practices VALIDATE CONSTRAINT ck_practices_payer")
    _create_tables()
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    for name, value, source in SETTINGS:
        op.execute(
            _INSERT.bindparams(name=name, value=json.dumps(value), source=source, owner=OWNER, reason=REASON)
        )


def _name_actors(actors: str) -> None:
    """The trail may name these kinds of actors; rows there are looked through without stopping anybody."""
    op.execute("ALTER TABLE audit DROP CONSTRAINT ck_audit_actor_kind")
    op.execute(_ACTORS.format(actors))
    op.execute("ALTER TABLE audit VALIDATE CONSTRAINT ck_audit_actor_kind")


def _create_tables() -> None:
    op.create_table('house_ledger',
        sa.Column('key', sa.Uuid(), nullable=False),
        sa.Column('number', sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column('account', sa.Uuid(), nullable=False),
        sa.Column('kind', sa.Enum('authorise', 'capture', 'void', 'refund', name='kind', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('method', sa.Enum('cash', 'terminal_slip', 'practice_account', name='method', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('payer_reference', sa.Text(), nullable=False),
        sa.Column('amount_cents', sa.BigInteger(), nullable=False),
        sa.Column('refusal', sa.Text(), nullable=True),
        sa.Column('lapses_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint('amount_cents > 0', name=op.f('ck_house_ledger_amount')),
        sa.PrimaryKeyConstraint('key', name=op.f('pk_house_ledger'))
    )
    op.create_index('ix_house_ledger_account_number', 'house_ledger', ['account', 'number'], unique=False)
    op.create_table('private_links',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('purpose', sa.Enum('price', 'start', 'check_in', 'refill', name='purpose', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('subject_id', sa.Uuid(), nullable=False),
        sa.Column('patient_id', sa.Uuid(), nullable=False),
        sa.Column('token_hash', sa.LargeBinary(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('wrong_tries', sa.BigInteger(), server_default='0', nullable=False),
        sa.Column('entered_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('closed_because', sa.Text(), nullable=True),
        sa.CheckConstraint('expires_at > created_at', name=op.f('ck_private_links_lasts')),
        sa.CheckConstraint('num_nulls(closed_at, closed_because) in (0, 2)', name=op.f('ck_private_links_closed_whole')),
        sa.CheckConstraint('octet_length(token_hash) = 32', name=op.f('ck_private_links_hash')),
        sa.CheckConstraint('wrong_tries >= 0', name=op.f('ck_private_links_tries')),
        sa.ForeignKeyConstraint(['patient_id'], ['patients.id'], name=op.f('fk_private_links_patient_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_private_links')),
        sa.UniqueConstraint('token_hash', name=op.f('uq_private_links_token_hash'))
    )
    op.create_index(op.f('ix_private_links_patient_id'), 'private_links', ['patient_id'], unique=False)
    op.create_index('ix_private_links_subject_id_purpose', 'private_links', ['subject_id', 'purpose'], unique=False)
    op.create_table('payments',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('order_id', sa.Uuid(), nullable=False),
        sa.Column('method', sa.Enum('cash', 'terminal_slip', 'practice_account', name='method', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('payer', sa.Enum('patient', 'practice', name='payer', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('payer_reference', sa.Text(), nullable=False),
        sa.Column('amount_cents', sa.BigInteger(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=False),
        sa.CheckConstraint('amount_cents > 0', name=op.f('ck_payments_amount')),
        sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_payments_order_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_payments'))
    )
    op.create_index(op.f('ix_payments_order_id'), 'payments', ['order_id'], unique=False)
    op.create_table('price_acceptances',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('order_id', sa.Uuid(), nullable=False),
        sa.Column('total_cents', sa.BigInteger(), nullable=False),
        sa.Column('payer', sa.Enum('patient', 'practice', name='payer', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('accepted_by', sa.Enum('private_link', 'staff', 'practice_agreement', name='accepted_by', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('said', sa.Text(), nullable=False),
        sa.Column('recorded_by', sa.Uuid(), nullable=False),
        sa.Column('recorded_by_name', sa.Text(), nullable=False),
        sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint('total_cents >= 0', name=op.f('ck_price_acceptances_total')),
        sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_price_acceptances_order_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_price_acceptances')),
        sa.UniqueConstraint('order_id', 'total_cents', name=op.f('uq_price_acceptances_order_id_total_cents'))
    )
    op.create_index(op.f('ix_price_acceptances_order_id'), 'price_acceptances', ['order_id'], unique=False)
    op.create_table('payment_operations',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('payment_id', sa.Uuid(), nullable=False),
        sa.Column('position', sa.BigInteger(), nullable=False),
        sa.Column('kind', sa.Enum('authorise', 'capture', 'void', 'refund', name='kind', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('state', sa.Enum('waiting', 'asked', 'done', 'refused', 'uncertain', name='state', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('amount_cents', sa.BigInteger(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('lapses_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('provider_reference', sa.Text(), nullable=True),
        sa.Column('reason', sa.Text(), nullable=True),
        sa.Column('asked_by', sa.Uuid(), nullable=False),
        sa.Column('asked_by_name', sa.Text(), nullable=False),
        sa.CheckConstraint("(state in ('done', 'refused', 'uncertain')) = (settled_at is not null)", name=op.f('ck_payment_operations_settled')),
        sa.CheckConstraint("state = 'waiting' or asked_at is not null", name=op.f('ck_payment_operations_asked')),
        sa.CheckConstraint('amount_cents > 0', name=op.f('ck_payment_operations_amount')),
        sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_payment_operations_payment_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_operations')),
        sa.UniqueConstraint('payment_id', 'position', name=op.f('uq_payment_operations_payment_id_position'))
    )
    op.create_index(op.f('ix_payment_operations_payment_id'), 'payment_operations', ['payment_id'], unique=False)
    op.create_index('ix_payment_operations_uncertain', 'payment_operations', ['id'], unique=False, postgresql_where="state = 'uncertain'")
    op.create_table('refund_decisions',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('order_id', sa.Uuid(), nullable=False),
        sa.Column('way', sa.Enum('refund', 'remake', name='way', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('cause', sa.Enum('cancelled', 'spoiled', 'lost', 'wrong', name='cause', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('amount_cents', sa.BigInteger(), nullable=True),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('operation_id', sa.Uuid(), nullable=True),
        sa.Column('decided_by', sa.Uuid(), nullable=False),
        sa.Column('decided_by_name', sa.Text(), nullable=False),
        sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(way = 'refund') = (amount_cents is not null)", name=op.f('ck_refund_decisions_refund_amount')),
        sa.CheckConstraint('amount_cents > 0', name=op.f('ck_refund_decisions_amount')),
        sa.ForeignKeyConstraint(['operation_id'], ['payment_operations.id'], name=op.f('fk_refund_decisions_operation_id')),
        sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_refund_decisions_order_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_refund_decisions'))
    )
    op.create_index(op.f('ix_refund_decisions_order_id'), 'refund_decisions', ['order_id'], unique=False)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(sa.text("DELETE FROM settings WHERE reason = :reason").bindparams(reason=REASON))
    op.drop_index(op.f('ix_refund_decisions_order_id'), table_name='refund_decisions')
    op.drop_table('refund_decisions')
    op.drop_index('ix_payment_operations_uncertain', table_name='payment_operations', postgresql_where="state = 'uncertain'")
    op.drop_index(op.f('ix_payment_operations_payment_id'), table_name='payment_operations')
    op.drop_table('payment_operations')
    op.drop_index(op.f('ix_price_acceptances_order_id'), table_name='price_acceptances')
    op.drop_table('price_acceptances')
    op.drop_index(op.f('ix_payments_order_id'), table_name='payments')
    op.drop_table('payments')
    op.drop_index('ix_private_links_subject_id_purpose', table_name='private_links')
    op.drop_index(op.f('ix_private_links_patient_id'), table_name='private_links')
    op.drop_table('private_links')
    op.drop_index('ix_house_ledger_account_number', table_name='house_ledger')
    op.drop_table('house_ledger')
    op.execute("ALTER TABLE practices DROP COLUMN payer")
    # The trail is insert-only: where patients stand in it already, the older constraint binds new rows alone.
    op.execute("ALTER TABLE audit DROP CONSTRAINT ck_audit_actor_kind")
    op.execute(_ACTORS.format("'api_client', 'staff', 'system'"))
    op.execute(
        """
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM audit WHERE actor_kind = 'patient') THEN
                ALTER TABLE audit VALIDATE CONSTRAINT ck_audit_actor_kind;
            END IF;
        END $$
        """
    )
