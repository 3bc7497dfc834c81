"""Reads JSON as this door takes it, and nothing looser.

Numbers keep their text as Decimal with bounded digits; duplicate keys, NaN, Infinity, U+0000, lone
surrogates, more than 64 levels and anything that is not UTF-8 are refused before a schema sees them. What
is refused has a reason in words and the place where it was found.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, NoReturn

import orjson

DEEPEST = 64
MOST_DIGITS = 40
LARGEST_EXPONENT = 20

_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")
_DIGITS = re.compile(r"[0-9]")


class BadJson(Exception):
    """The body is not JSON that we read; the text says why."""


def read_json(body: bytes) -> Any:
    """The value that the body holds; numbers with a fraction or exponent are Decimal. Raises BadJson."""
    _require_shallow(body)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as broken:
        raise BadJson(f"The body is not UTF-8 (byte {broken.start}).") from None
    try:
        value = json.loads(
            text,
            parse_float=_number,
            parse_int=_whole_number,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as broken:
        raise BadJson(
            f"The body is not JSON: {broken.msg} (line {broken.lineno}, column {broken.colno})."
        ) from None
    except RecursionError:
        raise BadJson(f"The body is nested deeper than {DEEPEST} levels.") from None
    # Escapes are the only way in for what a UTF-8 text cannot hold, besides NUL itself.
    if "\\u" in text or "\x00" in text:
        _require_keepable(value)
    return value


def require_keepable_text(text: str) -> None:
    """BadJson when the text holds U+0000 or a lone surrogate: no database keeps either."""
    if _UNKEEPABLE.search(text):
        raise BadJson("Text must not hold U+0000 or a lone surrogate.")


def canonical(value: Any) -> bytes:
    """The same bytes for the same value, however it was spaced or ordered."""
    return orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS)


def _require_shallow(body: bytes) -> None:
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return
    depth = 0
    for sign in re.findall(rb"[\[\]{}]", _STRINGS.sub(b"", body)):
        depth += 1 if sign in b"[{" else -1
        if depth > DEEPEST:
            raise BadJson(f"The body is nested deeper than {DEEPEST} levels.")


def _number(text: str) -> Decimal:
    digits = len(_DIGITS.findall(text))
    exponent = text.lower().partition("e")[2].lstrip("+-").lstrip("0")
    if digits > MOST_DIGITS or len(exponent) > 2 or int(exponent or "0") > LARGEST_EXPONENT:
        raise BadJson(f"A number has more than {MOST_DIGITS} digits or an exponent over {LARGEST_EXPONENT}.")
    return Decimal(text)


def _whole_number(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise BadJson(f"A number has more than {MOST_DIGITS} digits.")
    return int(text)


def _refuse_constant(name: str) -> NoReturn:
    raise BadJson(f"{name} is not a number.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadJson(f"The key {twice[:40]!r} stands twice in one object.")
    return read


def _require_keepable(value: Any) -> None:
    if isinstance(value, str):
        require_keepable_text(value)
    elif isinstance(value, dict):
        for name, each in value.items():
            require_keepable_text(name)
            _require_keepable(each)
    elif isinstance(value, list):
        for each in value:
            _require_keepable(each)
