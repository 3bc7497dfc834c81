"""How orders leave and come back: scans of vials, counselling, closures, hand-overs, returns."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

OWNER = "pharmacist-in-charge"
REASON = "default of a new pharmacy, counter"
SETTING = "counter"
VALUE = {"will_call_days": 14, "most_picture_bytes": 4_000_000}
SOURCE = "house policy: bags that nobody picks up are looked at after two weeks; a scanned page fits in 4 MB"
_INSERT = sa.text(
    "INSERT INTO settings (id, name, value, source, owner, reason, set_at)"
    " VALUES (gen_random_uuid(), :name, CAST(:value AS jsonb), :source, :owner, :reason, now())"
)
TABLES = ("vial_scans", "counselling_offers", "closure_requests", "hand_overs", "returned_orders")


def _one_of(table: str, column: str, *values: str) -> sa.CheckConstraint:
    named = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({named})", name=op.f(f"ck_{table}_{column}"))


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "vial_scans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("label_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scanned_by", sa.Uuid(), nullable=False),
        _one_of("vial_scans", "purpose", "verification", "bag"),
        _refers("vial_scans", "order_id", "orders"),
        _refers("vial_scans", "label_id", "labels"),
        _refers("vial_scans", "scanned_by", "staff_members"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vial_scans")),
        sa.UniqueConstraint("label_id", "purpose", name=op.f("uq_vial_scans_label_id_purpose")),
    )
    op.create_table(
        "counselling_offers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(40), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("offered_to", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        _one_of("counselling_offers", "way", "in_person", "by_telephone", "in_writing"),
        _one_of("counselling_offers", "outcome", "accepted", "refused", "offered"),
        _refers("counselling_offers", "order_id", "orders"),
        _refers("counselling_offers", "recorded_by", "staff_members"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counselling_offers")),
    )
    op.create_table(
        "closure_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.String(40), nullable=False),
        sa.Column("asked_by_name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        _one_of("closure_requests", "asked_by", "patient", "prescriber"),
        _refers("closure_requests", "order_id", "orders"),
        _refers("closure_requests", "recorded_by", "staff_members"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure_requests")),
    )
    _leaving()
    for table in ("vial_scans", "counselling_offers", "closure_requests"):
        op.create_index(op.f(f"ix_{table}_order_id"), table, ["order_id"])
    for table in TABLES:
        op.execute(f"SELECT wall_by_parent('{table}', 'order_id', 'orders')")
        op.execute(
            f"CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        _INSERT.bindparams(name=SETTING, value=json.dumps(VALUE), source=SOURCE, owner=OWNER, reason=REASON)
    )


def _leaving() -> None:
    op.create_table(
        "hand_overs",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("carrier", sa.String(40), nullable=True),
        sa.Column("tracking_number", sa.Text(), nullable=True),
        sa.Column("taken_by", sa.Text(), nullable=True),
        sa.Column("relation", sa.String(40), nullable=True),
        sa.Column("identity", sa.String(40), nullable=True),
        sa.Column("signed_as", sa.Text(), nullable=True),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.Column("is_child_resistant", sa.Boolean(), nullable=False),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_by", sa.Uuid(), nullable=False),
        _one_of("hand_overs", "carrier", "usps", "ups", "fedex", "courier"),
        _one_of("hand_overs", "relation", "patient", "family", "caregiver", "agent"),
        _one_of(
            "hand_overs",
            "identity",
            "driving_licence",
            "state_identity_card",
            "passport",
            "military_identity_card",
            "known",
        ),
        sa.CheckConstraint(
            "num_nulls(carrier, tracking_number) in (0, 2)", name=op.f("ck_hand_overs_parcel_whole")
        ),
        sa.CheckConstraint(
            "num_nulls(taken_by, relation, identity) in (0, 3)", name=op.f("ck_hand_overs_taker_whole")
        ),
        sa.CheckConstraint("(carrier is null) <> (taken_by is null)", name=op.f("ck_hand_overs_one_way")),
        sa.CheckConstraint(
            "taken_by is null or num_nonnulls(signed_as, signature) >= 1", name=op.f("ck_hand_overs_signed")
        ),
        _refers("hand_overs", "order_id", "orders"),
        _refers("hand_overs", "handed_by", "staff_members"),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_hand_overs")),
    )
    op.create_table(
        "returned_orders",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("came_back_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        _one_of("returned_orders", "kind", "undelivered", "refused_by_patient", "brought_back"),
        _refers("returned_orders", "order_id", "orders"),
        _refers("returned_orders", "recorded_by", "staff_members"),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_returned_orders")),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(sa.text("DELETE FROM settings WHERE name = :name").bindparams(name=SETTING))
    for table in reversed(TABLES):
        op.drop_table(table)
