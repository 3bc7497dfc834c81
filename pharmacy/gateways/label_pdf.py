"""A label as a PDF, 4 by 2 inches unless another template is asked for.

Same content, same bytes: dates and identifiers inside the file are fixed, the typeface is
embedded, and nothing depends on the machine or the moment, so a stored hash can be proved
again years later. A dispensing label carries its barcode on every panel. A proof says
"DRAFT, NOT FOR DISPENSING" across its face and has an empty frame where the bars will
stand: what fits as a proof fits as a label, and no scanner accepts it.
"""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.pdfgen.canvas import Canvas

from pharmacy.domain.labels import LabelContent, LabelTemplate
from pharmacy.gateways import label_type
from pharmacy.gateways.barcode import BAR_HEIGHT, MODULE, Barcode, UnencodableText, code_128
from pharmacy.gateways.label_layout import MARGIN, Face, Panel, Placed
from pharmacy.gateways.label_templates import panels_of
from pharmacy.gateways.label_type import Weight, width
from pharmacy.usecases.ports import UnprintableCharacter

DRAFT = "DRAFT, NOT FOR DISPENSING"
# The width that a proof keeps free: a symbol of 24 digits or 12 letters.
PROOF_BARS_WIDTH = 167 * MODULE
_DRAFT_GREY = 0.78
_RULE_GREY = 0.35


@dataclass(frozen=True, slots=True)
class LabelPdf:
    """Every template as a PDF; another layout is another version."""

    template_version: str = "pdf-4x2/1"

    def render(
        self,
        content: LabelContent,
        barcode: str | None,
        template: LabelTemplate = LabelTemplate.FOUR_BY_TWO,
    ) -> bytes:
        """The PDF of a dispensing label with its barcode, or of a proof without one.

        Long directions take several panels, each a page and a complete label. Raises
        LabelDoesNotFit or UnprintableCharacter; a label without a barcode or a proof with
        one is a mistake of the caller's and raises ValueError.
        """
        if content.is_proof != (barcode is None):
            raise ValueError("A dispensing label has a barcode and a proof has none")
        label_type.load()
        symbol = None if barcode is None else symbol_of(barcode)
        pages = panels_of(content, symbol.width if symbol else PROOF_BARS_WIDTH, template)
        title = "Vial label" if symbol else "Vial label, proof"
        return panels_pdf(pages, symbol, title, is_draft=symbol is None)


def symbol_of(text: str) -> Barcode:
    """The bars of that code. Raises UnprintableCharacter."""
    try:
        return code_128(text)
    except UnencodableText as error:
        raise UnprintableCharacter("barcode", error.character) from error


def panels_pdf(
    pages: Sequence[Panel], symbol: Barcode | None, title: str, *, is_draft: bool = False
) -> bytes:
    """The panels, a page each; `title` names the kind of label and nothing about a patient."""
    file = io.BytesIO()
    canvas = Canvas(
        file,
        pagesize=(pages[0].face.width, pages[0].face.height),
        invariant=1,
        pageCompression=1,
        initialFontName=Weight.REGULAR.value,
        lang="en-US",
    )
    # Nothing about the patient outside the page itself: titles end in lists and logs.
    canvas.setTitle(title)
    canvas.setCreator("Pharmacy")
    for page in pages:
        draw_panel(canvas, page, symbol, is_draft=is_draft)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def draw_panel(canvas: Canvas, page: Panel, symbol: Barcode | None, *, is_draft: bool = False) -> None:
    """The panel, its lower left corner where the canvas has its own."""
    if is_draft:
        _draw_draft(canvas, page.face)
    if page.bars_x is not None:
        if symbol is None:
            _draw_frame(canvas, page.bars_x)
        else:
            _draw_bars(canvas, page.bars_x, symbol)
    if page.rule_y is not None:
        _draw_rule(canvas, page.face, page.rule_y)
    _draw_words(canvas, page.words)


def _draw_words(canvas: Canvas, placed: Sequence[Placed]) -> None:
    line = canvas.beginText()
    for run in placed:
        line.setFont(run.weight.value, run.size)
        line.setTextOrigin(run.x, run.y)
        line.textOut(run.text)
    canvas.drawText(line)


def _draw_rule(canvas: Canvas, face: Face, y: float) -> None:
    canvas.setStrokeGray(_RULE_GREY)
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, y, face.width - MARGIN, y)


def _draw_bars(canvas: Canvas, bars_x: float, symbol: Barcode) -> None:
    bars = canvas.beginPath()
    for first, modules in symbol.bars:
        bars.rect(bars_x + first * MODULE, MARGIN, modules * MODULE, BAR_HEIGHT)
    canvas.drawPath(bars, stroke=0, fill=1)


def _draw_frame(canvas: Canvas, bars_x: float) -> None:
    canvas.setStrokeGray(_RULE_GREY)
    canvas.setLineWidth(0.5)
    canvas.setDash(2, 2)
    canvas.rect(bars_x, MARGIN, PROOF_BARS_WIDTH, BAR_HEIGHT)
    canvas.setDash()


def _draw_draft(canvas: Canvas, face: Face) -> None:
    """From corner to corner, under the words, so that it cannot be cut off and everything stays readable."""
    diagonal = math.hypot(face.width, face.height)
    size = 0.86 * diagonal / width(DRAFT, Weight.BOLD)
    canvas.saveState()
    canvas.translate(face.width / 2, face.height / 2)
    canvas.rotate(math.degrees(math.atan2(face.height, face.width)))
    canvas.setFillGray(_DRAFT_GREY)
    canvas.setFont(Weight.BOLD.value, size)
    canvas.drawCentredString(0, -size / 3, DRAFT)
    canvas.restoreState()
