"""The texts that patients consent to, the history of each consent, and notices that a person sends again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

TEXTS = (
    (
        "en",
        "Example wording, to be read by counsel: I agree that the pharmacy sends me messages about my prescription "
        "(shipping, next step, refill, how I am doing) by the channel I named, at most one a day and three a week. "
        "Messages never name my medicine. They are no condition of my care, message and data rates may apply, and I "
        "can stop them at any time: reply STOP to a text message, or follow the link in an e-mail.",
    ),
    (
        "es",
        "Texto de ejemplo, por revisar: Acepto que la farmacia me envíe mensajes sobre mi receta (envío, siguiente "
        "paso, resurtido, cómo me siento) por el medio que indiqué, como máximo uno al día y tres por semana. Los "
        "mensajes nunca nombran mi medicina. No son condición de mi atención, pueden aplicarse tarifas de mensajes y "
        "datos, y puedo detenerlos cuando quiera: respondiendo STOP o con el enlace del correo.",
    ),
)
DECISIONS_BEFORE = ("deferred", "claimed", "sent", "suppressed", "failed", "uncertain")
DECISIONS = (*DECISIONS_BEFORE, "again")

_KEPT = (
    "id, patient_id, channel, text_version, consented_at, source, withdrawn_at, withdrawn_by, disabled_at,"
    " disabled_because"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _create_texts()
    _create_history()
    op.add_column("notices", sa.Column("sent_again", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index("ix_notices_state_due_at_id", "notices", ["state", "due_at", "id"])
    _allow_decisions(DECISIONS)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM notice_decisions WHERE decision = 'again'")
    _allow_decisions(DECISIONS_BEFORE)
    op.drop_index("ix_notices_state_due_at_id", table_name="notices")
    op.drop_column("notices", "sent_again")
    op.execute("DROP TRIGGER keep_consent_history ON patient_consents")
    op.execute("DROP FUNCTION keep_consent_history()")
    op.drop_table("patient_consent_history")
    op.drop_table("consent_texts")
    op.execute("DROP FUNCTION consent_record_stands()")


def _create_texts() -> None:
    op.create_table(
        "consent_texts",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        # None for the text that a new pharmacy begins with.
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["added_by"], ["staff_members.id"], name=op.f("fk_consent_texts_added_by")
        ),
        sa.PrimaryKeyConstraint("version", "language", name=op.f("pk_consent_texts")),
        sa.CheckConstraint("language in ('en', 'es')", name=op.f("ck_consent_texts_language")),
    )
    insert = sa.text(
        "INSERT INTO consent_texts (version, language, wording, added_at) VALUES ('2026-01', :language, :wording, now())"
    )
    for language, wording in TEXTS:
        op.execute(insert.bindparams(language=language, wording=wording))
    op.execute(
        """
        CREATE FUNCTION consent_record_stands() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'what patients consented to is never changed'; END $$
        """
    )
    _guard("consent_texts")
    op.execute("SELECT wall_shut('consent_texts')")


def _guard(table: str) -> None:
    op.execute(
        f"CREATE TRIGGER consent_record_stands BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION consent_record_stands()"
    )


def _create_history() -> None:
    op.create_table(
        "patient_consent_history",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("text_version", sa.Text(), nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_because", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_patient_consent_history_patient_id")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_patient_consent_history")),
    )
    op.create_index(
        op.f("ix_patient_consent_history_patient_id"), "patient_consent_history", ["patient_id"]
    )
    op.execute("SELECT wall_shut('patient_consent_history')")
    kept = _KEPT.replace("id,", "consent_id,", 1)
    new = ", ".join(f"NEW.{name.strip()}" for name in _KEPT.split(","))
    op.execute(f"INSERT INTO patient_consent_history ({kept}) SELECT {_KEPT} FROM patient_consents ORDER BY id")
    _guard("patient_consent_history")
    # As the owner: a practice that files a consent reads no history, and none goes by unkept, whoever writes it.
    op.execute(
        f"""
        CREATE FUNCTION keep_consent_history() RETURNS trigger LANGUAGE plpgsql
        SECURITY DEFINER SET search_path = public, pg_temp AS $$
        BEGIN
            IF TG_OP = 'INSERT' OR NEW IS DISTINCT FROM OLD THEN
                INSERT INTO patient_consent_history ({kept}) VALUES ({new});
            END IF;
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER keep_consent_history AFTER INSERT OR UPDATE ON patient_consents"
        " FOR EACH ROW EXECUTE FUNCTION keep_consent_history()"
    )


def _allow_decisions(decisions: tuple[str, ...]) -> None:
    allowed = ", ".join(f"'{each}'" for each in decisions)
    op.execute("ALTER TABLE notice_decisions DROP CONSTRAINT ck_notice_decisions_decision")
    op.execute(
        "ALTER TABLE notice_decisions ADD CONSTRAINT ck_notice_decisions_decision"
        f" CHECK (decision in ({allowed})) NOT VALID"
    )
    op.execute("ALTER TABLE notice_decisions VALIDATE CONSTRAINT ck_notice_decisions_decision")
