"""Bodies of requests, as a prescriber's system sends them: the typical titration unless a test says otherwise."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from bench.typical import typical_order

GONE: Any = object()
"""Stands for a field that is left out."""

TYPICAL_STEPS = (("1.5", 7), ("3.0", 7), ("4.5", 16))

# Signed on the Friday before the tests' Monday.
_ORDER: Mapping[str, Any] = typical_order(datetime(2026, 11, 20, 15, tzinfo=UTC))


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
