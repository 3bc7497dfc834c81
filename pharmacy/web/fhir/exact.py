"""JSON in which every decimal stands as it was written: 1.50 goes out as 1.50."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson


def written(resource: Mapping[str, Any]) -> str:
    """The resource as text."""
    return orjson.dumps(resource, default=_exact).decode()


def read(text: str) -> dict[str, Any]:
    """The resource that `written` wrote, with its decimals."""
    resource: dict[str, Any] = json.loads(text, parse_float=Decimal)
    return resource


def _exact(value: Any) -> Any:
    return orjson.Fragment(str(value).encode()) if isinstance(value, Decimal) else str(value)
