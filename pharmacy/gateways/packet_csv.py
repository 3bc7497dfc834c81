"""A packet as one ZIP of CSV files, a file for each section; written row by row, so that memory does not grow."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any, Protocol

from pharmacy.gateways.csv_cells import harmless
from pharmacy.gateways.packet_text import Wording

# Same packet, same bytes: the archive bears no moment of its own.
_NO_MOMENT = (1980, 1, 1, 0, 0, 0)


class Section(Protocol):
    """What a section is, wherever it comes from."""

    @property
    def title(self) -> str: ...
    @property
    def columns(self) -> Sequence[str]: ...
    @property
    def rows(self) -> Iterable[Sequence[Any]]: ...


@dataclass(frozen=True, slots=True)
class CsvPacket:
    """Writes sections as CSV (RFC 4180, UTF-8)."""

    wording: Wording

    def write(
        self, title: str, told: Sequence[tuple[str, str]], sections: Iterator[Section], out: IO[bytes]
    ) -> None:
        """The archive stands in `out`; its first file says what it is about and counts the rows of the others."""
        counts: list[tuple[str, str]] = []
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for number, section in enumerate(sections, start=1):
                name = f"{number:02d}-{_file_name(section.title)}.csv"
                with archive.open(_entry(name), "w") as raw:
                    counts.append((name, str(self._rows(section, raw))))
            with archive.open(_entry("00-packet.csv"), "w") as raw, _text(raw) as written:
                csv.writer(written).writerows([("Packet", title), *told, *counts])

    def _rows(self, section: Section, raw: IO[bytes]) -> int:
        count = 0
        with _text(raw) as written:
            writer = csv.writer(written)
            writer.writerow(section.columns)
            for row in section.rows:
                writer.writerow([harmless(self.wording.cell(value)) for value in row])
                count += 1
        return count


def _text(raw: IO[bytes]) -> io.TextIOWrapper:
    return io.TextIOWrapper(raw, encoding="utf-8", newline="", write_through=False)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _NO_MOMENT)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _file_name(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
