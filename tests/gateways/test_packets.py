"""Packets on paper and as tables: read again as a reader would, however long, in memory that does not grow."""

import csv
import io
import tracemalloc
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from tempfile import TemporaryFile
from typing import Any
from zoneinfo import ZoneInfo

import pypdfium2 as pdfium

from pharmacy.gateways.packet_csv import CsvPacket
from pharmacy.gateways.packet_pdf import PdfPacket
from pharmacy.gateways.packet_text import Wording

WORDING = Wording(ZoneInfo("America/New_York"))
TOLD = (("Asked for by", "Ada Auditor"), ("Why", "Yearly inspection"))
FIGURE = {
    "key": "yield_pct",
    "name": "Yield",
    "value": "97.50",
    "unit": "%",
    "formula": "filled x 100 / prepared",
    "inputs": [{"name": "filled", "value": "39 capsules", "source": ""}],
    "rounding": "to 2 decimal places, half up",
}


@dataclass(frozen=True)
class Section:
    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]


def _pdf(*sections: Section) -> list[str]:
    out = io.BytesIO()
    PdfPacket(wording=WORDING, house="Example Pharmacy").write("Packet: batch B1", TOLD, iter(sections), out)
    document = pdfium.PdfDocument(out.getvalue())
    return [page.get_textpage().get_text_range() for page in document]


def _archive(*sections: Section) -> dict[str, list[list[str]]]:
    out = io.BytesIO()
    CsvPacket(WORDING).write("Packet: batch B1", TOLD, iter(sections), out)
    with zipfile.ZipFile(out) as archive:
        assert archive.testzip() is None
        return {
            name: list(csv.reader(io.StringIO(archive.read(name).decode()))) for name in archive.namelist()
        }


def _batches(count: int) -> Section:
    columns = ("number", "status", "made_at", "figures", "note", "head", "checked", "left")
    row = (
        "B261123-0001",
        "released",
        datetime(2026, 11, 23, 15, 0, tzinfo=UTC),
        [FIGURE],
        "=1+1",
        b"\x01\x02",
        True,
        None,
    )
    return Section("Batches with their records", columns, (row for _ in range(count)))


def test_the_paper_says_what_stands_in_the_records_by_the_clock_of_the_pharmacy() -> None:
    (page,) = _pdf(_batches(1))

    text = " ".join(page.split())
    assert "Packet: batch B1" in text
    assert "Yearly inspection" in text
    assert "2026-11-23T10:00:00-05:00" in text
    assert (
        "97.50 % = filled x 100 / prepared (filled 39 capsules), rounded to 2 decimal places, half up" in text
    )
    assert "0102" in text
    assert "1 record, page 1" in text
    assert "1 page in all. End of the packet." in text


def test_names_are_written_with_all_their_letters_or_with_the_code_of_what_is_lacking() -> None:
    section = Section("Patients", ("number", "name"), [(1, "Łukasz Żółć"), (2, "Ольга"), (3, "王 Wang")])

    text = _pdf(section)[0]

    assert "Łukasz Żółć" in text
    assert "Ольга" in text
    assert "[U+738B] Wang" in text


def test_a_section_without_records_says_none_and_a_long_word_stays_on_the_paper() -> None:
    pages = _pdf(
        Section("Recalls", ("number", "reason"), []), Section("Heads", ("a", "b"), [("x", "f" * 400)])
    )

    text = "".join("".join(pages).split())
    assert "None." in text
    assert text.count("f") >= 400


def test_every_page_bears_its_number_and_the_last_how_many_there_are() -> None:
    pages = _pdf(_batches(60))

    assert len(pages) > 3
    assert all(f"Page {number}" in text for number, text in enumerate(pages, start=1))
    assert f"{len(pages)} pages in all" in pages[-1]


def test_tables_hold_the_same_and_no_cell_that_a_spreadsheet_would_reckon_out() -> None:
    files = _archive(_batches(2), Section("Recalls", ("number", "reason"), []))

    head, *rows = files["01-batches-with-their-records.csv"]
    assert head[:3] == ["number", "status", "made_at"]
    assert len(rows) == 2
    assert rows[0][2:] == [
        "2026-11-23T10:00:00-05:00",
        rows[0][3],
        "'=1+1",
        "0102",
        "yes",
        "",
    ]
    assert ["01-batches-with-their-records.csv", "2"] in files["00-packet.csv"]
    assert files["02-recalls.csv"] == [["number", "reason"]]


def test_ten_times_as_many_records_need_no_more_memory() -> None:
    def peak(count: int, writer: CsvPacket | PdfPacket) -> int:
        with TemporaryFile() as out:
            tracemalloc.start()
            writer.write("Packet", TOLD, iter([_batches(count)]), out)
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return most

    for writer in (CsvPacket(WORDING), PdfPacket(wording=WORDING, house="Example")):
        peak(20, writer)  # The typeface is loaded once.
        assert peak(400, writer) < peak(100, writer) + 100_000
