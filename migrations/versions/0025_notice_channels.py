"""Notices of every kind and channel: decisions with reasons, answers, inbound messages, consent that bounced."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

OWNER = "pharmacist-in-charge"
REASON = "default of a new pharmacy, notices"
SETTINGS: tuple[tuple[str, object, str], ...] = (
    (
        "notices",
        {
            "step_at": "18:00",
            "check_in_at": "10:00",
            "refill_at": "09:00",
            "opens": "09:00",
            "closes": "20:00",
            "check_in_day": 4,
            "follow_ups": [-3, 0, 3, 7, 14],
            "most_unanswered": 3,
            "expiring_days": [30, 14],
            "most_a_day": 1,
            "most_a_week": 3,
            "week_days": 7,
            "back_off_minutes": [5, 30, 120],
            "tried_for_days": 7,
            "escalate_days": 7,
        },
        "house policy within 47 CFR 64.1200(c)(1) (08:00 to 21:00) and 64.1200(a)(9)(iv) (one a day, three a week)",
    ),
)
_INSERT = sa.text(
    "INSERT INTO settings (id, name, value, source, owner, reason, set_at)"
    " VALUES (gen_random_uuid(), :name, CAST(:value AS jsonb), :source, :owner, :reason, now())"
)
_BEFORE = ("shipped", "step", "refill")
_KINDS = (
    "shipped", "ready", "step", "check_in", "refill", "follow_up", "renewal", "expiring", "home_expired", "recall",
)  # fmt: skip
# table, name, rule
CHECKS = (
    ("patients", "preferred_channel", "preferred_channel in ('email', 'sms')"),
    ("patients", "inactive_whole", "num_nulls(inactive_since, inactive_because) in (0, 2)"),
    ("patient_consents", "disabled_whole", "num_nulls(disabled_at, disabled_because) in (0, 2)"),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("notices", "sent_messages"):
        _allow_kinds(table, _KINDS)
    op.add_column("patients", sa.Column("preferred_channel", sa.Text(), nullable=True))
    op.add_column("patients", sa.Column("inactive_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("patients", sa.Column("inactive_because", sa.Text(), nullable=True))
    op.add_column("patient_consents", sa.Column("withdrawn_by", sa.Text(), nullable=True))
    op.add_column("patient_consents", sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("patient_consents", sa.Column("disabled_because", sa.Text(), nullable=True))
    op.add_column("sent_messages", sa.Column("provider_id", sa.Text(), nullable=True))
    for table, name, rule in CHECKS:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({rule}) NOT VALID")
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{name}")
    op.create_index("ix_patients_phone_key", "patients", ["phone_key"])
    op.create_index(op.f("ix_sent_messages_provider_id"), "sent_messages", ["provider_id"])
    op.create_index("ix_notices_patient_id_due_at", "notices", ["patient_id", "due_at"])
    op.create_index(
        "ix_notices_uncertain", "notices", ["due_at", "id"], postgresql_where=sa.text("state = 'uncertain'")
    )
    _create_tables()
    op.execute("SELECT wall_by_parent('notice_decisions', 'notice_id', 'notices')")
    op.execute("SELECT wall_by_parent('check_ins', 'order_id', 'orders')")
    op.execute("SELECT wall_shut('inbound_messages')")
    op.execute(
        "CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON inbound_messages "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    for name, value, source in SETTINGS:
        op.execute(
            _INSERT.bindparams(name=name, value=json.dumps(value), source=source, owner=OWNER, reason=REASON)
        )


def _allow_kinds(table: str, kinds: tuple[str, ...]) -> None:
    """Rows there are looked through without stopping anybody."""
    named = ", ".join(f"'{kind}'" for kind in kinds)
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_kind")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_kind CHECK (kind IN ({named})) NOT VALID")
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_kind")


def _create_tables() -> None:
    op.create_table(
        "notice_decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "decision in ('deferred', 'claimed', 'sent', 'suppressed', 'failed', 'uncertain')",
            name=op.f("ck_notice_decisions_decision"),
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_notice_decisions_notice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_decisions")),
    )
    op.create_index(op.f("ix_notice_decisions_notice_id"), "notice_decisions", ["notice_id"])
    op.create_table(
        "check_ins",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("answer", sa.String(40), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "answer IN ('fine', 'headache', 'vivid_dreams', 'stomach', 'stop')", name=op.f("ck_check_ins_answer")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_check_ins_notice_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_check_ins_order_id")),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_check_ins")),
    )
    op.create_index(op.f("ix_check_ins_order_id"), "check_ins", ["order_id"])
    op.create_table(
        "inbound_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("sender_phone", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("intent", sa.String(40), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "intent IN ('stop', 'help', 'start', 'refill', 'other')", name=op.f("ck_inbound_messages_intent")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_inbound_messages_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_messages")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_inbound_messages_provider_id")),
    )
    op.create_index(op.f("ix_inbound_messages_patient_id"), "inbound_messages", ["patient_id"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name, _, _ in SETTINGS:
        op.execute(sa.text("DELETE FROM settings WHERE name = :name").bindparams(name=name))
    for table in ("inbound_messages", "check_ins", "notice_decisions"):
        op.drop_table(table)
    op.drop_index("ix_notices_uncertain", table_name="notices")
    op.drop_index("ix_notices_patient_id_due_at", table_name="notices")
    op.drop_index("ix_patients_phone_key", table_name="patients")
    for table, name, _ in CHECKS:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    op.drop_column("sent_messages", "provider_id")
    for column in ("disabled_because", "disabled_at", "withdrawn_by"):
        op.drop_column("patient_consents", column)
    for column in ("inactive_because", "inactive_since", "preferred_channel"):
        op.drop_column("patients", column)
    # What the code before does not know is forgotten.
    named = ", ".join(f"'{kind}'" for kind in _BEFORE)
    op.execute(f"DELETE FROM sent_messages WHERE kind NOT IN ({named})")
    op.execute(f"DELETE FROM notices WHERE kind NOT IN ({named})")
    for table in ("sent_messages", "notices"):
        _allow_kinds(table, _BEFORE)
