"""Records of stock and quality: catalogue, receipts, counts, shells, calibrations, trainings, formulations, logs."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


# Once written, never changed and never removed.
APPEND_ONLY = (
    "calibrations", "cleanings", "incident_entries", "incidents", "room_readings", "stock_counts", "training_records",
)  # fmt: skip
KINDS_BEFORE = ("api", "filler")
KINDS = (*KINDS_BEFORE, "vehicle", "preservative", "tablet")
OWNER = "pharmacist-in-charge"
REASON = "default of the records of stock and quality"
SETTINGS: tuple[tuple[str, object, str], ...] = (
    (
        "capsule_filling",
        {"shell_vendor": "house", "machine": "house"},
        "packing statistics hold for one vendor's shells on one machine",
    ),
    ("months_without_expiry", 12, "house policy; one year from receipt where the vendor prints no expiry"),
    ("count_tolerance", {"share": "0.02", "mass_mg": "500"}, "house policy"),
    ("investigation_days", 3, "house policy; days to look into a difference found by a count"),
    ("calibration_months", 12, "22 TAC 291.131: accuracy of balances verified at least every 12 months"),
    ("training_months", 12, "USP <795>: core competencies at least every 12 months"),
    (
        "room_limits",
        {
            "least_c": "20",
            "most_c": "25",
            "most_humidity_pct": "60",
            "rooms": {"refrigerator": {"least_c": "2", "most_c": "8", "most_humidity_pct": "100"}},
        },
        "USP controlled room temperature and refrigerator; humidity: house policy",
    ),
    (
        "serious_event_days",
        15,
        "house policy; state deadlines may be shorter, the pharmacist-in-charge checks",
    ),
)

_INSERT = sa.text(
    "INSERT INTO settings (id, name, value, source, owner, reason, set_at)"
    " VALUES (gen_random_uuid(), :name, CAST(:value AS jsonb), :source, :owner, :reason, now())"
)

# An approved version keeps every column but the mark of its first use, and that is set once.
_FROZEN = """
    CREATE FUNCTION formulation_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR OLD.first_used_at IS NOT NULL OR (
            OLD.approved_at IS NOT NULL
            AND (to_jsonb(OLD) - 'first_used_at') IS DISTINCT FROM (to_jsonb(NEW) - 'first_used_at')
        ) THEN
            RAISE EXCEPTION 'formulation % version % is approved and never changes', OLD.code, OLD.version
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "components",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "api",
                "filler",
                "vehicle",
                "preservative",
                "tablet",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("tags", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("cas_number", sa.Text(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "tags <@ array['calcium', 'gelling', 'lactose', 'animal', 'gluten', 'dye', 'aqueous', 'preserved']",
            name=op.f("ck_components_tags"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_components")),
        sa.UniqueConstraint("name", name=op.f("uq_components_name")),
    )
    op.create_table(
        "shells",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("size", sa.Text(), nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column(
            "material",
            sa.Enum(
                "hypromellose",
                "gelatin",
                "pullulan",
                name="material",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("volume_ml", sa.Numeric(), nullable=False),
        sa.Column("empty_mg", sa.Numeric(), nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "size in ('000', '00', '0', '1', '2', '3', '4', '5')", name=op.f("ck_shells_size")
        ),
        sa.CheckConstraint(
            "tags <@ array['calcium', 'gelling', 'lactose', 'animal', 'gluten', 'dye', 'aqueous', 'preserved']",
            name=op.f("ck_shells_tags"),
        ),
        sa.CheckConstraint("volume_ml > 0 and empty_mg > 0", name=op.f("ck_shells_measures")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shells")),
        sa.UniqueConstraint("size", "vendor", "material", name=op.f("uq_shells_size_vendor_material")),
    )
    op.create_table(
        "calibrations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("balance_id", sa.Uuid(), nullable=False),
        sa.Column("calibrated_on", sa.Date(), nullable=False),
        sa.Column("has_passed", sa.Boolean(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("performed_by", sa.Text(), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("due_on > calibrated_on", name=op.f("ck_calibrations_due_later")),
        sa.CheckConstraint("has_passed = (due_on is not null)", name=op.f("ck_calibrations_due_when_passed")),
        sa.ForeignKeyConstraint(["balance_id"], ["balances.id"], name=op.f("fk_calibrations_balance_id")),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["calibrations.id"], name=op.f("fk_calibrations_corrects_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["staff_members.id"], name=op.f("fk_calibrations_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibrations")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_calibrations_corrects_id")),
    )
    op.create_index(op.f("ix_calibrations_balance_id"), "calibrations", ["balance_id"], unique=False)
    op.create_table(
        "cleanings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("cleaned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["corrects_id"], ["cleanings.id"], name=op.f("fk_cleanings_corrects_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff_members.id"], name=op.f("fk_cleanings_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cleanings")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_cleanings_corrects_id")),
    )
    op.create_table(
        "formulations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "form",
            sa.Enum(
                "capsule", "oral_liquid", name="form", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "category",
            sa.Enum(
                "aqueous",
                "aqueous_preserved",
                "oral_non_aqueous",
                "solid",
                name="category",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("beyond_use_days", sa.BigInteger(), nullable=False),
        sa.Column("contents", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(form = 'capsule') = (category = 'solid')", name=op.f("ck_formulations_category_of_form")
        ),
        sa.CheckConstraint(
            "beyond_use_days >= 1 and beyond_use_days <= case category when 'aqueous' then 14 when 'aqueous_preserved' then 35 when 'oral_non_aqueous' then 90 else 180 end",
            name=op.f("ck_formulations_beyond_use"),
        ),
        sa.CheckConstraint(
            "contents ?& array['strength', 'components', 'characteristics', 'container_closure', 'instructions', 'description', 'beyond_use', 'beyond_use_reference', 'calculations', 'labelling', 'quality_checks', 'repeatability']",
            name=op.f("ck_formulations_twelve_contents"),
        ),
        sa.CheckConstraint("approved_by <> written_by", name=op.f("ck_formulations_two_people")),
        sa.CheckConstraint(
            "first_used_at is null or approved_at is not null",
            name=op.f("ck_formulations_approved_before_use"),
        ),
        sa.CheckConstraint(
            "num_nulls(approved_by, approved_at, effective_on) in (0, 3)",
            name=op.f("ck_formulations_approval_whole"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_formulations_version")),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["staff_members.id"], name=op.f("fk_formulations_approved_by")
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["staff_members.id"], name=op.f("fk_formulations_written_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_formulations")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_formulations_code_version")),
    )
    op.create_table(
        "room_readings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("temperature_c", sa.Numeric(), nullable=False),
        sa.Column("humidity_pct", sa.Numeric(), nullable=False),
        sa.Column("least_c", sa.Numeric(), nullable=False),
        sa.Column("most_c", sa.Numeric(), nullable=False),
        sa.Column("most_humidity_pct", sa.Numeric(), nullable=False),
        sa.Column("is_within", sa.Boolean(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "humidity_pct >= 0 and humidity_pct <= 100", name=op.f("ck_room_readings_humidity")
        ),
        sa.CheckConstraint(
            "is_within = (temperature_c >= least_c and temperature_c <= most_c and humidity_pct <= most_humidity_pct)",
            name=op.f("ck_room_readings_within"),
        ),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["room_readings.id"], name=op.f("fk_room_readings_corrects_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["staff_members.id"], name=op.f("fk_room_readings_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_readings")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_room_readings_corrects_id")),
    )
    op.create_table(
        "training_records",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_member_id", sa.Uuid(), nullable=False),
        sa.Column(
            "competency",
            sa.Enum(
                "hygiene",
                "garbing",
                "measuring_and_mixing",
                "equipment",
                "documentation",
                name="competency",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("trained_on", sa.Date(), nullable=False),
        sa.Column("training_expires_on", sa.Date(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assessed_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("assessed_by <> staff_member_id", name=op.f("ck_training_records_two_people")),
        sa.CheckConstraint(
            "training_expires_on > trained_on", name=op.f("ck_training_records_expires_later")
        ),
        sa.ForeignKeyConstraint(
            ["assessed_by"], ["staff_members.id"], name=op.f("fk_training_records_assessed_by")
        ),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["training_records.id"], name=op.f("fk_training_records_corrects_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_member_id"], ["staff_members.id"], name=op.f("fk_training_records_staff_member_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_records")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_training_records_corrects_id")),
    )
    op.create_index(
        op.f("ix_training_records_staff_member_id"), "training_records", ["staff_member_id"], unique=False
    )
    op.create_table(
        "incidents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "complaint",
                "adverse_event",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "severity",
            sa.Enum(
                "minor",
                "moderate",
                "serious",
                name="severity",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reported_on", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("prescription_id", sa.Uuid(), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("component_lot_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(prescription_id, batch_id, component_lot_id) >= 1", name=op.f("ck_incidents_about")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_incidents_batch_id")),
        sa.ForeignKeyConstraint(
            ["component_lot_id"], ["component_lots.id"], name=op.f("fk_incidents_component_lot_id")
        ),
        sa.ForeignKeyConstraint(
            ["prescription_id"], ["prescriptions.id"], name=op.f("fk_incidents_prescription_id")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff_members.id"], name=op.f("fk_incidents_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    op.create_index(op.f("ix_incidents_batch_id"), "incidents", ["batch_id"], unique=False)
    op.create_index(op.f("ix_incidents_component_lot_id"), "incidents", ["component_lot_id"], unique=False)
    op.create_index(op.f("ix_incidents_prescription_id"), "incidents", ["prescription_id"], unique=False)
    op.create_table(
        "incident_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "investigation",
                "preventive_action",
                "medwatch",
                "correction",
                "outcome",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("medwatch_number", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'medwatch') = (medwatch_number is not null)",
            name=op.f("ck_incident_entries_medwatch_number"),
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_incident_entries_incident_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["staff_members.id"], name=op.f("fk_incident_entries_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_entries")),
    )
    op.create_index(
        op.f("ix_incident_entries_incident_id"), "incident_entries", ["incident_id"], unique=False
    )
    op.create_table(
        "stock_counts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stock_id", sa.Uuid(), nullable=False),
        sa.Column("counted_ug", sa.BigInteger(), nullable=False),
        sa.Column("book_ug", sa.BigInteger(), nullable=False),
        sa.Column("variance_ug", sa.BigInteger(), nullable=False),
        sa.Column("is_investigated", sa.Boolean(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "counted_ug >= 0 and variance_ug = counted_ug - book_ug", name=op.f("ck_stock_counts_variance")
        ),
        sa.ForeignKeyConstraint(
            ["counted_by"], ["staff_members.id"], name=op.f("fk_stock_counts_counted_by")
        ),
        sa.ForeignKeyConstraint(["stock_id"], ["stock_levels.id"], name=op.f("fk_stock_counts_stock_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_counts")),
    )
    op.create_index(op.f("ix_stock_counts_stock_id"), "stock_counts", ["stock_id"], unique=False)
    op.add_column("component_lots", sa.Column("component_id", sa.Uuid(), nullable=True))
    op.add_column("component_lots", sa.Column("vendor", sa.Text(), nullable=True))
    op.add_column("component_lots", sa.Column("manufacturer", sa.Text(), nullable=True))
    op.add_column("component_lots", sa.Column("catalogue_number", sa.Text(), nullable=True))
    op.add_column("component_lots", sa.Column("gtin", sa.Text(), nullable=True))
    op.add_column("component_lots", sa.Column("serial", sa.Text(), nullable=True))
    op.add_column("component_lots", sa.Column("grade", sa.Text(), nullable=True))
    op.add_column("component_lots", sa.Column("storage", sa.Text(), nullable=True))
    op.add_column("component_lots", sa.Column("certificate_number", sa.Text(), nullable=True))
    op.add_column("component_lots", sa.Column("identity_confirmed", sa.Boolean(), nullable=True))
    op.add_column("component_lots", sa.Column("maker_is_registered", sa.Boolean(), nullable=True))
    op.add_column(
        "component_lots",
        sa.Column(
            "printed_expiry",
            sa.Enum(
                "day",
                "month",
                "none",
                name="printed_expiry",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
    )
    op.add_column("component_lots", sa.Column("retest_on", sa.Date(), nullable=True))
    op.add_column("component_lots", sa.Column("received_on", sa.Date(), nullable=True))
    op.add_column("component_lots", sa.Column("received_by", sa.Uuid(), nullable=True))
    op.add_column("component_lots", sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("component_lots", sa.Column("reviewed_by", sa.Uuid(), nullable=True))
    op.add_column("component_lots", sa.Column("status_reason", sa.Text(), nullable=True))
    op.create_index(op.f("ix_component_lots_component_id"), "component_lots", ["component_id"], unique=False)
    op.create_index(op.f("ix_component_lots_gtin"), "component_lots", ["gtin"], unique=False)
    op.create_foreign_key(
        op.f("fk_component_lots_component_id"), "component_lots", "components", ["component_id"], ["id"]
    )
    op.create_foreign_key(
        op.f("fk_component_lots_received_by"), "component_lots", "staff_members", ["received_by"], ["id"]
    )
    op.create_foreign_key(
        op.f("fk_component_lots_reviewed_by"), "component_lots", "staff_members", ["reviewed_by"], ["id"]
    )
    op.add_column(
        "packing_statistics", sa.Column("shell_vendor", sa.Text(), server_default="house", nullable=False)
    )
    op.add_column(
        "packing_statistics", sa.Column("machine", sa.Text(), server_default="house", nullable=False)
    )
    op.add_column("packing_statistics", sa.Column("measured_by", sa.Uuid(), nullable=True))
    op.add_column("packing_statistics", sa.Column("shells_filled", sa.BigInteger(), nullable=True))
    op.drop_constraint(op.f("uq_packing_statistics_shell_batch_id"), "packing_statistics", type_="unique")
    op.drop_constraint(
        op.f("uq_packing_statistics_shell_component_lot_id"), "packing_statistics", type_="unique"
    )
    op.create_unique_constraint(
        "uq_packing_statistics_of_batch",
        "packing_statistics",
        ["batch_id", "shell", "shell_vendor", "machine"],
    )
    op.create_unique_constraint(
        "uq_packing_statistics_of_lot",
        "packing_statistics",
        ["component_lot_id", "shell", "shell_vendor", "machine"],
    )
    op.create_foreign_key(
        op.f("fk_packing_statistics_measured_by"),
        "packing_statistics",
        "staff_members",
        ["measured_by"],
        ["id"],
    )
    _allow(KINDS)
    op.create_check_constraint(
        op.f("ck_component_lots_receipt_whole"),
        "component_lots",
        "received_on is null or num_nulls(component_id, vendor, manufacturer, storage, printed_expiry,"
        " received_by) = 0",
    )
    op.create_check_constraint(
        op.f("ck_component_lots_review_whole"),
        "component_lots",
        "num_nulls(reviewed_at, reviewed_by) in (0, 2)",
    )
    op.create_check_constraint(
        op.f("ck_component_lots_reviewed"),
        "component_lots",
        "received_on is null or status <> 'released' or reviewed_by is not null",
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        # No client of a practice has any business with them.
        op.execute(f"SELECT wall_shut('{table}')")
    for table in (*APPEND_ONLY, "formulations"):
        op.execute(
            f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(_FROZEN)
    op.execute(
        "CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON formulations"
        " FOR EACH ROW EXECUTE FUNCTION formulation_is_frozen()"
    )
    op.execute(
        "CREATE TRIGGER raises_version AFTER INSERT OR UPDATE OR DELETE ON components"
        " FOR EACH STATEMENT EXECUTE FUNCTION raise_reference_version()"
    )
    # A lot that runs empty is no candidate any more. As the transaction commits, so that the version is the last
    # thing anybody holds: two who take from several lots would otherwise wait for each other.
    op.execute(
        "CREATE CONSTRAINT TRIGGER raises_version AFTER UPDATE ON stock_levels"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
        " WHEN ((OLD.on_hand_ug = 0) <> (NEW.on_hand_ug = 0)) EXECUTE FUNCTION raise_reference_version()"
    )
    for name, value, source in SETTINGS:
        op.execute(
            _INSERT.bindparams(name=name, value=json.dumps(value), source=source, owner=OWNER, reason=REASON)
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(sa.text("DELETE FROM settings WHERE reason = :reason").bindparams(reason=REASON))
    op.execute("DROP TRIGGER raises_version ON stock_levels")
    _allow(KINDS_BEFORE)
    op.drop_constraint(op.f("fk_packing_statistics_measured_by"), "packing_statistics", type_="foreignkey")
    op.drop_constraint("uq_packing_statistics_of_lot", "packing_statistics", type_="unique")
    op.drop_constraint("uq_packing_statistics_of_batch", "packing_statistics", type_="unique")
    op.create_unique_constraint(
        op.f("uq_packing_statistics_shell_component_lot_id"),
        "packing_statistics",
        ["shell", "component_lot_id"],
    )
    op.create_unique_constraint(
        op.f("uq_packing_statistics_shell_batch_id"), "packing_statistics", ["shell", "batch_id"]
    )
    op.drop_column("packing_statistics", "shells_filled")
    op.drop_column("packing_statistics", "measured_by")
    op.drop_column("packing_statistics", "machine")
    op.drop_column("packing_statistics", "shell_vendor")
    op.drop_constraint(op.f("fk_component_lots_reviewed_by"), "component_lots", type_="foreignkey")
    op.drop_constraint(op.f("fk_component_lots_received_by"), "component_lots", type_="foreignkey")
    op.drop_constraint(op.f("fk_component_lots_component_id"), "component_lots", type_="foreignkey")
    op.drop_index(op.f("ix_component_lots_gtin"), table_name="component_lots")
    op.drop_index(op.f("ix_component_lots_component_id"), table_name="component_lots")
    op.drop_column("component_lots", "status_reason")
    op.drop_column("component_lots", "reviewed_by")
    op.drop_column("component_lots", "reviewed_at")
    op.drop_column("component_lots", "received_by")
    op.drop_column("component_lots", "received_on")
    op.drop_column("component_lots", "retest_on")
    op.drop_column("component_lots", "printed_expiry")
    op.drop_column("component_lots", "maker_is_registered")
    op.drop_column("component_lots", "identity_confirmed")
    op.drop_column("component_lots", "certificate_number")
    op.drop_column("component_lots", "storage")
    op.drop_column("component_lots", "grade")
    op.drop_column("component_lots", "serial")
    op.drop_column("component_lots", "gtin")
    op.drop_column("component_lots", "catalogue_number")
    op.drop_column("component_lots", "manufacturer")
    op.drop_column("component_lots", "vendor")
    op.drop_column("component_lots", "component_id")
    op.drop_index(op.f("ix_stock_counts_stock_id"), table_name="stock_counts")
    op.drop_table("stock_counts")
    op.drop_index(op.f("ix_incident_entries_incident_id"), table_name="incident_entries")
    op.drop_table("incident_entries")
    op.drop_index(op.f("ix_incidents_prescription_id"), table_name="incidents")
    op.drop_index(op.f("ix_incidents_component_lot_id"), table_name="incidents")
    op.drop_index(op.f("ix_incidents_batch_id"), table_name="incidents")
    op.drop_table("incidents")
    op.drop_index(op.f("ix_training_records_staff_member_id"), table_name="training_records")
    op.drop_table("training_records")
    op.drop_table("room_readings")
    op.drop_table("formulations")
    op.drop_table("cleanings")
    op.drop_index(op.f("ix_calibrations_balance_id"), table_name="calibrations")
    op.drop_table("calibrations")
    op.drop_table("shells")
    op.drop_table("components")
    op.execute("DROP FUNCTION formulation_is_frozen()")


def _allow(kinds: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.execute("ALTER TABLE component_lots DROP CONSTRAINT ck_component_lots_kind")
    op.execute(f"ALTER TABLE component_lots ADD CONSTRAINT ck_component_lots_kind CHECK (kind IN ({listed}))")
