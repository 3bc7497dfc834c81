"""The checks of the batch life hold for the batches that were there before, too.

A step of its own: looking through old rows in the transaction that added the checks would keep readers waiting.
"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

CONSTRAINTS = (
    "fk_batches_balance_id",
    "ck_batches_kind",
    "ck_batches_status",
    "ck_batches_kind_whole",
    "ck_batches_allocated",
    "ck_batches_counted",
    "ck_batches_two_people",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in CONSTRAINTS:
        op.execute(f"ALTER TABLE batches VALIDATE CONSTRAINT {name}")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # A constraint cannot be made to forget that it was looked at; it is written down again as not looked at.
    op.execute(
        """
        DO $$
        DECLARE checked record;
        BEGIN
            FOR checked IN SELECT conname, pg_get_constraintdef(oid) AS said FROM pg_constraint
                WHERE conrelid = 'batches'::regclass AND conname = ANY('%s'::text[])
            LOOP
                EXECUTE format('ALTER TABLE batches DROP CONSTRAINT %%I', checked.conname);
                EXECUTE format('ALTER TABLE batches ADD CONSTRAINT %%I %%s NOT VALID', checked.conname, checked.said);
            END LOOP;
        END $$
        """
        % ("{" + ",".join(CONSTRAINTS) + "}")
    )
