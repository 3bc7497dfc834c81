"""Clients that hold private keys, secrets and keys that change with an overlap, tokens that are revoked, and what
staff verified of a prescriber."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("api_clients", sa.Column("previous_secret_hash", sa.Text(), nullable=True))
    op.add_column(
        "api_clients", sa.Column("previous_secret_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("access_tokens", sa.Column("scopes", postgresql.ARRAY(sa.TEXT()), nullable=True))
    op.add_column("access_tokens", sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("roster_entries", sa.Column("licence_number", sa.Text(), nullable=True))
    op.add_column("roster_entries", sa.Column("licence_state", sa.Text(), nullable=True))
    op.add_column(
        "roster_entries",
        sa.Column(
            "scopes",
            postgresql.ARRAY(sa.TEXT()),
            server_default=sa.text("'{orders,adjustments,renewals}'"),
            nullable=False,
        ),
    )
    op.add_column("roster_entries", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "client_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("api_client_id", sa.Uuid(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("jwk", postgresql.JSONB(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holds_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["api_client_id"], ["api_clients.id"], name=op.f("fk_client_keys_api_client_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_keys")),
        sa.UniqueConstraint("api_client_id", "kid", name=op.f("uq_client_keys_api_client_id_kid")),
    )
    op.create_table(
        "used_assertions",
        sa.Column("api_client_id", sa.Uuid(), nullable=False),
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["api_client_id"], ["api_clients.id"], name=op.f("fk_used_assertions_api_client_id")
        ),
        sa.PrimaryKeyConstraint("api_client_id", "jti", name=op.f("pk_used_assertions")),
    )
    op.execute("SELECT wall_shut('client_keys')")
    op.execute("SELECT wall_shut('used_assertions')")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("used_assertions")
    op.drop_table("client_keys")
    for column in ("withdrawn_at", "scopes", "licence_state", "licence_number"):
        op.drop_column("roster_entries", column)
    for column in ("revoked_at", "scopes"):
        op.drop_column("access_tokens", column)
    for column in ("previous_secret_until", "previous_secret_hash"):
        op.drop_column("api_clients", column)
