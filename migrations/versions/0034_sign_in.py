"""Staff come in by password and second factor: authenticators, recovery codes, passkeys, links, emergency access."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

OWNER = "pharmacist-in-charge"
REASON = "default of a new pharmacy, sign-in"
SIGN_IN = {
    "second_factor": "required",
    "idle_minutes": 30,
    "longest_hours": 12,
    "tries": 5,
    "tries_minutes": 15,
    "locked_after": 20,
    "locked_hours": 24,
    "emergency_minutes": 60,
    "link_hours": 72,
    "shortest_password": 12,
    "least_strength": 3,
}
SOURCE = "house policy within 45 CFR 164.312(a)(2) and (d); NIST SP 800-63B for passwords and time limits"
# A demonstration that stands already goes on with its names and one password.
_DEMO = "EXISTS (SELECT 1 FROM api_clients WHERE client_id = 'demo-practice')"
_DEMO_NAMES = ("tess", "paul", "iris", "sam", "ada", "otto")
_INSERT = sa.text(
    "INSERT INTO settings (id, name, value, source, owner, reason, set_at)"
    " VALUES (gen_random_uuid(), 'sign_in', CAST(:value AS jsonb), :source, :owner, :reason, now())"
)


def _member_columns() -> tuple[sa.Column, ...]:
    return (
        sa.Column("is_demo", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("totp_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_last_step", sa.BigInteger(), nullable=True),
        sa.Column("opened_again_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
    )


def _session_columns() -> tuple[sa.Column, ...]:
    return (
        sa.Column("id", sa.Uuid(), nullable=True),
        sa.Column("door", sa.Text(), server_default="console", nullable=False),
        sa.Column("browser", sa.Text(), server_default="", nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("challenge", sa.LargeBinary(), nullable=True),
        sa.Column("emergency_until", sa.DateTime(timezone=True), nullable=True),
    )


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for column in _member_columns():
        op.add_column("staff_members", column)
    for column in _session_columns():
        op.add_column("staff_sessions", column)
    op.create_index("ix_staff_sessions_id", "staff_sessions", ["id"], unique=True)
    op.create_index("ix_staff_sessions_staff_member_id", "staff_sessions", ["staff_member_id"])
    # The trail is searched by day and by person.
    op.create_index("ix_audit_at_id", "audit", ["at", "id"])
    op.create_index("ix_audit_actor_id_at_id", "audit", ["actor_id", "at", "id"])
    # Whoever is at work stays at work until their time is over.
    op.execute("UPDATE staff_sessions SET proved_at = started_at, id = gen_random_uuid()")
    named = ", ".join(f"'{name}'" for name in _DEMO_NAMES)
    op.execute(f"UPDATE staff_members SET is_demo = true WHERE username IN ({named}) AND {_DEMO}")
    _create_tables()
    for table in ("recovery_codes", "passkeys", "password_links"):
        op.execute(f"SELECT wall_shut('{table}')")
    op.execute(
        _INSERT.bindparams(value=json.dumps(SIGN_IN), source=SOURCE, owner=OWNER, reason=REASON)
    )
    op.execute(
        "INSERT INTO settings (id, name, value, source, owner, reason, set_at) SELECT gen_random_uuid(), name,"
        " value || '{\"second_factor\": \"when_enrolled\"}', 'the demonstration', owner, 'demonstration',"
        f" set_at + interval '1 second' FROM settings WHERE name = 'sign_in' AND {_DEMO}"
    )


def _create_tables() -> None:
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("staff_member_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_member_id"], ["staff_members.id"], name=op.f("fk_recovery_codes_staff_member_id")
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_staff_member_id"), "recovery_codes", ["staff_member_id"])
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_member_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_member_id"], ["staff_members.id"], name=op.f("fk_passkeys_staff_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    op.create_index(op.f("ix_passkeys_staff_member_id"), "passkeys", ["staff_member_id"])
    op.create_table(
        "password_links",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("staff_member_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_member_id"], ["staff_members.id"], name=op.f("fk_password_links_staff_member_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_password_links")),
    )
    op.create_index(op.f("ix_password_links_staff_member_id"), "password_links", ["staff_member_id"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM settings WHERE name = 'sign_in'")
    for table in ("password_links", "passkeys", "recovery_codes"):
        op.drop_table(table)
    op.drop_index("ix_audit_actor_id_at_id", table_name="audit")
    op.drop_index("ix_audit_at_id", table_name="audit")
    op.drop_index("ix_staff_sessions_staff_member_id", table_name="staff_sessions")
    op.drop_index("ix_staff_sessions_id", table_name="staff_sessions")
    for column in _session_columns():
        op.drop_column("staff_sessions", column.name)
    for column in _member_columns():
        op.drop_column("staff_members", column.name)
