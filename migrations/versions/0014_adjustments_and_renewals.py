"""A plan is adjusted, filled in parts, renewed and transferred; its versions say on whose word they stand."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

OWNER = "pharmacist-in-charge"
REASON = "default of a new pharmacy for the life of a plan"
SETTINGS: tuple[tuple[str, object, str], ...] = (
    (
        "adjusting",
        {
            "most_days_off": 14,
            "usual_step_days": 7,
            "usual_bedtime": "22:00",
            "usual_morning": "08:00",
            "least_hours_between": 8,
        },
        "house policy; retitration after more than 14 days off after LDN Research Trust",
    ),
    ("renewal_lead_days", 21, "house policy: the prescriber is asked so many days before the run-out"),
)
_INSERT = sa.text(
    "INSERT INTO settings (id, name, value, source, owner, reason, set_at)"
    " VALUES (gen_random_uuid(), :name, CAST(:value AS jsonb), :source, :owner, :reason, now())"
)
_AUTHORITIES = ("prescription", "prescriber", "envelope", "pharmacist", "record")
_KINDS = (
    "pause", "resume", "stay", "step_back", "halve", "slower", "skip", "move_time_of_day", "stop", "restart",
)  # fmt: skip
_STATES = ("proposed", "authorised", "accepted", "in_force", "declined", "withdrawn")


def _one_of(members: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("plan_versions", sa.Column("course", postgresql.JSONB(), nullable=True))
    op.add_column(
        "plan_versions",
        sa.Column("authority", sa.String(40), server_default="prescription", nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_plan_versions_authority"), "plan_versions", sa.column("authority").in_(_AUTHORITIES)
    )
    op.add_column("prescriptions", sa.Column("envelope_most_ug", sa.BigInteger(), nullable=True))
    op.add_column("prescriptions", sa.Column("envelope_step_days", sa.BigInteger(), nullable=True))
    op.add_column("prescriptions", sa.Column("transferred_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("prescriptions", sa.Column("transfer", postgresql.JSONB(), nullable=True))
    op.add_column("prescriptions", sa.Column("renews_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_prescriptions_renews_id"), "prescriptions", "prescriptions", ["renews_id"], ["id"]
    )
    for name, rule in (
        ("envelope_whole", "num_nulls(envelope_most_ug, envelope_step_days) in (0, 2)"),
        ("envelope", "envelope_most_ug > 0 and envelope_step_days >= 1"),
        ("transfer_whole", "num_nulls(transferred_at, transfer) in (0, 2)"),
    ):
        op.create_check_constraint(op.f(f"ck_prescriptions_{name}"), "prescriptions", rule)
    op.add_column("orders", sa.Column("refill_number", sa.BigInteger(), server_default="0", nullable=False))
    op.create_check_constraint(op.f("ck_orders_refill_number"), "orders", "refill_number >= 0")
    _adjustments()
    _renewals()
    for table in ("adjustments", "renewals"):
        op.execute(f"SELECT wall_by_practice('{table}')")
    for name, value, source in SETTINGS:
        op.execute(
            _INSERT.bindparams(name=name, value=json.dumps(value), source=source, owner=OWNER, reason=REASON)
        )


def _adjustments() -> None:
    op.create_table(
        "adjustments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("prescription_id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _one_of(_KINDS, "kind"), nullable=False),
        sa.Column("from_day", sa.BigInteger(), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=True),
        sa.Column("time_of_day", _one_of(("morning", "bedtime"), "time_of_day"), nullable=True),
        sa.Column("waits_a_day", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("of_version", sa.BigInteger(), nullable=False),
        sa.Column("state", _one_of(_STATES, "state"), nullable=False),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_by", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_by_kind", _one_of(("api_client", "staff", "system", "patient"), "asked_by_kind"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authority", _one_of(_AUTHORITIES, "authority"), nullable=True),
        sa.Column("authorization", postgresql.JSONB(), nullable=True),
        sa.Column("settled_because", sa.Text(), nullable=True),
        sa.Column("difference", postgresql.JSONB(), nullable=False),
        sa.Column("plan_version_id", sa.Uuid(), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("from_day >= 1", name=op.f("ck_adjustments_from_day")),
        sa.CheckConstraint(
            "state in ('proposed', 'declined', 'withdrawn') or authority is not null",
            name=op.f("ck_adjustments_word"),
        ),
        sa.CheckConstraint(
            "(state = 'in_force') = (plan_version_id is not null)", name=op.f("ck_adjustments_in_force")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_adjustments_order_id")),
        sa.ForeignKeyConstraint(
            ["plan_version_id"], ["plan_versions.id"], name=op.f("fk_adjustments_plan_version_id")
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_adjustments_practice_id")),
        sa.ForeignKeyConstraint(
            ["prescription_id"], ["prescriptions.id"], name=op.f("fk_adjustments_prescription_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustments")),
    )
    op.create_index(op.f("ix_adjustments_prescription_id"), "adjustments", ["prescription_id"])
    op.create_index(
        "uq_adjustments_open",
        "adjustments",
        ["prescription_id"],
        unique=True,
        postgresql_where="state in ('proposed', 'authorised')",
    )


def _renewals() -> None:
    op.create_table(
        "renewals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("prescription_id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("state", _one_of(("asked", "approved", "changed", "denied"), "state"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("needed_on", sa.Date(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("renewed_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(state = 'asked') = (answered_at is null) and num_nulls(answered_at, answered_by) in (0, 2)",
            name=op.f("ck_renewals_answered_whole"),
        ),
        sa.CheckConstraint(
            "(state in ('approved', 'changed')) = (renewed_id is not null)", name=op.f("ck_renewals_renewed")
        ),
        sa.CheckConstraint("state <> 'denied' or reason is not null", name=op.f("ck_renewals_denied_because")),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_renewals_practice_id")),
        sa.ForeignKeyConstraint(
            ["prescription_id"], ["prescriptions.id"], name=op.f("fk_renewals_prescription_id")
        ),
        sa.ForeignKeyConstraint(["renewed_id"], ["prescriptions.id"], name=op.f("fk_renewals_renewed_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renewals")),
    )
    op.create_index(op.f("ix_renewals_prescription_id"), "renewals", ["prescription_id"])
    op.create_index(
        "uq_renewals_open", "renewals", ["prescription_id"], unique=True, postgresql_where="state = 'asked'"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(sa.text("DELETE FROM settings WHERE reason = :reason").bindparams(reason=REASON))
    op.drop_table("renewals")
    op.drop_table("adjustments")
    op.drop_constraint(op.f("ck_orders_refill_number"), "orders", type_="check")
    op.drop_column("orders", "refill_number")
    for name in ("transfer_whole", "envelope", "envelope_whole"):
        op.drop_constraint(op.f(f"ck_prescriptions_{name}"), "prescriptions", type_="check")
    op.drop_constraint(op.f("fk_prescriptions_renews_id"), "prescriptions", type_="foreignkey")
    for column in ("renews_id", "transfer", "transferred_at", "envelope_step_days", "envelope_most_ug"):
        op.drop_column("prescriptions", column)
    op.drop_constraint(op.f("ck_plan_versions_authority"), "plan_versions", type_="check")
    op.drop_column("plan_versions", "authority")
    op.drop_column("plan_versions", "course")
