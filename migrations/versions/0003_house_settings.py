"""The settings a new pharmacy begins with; the pharmacist-in-charge owns and changes them."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OWNER = "pharmacist-in-charge"
REASON = "default of a new pharmacy"

# name, value, source
SETTINGS: tuple[tuple[str, object, str], ...] = (
    (
        "dose_limits",
        {"warn_over_mg": "4.5", "override_over_mg": "6", "maximum_mg": "10"},
        "house policy; low-dose bands end at 10 mg a day",
    ),
    ("capsule_shell", "3", "house policy; size 3 or 4 is usual for low-dose naltrexone"),
    ("filler_method", {"method": "displacement", "target_fill_mg": None}, "master formulation record"),
    (
        "overage_tiers",
        [{"up_to": 100, "share": "0.05"}, {"up_to": 300, "share": "0.03"}, {"up_to": None, "share": "0.02"}],
        "house policy; 3 to 5 % is common practice",
    ),
    ("beyond_use_category", "solid", "USP <795> (2023), non-aqueous solid forms"),
    ("default_supply_method", "one_strength_per_step", "house policy"),
    (
        "refills",
        {
            "used_share": "0.80",
            "lead_days": {"pick_up": 7, "mail": 14},
            "start_lag_days": {"pick_up": 0, "mail": 3},
        },
        "house policy; payers use 75 to 85 %",
    ),
    ("quote_valid_days", 14, "house policy"),
    ("promise_business_days", 3, "house policy: third business day after payment"),
    ("prescription_validity_months", 12, "usual for a drug that is not controlled"),
    ("licensed_states", ["NY"], "the pharmacy's licences; enter every state it may ship to"),
    ("closed_on", [], "days besides weekends on which the pharmacy is closed"),
)

_INSERT = sa.text(
    "INSERT INTO settings (id, name, value, source, owner, reason, set_at)"
    " VALUES (gen_random_uuid(), :name, CAST(:value AS jsonb), :source, :owner, :reason, now())"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name, value, source in SETTINGS:
        op.execute(
            _INSERT.bindparams(name=name, value=json.dumps(value), source=source, owner=OWNER, reason=REASON)
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(sa.text("DELETE FROM settings WHERE reason = :reason").bindparams(reason=REASON))
