"""docker-compose.yml as the engine would see it, for tests on machines without one.

Reads the file, fills in ${NAME}, ${NAME:-default} and ${NAME:?sentence} from given values,
and hands out one service at a time.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
_VARIABLE = re.compile(r"\$\{(?P<name>[A-Z_]+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\}")


class Unset(Exception):
    """A variable that has no default was not given; the text is the sentence of the file."""


def as_written() -> dict[str, Any]:
    """The file with its variables as they stand there."""
    read: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return read


def filled_in(values: Mapping[str, str]) -> dict[str, Any]:
    """The file with its variables filled in. Raises Unset."""
    read: dict[str, Any] = _filled(as_written(), values)
    return read


def required_variables() -> dict[str, str]:
    """The names without which nothing starts, each with its sentence."""
    return {found["name"]: found["rest"] for found in _variables(as_written()) if found["kind"] == "?"}


def defaults() -> dict[str, str]:
    """The names that may be left out, each with what then holds."""
    return {found["name"]: found["rest"] for found in _variables(as_written()) if found["kind"] == "-"}


def _variables(node: Any) -> Iterator[re.Match[str]]:
    if isinstance(node, str):
        yield from _VARIABLE.finditer(node)
    elif isinstance(node, dict | list):
        for each in node.values() if isinstance(node, dict) else node:
            yield from _variables(each)


def _filled(node: Any, values: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _filled(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [_filled(value, values) for value in node]
    return _VARIABLE.sub(lambda found: _value(found, values), node) if isinstance(node, str) else node


def _value(found: re.Match[str], values: Mapping[str, str]) -> str:
    given = values.get(found["name"])
    if given:
        return given
    if found["kind"] != "-":
        raise Unset(found["rest"])
    return str(found["rest"])
