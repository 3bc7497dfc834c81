"""The life of a batch: what was weighed, mixed, filled, checked and counted, by whom, and how it may move.

The allowed moves are a copy of the rule's table, so that nobody gets a batch released behind its back. Existing
rows are left as they are: new checks hold for what is written from now on.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

KINDS_BEFORE = ("capsules", "triturate")
KINDS = (*KINDS_BEFORE, "liquid")
STATUSES_BEFORE = (
    "planned",
    "lots_assigned",
    "released",
    "rejected",
    "depleted",
    "expired",
    "recalled",
    "destroyed",
)
STATUSES = (
    "planned",
    "lots_assigned",
    "weighing",
    "blended",
    "filled",
    "qc_pending",
    "qc_passed",
    "released",
    "qc_failed",
    "quarantined",
    "rejected",
    "depleted",
    "expired",
    "recalled",
    "destroyed",
)
MOVES = {
    "planned": ("lots_assigned", "rejected"),
    "lots_assigned": ("lots_assigned", "weighing", "rejected", "recalled"),
    "weighing": ("blended", "quarantined", "rejected", "recalled"),
    "blended": ("filled", "quarantined", "rejected", "recalled"),
    "filled": ("qc_pending", "quarantined", "rejected", "recalled"),
    "qc_pending": ("qc_passed", "qc_failed", "quarantined", "rejected", "recalled"),
    "qc_passed": ("released", "quarantined", "rejected", "recalled"),
    "qc_failed": ("quarantined", "rejected", "recalled"),
    "quarantined": ("rejected", "recalled", "destroyed"),
    "rejected": ("destroyed",),
    "released": ("depleted", "expired", "recalled", "destroyed"),
    "depleted": ("recalled",),
    "expired": ("recalled", "destroyed"),
    "recalled": ("destroyed",),
    "destroyed": (),
}

_WHOLE_BEFORE = (
    "(kind = 'capsules' and num_nulls(strength_ug, capsules_prepared) = 0"
    " and strength_ug > 0 and capsules_prepared > 0 and strength_fraction is null)"
    " or (kind = 'triturate' and num_nonnulls(strength_ug, capsules_prepared) = 0"
    " and strength_fraction is not null and strength_fraction > 0 and strength_fraction < 1)"
)
_WHOLE = (
    _WHOLE_BEFORE
    + " or (kind = 'liquid' and num_nonnulls(strength_ug, capsules_prepared, strength_fraction) = 0)"
)
_ALLOCATED = "capsules_allocated >= 0 and capsules_allocated <= coalesce(capsules_on_offer, capsules_allocated)"
_COUNTED = (
    "capsules_filled = capsules_on_offer + capsules_rejected + capsules_retained or capsules_rejected is null"
)
_TWO_PEOPLE = (
    "released_by is distinct from compounded_by or single_pharmacist_reason is not null or released_by is null"
)

OWNER = "pharmacist-in-charge"
REASON = "default of the compounding bench"
# name, value, source
SETTINGS: tuple[tuple[str, object, str], ...] = (
    ("weighing_tolerance_pct", "1", "house policy; a reading within 1 % of its target is kept"),
    ("capsule_plate", 100, "the pharmacy's machine; plates of 50, 100 and 300 are usual"),
    (
        "weight_limits",
        {"least_pct": "90", "most_pct": "110", "most_deviation_pct": "5"},
        "USP <795>: 90 to 110 % of the theoretical fill; the deviation is house policy",
    ),
    (
        "yield_policy",
        {"judged_from": 100, "least_pct": "95", "most_pct": "105", "powder_pct": "2"},
        "house policy",
    ),
    ("single_pharmacist", False, "house policy: a pharmacy of one pharmacist may be excepted, with a reason"),
)

_INSERT = sa.text(
    "INSERT INTO settings (id, name, value, source, owner, reason, set_at)"
    " VALUES (gen_random_uuid(), :name, CAST(:value AS jsonb), :source, :owner, :reason, now())"
)


_COUNT = """
    CREATE FUNCTION count_allocated() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE owed bigint;
    DECLARE promised bigint;
    BEGIN
        IF TG_OP <> 'INSERT' THEN
            UPDATE batches SET capsules_allocated = capsules_allocated - OLD.capsules WHERE id = OLD.batch_id;
        END IF;
        IF TG_OP <> 'DELETE' THEN
            UPDATE batches SET capsules_allocated = capsules_allocated + NEW.capsules WHERE id = NEW.batch_id;
            SELECT capsules INTO owed FROM order_lines WHERE id = NEW.order_line_id FOR UPDATE;
            SELECT sum(capsules) INTO promised FROM allocations
                WHERE order_line_id = NEW.order_line_id AND destroyed_at IS NULL;
            IF promised > owed THEN
                RAISE EXCEPTION 'order line % owes % capsules and was promised %',
                    NEW.order_line_id, owed, promised USING ERRCODE = 'integrity_constraint_violation';
            END IF;
        END IF;
        RETURN NULL;
    END $$
"""

_MOVES = """
    CREATE FUNCTION batch_moves_by_table() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE moves jsonb := '%s';
    BEGIN
        IF NEW.status <> OLD.status AND NOT moves -> OLD.status ? NEW.status THEN
            RAISE EXCEPTION 'a batch that is %% cannot become %%', OLD.status, NEW.status
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF NEW.status = 'released' AND OLD.status <> 'released' THEN
            IF NEW.released_by IS NULL THEN
                RAISE EXCEPTION 'a batch is released by somebody'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF (NEW.kind = 'capsules' AND NEW.reconciled_at IS NULL) OR NOT EXISTS (SELECT FROM batch_weighings WHERE batch_id = NEW.id)
                OR EXISTS (SELECT FROM batch_weighings WHERE batch_id = NEW.id AND checked_by IS NULL) THEN
                RAISE EXCEPTION 'a batch is released with every weighing checked and everything reconciled'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF NEW.single_pharmacist_reason IS NULL AND EXISTS (
                SELECT FROM batch_weighings WHERE batch_id = NEW.id AND weighed_by = NEW.released_by
            ) THEN
                RAISE EXCEPTION 'whoever weighed for a batch may not release it'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
        END IF;
        RETURN NEW;
    END $$
"""

_ONCE_SIGNED = """
    CREATE FUNCTION weighing_signed_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.checked_by IS NOT NULL OR (to_jsonb(NEW) - '{checked_at,checked_by}'::text[])
            <> (to_jsonb(OLD) - '{checked_at,checked_by}'::text[]) THEN
            RAISE EXCEPTION 'a weighing is never changed; a second person signs it once'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
"""

_VERIFIER = """
    CREATE FUNCTION verifier_did_not_compound() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM order_lines
            JOIN allocations ON allocations.order_line_id = order_lines.id
            JOIN batches ON batches.id = allocations.batch_id
            WHERE order_lines.order_id = NEW.id AND batches.compounded_by = NEW.verified_by
                AND batches.single_pharmacist_reason IS NULL
        ) THEN
            RAISE EXCEPTION 'whoever compounded for an order may not verify it'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NULL;
    END $$
"""


def _columns() -> tuple[sa.Column[object], ...]:
    """Made anew, since a column belongs to one statement."""
    return (
        sa.Column("capsules_required", sa.BigInteger(), nullable=True),
        sa.Column("capsules_on_offer", sa.BigInteger(), nullable=True),
        sa.Column("capsules_allocated", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("balance_id", sa.Uuid(), nullable=True),
        sa.Column("certificate", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("as_weighed", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("blended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("blended_by", sa.Uuid(), nullable=True),
        sa.Column("appearance", sa.Text(), nullable=True),
        sa.Column("filled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("filled_by", sa.Uuid(), nullable=True),
        sa.Column("capsules_filled", sa.BigInteger(), nullable=True),
        sa.Column("capsules_rejected", sa.BigInteger(), nullable=True),
        sa.Column("capsules_retained", sa.BigInteger(), nullable=True),
        sa.Column("waste_mg", sa.Numeric(), nullable=True),
        sa.Column("reconciliation", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("reconciled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reconciled_by", sa.Uuid(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.Uuid(), nullable=True),
        sa.Column("single_pharmacist_reason", sa.Text(), nullable=True),
    )


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for column in _columns():
        op.add_column("batches", column)
    op.create_foreign_key(op.f("fk_batches_balance_id"), "batches", "balances", ["balance_id"], ["id"])
    op.create_index("ix_batches_status_id", "batches", ["status", "id"], unique=False)
    _check("kind", _one_of("kind", KINDS))
    _check("status", _one_of("status", STATUSES))
    _check("kind_whole", _WHOLE)
    _add_check("allocated", _ALLOCATED)
    _add_check("counted", _COUNTED)
    _add_check("two_people", _TWO_PEOPLE)
    op.add_column("allocations", sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE batches SET capsules_allocated ="
        " coalesce((SELECT sum(capsules) FROM allocations WHERE batch_id = batches.id), 0)"
    )
    _bench_work()
    _guards()
    for name, value, source in SETTINGS:
        op.execute(
            _INSERT.bindparams(name=name, value=json.dumps(value), source=source, owner=OWNER, reason=REASON)
        )


def _one_of(column: str, values: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({listed})"


def _check(name: str, condition: str) -> None:
    op.drop_constraint(op.f(f"ck_batches_{name}"), "batches", type_="check")
    _add_check(name, condition)


def _add_check(name: str, condition: str) -> None:
    op.create_check_constraint(op.f(f"ck_batches_{name}"), "batches", condition)


def _bench_work() -> None:
    op.create_table(
        "batch_weighings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "aliquot_powder",
                "aliquot_diluent",
                "active",
                "filler",
                name="step",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "ingredient",
            sa.Enum(
                "api",
                "triturate",
                "filler",
                "mixture",
                name="ingredient",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("component_lot_id", sa.Uuid(), nullable=True),
        sa.Column("triturate_id", sa.Uuid(), nullable=True),
        sa.Column("balance_id", sa.Uuid(), nullable=False),
        sa.Column("target_mg", sa.Numeric(), nullable=False),
        sa.Column("read_mg", sa.Numeric(), nullable=False),
        sa.Column("off_pct", sa.Numeric(), nullable=False),
        sa.Column("weighed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("weighed_by", sa.Uuid(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("read_mg > 0 and target_mg > 0", name=op.f("ck_batch_weighings_masses")),
        sa.CheckConstraint(
            "num_nulls(checked_at, checked_by) in (0, 2)", name=op.f("ck_batch_weighings_checked_whole")
        ),
        sa.CheckConstraint(
            "checked_by is distinct from weighed_by", name=op.f("ck_batch_weighings_two_people")
        ),
        sa.CheckConstraint(
            "num_nonnulls(component_lot_id, triturate_id) = case ingredient when 'mixture' then 0 else 1 end",
            name=op.f("ck_batch_weighings_one_source"),
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_batch_weighings_batch_id")),
        sa.ForeignKeyConstraint(
            ["component_lot_id"], ["component_lots.id"], name=op.f("fk_batch_weighings_component_lot_id")
        ),
        sa.ForeignKeyConstraint(["triturate_id"], ["batches.id"], name=op.f("fk_batch_weighings_triturate_id")),
        sa.ForeignKeyConstraint(["balance_id"], ["balances.id"], name=op.f("fk_batch_weighings_balance_id")),
        sa.ForeignKeyConstraint(
            ["weighed_by"], ["staff_members.id"], name=op.f("fk_batch_weighings_weighed_by")
        ),
        sa.ForeignKeyConstraint(
            ["checked_by"], ["staff_members.id"], name=op.f("fk_batch_weighings_checked_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_weighings")),
        sa.UniqueConstraint("batch_id", "step", name=op.f("uq_batch_weighings_batch_id_step")),
    )
    op.create_table(
        "batch_checks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "weights",
                "contents",
                "appearance",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("found", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("has_passed", sa.Boolean(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_batch_checks_batch_id")),
        sa.ForeignKeyConstraint(["checked_by"], ["staff_members.id"], name=op.f("fk_batch_checks_checked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_checks")),
    )
    op.create_index(op.f("ix_batch_checks_batch_id"), "batch_checks", ["batch_id"], unique=False)
    op.create_table(
        "batch_deviations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_batch_deviations_batch_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["staff_members.id"], name=op.f("fk_batch_deviations_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_deviations")),
    )
    op.create_index(op.f("ix_batch_deviations_batch_id"), "batch_deviations", ["batch_id"], unique=False)
    # A practice never sees who weighed what: the bench is the pharmacy's own.
    for table in ("batch_weighings", "batch_checks", "batch_deviations"):
        op.execute(f"SELECT wall_shut('{table}')")


def _guards() -> None:
    op.execute(_COUNT)
    op.execute(
        "CREATE TRIGGER counted AFTER INSERT OR UPDATE OF capsules, batch_id OR DELETE ON allocations"
        " FOR EACH ROW EXECUTE FUNCTION count_allocated()"
    )
    op.execute(_MOVES % json.dumps(MOVES))
    op.execute(
        "CREATE TRIGGER walks_by_table BEFORE UPDATE OF status ON batches"
        " FOR EACH ROW EXECUTE FUNCTION batch_moves_by_table()"
    )
    op.execute(_ONCE_SIGNED)
    op.execute(
        "CREATE TRIGGER signed_once BEFORE UPDATE ON batch_weighings"
        " FOR EACH ROW EXECUTE FUNCTION weighing_signed_once()"
    )
    op.execute(
        "CREATE TRIGGER never_removed BEFORE DELETE ON batch_weighings"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    for table in ("batch_checks", "batch_deviations"):
        op.execute(
            f"CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    op.execute(_VERIFIER)
    op.execute(
        "CREATE TRIGGER two_people AFTER UPDATE OF verified_by ON orders FOR EACH ROW"
        " WHEN (NEW.verified_by IS NOT NULL) EXECUTE FUNCTION verifier_did_not_compound()"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(sa.text("DELETE FROM settings WHERE reason = :reason").bindparams(reason=REASON))
    op.execute("DROP FUNCTION verifier_did_not_compound() CASCADE")
    op.execute("DROP FUNCTION batch_moves_by_table() CASCADE")
    op.execute("DROP FUNCTION count_allocated() CASCADE")
    op.drop_table("batch_deviations")
    op.drop_table("batch_checks")
    op.drop_table("batch_weighings")
    op.execute("DROP FUNCTION weighing_signed_once()")
    op.drop_column("allocations", "destroyed_at")
    # What the older form has no word for cannot be kept in it.
    op.execute(
        "UPDATE batches SET status = 'lots_assigned' WHERE status IN"
        " ('weighing', 'blended', 'filled', 'qc_pending', 'qc_passed')"
    )
    op.execute("UPDATE batches SET status = 'rejected' WHERE status IN ('qc_failed', 'quarantined')")
    op.execute("DELETE FROM batches WHERE kind = 'liquid'")
    for name in ("allocated", "counted", "two_people"):
        op.drop_constraint(op.f(f"ck_batches_{name}"), "batches", type_="check")
    _check("kind_whole", _WHOLE_BEFORE)
    _check("status", _one_of("status", STATUSES_BEFORE))
    _check("kind", _one_of("kind", KINDS_BEFORE))
    op.drop_index("ix_batches_status_id", table_name="batches")
    for column in reversed(_columns()):
        op.drop_column("batches", column.name)
