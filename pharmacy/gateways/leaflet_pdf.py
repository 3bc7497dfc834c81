"""The leaflet as one letter page, in the typeface of the labels.

Nothing in it is about one patient, so the same pharmacy and language give the same bytes. Warnings stand first, in a
frame. What does not fit on the page is refused and not cut.
"""

from __future__ import annotations

import io
import unicodedata
from dataclasses import dataclass

from reportlab.lib.pagesizes import LETTER
from reportlab.pdfgen.canvas import Canvas

from pharmacy.domain.label_phrases import Language
from pharmacy.domain.labels import PharmacyOnLabel
from pharmacy.domain.leaflet import LEAFLETS, Section
from pharmacy.gateways import label_type
from pharmacy.gateways.label_type import Weight, width
from pharmacy.usecases.ports import LabelDoesNotFit, UnprintableCharacter

_WIDTH, _HEIGHT = LETTER
_MARGIN, _FOOT = 54.0, 54.0
_TEXT, _HEADING, _LEADING = 11.0, 12.5, 14.0
_INSET, _RULE_GREY, _GREY = 9.0, 0.7, 0.4


def leaflet_pdf(language: Language, pharmacy: PharmacyOnLabel) -> bytes:
    """The page. Raises UnprintableCharacter, or LabelDoesNotFit where the pharmacy's own name fills it."""
    label_type.load()
    file = io.BytesIO()
    canvas = Canvas(
        file, pagesize=LETTER, invariant=1, initialFontName=Weight.REGULAR.value, lang=language.value
    )
    canvas.setTitle("Leaflet")
    canvas.setCreator("Pharmacy")
    leaflet = LEAFLETS[language]
    page = _Page(canvas, pharmacy, _HEIGHT - _MARGIN - 20)
    page.write(leaflet.title, 24, Weight.BOLD)
    page.y -= 20
    page.write(leaflet.subtitle, _TEXT, Weight.REGULAR)
    page.y -= 12
    for section in leaflet.sections:
        page.section(section)
    page.foot()
    canvas.showPage()
    canvas.save()
    return file.getvalue()


@dataclass
class _Page:
    """A pen over the page; `y` is where the next text stands."""

    canvas: Canvas
    pharmacy: PharmacyOnLabel
    y: float

    def section(self, section: Section) -> None:
        inset = _INSET if section.is_warning else 0.0
        rows = [self._rows(text, inset) for text in section.paragraphs]
        top = self.y
        self.y -= _HEADING + (4 if section.is_warning else 0)
        self.write(section.heading, _HEADING, Weight.BOLD, inset)
        for paragraph in rows:
            for row in paragraph:
                self.y -= _LEADING
                self.write(row, _TEXT, Weight.REGULAR, inset)
            self.y -= 3
        if section.is_warning:
            self.canvas.setStrokeGray(0)
            self.canvas.setLineWidth(1.2)
            self.canvas.rect(_MARGIN, self.y - 5, _WIDTH - 2 * _MARGIN, top - self.y + 5)
        self.y -= 9
        if self.y < _FOOT + _LEADING:
            raise LabelDoesNotFit("leaflet")

    def foot(self) -> None:
        self.canvas.setStrokeGray(_RULE_GREY)
        self.canvas.setLineWidth(0.5)
        self.canvas.line(_MARGIN, _FOOT + 4, _WIDTH - _MARGIN, _FOOT + 4)
        self.y = _FOOT - 10
        self.canvas.setFillGray(_GREY)
        self.write(f"{self.pharmacy.name}, {self.pharmacy.address}, {self.pharmacy.phone}", 9, Weight.REGULAR)

    def write(self, text: str, size: float, weight: Weight, inset: float = 0.0) -> None:
        self.canvas.setFont(weight.value, size)
        self.canvas.drawString(_MARGIN + inset, self.y, self._said(text))

    def _rows(self, text: str, inset: float) -> list[str]:
        room = _WIDTH - 2 * _MARGIN - 2 * inset
        rows = [""]
        for word in self._said(text).split(" "):
            longer = f"{rows[-1]} {word}".strip()
            if width(longer, Weight.REGULAR) * _TEXT > room:
                rows.append(word)
            else:
                rows[-1] = longer
        return rows

    def _said(self, text: str) -> str:
        told = text.replace("{pharmacy}", self.pharmacy.name).replace("{phone}", self.pharmacy.phone)
        joined = unicodedata.normalize("NFC", told)
        missing = label_type.first_unprintable(joined)
        if missing is not None:
            raise UnprintableCharacter("leaflet", missing)
        return joined
