"""Worked cases of the trade, by their ids.

Each was computed by hand or taken from a published source, which it names in
`rule_source`; tests assert them beside the properties, because properties prove
coherence and examples prove truth. Numbers are decimal text. The cases of titration,
identifiers, refills and labels lie in one file, those of compounding, stock and planning in others.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

_FILES = ("cases.json", "cases_compounding.json", "cases_stock.json", "cases_planning.json")


def _load() -> Mapping[str, Any]:
    cases: dict[str, Any] = {}
    for name in _FILES:
        path = Path(__file__).with_name(name)
        if path.exists():
            cases |= json.loads(path.read_text(encoding="utf-8"))
    return cases


CASES = _load()


def case(case_id: str) -> SimpleNamespace:
    """The case with `.inputs`, `.expected` and what else it holds; KeyError for an unknown id."""
    return SimpleNamespace(**CASES[case_id])


def ids_of(family: str) -> list[str]:
    """The ids of one family, "TIT" for example, in order."""
    return sorted(case_id for case_id in CASES if case_id.startswith(f"{family}-"))
