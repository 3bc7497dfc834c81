"""A setting as fields of a form: each number and word of it by itself, and back again.

Lists of plain things are typed with commas between them; what is nested deeper is shown as it is kept (JSON).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pharmacy.domain.errors import Unfit
from pharmacy.web.console.language import gettext

_YES, _NO = "yes", "no"
_MOST_DIGITS = 9


@dataclass(eq=False)
class FieldUnreadable(Unfit):
    because: str

    def __str__(self) -> str:
        return self.because


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingField:
    """One field: its name in the form, what it is called, what stands in it, and how it is typed."""

    name: str
    words: str
    text: str
    kind: str


def fields_of(value: Any) -> tuple[SettingField, ...]:
    """The fields in which that value is shown and typed."""
    return tuple(
        SettingField(name=_name(path), words=_words(path), text=_text(each), kind=_kind(each))
        for path, each in _leaves(value)
    )


def value_typed(standing: Any, typed: Mapping[str, str]) -> Any:
    """The value that was typed, made as the standing one. Raises FieldUnreadable at the field."""
    return _rebuilt(standing, typed, ())


def value_in_words(value: Any) -> str:
    """The value in one line: "opens 09:00, closes 20:00"."""
    told = [f"{_words(path)} {_row_in_words(each)}".strip() for path, each in _leaves(value)]
    return ", ".join(told)


def _row_in_words(value: Any) -> str:
    """A list of rows as "share 0.05, up to 100; share 0.03"; whatever is empty in a row is left out."""
    if _kind(value) != "json":
        return _text(value)
    return "; ".join(value_in_words(_filled(each)) for each in value)


def _filled(row: Any) -> Any:
    return {name: each for name, each in row.items() if each is not None} if isinstance(row, Mapping) else row


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping) and value:
        for key, each in value.items():
            yield from _leaves(each, (*path, str(key)))
    else:
        yield path, value


def _rebuilt(standing: Any, typed: Mapping[str, str], path: tuple[str, ...]) -> Any:
    if isinstance(standing, Mapping) and standing:
        return {key: _rebuilt(each, typed, (*path, str(key))) for key, each in standing.items()}
    return _read(standing, typed.get(_name(path), "").strip(), _name(path))


def _name(path: tuple[str, ...]) -> str:
    return ".".join(("value", *path))


def _words(path: tuple[str, ...]) -> str:
    return ": ".join(part.replace("_", " ") for part in path)


def _kind(value: Any) -> str:
    match value:
        case bool():
            return "choice"
        case int():
            return "whole"
        case [] | [str(), *_] | [int(), *_]:
            return "list"
        case list():
            return "json"
        case _:
            return "text"


def _text(value: Any) -> str:
    match _kind(value):
        case "choice":
            return _YES if value else _NO
        case "list":
            return ", ".join(str(each) for each in value)
        case "json":
            return json.dumps(value)
        case _:
            return "" if value is None else str(value)


def _read(standing: Any, text: str, name: str) -> Any:
    match _kind(standing):
        case "choice":
            return text == _YES
        case "whole":
            return _whole(text, name)
        case "list":
            parts = [part.strip() for part in text.split(",") if part.strip()]
            is_numbers = bool(standing) and isinstance(standing[0], int)
            return [_whole(part, name) for part in parts] if is_numbers else parts
        case "json":
            return _json(text, name)
        case _:
            return text if text or standing is not None else None


def _whole(text: str, name: str) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS):
        raise FieldUnreadable(gettext("This is a whole number."), where=(name,))
    return int(text)


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text, parse_float=str)
    except ValueError:
        raise FieldUnreadable(
            gettext("This cannot be read: keep the signs as they are."), where=(name,)
        ) from None
