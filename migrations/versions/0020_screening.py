"""Screening as data: rules with versions, ingredients and codes with their sources, what was screened and overridden.

Rules of the pharmacy's own stand here; codes come from the files beside the revisions, which are never edited
once a revision that loads them has been published.
"""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

SEEDS = Path(__file__).parent.parent / "seeds"
OWNER = "pharmacist-in-charge"
REASON = "default of a new pharmacy: screening"
LABEL = "labelling of naltrexone tablets"
WATCHED = ("screening_rules", "ingredients", "medicine_codes", "diagnosis_codes", "diagnosis_meanings")
KEPT = ("screenings", "finding_overrides", "patient_links", "screening_rules")

# code, severity, source, numbers
RULES: tuple[tuple[str, str, str, dict[str, object]], ...] = (
    (
        "S-OPIOID-RECENT",
        "block",
        "labelling of naltrexone tablets: opioid-free 7 to 10 days, up to two weeks after buprenorphine or methadone; the longer end is house policy",
        {"short_acting_days": 10, "tramadol_days": 10, "long_acting_days": 14},
    ),
    (
        "S-OPIOID-EXCEPTION",
        "override",
        "house policy: a prescriber's documented exception is overridden by a pharmacist, never only acknowledged",
        {},
    ),
    ("S-OPIOID-CURRENT", "block", "labelling of naltrexone tablets: contraindicated with opioids", {}),
    (
        "S-OPIOID-IMPLIED",
        "block",
        "house policy: what is only taken with opioids means opioids until clarified",
        {},
    ),
    (
        "S-OPIOID-PERIPHERAL",
        "override",
        "labelling of naltrexone tablets: antagonises opioid medicines against diarrhoea",
        {},
    ),
    (
        "S-OPIOID-USE-DISORDER",
        "block",
        "labelling of naltrexone tablets: withdrawal in dependent patients",
        {},
    ),
    (
        "S-LOPERAMIDE",
        "warn",
        "labelling of naltrexone tablets: antagonises opioid medicines against diarrhoea",
        {},
    ),
    (
        "S-LOPERAMIDE-HIGH",
        "block",
        "FDA drug safety communication 2016: at most 16 mg a day on prescription",
        {"over_mg_a_day": "16"},
    ),
    ("S-DEXTROMETHORPHAN", "info", "an NMDA antagonist, no opioid at the doses for coughs", {}),
    (
        "S-DUPLICATE-ANTAGONIST",
        "block",
        "duplicate therapy: naltrexone 50 mg, bupropion with naltrexone, naltrexone for injection, olanzapine with samidorphan",
        {},
    ),
    (
        "S-DUPLICATE-LDN",
        "warn",
        "duplicate therapy: low-dose naltrexone from elsewhere",
        {"up_to_mg_a_day": "10"},
    ),
    ("S-NALOXONE-KIT", "warn", "house policy: a rescue kit may mean opioids at home", {}),
    ("S-MEDICINE-OPIOID", "warn", "house policy: names in free text only warn", {}),
    ("S-MEDICINE-DUPLICATE", "warn", "house policy: names in free text only warn", {}),
    ("S-MEDICINE-NAMED", "warn", "house policy: names in free text only warn", {}),
    (
        "S-CODE-UNKNOWN",
        "info",
        "house policy: what the catalogue does not hold is screened by its words and said",
        {},
    ),
    (
        "S-LIVER-ACUTE",
        "block",
        "labelling of naltrexone tablets: contraindicated in acute hepatitis and liver failure",
        {},
    ),
    (
        "S-LIVER-IMPAIRED",
        "override",
        "labelling of naltrexone tablets: hepatic caution; over three times the upper limit of ALT or AST is house policy",
        {},
    ),
    ("S-RENAL-SEVERE", "warn", "labelling of naltrexone tablets: renal caution", {}),
    ("S-PREGNANCY", "override", "labelling of naltrexone tablets: use in pregnancy and lactation", {}),
    ("S-AGE-UNDER-18", "override", "labelling of naltrexone tablets: not established under 18", {}),
    ("S-TRANSPLANT", "override", "house policy: LDN may counter immunosuppression after a transplant", {}),
    ("S-IMMUNOSUPPRESSANT", "warn", "house policy: LDN may counter immunosuppression", {}),
    ("S-IMMUNE-THERAPY", "info", "house policy: theoretical with checkpoint inhibitors and biologics", {}),
    (
        "S-THYROID",
        "info",
        "house policy: in Hashimoto's thyroiditis the dose of thyroid hormone may need lowering",
        {},
    ),
    (
        "S-THIORIDAZINE",
        "override",
        "labelling of naltrexone tablets: lethargy and somnolence with thioridazine",
        {},
    ),
    (
        "S-DISULFIRAM",
        "override",
        "labelling of naltrexone tablets: two potentially hepatotoxic medicines",
        {},
    ),
    ("S-ALCOHOL", "info", "house policy: the liver", {}),
    ("S-ALCOHOL-HEAVY", "warn", "house policy: the liver", {}),
    ("S-DEPRESSION", "warn", "labelling of naltrexone tablets: depression and suicidality", {}),
    ("S-CONDITION-WRITTEN", "warn", "house policy: what is only written is read by a pharmacist", {}),
    ("S-ALLERGY-NALTREXONE", "block", "labelling of naltrexone tablets: hypersensitivity", {}),
    (
        "S-ALLERGY-EXCIPIENT",
        "block",
        "house policy: an allergy to an excipient of the formula",
        {
            "words": {
                "lactose": ["lactose", "milk sugar", "dairy"],
                "gelatin": ["gelatin", "gelatine", "alpha gal"],
                "dye": ["dye", "dyes", "fd c", "tartrazine", "red 40", "yellow 5", "colouring", "coloring"],
                "rice": ["rice"],
                "gluten": ["gluten", "wheat", "celiac", "coeliac"],
                "cellulose": ["cellulose", "mcc", "avicel"],
                "animal": ["animal products", "pork", "beef", "bovine", "porcine"],
            }
        },
    ),
    ("S-FILLER-CALCIUM", "block", "house policy: calcium carbonate interferes with absorption", {}),
    (
        "S-FILLER-GELLING",
        "block",
        "house policy: gel formers release slowly; LDN needs immediate release",
        {},
    ),
    (
        "S-START-SENSITIVE",
        "warn",
        "house policy: patients who react to small doses start low",
        {"over_mg_a_day": "1.5"},
    ),
    (
        "S-ESSENTIALLY-A-COPY",
        "block",
        "21 USC 353a(b)(1)(D); FDA guidance of January 2018, within 10 % of a 50 mg tablet",
        {"least_mg": "45", "most_mg": "55"},
    ),
    (
        "S-HALF-A-TABLET",
        "warn",
        "21 USC 353a(b)(1)(D); half of a scored 50 mg tablet",
        {"least_mg": "22.5", "most_mg": "27.5"},
    ),
    ("S-DUPLICATE-ORDER", "warn", "duplicate therapy: the same patient, drug and days", {}),
    (
        "S-PATIENT-MATCH",
        "info",
        "house policy: name, birth date, and telephone or ZIP code; staff confirm",
        {},
    ),
    ("D-DOSE-OVER-USUAL", "warn", "house policy: over 4.5 mg a day (setting dose_limits)", {}),
    ("D-DOSE-HIGH", "override", "house policy: over 6 mg a day (setting dose_limits)", {}),
    ("D-STEP-JUMP", "warn", "house policy: more than twice the dose before", {}),
)

# The beginning of a diagnosis code, and the condition that it implies (chapter headings of ICD-10-CM).
MEANINGS = (
    ("B15", "acute_hepatitis"),
    ("B16", "acute_hepatitis"),
    ("B17", "acute_hepatitis"),
    ("K70.1", "acute_hepatitis"),
    ("K72", "liver_failure"),
    ("K70.4", "liver_failure"),
    ("K74.6", "cirrhosis"),
    ("K70.3", "cirrhosis"),
    ("K74.3", "cirrhosis"),
    ("R74.01", "liver_enzymes_raised"),
    ("N18.4", "renal_impairment_severe"),
    ("N18.5", "renal_impairment_severe"),
    ("N18.6", "renal_impairment_severe"),
    ("Z33", "pregnancy"),
    ("Z34", "pregnancy"),
    ("O09", "pregnancy"),
    ("Z39.1", "breast_feeding"),
    ("Z94", "transplant"),
    ("T86", "transplant"),
    ("E06.3", "hashimoto"),
    ("M05", "autoimmune_disease"),
    ("M06", "autoimmune_disease"),
    ("M32", "autoimmune_disease"),
    ("M35.0", "autoimmune_disease"),
    ("K50", "autoimmune_disease"),
    ("K51", "autoimmune_disease"),
    ("G35", "autoimmune_disease"),
    ("L40", "autoimmune_disease"),
    ("F10.1", "alcohol_heavy"),
    ("F10.2", "alcohol_heavy"),
    ("F32", "depression"),
    ("F33", "depression"),
    ("R45.851", "suicidality"),
    ("F11", "opioid_use_disorder"),
    ("Z79.891", "opioid_use_disorder"),
)

SETTINGS: tuple[tuple[str, object, str], ...] = (
    ("pharmacy_state", "NY", "the state that licenses the pharmacy"),
    (
        "prescription_validity_by_state",
        {"months_without_limit": 12, "by_state": {"IL": 15, "CA": None, "MA": None, "NY": None}},
        "225 ILCS 85; no limit by law in California, Massachusetts and New York: house policy sets one",
    ),
    (
        "formula_excipients",
        {
            "filler": {"name": "microcrystalline cellulose", "tags": ["cellulose"]},
            "shell": {"name": "a hard gelatin capsule", "tags": ["gelatin", "animal"]},
        },
        "master formulation record",
    ),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _tables()
    _columns()
    _seed()
    _guards()
    _walls()


def _tables() -> None:
    op.create_table(
        "ingredients",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_ingredients")),
    )
    op.create_table(
        "medicine_codes",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("display", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ingredients", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("is_long_acting", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("system in ('rxnorm', 'name')", name=op.f("ck_medicine_codes_system")),
        sa.PrimaryKeyConstraint("system", "code", name=op.f("pk_medicine_codes")),
    )
    op.create_table(
        "diagnosis_codes",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("display", sa.Text(), nullable=False),
        sa.Column("is_header", sa.Boolean(), nullable=False),
        sa.Column("billable_from", sa.Date(), nullable=True),
        sa.Column("billable_through", sa.Date(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_diagnosis_codes")),
    )
    op.create_table(
        "diagnosis_meanings",
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_diagnosis_meanings")),
    )
    op.create_table(
        "screening_rules",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("severity", _severity(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("numbers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_screening_rules_version")),
        sa.PrimaryKeyConstraint("code", "version", name=op.f("pk_screening_rules")),
    )
    op.create_table(
        "screenings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "occasion in ('submission', 'answers', 'profile', 'plan_change', 'refill', 'review', 'verification')",
            name=op.f("ck_screenings_occasion"),
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_screenings_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screenings")),
    )
    op.create_index(op.f("ix_screenings_order_id_id"), "screenings", ["order_id", "id"])
    op.create_table(
        "finding_overrides",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("rule_version", sa.BigInteger(), nullable=True),
        sa.Column("severity", _severity(), nullable=False),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("overridden_by", sa.Uuid(), nullable=False),
        sa.Column("overridden_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.CheckConstraint("length(reason) >= 10", name=op.f("ck_finding_overrides_reason")),
        sa.CheckConstraint("severity <> 'block' or contact <> ''", name=op.f("ck_finding_overrides_contact")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_finding_overrides_order_id")),
        sa.ForeignKeyConstraint(
            ["overridden_by"], ["staff_members.id"], name=op.f("fk_finding_overrides_overridden_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_overrides")),
    )
    op.create_index(op.f("ix_finding_overrides_order_id"), "finding_overrides", ["order_id"])
    op.create_table(
        "patient_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "merged",
                "unmerged",
                "told_apart",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("patient_id <> other_id", name=op.f("ck_patient_links_two_records")),
        sa.CheckConstraint("length(reason) >= 10", name=op.f("ck_patient_links_reason")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_patient_links_patient_id")),
        sa.ForeignKeyConstraint(["other_id"], ["patients.id"], name=op.f("fk_patient_links_other_id")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["staff_members.id"], name=op.f("fk_patient_links_decided_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_links")),
    )
    op.create_index(op.f("ix_patient_links_patient_id"), "patient_links", ["patient_id"])
    op.create_index(op.f("ix_patient_links_other_id"), "patient_links", ["other_id"])


def _severity() -> sa.Enum:
    return sa.Enum(
        "block",
        "override",
        "warn",
        "info",
        name="severity",
        native_enum=False,
        create_constraint=True,
        length=40,
    )


def _columns() -> None:
    op.add_column(
        "reference_version",
        sa.Column("screening_version", sa.BigInteger(), server_default="1", nullable=False),
    )
    op.add_column("order_findings", sa.Column("rule_version", sa.BigInteger(), nullable=True))
    op.add_column(
        "order_findings",
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
    )
    op.add_column("orders", sa.Column("rejection", sa.Text(), nullable=True))
    op.add_column(
        "prescriptions",
        sa.Column(
            "diagnosis_codes", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False
        ),
    )
    op.add_column("patients", sa.Column("name_key", sa.Text(), server_default="", nullable=False))
    op.add_column("patients", sa.Column("phone_key", sa.Text(), server_default="", nullable=False))
    op.add_column("patients", sa.Column("person_id", sa.Uuid(), nullable=True))
    op.add_column(
        "patients",
        sa.Column("profile", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
    )
    op.add_column("patients", sa.Column("profile_changed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("patients", sa.Column("version", sa.BigInteger(), server_default="1", nullable=False))
    _know_the_patients()
    op.create_index(op.f("ix_patients_birth_on_name_key_id"), "patients", ["birth_on", "name_key", "id"])
    op.create_index(
        op.f("ix_patients_person_id"), "patients", ["person_id"], postgresql_where="person_id is not null"
    )


def _know_the_patients() -> None:
    """Those who are on file already can be found by the same keys; what they said stands in their orders."""
    connection = op.get_bind()
    keyed = [
        {
            "id": row.id,
            "name_key": _name_key(row.full_name),
            "phone_key": re.sub(r"[^0-9]", "", row.phone)[-10:],
        }
        for row in connection.execute(sa.text("SELECT id, full_name, phone FROM patients"))
    ]
    if keyed:
        connection.execute(
            sa.text("UPDATE patients SET name_key = :name_key, phone_key = :phone_key WHERE id = :id"), keyed
        )


def _name_key(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    words = re.findall(r"[^\W\d_]+", "".join(each for each in plain if not unicodedata.combining(each)))
    titles = {"dr", "jr", "mr", "mrs", "ms", "sr", "ii", "iii"}
    return " ".join(sorted({word for word in words if len(word) > 1} - titles))


def _seed() -> None:
    rows = sa.text(
        "INSERT INTO screening_rules (code, version, severity, source, numbers, owner, reason, set_at)"
        " VALUES (:code, 1, :severity, :source, CAST(:numbers AS jsonb), :owner, :reason, now())"
    )
    for code, severity, source, numbers in RULES:
        op.execute(
            rows.bindparams(
                code=code,
                severity=severity,
                source=source,
                numbers=json.dumps(numbers),
                owner=OWNER,
                reason=REASON,
            )
        )
    _load("ingredients", "ingredients.csv", ("name", "kind"))
    _load(
        "medicine_codes",
        "medicine_codes.csv",
        ("system", "code", "display", "kind", "ingredients", "is_long_acting", "status", "source", "note"),
    )
    _load(
        "diagnosis_codes",
        "diagnosis_codes.csv",
        ("code", "display", "is_header", "billable_from", "billable_through", "status", "source", "note"),
    )
    meanings = sa.text(
        "INSERT INTO diagnosis_meanings (prefix, condition, source) VALUES (:prefix, :condition, :source)"
    )
    for prefix, condition in MEANINGS:
        op.execute(
            meanings.bindparams(prefix=prefix, condition=condition, source="ICD-10-CM, chapter headings")
        )
    settings = sa.text(
        "INSERT INTO settings (id, name, value, source, owner, reason, set_at)"
        " VALUES (gen_random_uuid(), :name, CAST(:value AS jsonb), :source, :owner, :reason, now())"
    )
    for name, value, source in SETTINGS:
        op.execute(
            settings.bindparams(name=name, value=json.dumps(value), source=source, owner=OWNER, reason=REASON)
        )


def _load(table: str, file: str, columns: tuple[str, ...]) -> None:
    """The rows of that file as they are, in one statement; an empty cell of a date is null."""
    with (SEEDS / file).open(newline="", encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    given = ", ".join(f"{name} text" for name in columns)
    chosen = ", ".join(_CASTS.get(name, name) for name in columns)
    op.execute(
        sa.text(
            f"INSERT INTO {table} ({', '.join(columns)})"
            f" SELECT {chosen} FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given({given})"
        ).bindparams(rows=json.dumps(rows))
    )


_CASTS = {
    "ingredients": "string_to_array(ingredients, '+')",
    "is_long_acting": "is_long_acting::boolean",
    "is_header": "is_header::boolean",
    "billable_from": "nullif(billable_from, '')::date",
    "billable_through": "nullif(billable_through, '')::date",
}


def _guards() -> None:
    op.execute(
        """
        CREATE FUNCTION raise_screening_version() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE reference_version SET version = nextval('reference_changes'),
                screening_version = nextval('reference_changes');
            RETURN NULL;
        END $$
        """
    )
    for table in WATCHED:
        op.execute(
            f"CREATE TRIGGER raises_version AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION raise_screening_version()"
        )
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _walls() -> None:
    """What was known when an order was screened may be another practice's: a client files it and reads none."""
    op.execute("ALTER TABLE screenings ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY practice_files ON screenings FOR INSERT TO pharmacy_client WITH CHECK (true)")
    for table in ("finding_overrides", "patient_links"):
        op.execute(f"SELECT wall_shut('{table}')")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP FUNCTION raise_screening_version() CASCADE")
    op.execute(sa.text("DELETE FROM settings WHERE reason = :reason").bindparams(reason=REASON))
    op.drop_index(op.f("ix_patients_person_id"), table_name="patients")
    op.drop_index(op.f("ix_patients_birth_on_name_key_id"), table_name="patients")
    for column in ("version", "profile_changed_at", "profile", "person_id", "phone_key", "name_key"):
        op.drop_column("patients", column)
    op.drop_column("prescriptions", "diagnosis_codes")
    op.drop_column("orders", "rejection")
    op.drop_column("order_findings", "inputs")
    op.drop_column("order_findings", "rule_version")
    op.drop_column("reference_version", "screening_version")
    for table in (
        "patient_links",
        "finding_overrides",
        "screenings",
        "screening_rules",
        "diagnosis_meanings",
        "diagnosis_codes",
        "medicine_codes",
        "ingredients",
    ):
        op.drop_table(table)
