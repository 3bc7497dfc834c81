"""Screening goes by the formulation in force; patients of before are screened by what their orders say.

A formulation that takes effect changes what an allergy is held against, so the reference is read anew. Patients who
were filed before there was a profile get it from their orders: allergies of all of them, medicines and the opioid answer
of the newest that answers. Nothing on record is overwritten.
"""

from __future__ import annotations

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

BACKFILL = """
WITH said AS (
    SELECT patients.id AS patient_id, orders.answers, orders.id AS order_id
    FROM patients JOIN orders ON orders.patient_id = patients.id
    WHERE patients.profile = '{}'::jsonb
), opioid AS (
    SELECT DISTINCT ON (patient_id) patient_id, jsonb_build_object(
        'answer', answers -> 'opioid_last_14_days',
        'agent', CASE WHEN coalesce(answers ->> 'opioid_detail', '') <> ''
            THEN jsonb_build_object('text', answers -> 'opioid_detail') END,
        'last_dose_on', NULL, 'exception', NULL) AS facts
    FROM said WHERE coalesce(answers ->> 'opioid_last_14_days', '') <> ''
    ORDER BY patient_id, order_id DESC
), allergy AS (
    SELECT DISTINCT patient_id, stated.text
    FROM said CROSS JOIN LATERAL jsonb_array_elements_text(CASE jsonb_typeof(answers -> 'allergies')
        WHEN 'array' THEN answers -> 'allergies' ELSE '[]'::jsonb END) AS stated(text)
), allergies AS (
    SELECT patient_id, jsonb_agg(jsonb_build_object('text', text) ORDER BY text) AS facts
    FROM allergy GROUP BY patient_id
), medicines AS (
    SELECT DISTINCT ON (patient_id) patient_id, (
        SELECT coalesce(jsonb_agg(jsonb_build_object('text', stated.text)), '[]'::jsonb)
        FROM jsonb_array_elements_text(answers -> 'medicines') AS stated(text)) AS facts
    FROM said WHERE jsonb_typeof(answers -> 'medicines') = 'array'
    ORDER BY patient_id, order_id DESC
)
UPDATE patients SET profile = jsonb_strip_nulls(jsonb_build_object(
    'allergies', coalesce(allergies.facts, '[]'::jsonb), 'medicines', medicines.facts))
    || CASE WHEN opioid.facts IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('opioid', opioid.facts) END
FROM (SELECT DISTINCT patient_id FROM said) AS old
LEFT JOIN opioid ON opioid.patient_id = old.patient_id
LEFT JOIN allergies ON allergies.patient_id = old.patient_id
LEFT JOIN medicines ON medicines.patient_id = old.patient_id
WHERE patients.id = old.patient_id
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        "CREATE TRIGGER formulations_taking_effect AFTER INSERT OR UPDATE OF effective_on ON formulations"
        " FOR EACH STATEMENT EXECUTE FUNCTION raise_reference_version()"
    )
    op.execute(BACKFILL)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # What was learned stays known: it is true whichever form the books have.
    op.execute("DROP TRIGGER formulations_taking_effect ON formulations")
