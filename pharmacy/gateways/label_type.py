"""The typeface of our labels: what it can show and how wide that is.

Source Sans Pro, regular and bold, lies beside this module under the SIL Open Font License.
It was chosen because it keeps apart what labels must keep apart (1, l and I; 0 and O), is
narrow enough for a whole dosing sentence on one line of a four-inch label at 12 points,
and has Latin with all its accents, Greek and Cyrillic. What it cannot show is refused by
name: a missing character would print as an empty box, and a name without its letters is
another name. Accents that come apart from their letter are joined first (Unicode NFC).
"""

import unicodedata
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

_FOLDER = Path(__file__).parent / "fonts"


class Weight(StrEnum):
    """A face of the family; the value is its file and its name in a PDF."""

    REGULAR = "SourceSansPro-Regular"
    BOLD = "SourceSansPro-Bold"


@cache
def _face(weight: Weight) -> TTFont:
    """The loaded face, known to the PDF writer by its name from now on."""
    font = TTFont(weight.value, str(_FOLDER / f"{weight.value}.ttf"))
    pdfmetrics.registerFont(font)
    return font


def face_file(weight: Weight) -> bytes:
    """The face as a TrueType file, for whoever shows labels elsewhere."""
    return (_FOLDER / f"{weight.value}.ttf").read_bytes()


def load() -> None:
    """Both faces are known to the PDF writer, which from now on writes bytes as bytes."""
    # Its default writes them as text (ASCII 85): larger, and a tenth of the time of a label.
    rl_config.useA85 = 0
    for weight in Weight:
        _face(weight)


@lru_cache(maxsize=8192)
def width(text: str, weight: Weight) -> float:
    """The width of `text` at 1 point; widths grow in proportion to the size."""
    # Points of type on paper: no dose, mass or count is ever made of them.
    return float(_face(weight).stringWidth(text, 1))


@lru_cache(maxsize=4096)
def _can_show(character: str) -> bool:
    # Controls, marks without a letter, and line or paragraph separators have no shape of their own,
    # even where the font has an entry for them.
    if unicodedata.category(character) in {"Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me", "Mc", "Zl", "Zp"}:
        return False
    return all(ord(character) in _face(weight).face.charToGlyph for weight in Weight)


def first_unprintable(text: str) -> str | None:
    """The first character of `text` that the typeface cannot show, if there is one."""
    return next((character for character in text if not _can_show(character)), None)


def with_code_points(text: str) -> str:
    """The text with what the typeface cannot show as its code point, such as [U+4E2D]; lines stay lines."""
    while (character := first_unprintable(text.replace("\n", ""))) is not None:
        text = text.replace(character, f"[U+{ord(character):04X}]")
    return text
