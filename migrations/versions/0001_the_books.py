"""The books: every table of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "actor_kind",
            sa.Enum(
                "api_client",
                "staff",
                "system",
                name="actor_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_subject_id_id", "audit", ["subject_id", "id"], unique=False)
    op.create_table(
        "balances",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("readability_mg", sa.Numeric(), nullable=False),
        sa.Column("sensitivity_requirement_mg", sa.Numeric(), nullable=True),
        sa.Column("max_error_pct", sa.Numeric(), nullable=False),
        sa.Column("certificate_minimum_mg", sa.Numeric(), nullable=True),
        sa.Column("calibration_due_on", sa.Date(), nullable=False),
        sa.Column("in_use", sa.Boolean(), nullable=False),
        sa.CheckConstraint("readability_mg > 0", name=op.f("ck_balances_readability")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_balances")),
        sa.UniqueConstraint("name", name=op.f("uq_balances_name")),
    )
    op.create_table(
        "component_lots",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("api", "filler", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "quarantined",
                "released",
                "rejected",
                "expired",
                "recalled",
                "depleted",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column(
            "form",
            sa.Enum(
                "naltrexone_hydrochloride",
                "naltrexone_hydrochloride_dihydrate",
                "naltrexone_base",
                name="form",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("assay_pct", sa.Numeric(), nullable=True),
        sa.Column(
            "assay_basis",
            sa.Enum(
                "anhydrous",
                "dried",
                "as_is",
                name="assay_basis",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("water_pct", sa.Numeric(), nullable=True),
        sa.Column("solvents_pct", sa.Numeric(), nullable=True),
        sa.CheckConstraint(
            "kind <> 'api' or num_nulls(form, assay_pct, assay_basis, solvents_pct) = 0",
            name=op.f("ck_component_lots_api_certificate"),
        ),
        sa.CheckConstraint("assay_pct > 0 and assay_pct <= 110", name=op.f("ck_component_lots_assay")),
        sa.CheckConstraint("water_pct >= 0 and water_pct < 100", name=op.f("ck_component_lots_water")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_component_lots")),
        sa.UniqueConstraint("number", name=op.f("uq_component_lots_number")),
    )
    op.create_table(
        "heartbeats",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("beaten_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_heartbeats")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.CheckConstraint("num_nulls(failed_at, failure) in (0, 2)", name=op.f("ck_outbox_failure_whole")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["id"],
        unique=False,
        postgresql_where="delivered_at is null and failed_at is null",
    )
    op.create_table(
        "practices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practices")),
    )
    op.create_table(
        "price_books",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_books")),
        sa.UniqueConstraint("version", name=op.f("uq_price_books_version")),
    )
    op.create_table(
        "reference_version",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_reference_version_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_version")),
    )
    op.create_table(
        "settings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settings")),
    )
    op.create_index("ix_settings_name_set_at", "settings", ["name", "set_at"], unique=False)
    op.create_table(
        "staff_members",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("initials", sa.Text(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "technician",
                "pharmacist",
                "pharmacist_in_charge",
                "shipping",
                "auditor",
                "administrator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_members")),
        sa.UniqueConstraint("username", name=op.f("uq_staff_members_username")),
    )
    op.create_table(
        "api_clients",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_api_clients_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_clients")),
        sa.UniqueConstraint("client_id", name=op.f("uq_api_clients_client_id")),
    )
    op.create_table(
        "batches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "capsules", "triturate", name="kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "planned",
                "lots_assigned",
                "released",
                "rejected",
                "depleted",
                "expired",
                "recalled",
                "destroyed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("status_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status_by", sa.Uuid(), nullable=False),
        sa.Column("compounded_on", sa.Date(), nullable=False),
        sa.Column("compounded_by", sa.Uuid(), nullable=False),
        sa.Column("beyond_use_on", sa.Date(), nullable=False),
        sa.Column("beyond_use_limited_by", sa.Text(), nullable=False),
        sa.Column("strength_ug", sa.BigInteger(), nullable=True),
        sa.Column("strength_fraction", sa.Numeric(), nullable=True),
        sa.Column("capsules_prepared", sa.BigInteger(), nullable=True),
        sa.Column("api_lot_id", sa.Uuid(), nullable=False),
        sa.Column("filler_lot_id", sa.Uuid(), nullable=False),
        sa.Column("triturate_id", sa.Uuid(), nullable=True),
        sa.Column("worksheet", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "(kind = 'capsules' and num_nulls(strength_ug, capsules_prepared) = 0 and strength_ug > 0 and capsules_prepared > 0 and strength_fraction is null) or (kind = 'triturate' and num_nonnulls(strength_ug, capsules_prepared) = 0 and strength_fraction is not null and strength_fraction > 0 and strength_fraction < 1)",
            name=op.f("ck_batches_kind_whole"),
        ),
        sa.CheckConstraint("beyond_use_on >= compounded_on", name=op.f("ck_batches_beyond_use")),
        sa.ForeignKeyConstraint(["api_lot_id"], ["component_lots.id"], name=op.f("fk_batches_api_lot_id")),
        sa.ForeignKeyConstraint(
            ["filler_lot_id"], ["component_lots.id"], name=op.f("fk_batches_filler_lot_id")
        ),
        sa.ForeignKeyConstraint(["triturate_id"], ["batches.id"], name=op.f("fk_batches_triturate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
        sa.UniqueConstraint("number", name=op.f("uq_batches_number")),
    )
    op.create_table(
        "patients",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("birth_on", sa.Date(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("address_line", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("postal_code", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_patients_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patients")),
    )
    op.create_index(op.f("ix_patients_practice_id"), "patients", ["practice_id"], unique=False)
    op.create_table(
        "quotes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("price_book_id", sa.Uuid(), nullable=False),
        sa.Column(
            "supply_method",
            sa.Enum(
                "one_strength_per_step",
                "multiples_of_one_strength",
                name="supply_method",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "delivery",
            sa.Enum("mail", "pick_up", name="delivery", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "strength_basis",
            sa.Enum(
                "naltrexone_hydrochloride",
                "naltrexone_base",
                name="strength_basis",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("plan", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("offer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_quotes_lasts")),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_quotes_practice_id")),
        sa.ForeignKeyConstraint(["price_book_id"], ["price_books.id"], name=op.f("fk_quotes_price_book_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotes")),
    )
    op.create_index(op.f("ix_quotes_practice_id"), "quotes", ["practice_id"], unique=False)
    op.create_table(
        "roster_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("npi", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_by", sa.Uuid(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.CheckConstraint("npi ~ '^[12][0-9]{9}$'", name=op.f("ck_roster_entries_npi_shape")),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practices.id"], name=op.f("fk_roster_entries_practice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_entries")),
        sa.UniqueConstraint("practice_id", "npi", name=op.f("uq_roster_entries_practice_id_npi")),
    )
    op.create_table(
        "staff_sessions",
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("staff_member_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_member_id"], ["staff_members.id"], name=op.f("fk_staff_sessions_staff_member_id")
        ),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_staff_sessions")),
    )
    op.create_table(
        "access_tokens",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("api_client_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("expires_at > issued_at", name=op.f("ck_access_tokens_lasts")),
        sa.ForeignKeyConstraint(
            ["api_client_id"], ["api_clients.id"], name=op.f("fk_access_tokens_api_client_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_access_tokens")),
    )
    op.create_index("ix_access_tokens_expires_at", "access_tokens", ["expires_at"], unique=False)
    op.create_table(
        "idempotency_keys",
        sa.Column("api_client_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["api_client_id"], ["api_clients.id"], name=op.f("fk_idempotency_keys_api_client_id")
        ),
        sa.PrimaryKeyConstraint("api_client_id", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_table(
        "packing_statistics",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shell", sa.Text(), nullable=False),
        sa.Column("component_lot_id", sa.Uuid(), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("mass_mg", sa.Numeric(), nullable=False),
        sa.Column("measured_on", sa.Date(), nullable=False),
        sa.CheckConstraint("mass_mg > 0", name=op.f("ck_packing_statistics_mass")),
        sa.CheckConstraint(
            "num_nulls(component_lot_id, batch_id) = 1", name=op.f("ck_packing_statistics_one_ingredient")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_packing_statistics_batch_id")),
        sa.ForeignKeyConstraint(
            ["component_lot_id"], ["component_lots.id"], name=op.f("fk_packing_statistics_component_lot_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packing_statistics")),
        sa.UniqueConstraint("shell", "batch_id", name=op.f("uq_packing_statistics_shell_batch_id")),
        sa.UniqueConstraint(
            "shell", "component_lot_id", name=op.f("uq_packing_statistics_shell_component_lot_id")
        ),
    )
    op.create_table(
        "patient_consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("text_version", sa.Text(), nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("channel in ('email', 'sms', 'phone')", name=op.f("ck_patient_consents_channel")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_patient_consents_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_consents")),
        sa.UniqueConstraint("patient_id", "channel", name=op.f("uq_patient_consents_patient_id_channel")),
    )
    op.create_table(
        "prescriptions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("written_on", sa.Date(), nullable=False),
        sa.Column("last_fill_on", sa.Date(), nullable=False),
        sa.Column("refills", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column(
            "strength_basis",
            sa.Enum(
                "naltrexone_hydrochloride",
                "naltrexone_base",
                name="strength_basis",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("prescriber_npi", sa.Text(), nullable=False),
        sa.Column("prescriber_name", sa.Text(), nullable=False),
        sa.Column("prescriber_phone", sa.Text(), nullable=False),
        sa.Column("prescriber_address", sa.Text(), nullable=False),
        sa.Column("prescriber_licence", sa.Text(), nullable=False),
        sa.Column("prescriber_licence_state", sa.Text(), nullable=False),
        sa.Column("authorization_kind", sa.Text(), nullable=True),
        sa.Column("authorization_npi", sa.Text(), nullable=True),
        sa.Column("authorization_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("authorization_agent", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("prescriber_npi ~ '^[12][0-9]{9}$'", name=op.f("ck_prescriptions_npi_shape")),
        sa.CheckConstraint(
            "num_nulls(authorization_kind, authorization_npi, authorization_at) in (0, 3)",
            name=op.f("ck_prescriptions_authorization_whole"),
        ),
        sa.CheckConstraint("refills between 0 and 11", name=op.f("ck_prescriptions_refills")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_prescriptions_patient_id")),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_prescriptions_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prescriptions")),
    )
    op.create_index(op.f("ix_prescriptions_patient_id"), "prescriptions", ["patient_id"], unique=False)
    op.create_index(op.f("ix_prescriptions_practice_id"), "prescriptions", ["practice_id"], unique=False)
    op.create_table(
        "plan_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("prescription_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_plan_versions_version")),
        sa.ForeignKeyConstraint(
            ["prescription_id"], ["prescriptions.id"], name=op.f("fk_plan_versions_prescription_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_versions")),
        sa.UniqueConstraint(
            "prescription_id", "version", name=op.f("uq_plan_versions_prescription_id_version")
        ),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("prescription_id", sa.Uuid(), nullable=False),
        sa.Column("plan_version_id", sa.Uuid(), nullable=False),
        sa.Column("fill_number", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.BigInteger(), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column(
            "supply_method",
            sa.Enum(
                "one_strength_per_step",
                "multiples_of_one_strength",
                name="supply_method",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "delivery",
            sa.Enum("mail", "pick_up", name="delivery", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("quote_id", sa.Uuid(), nullable=True),
        sa.Column("price_book_id", sa.Uuid(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "received",
                "in_review",
                "awaiting_payment",
                "queued",
                "compounding",
                "labelled",
                "verified",
                "shipped",
                "picked_up",
                "completed",
                "clarification",
                "on_hold",
                "rejected",
                "cancelled",
                "returned",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("status_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status_by", sa.Uuid(), nullable=False),
        sa.Column(
            "resumes_to",
            sa.Enum(
                "received",
                "in_review",
                "awaiting_payment",
                "queued",
                "compounding",
                "labelled",
                "verified",
                "shipped",
                "picked_up",
                "completed",
                "clarification",
                "on_hold",
                "rejected",
                "cancelled",
                "returned",
                name="resumes_to",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("compounded_by", sa.Uuid(), nullable=True),
        sa.Column("verified_by", sa.Uuid(), nullable=True),
        sa.Column("shipped_on", sa.Date(), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("start_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(status in ('clarification', 'on_hold')) = (resumes_to is not null)",
            name=op.f("ck_orders_resumes_to_pair"),
        ),
        sa.CheckConstraint("days between 1 and 90", name=op.f("ck_orders_days")),
        sa.CheckConstraint("first_day >= 1", name=op.f("ck_orders_first_day")),
        sa.CheckConstraint("total_cents >= 0", name=op.f("ck_orders_total")),
        sa.CheckConstraint(
            "verified_by is distinct from compounded_by or verified_by is null",
            name=op.f("ck_orders_two_people"),
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_orders_patient_id")),
        sa.ForeignKeyConstraint(
            ["plan_version_id"], ["plan_versions.id"], name=op.f("fk_orders_plan_version_id")
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practices.id"], name=op.f("fk_orders_practice_id")),
        sa.ForeignKeyConstraint(
            ["prescription_id"], ["prescriptions.id"], name=op.f("fk_orders_prescription_id")
        ),
        sa.ForeignKeyConstraint(["price_book_id"], ["price_books.id"], name=op.f("fk_orders_price_book_id")),
        sa.ForeignKeyConstraint(["quote_id"], ["quotes.id"], name=op.f("fk_orders_quote_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("number", name=op.f("uq_orders_number")),
        sa.UniqueConstraint(
            "prescription_id", "fill_number", name=op.f("uq_orders_prescription_id_fill_number")
        ),
        sa.UniqueConstraint("quote_id", name=op.f("uq_orders_quote_id")),
    )
    op.create_index(op.f("ix_orders_patient_id"), "orders", ["patient_id"], unique=False)
    op.create_index("ix_orders_practice_id_id", "orders", ["practice_id", "id"], unique=False)
    op.create_index(op.f("ix_orders_prescription_id"), "orders", ["prescription_id"], unique=False)
    op.create_index("ix_orders_status_id", "orders", ["status", "id"], unique=False)
    op.create_table(
        "plan_intakes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_version_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column(
            "time_of_day",
            sa.Enum(
                "morning", "bedtime", name="time_of_day", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("dose_ug", sa.BigInteger(), nullable=False),
        sa.Column("duration_days", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("dose_ug >= 0", name=op.f("ck_plan_intakes_dose")),
        sa.CheckConstraint("duration_days >= 1", name=op.f("ck_plan_intakes_duration")),
        sa.CheckConstraint("position between 1 and 24", name=op.f("ck_plan_intakes_position")),
        sa.ForeignKeyConstraint(
            ["plan_version_id"], ["plan_versions.id"], name=op.f("fk_plan_intakes_plan_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_intakes")),
        sa.UniqueConstraint(
            "plan_version_id",
            "position",
            "time_of_day",
            name=op.f("uq_plan_intakes_plan_version_id_position_time_of_day"),
        ),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "shipped", "step", "refill", name="kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("step_position", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "sent",
                "suppressed",
                "failed",
                "uncertain",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'waiting') = (settled_at is null)", name=op.f("ck_notices_settled_pair")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_notices_order_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_notices_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint(
            "order_id",
            "kind",
            "step_position",
            "due_on",
            name=op.f("uq_notices_order_id_kind_step_position_due_on"),
        ),
    )
    op.create_index(
        "ix_notices_due", "notices", ["due_at"], unique=False, postgresql_where="state = 'waiting'"
    )
    op.create_index(op.f("ix_notices_order_id"), "notices", ["order_id"], unique=False)
    op.create_table(
        "order_findings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column(
            "severity",
            sa.Enum(
                "block",
                "override",
                "warn",
                "info",
                name="severity",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("pointer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_findings_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_findings")),
    )
    op.create_index(op.f("ix_order_findings_order_id"), "order_findings", ["order_id"], unique=False)
    op.create_table(
        "order_lines",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("strength_ug", sa.BigInteger(), nullable=False),
        sa.Column("capsules", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("capsules between 1 and 300", name=op.f("ck_order_lines_capsules")),
        sa.CheckConstraint("strength_ug > 0", name=op.f("ck_order_lines_strength")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_lines_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_lines")),
        sa.UniqueConstraint("order_id", "position", name=op.f("uq_order_lines_order_id_position")),
    )
    op.create_index(op.f("ix_order_lines_order_id"), "order_lines", ["order_id"], unique=False)
    op.create_table(
        "price_lines",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("figure", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_price_lines_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_lines")),
        sa.UniqueConstraint("order_id", "position", name=op.f("uq_price_lines_order_id_position")),
    )
    op.create_index(op.f("ix_price_lines_order_id"), "price_lines", ["order_id"], unique=False)
    op.create_table(
        "allocations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("capsules", sa.BigInteger(), nullable=False),
        sa.Column("allocated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("allocated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("capsules >= 1", name=op.f("ck_allocations_capsules")),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_allocations_batch_id")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("fk_allocations_order_line_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocations")),
        sa.UniqueConstraint("batch_id", "order_line_id", name=op.f("uq_allocations_batch_id_order_line_id")),
    )
    op.create_index(op.f("ix_allocations_order_line_id"), "allocations", ["order_line_id"], unique=False)
    op.create_table(
        "sent_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("prescription_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "shipped", "step", "refill", name="kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("step_position", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_sent_messages_notice_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_sent_messages_patient_id")),
        sa.ForeignKeyConstraint(
            ["prescription_id"], ["prescriptions.id"], name=op.f("fk_sent_messages_prescription_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_messages")),
        sa.UniqueConstraint("notice_id", name=op.f("uq_sent_messages_notice_id")),
        sa.UniqueConstraint(
            "patient_id",
            "prescription_id",
            "kind",
            "step_position",
            "due_on",
            name=op.f("uq_sent_messages_patient_id_prescription_id_kind_step_position_due_on"),
        ),
    )
    op.create_table(
        "vials",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("capsules", sa.BigInteger(), nullable=False),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("capsules >= 1", name=op.f("ck_vials_capsules")),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_lines.id"], name=op.f("fk_vials_order_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vials")),
        sa.UniqueConstraint("order_line_id", "position", name=op.f("uq_vials_order_line_id_position")),
    )
    op.create_index(op.f("ix_vials_order_line_id"), "vials", ["order_line_id"], unique=False)
    op.create_table(
        "labels",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("vial_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("proof", "dispensing", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("barcode", sa.Text(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("template_version", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("pdf", sa.LargeBinary(), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind <> 'dispensing' or barcode is not null", name=op.f("ck_labels_dispensing_has_barcode")
        ),
        sa.CheckConstraint("kind <> 'proof' or barcode is null", name=op.f("ck_labels_proof_has_no_barcode")),
        sa.CheckConstraint(
            "num_nulls(made_at, template_version, sha256, pdf) in (0, 4)", name=op.f("ck_labels_made_whole")
        ),
        sa.CheckConstraint("num_nulls(voided_at, void_reason) in (0, 2)", name=op.f("ck_labels_void_whole")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_labels_order_id")),
        sa.ForeignKeyConstraint(["vial_id"], ["vials.id"], name=op.f("fk_labels_vial_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labels")),
        sa.UniqueConstraint("barcode", name=op.f("uq_labels_barcode")),
    )
    op.create_index(op.f("ix_labels_order_id"), "labels", ["order_id"], unique=False)
    op.create_index(op.f("ix_labels_vial_id"), "labels", ["vial_id"], unique=False)
    op.create_index(
        "uq_labels_living", "labels", ["vial_id", "kind"], unique=True, postgresql_where="voided_at is null"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("uq_labels_living", table_name="labels", postgresql_where="voided_at is null")
    op.drop_index(op.f("ix_labels_vial_id"), table_name="labels")
    op.drop_index(op.f("ix_labels_order_id"), table_name="labels")
    op.drop_table("labels")
    op.drop_index(op.f("ix_vials_order_line_id"), table_name="vials")
    op.drop_table("vials")
    op.drop_table("sent_messages")
    op.drop_index(op.f("ix_allocations_order_line_id"), table_name="allocations")
    op.drop_table("allocations")
    op.drop_index(op.f("ix_price_lines_order_id"), table_name="price_lines")
    op.drop_table("price_lines")
    op.drop_index(op.f("ix_order_lines_order_id"), table_name="order_lines")
    op.drop_table("order_lines")
    op.drop_index(op.f("ix_order_findings_order_id"), table_name="order_findings")
    op.drop_table("order_findings")
    op.drop_index(op.f("ix_notices_order_id"), table_name="notices")
    op.drop_index("ix_notices_due", table_name="notices", postgresql_where="state = 'waiting'")
    op.drop_table("notices")
    op.drop_table("plan_intakes")
    op.drop_index("ix_orders_status_id", table_name="orders")
    op.drop_index(op.f("ix_orders_prescription_id"), table_name="orders")
    op.drop_index("ix_orders_practice_id_id", table_name="orders")
    op.drop_index(op.f("ix_orders_patient_id"), table_name="orders")
    op.drop_table("orders")
    op.drop_table("plan_versions")
    op.drop_index(op.f("ix_prescriptions_practice_id"), table_name="prescriptions")
    op.drop_index(op.f("ix_prescriptions_patient_id"), table_name="prescriptions")
    op.drop_table("prescriptions")
    op.drop_table("patient_consents")
    op.drop_table("packing_statistics")
    op.drop_table("idempotency_keys")
    op.drop_index("ix_access_tokens_expires_at", table_name="access_tokens")
    op.drop_table("access_tokens")
    op.drop_table("staff_sessions")
    op.drop_table("roster_entries")
    op.drop_index(op.f("ix_quotes_practice_id"), table_name="quotes")
    op.drop_table("quotes")
    op.drop_index(op.f("ix_patients_practice_id"), table_name="patients")
    op.drop_table("patients")
    op.drop_table("batches")
    op.drop_table("api_clients")
    op.drop_table("staff_members")
    op.drop_index("ix_settings_name_set_at", table_name="settings")
    op.drop_table("settings")
    op.drop_table("reference_version")
    op.drop_table("price_books")
    op.drop_table("practices")
    op.drop_index(
        "ix_outbox_waiting",
        table_name="outbox",
        postgresql_where="delivered_at is null and failed_at is null",
    )
    op.drop_table("outbox")
    op.drop_table("heartbeats")
    op.drop_table("component_lots")
    op.drop_table("balances")
    op.drop_index("ix_audit_subject_id_id", table_name="audit")
    op.drop_table("audit")
