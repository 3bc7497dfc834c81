"""A packet as one PDF, section after section, each record as named lines; pages leave memory as they fill.

Letter size; every page says what the packet is about and its number, and the last how many there are. What the
typeface cannot show is written as its code point: a record is never withheld because of a name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from pharmacy.gateways import label_type
from pharmacy.gateways.label_type import Weight
from pharmacy.gateways.packet_csv import Section
from pharmacy.gateways.packet_text import Wording
from pharmacy.gateways.pdf_stream import HEIGHT, WIDTH, PageDrawing, PdfStream, wide

_LEFT, _RIGHT, _TOP, _FOOT = 46.0, WIDTH - 46.0, HEIGHT - 60.0, 58.0
_NAMES, _VALUES = 168.0, _LEFT + 176
_SIZE, _LINE = 8.6, 11.4
# Under this much room a record begins on the next page, unless it is longer than a page.
_LEAST = 48.0
_FEW_COLUMNS = 7


@dataclass(frozen=True, slots=True)
class PdfPacket:
    """Writes sections as a PDF; `house` is whose paper it is."""

    wording: Wording
    house: str

    def write(
        self, title: str, told: Sequence[tuple[str, str]], sections: Iterator[Section], out: IO[bytes]
    ) -> None:
        """The file stands in `out`."""
        sheet = _Sheet(PdfStream(out, title), f"{self.house}  ·  {title}")
        sheet.heading(title, 17)
        for name, words in told:
            sheet.pair(name, words)
        counts: list[tuple[str, int, int]] = []
        for section in sections:
            sheet.heading(section.title, 12)
            page = sheet.stream.pages + 1
            counts.append((section.title, self._rows(sheet, section), page))
        sheet.heading("Contents", 12)
        for name, count, page in counts:
            sheet.pair(name, f"{count} record{'' if count == 1 else 's'}, page {page}")
        sheet.end()

    def _rows(self, sheet: _Sheet, section: Section) -> int:
        count = 0
        is_narrow = len(section.columns) <= _FEW_COLUMNS
        for count, row in enumerate(section.rows, start=1):
            if is_narrow:
                self._short(sheet, section.columns, row)
            else:
                sheet.record(count)
                self._long(sheet, section.columns, row)
        if not count:
            sheet.pair("", "None.")
        return count

    def _short(self, sheet: _Sheet, columns: Sequence[str], row: Sequence[Any]) -> None:
        """A row of few cells: the first names it."""
        rest = [
            f"{_said(name)}: {self.wording.cell(value)}"
            for name, value in zip(columns[1:], row[1:], strict=True)
            if value is not None
        ]
        sheet.pair(self.wording.cell(row[0]), "   ".join(rest))

    def _long(self, sheet: _Sheet, columns: Sequence[str], row: Sequence[Any]) -> None:
        for name, value in zip(columns, row, strict=True):
            for told, words in self.wording.lines(_said(name), value):
                sheet.pair(told, words)


@dataclass(slots=True)
class _Sheet:
    """Where on which page the next line goes."""

    stream: PdfStream
    foot: str
    page: PageDrawing = field(init=False)
    y: float = field(init=False)

    def __post_init__(self) -> None:
        self._begin()

    def heading(self, text: str, size: float) -> None:
        self._room(_LEAST + size)
        self.y -= size + 8
        for line in _wrapped(text, _RIGHT - _LEFT, size, Weight.BOLD):
            self.page.text(_LEFT, self.y, line, size, Weight.BOLD)
            self.y -= size * 1.2
        self.y -= 4

    def record(self, number: int) -> None:
        """A rule and the number of the record in its section."""
        self._room(_LEAST)
        self.y -= 3
        self.page.rule(_LEFT, self.y + _LINE - 2, _RIGHT)
        self.page.text(_LEFT - 22, self.y, str(number), 7)

    def pair(self, name: str, words: str) -> None:
        names = _wrapped(name, _NAMES, _SIZE, Weight.BOLD)
        values = _wrapped(words, _RIGHT - _VALUES, _SIZE, Weight.REGULAR)
        for place in range(max(len(names), len(values))):
            self._room(_LINE)
            if place < len(names):
                self.page.text(_LEFT, self.y, names[place], _SIZE, Weight.BOLD)
            if place < len(values):
                self.page.text(_VALUES, self.y, values[place], _SIZE)
            self.y -= _LINE

    def end(self) -> None:
        total = self.stream.pages + 1
        self.page.text(_LEFT, 40, f"{total} page{'' if total == 1 else 's'} in all. End of the packet.", 8)
        self._finish()
        self.stream.close()

    def _room(self, needed: float) -> None:
        if self.y - needed < _FOOT:
            self._finish()
            self._begin()

    def _begin(self) -> None:
        self.page, self.y = self.stream.new_page(), _TOP

    def _finish(self) -> None:
        told = f"Page {self.stream.pages + 1}"
        for line in _wrapped(self.foot, _RIGHT - _LEFT - 60, 7.6, Weight.REGULAR)[:1]:
            self.page.text(_LEFT, 26, line, 7.6)
        self.page.text(_RIGHT - wide(told, 7.6), 26, told, 7.6)
        self.stream.add(self.page)


def _said(name: str) -> str:
    return str(name).replace("_", " ")


def _wrapped(text: str, room: float, size: float, weight: Weight) -> list[str]:
    """The text in lines that fit; a word that is longer than a line is broken."""
    lines: list[str] = []
    for paragraph in label_type.with_code_points(text).splitlines() or [""]:
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if wide(longer, size, weight) <= room:
                line = longer
                continue
            if line:
                lines.append(line)
            *whole, line = _broken(word, room, size, weight)
            lines.extend(whole)
        lines.append(line)
    return [line for line in lines if line]


def _broken(word: str, room: float, size: float, weight: Weight) -> list[str]:
    parts, part = [], ""
    for character in word:
        if part and wide(part + character, size, weight) > room:
            parts.append(part)
            part = ""
        part += character
    return [*parts, part]
