"""A PDF written page by page: what was written is kept nowhere but in the file, so that length costs no memory.

The usual writer keeps every page until the end, which a packet of many thousand pages cannot afford. This one needs
little: text in the typeface of our labels, and lines. Eight bytes are remembered for each page and object, and the
characters that were used, whose widths and meaning are written last (PDF 32000-1, 9.7 and 9.10.3: text can be
searched and copied).
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import IO, Any

from reportlab.pdfbase import pdfmetrics

from pharmacy.gateways import label_type
from pharmacy.gateways.label_type import Weight

WIDTH, HEIGHT = 612, 792
_CATALOG, _PAGES, _ABOUT = 1, 2, 3
_FIRST_FONT, _OBJECTS_PER_FONT = 4, 5
_NAMES = {Weight.REGULAR: "R", Weight.BOLD: "B"}
_MOST_IN_A_BLOCK = 100


@cache
def _face(weight: Weight) -> Any:
    label_type.load()
    return pdfmetrics.getFont(weight.value).face


@cache
def _advance(character: str, weight: Weight) -> int:
    face = _face(weight)
    return int(face.charWidths.get(ord(character), face.defaultWidth))


def wide(text: str, size: float, weight: Weight = Weight.REGULAR) -> float:
    """The width of the text, in points."""
    return sum(_advance(each, weight) for each in text) * size / 1000


@dataclass(slots=True)
class PageDrawing:
    """What stands on one page, from the lower left corner, in points."""

    used: dict[Weight, set[str]]
    parts: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, text: str, size: float, weight: Weight = Weight.REGULAR) -> None:
        self.used[weight].update(text)
        glyphs = _face(weight).charToGlyph
        shown = "".join(f"{glyphs.get(ord(each), 0):04X}" for each in text)
        self.parts.append(f"BT /{_NAMES[weight]} {size} Tf {x:.2f} {y:.2f} Td <{shown}> Tj ET")

    def rule(self, x1: float, y: float, x2: float) -> None:
        self.parts.append(f"0.8 G 0.6 w {x1:.2f} {y:.2f} m {x2:.2f} {y:.2f} l S")


class PdfStream:
    """Pages go in one after the other, and `close` ends the file; the title stands in its properties."""

    def __init__(self, out: IO[bytes], title: str) -> None:
        self._out, self._title, self._at = out, title, 0
        self._offsets: array[int] = array("Q", [0] * (_FIRST_FONT + _OBJECTS_PER_FONT * len(Weight)))
        self._pages: array[int] = array("Q")
        self._used: dict[Weight, set[str]] = {weight: set() for weight in Weight}
        self._write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    @property
    def pages(self) -> int:
        return len(self._pages)

    def new_page(self) -> PageDrawing:
        return PageDrawing(self._used)

    def add(self, page: PageDrawing) -> None:
        """The page is in the file."""
        content = self._stream("\n".join(page.parts).encode("ascii"))
        number = self._number()
        fonts = " ".join(f"/{_NAMES[each]} {_font_number(each)} 0 R" for each in Weight)
        self._object(
            number,
            f"<< /Type /Page /Parent {_PAGES} 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}]"
            f" /Resources << /Font << {fonts} >> >> /Contents {content} 0 R >>",
        )
        self._pages.append(number)

    def close(self) -> None:
        """The file is whole."""
        for weight in Weight:
            self._font(weight)
        kids = " ".join(f"{number} 0 R" for number in self._pages)
        self._object(_PAGES, f"<< /Type /Pages /Count {len(self._pages)} /Kids [{kids}] >>")
        self._object(_ABOUT, f"<< /Title <{self._title.encode('utf-16').hex()}> >>")
        self._object(_CATALOG, f"<< /Type /Catalog /Pages {_PAGES} 0 R /Lang (en-US) >>")
        begins = self._at
        self._write(f"xref\n0 {len(self._offsets)}\n0000000000 65535 f \n".encode())
        for offset in self._offsets[1:]:
            self._write(b"%010d 00000 n \n" % offset)
        self._write(
            f"trailer\n<< /Size {len(self._offsets)} /Root {_CATALOG} 0 R /Info {_ABOUT} 0 R >>\n"
            f"startxref\n{begins}\n%%EOF\n".encode()
        )

    def _font(self, weight: Weight) -> None:
        face, first, used = _face(weight), _font_number(weight), sorted(self._used[weight])
        glyphs = {face.charToGlyph[ord(each)]: each for each in used if ord(each) in face.charToGlyph}
        name = weight.value
        self._object(
            first,
            f"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H"
            f" /DescendantFonts [{first + 1} 0 R] /ToUnicode {first + 4} 0 R >>",
        )
        widths = " ".join(f"{glyph} [{_advance(each, weight)}]" for glyph, each in sorted(glyphs.items()))
        self._object(
            first + 1,
            f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /CIDToGIDMap /Identity"
            " /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
            f" /FontDescriptor {first + 2} 0 R /DW {face.defaultWidth} /W [{widths}] >>",
        )
        box = " ".join(str(each) for each in face.bbox)
        self._object(
            first + 2,
            f"<< /Type /FontDescriptor /FontName /{name} /Flags 4 /FontBBox [{box}] /ItalicAngle 0"
            f" /Ascent {face.ascent} /Descent {face.descent} /CapHeight {face.capHeight}"
            f" /StemV {face.stemV} /FontFile2 {first + 3} 0 R >>",
        )
        self._stream(face._ttf_data, first + 3, f" /Length1 {len(face._ttf_data)}")
        self._stream(_meanings(sorted(glyphs.items())).encode("ascii"), first + 4)

    def _stream(self, content: bytes, number: int | None = None, more: str = "") -> int:
        packed = zlib.compress(content)
        number = self._number() if number is None else number
        self._offsets[number] = self._at
        self._write(
            f"{number} 0 obj\n<< /Length {len(packed)} /Filter /FlateDecode{more} >>\nstream\n".encode()
        )
        self._write(packed)
        self._write(b"\nendstream\nendobj\n")
        return number

    def _object(self, number: int, content: str) -> None:
        self._offsets[number] = self._at
        self._write(f"{number} 0 obj\n{content}\nendobj\n".encode("ascii"))

    def _number(self) -> int:
        self._offsets.append(0)
        return len(self._offsets) - 1

    def _write(self, content: bytes) -> None:
        self._out.write(content)
        self._at += len(content)


def _font_number(weight: Weight) -> int:
    return _FIRST_FONT + _OBJECTS_PER_FONT * list(Weight).index(weight)


def _meanings(glyphs: Sequence[tuple[int, str]]) -> str:
    """Which character each glyph stands for."""
    blocks = (glyphs[place : place + _MOST_IN_A_BLOCK] for place in range(0, len(glyphs), _MOST_IN_A_BLOCK))
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        f"{''.join(_block(block) for block in blocks)}"
        "endcmap CMapName currentdict /CMap defineresource pop end end\n"
    )


def _block(glyphs: Iterable[tuple[int, str]]) -> str:
    lines = [f"<{glyph:04X}> <{each.encode('utf-16-be').hex().upper()}>" for glyph, each in glyphs]
    return f"{len(lines)} beginbfchar\n" + "\n".join(lines) + "\nendbfchar\n"
