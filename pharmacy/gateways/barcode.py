"""Code 128 as bare geometry: which modules are black.

The bars are drawn as vectors, never as a picture, on the dot grid of the usual thermal
printer: one module is two dots at 203 dpi, 0.2502 mm, so that no bar is blurred between
two dots. (A module of 0.25 mm cannot be read at 150 dpi, and can at 203.) Digits cost half
as much as letters: 24 digits are as wide as 12 capital letters, 41.8 mm. The quiet zone of
ten modules on either side belongs to the symbol (ISO/IEC 15417); the label keeps it free.
"""

from dataclasses import dataclass

import zint

POINTS_PER_INCH = 72
PRINTER_DOT = POINTS_PER_INCH / 203
MODULE = 2 * PRINTER_DOT
QUIET_MODULES = 10
# A quarter of an inch, the least height that a hand scanner finds without aiming.
BAR_HEIGHT = 18.0
# zint draws a module two units wide.
_UNITS_PER_MODULE = 2


@dataclass(frozen=True, slots=True)
class UnencodableText(Exception):
    """The text has a character that a scanner would not give back as it is, or there is no text."""

    character: str


@dataclass(frozen=True, slots=True)
class Barcode:
    """A symbol without its quiet zones; `bars` are (first module, modules wide), from the left."""

    modules: int
    bars: tuple[tuple[int, int], ...]

    @property
    def width(self) -> float:
        """In points, without the quiet zones."""
        return self.modules * MODULE


QUIET_WIDTH = QUIET_MODULES * MODULE


def code_128(text: str) -> Barcode:
    """The symbol that scans as `text`, which must be printable ASCII."""
    for character in text:
        if not " " <= character <= "~":
            raise UnencodableText(character)
    if not text:
        raise UnencodableText("")
    symbol = zint.Symbol()
    symbol.symbology = zint.Symbology.CODE128
    symbol.warn_level = zint.WarningLevel.FAIL_ALL
    symbol.show_text = False
    symbol.encode(text)
    symbol.buffer_vector()
    bars = tuple(
        (int(bar.x) // _UNITS_PER_MODULE, int(bar.width) // _UNITS_PER_MODULE)
        for bar in symbol.vector.rectangles
    )
    return Barcode(symbol.width, bars)
