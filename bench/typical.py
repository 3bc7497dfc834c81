"""The typical titration, for measurements and tests alike."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")


def typical_order(now: datetime) -> dict[str, Any]:
    """The usual titration, 1.5 to 4.5 mg in weekly steps, as a prescriber's system submits it at that instant."""
    signed_at = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    # A prescription is dated by the prescriber's day, which begins later than the day in UTC.
    written_on = now.astimezone(NEW_YORK).date()
    return {
        "patient": {
            "full_name": "Anna Sample",
            "birth_on": "1984-05-06",
            "phone": "(555) 010-0123",
            "email": "anna@patient.example",
            "address": {"line": "12 Elm St", "city": "Albany", "state": "NY", "postal_code": "12207"},
            "contact": {
                "time_zone": "America/New_York",
                "consents": [
                    {
                        "channel": "email",
                        "text_version": "2026-01",
                        "consented_at": signed_at,
                        "source": "practice portal",
                    }
                ],
            },
        },
        "prescriber": {
            "npi": "2234567891",
            "full_name": "Dr. Rosa Example",
            "phone": "(555) 010-0101",
            "address": "1 Clinic Way, Albany, NY 12207",
            "licence_number": "NY-000001",
            "licence_state": "NY",
        },
        "authorization": {"kind": "e_signature", "signer_npi": "2234567891", "signed_at": signed_at},
        "prescription": {"written_on": written_on.isoformat(), "refills": 2, "purpose": "fibromyalgia"},
        "plan": typical_plan(),
        "supply_option": "one_strength_per_step",
        "opioid_last_14_days": "no",
        "no_known_allergies": True,
        "medicines": [],
    }


def typical_plan() -> dict[str, Any]:
    """1.5, 3 and 4.5 mg at bedtime for 7, 7 and 16 days."""
    steps = (("1.5", 7), ("3.0", 7), ("4.5", 16))
    return {
        "steps": [{"dose_mg": dose, "time_of_day": "bedtime", "duration_days": days} for dose, days in steps]
    }
