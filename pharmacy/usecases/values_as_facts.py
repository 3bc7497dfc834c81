"""Values of the domain as facts that can be kept as JSON, and back again, exactly.

A worksheet is worked out again years later from the very values it was worked out from, so nothing may be lost
on the way: decimals keep every digit as text, masses and lots keep what they are under "is". Reading goes by the
types that the values declare; what is not there, or not of its type, is an error and never a default.
"""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

_Value = TypeVar("_Value")


def as_facts(value: Any) -> Any:
    """The value as JSON holds it: dataclasses by field with their name under "is", decimals and days as text."""
    if is_dataclass(value) and not isinstance(value, type):
        told = {field.name: as_facts(getattr(value, field.name)) for field in fields(value)}
        return {"is": type(value).__name__, **told}
    if isinstance(value, tuple):
        return [as_facts(each) for each in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    return value


def from_facts(kind: type[_Value], facts: Any) -> _Value:
    """The value of that type that the facts were made of."""
    value: _Value = _read(kind, facts)
    return value


def _read(kind: Any, facts: Any) -> Any:
    origin = get_origin(kind)
    if origin in {Union, types.UnionType}:
        return _read_one_of(get_args(kind), facts)
    if origin is tuple:
        return tuple(_read(get_args(kind)[0], each) for each in facts)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        made: Any = kind  # Which dataclass it is, only the declaration knows.
        return made(**{field.name: _read(hints[field.name], facts[field.name]) for field in fields(kind)})
    if kind is date:
        return date.fromisoformat(facts)
    return kind(facts)


def _read_one_of(kinds: tuple[Any, ...], facts: Any) -> Any:
    if facts is None and types.NoneType in kinds:
        return None
    there = [kind for kind in kinds if kind is not types.NoneType]
    if len(there) == 1:
        return _read(there[0], facts)
    return _read(next(kind for kind in there if kind.__name__ == facts["is"]), facts)
