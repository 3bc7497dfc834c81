"""How values of records are written in a packet: exactly, by the pharmacy's clock, bytes by their hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

_LONGEST_BYTES = 64


@dataclass(frozen=True, slots=True)
class Wording:
    """Values in words; instants are told on the clock of that zone, with its offset."""

    zone: ZoneInfo

    def cell(self, value: Any) -> str:
        """The value in one piece; structures as JSON, nothing for None."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, datetime):
            return value.astimezone(self.zone).isoformat(timespec="seconds")
        if isinstance(value, bytes):
            return _bytes(value)
        if isinstance(value, dict | list):
            return orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS).decode()
        return str(value)

    def lines(self, name: str, value: Any) -> Iterator[tuple[str, str]]:
        """The value as named lines: structures place by place, figures with how they came about."""
        if value is None or value in ("", [], {}):
            return
        if isinstance(value, Mapping):
            if {"name", "value", "unit", "formula"} <= value.keys():
                yield f"{name}: {value['name']}", _figure(value)
                return
            for key, inner in value.items():
                yield from self.lines(f"{name}, {key}", inner)
        elif isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
            for place, inner in enumerate(value, start=1):
                yield from self.lines(f"{name} {place}", inner)
        elif isinstance(value, list):
            yield name, ", ".join(self.cell(each) for each in value)
        else:
            yield name, self.cell(value)


def _figure(figure: Mapping[str, Any]) -> str:
    inputs = "; ".join(
        f"{each['name']} {each['value']}" + (f" ({each['source']})" if each.get("source") else "")
        for each in figure.get("inputs", [])
    )
    rounding = f", rounded {figure['rounding']}" if figure.get("rounding") else ""
    of = f" ({inputs})" if inputs else ""
    return f"{figure['value']} {figure['unit']} = {figure['formula']}{of}{rounding}"


def _bytes(value: bytes) -> str:
    if len(value) <= _LONGEST_BYTES:
        return value.hex()
    return f"{len(value)} bytes, SHA-256 {hashlib.sha256(value).hexdigest()}"
