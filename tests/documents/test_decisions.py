"""Decision records can be found, and each says what it costs."""

import re
from pathlib import Path

import pytest

from tests.documents.compose_file import ROOT

FOLDER = ROOT / "docs" / "decisions"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
PARTS = ("**Context.**", "**Decision.**", "**Cost.**", "**Alternatives.**")


def test_the_index_names_every_record_in_order_and_no_other() -> None:
    index = (FOLDER / "README.md").read_text(encoding="utf-8")

    assert re.findall(r"\]\(([^)]+)\)", index) == [record.name for record in RECORDS]


def test_the_numbers_have_no_gap() -> None:
    assert [int(record.name[:4]) for record in RECORDS] == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name[:4])
def test_a_record_has_its_four_parts_and_stays_short(record: Path) -> None:
    text = record.read_text(encoding="utf-8")
    places = [text.find(part) for part in PARTS]

    assert -1 not in places
    assert places == sorted(places)
    assert text.startswith(f"# {record.name[:4]} ")
    assert len(text.split()) < 400
