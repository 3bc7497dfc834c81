"""Bodies of requests, as a prescriber's system sends them: the typical titration unless a test says otherwise."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

GONE: Any = object()
"""Stands for a field that is left out."""

TYPICAL_STEPS = (("1.5", 7), ("3.0", 7), ("4.5", 16))

_ORDER: Mapping[str, Any] = {
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
                    "consented_at": "2026-11-20T15:00:00Z",
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
    "authorization": {
        "kind": "e_signature",
        "signer_npi": "2234567891",
        "signed_at": "2026-11-20T15:00:00Z",
    },
    "prescription": {"written_on": "2026-11-20", "refills": 2, "purpose": "fibromyalgia"},
    "supply_option": "one_strength_per_step",
    "opioid_last_14_days": "no",
    "no_known_allergies": True,
    "medicines": [],
}


def a_plan(*steps: tuple[str, int | None]) -> dict[str, Any]:
    """A plan of bedtime doses, from pairs of milligrams and days."""
    return {
        "steps": [
            {"dose_mg": dose, "time_of_day": "bedtime", "duration_days": days}
            for dose, days in steps or TYPICAL_STEPS
        ]
    }


def an_order(changes: Mapping[str, Any] | None = None, /, **fields: Any) -> dict[str, Any]:
    """The typical submission; `changes` maps JSON pointers to other values, `fields` replace whole members."""
    body = deepcopy({**_ORDER, "plan": a_plan()}) | fields
    return changed({name: value for name, value in body.items() if value is not GONE}, changes or {})


def a_supply(changes: Mapping[str, Any] | None = None, /, **fields: Any) -> dict[str, Any]:
    """What `simulate` and `quotes` take."""
    return changed({"plan": a_plan(), **fields}, changes or {})


def changed(body: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The body with other values, or GONE, at these JSON pointers."""
    for pointer, value in changes.items():
        *path, last = [int(part) if part.isdigit() else part for part in pointer[1:].split("/")]
        place: Any = body
        for part in path:
            place = place[part]
        if value is GONE:
            del place[last]
        else:
            place[last] = value
    return body
