"""The label of one vial as a PDF of 4 by 2 inches.

Same content, same bytes: dates and identifiers inside the file are fixed, the typeface is
embedded, and nothing depends on the machine or the moment, so a stored hash can be proved
again years later. A dispensing label carries its barcode on every panel. A proof says
"DRAFT, NOT FOR DISPENSING" across its face and has an empty frame where the bars will
stand: what fits as a proof fits as a label, and no scanner accepts it.
"""

import io
import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from reportlab.pdfgen.canvas import Canvas

from pharmacy.domain.labels import COMPOUNDED_BY_THIS_PHARMACY, LabelContent
from pharmacy.gateways import label_type
from pharmacy.gateways.barcode import BAR_HEIGHT, MODULE, Barcode, UnencodableText, code_128
from pharmacy.gateways.label_layout import (
    HEIGHT,
    MARGIN,
    WIDTH,
    Line,
    Panel,
    Placed,
    Wording,
    fact,
    panels,
    phrase,
    sentence,
    words,
)
from pharmacy.gateways.label_type import Weight, width
from pharmacy.usecases.ports import UnprintableCharacter

DRAFT = "DRAFT, NOT FOR DISPENSING"
# The width that a proof keeps free: a symbol of 24 digits or 12 letters.
_PROOF_BARS_WIDTH = 167 * MODULE
_NOT_YET = "not yet assigned"
_DRAFT_GREY = 0.78
_RULE_GREY = 0.35


@dataclass(frozen=True, slots=True)
class LabelPdf:
    """The one template we have; another layout is another version."""

    template_version: str = "pdf-4x2/1"

    def render(self, content: LabelContent, barcode: str | None) -> bytes:
        """The PDF of a dispensing label with its barcode, or of a proof without one.

        Long directions take several panels, each a page and a complete label. Raises
        LabelDoesNotFit or UnprintableCharacter; a label without a barcode or a proof with
        one is a mistake of the caller's and raises ValueError.
        """
        if content.is_proof != (barcode is None):
            raise ValueError("A dispensing label has a barcode and a proof has none")
        label_type.load()
        symbol = None if barcode is None else _symbol(barcode)
        pages = panels(_wording(content), symbol.width if symbol else _PROOF_BARS_WIDTH)
        return _pdf(pages, symbol)


def _symbol(text: str) -> Barcode:
    try:
        return code_128(text)
    except UnencodableText as error:
        raise UnprintableCharacter("barcode", error.character) from error


def _wording(content: LabelContent) -> Wording:
    """The content as words and facts, every character checked."""
    purpose = f"For: {content.purpose}" if content.purpose else ""
    # That we made it is a fact about the vial; what remains are warnings.
    warnings = [text for text in content.auxiliary if text != COMPOUNDED_BY_THIS_PHARMACY]
    made_here = [text for text in content.auxiliary if text == COMPOUNDED_BY_THIS_PHARMACY]
    return Wording(
        names=(
            words("patient", _said("patient", content.patient), Weight.BOLD),
            words("drug_and_strength", _said("drug_and_strength", content.drug_and_strength), Weight.BOLD),
        ),
        directions=tuple(
            words("directions", _said("directions", line), Weight.REGULAR) for line in content.directions
        ),
        purpose=words("purpose", _said("purpose", purpose), Weight.REGULAR),
        facts=(*_facts(content), *_phrases("auxiliary", made_here, Weight.BOLD)),
        warnings=tuple(
            atom
            for text in warnings
            for atom in sentence("auxiliary", _said("auxiliary", text), Weight.REGULAR)
        ),
        pharmacy=(
            *words("pharmacy_name", _said("pharmacy_name", content.pharmacy_name), Weight.BOLD),
            *_phrases("pharmacy_address", [content.pharmacy_address], Weight.REGULAR),
            *_phrases("pharmacy_phone", [content.pharmacy_phone], Weight.REGULAR),
        ),
    )


def _facts(content: LabelContent) -> Line:
    return (
        *fact("rx_number", "Rx", _said("rx_number", content.rx_number)),
        *fact("filled_on", "Filled", _said("filled_on", content.filled_on)),
        *fact("quantity", "Qty", _said("quantity", content.quantity)),
        *_phrases("refills_left", [content.refills_left], Weight.BOLD),
        *fact("prescriber", "Prescriber", _said("prescriber", content.prescriber)),
        *fact("lot", "Lot", _said("lot", content.lot or _NOT_YET)),
        *fact("beyond_use", "Do not use after", _said("beyond_use", content.beyond_use or _NOT_YET)),
        *_phrases("step_text", [content.step_text], Weight.REGULAR),
    )


def _phrases(label_field: str, texts: Iterable[str], weight: Weight) -> Line:
    return tuple(atom for text in texts for atom in phrase(label_field, _said(label_field, text), weight))


def _said(label_field: str, text: str) -> str:
    """The text as it will be set. Raises UnprintableCharacter."""
    joined = unicodedata.normalize("NFC", text)
    missing = label_type.first_unprintable(joined)
    if missing is not None:
        raise UnprintableCharacter(label_field, missing)
    return joined


def _pdf(pages: tuple[Panel, ...], symbol: Barcode | None) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(
        file,
        pagesize=(WIDTH, HEIGHT),
        invariant=1,
        pageCompression=1,
        initialFontName=Weight.REGULAR.value,
        lang="en-US",
    )
    # Nothing about the patient outside the page itself: titles end in lists and logs.
    canvas.setTitle("Vial label" if symbol else "Vial label, proof")
    canvas.setCreator("Pharmacy")
    for page in pages:
        if symbol is None:
            _draw_draft(canvas)
            _draw_frame(canvas, page)
        else:
            _draw_bars(canvas, page, symbol)
        _draw_rule(canvas, page.rule_y)
        _draw_words(canvas, page.words)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _draw_words(canvas: Canvas, placed: tuple[Placed, ...]) -> None:
    line = canvas.beginText()
    for run in placed:
        line.setFont(run.weight.value, run.size)
        line.setTextOrigin(run.x, run.y)
        line.textOut(run.text)
    canvas.drawText(line)


def _draw_rule(canvas: Canvas, y: float) -> None:
    canvas.setStrokeGray(_RULE_GREY)
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, y, WIDTH - MARGIN, y)


def _draw_bars(canvas: Canvas, page: Panel, symbol: Barcode) -> None:
    bars = canvas.beginPath()
    for first, modules in symbol.bars:
        bars.rect(page.bars_x + first * MODULE, MARGIN, modules * MODULE, BAR_HEIGHT)
    canvas.drawPath(bars, stroke=0, fill=1)


def _draw_frame(canvas: Canvas, page: Panel) -> None:
    canvas.setStrokeGray(_RULE_GREY)
    canvas.setLineWidth(0.5)
    canvas.setDash(2, 2)
    canvas.rect(page.bars_x, MARGIN, _PROOF_BARS_WIDTH, BAR_HEIGHT)
    canvas.setDash()


def _draw_draft(canvas: Canvas) -> None:
    """From corner to corner, under the words, so that it cannot be cut off and everything stays readable."""
    diagonal = math.hypot(WIDTH, HEIGHT)
    size = 0.86 * diagonal / width(DRAFT, Weight.BOLD)
    canvas.saveState()
    canvas.translate(WIDTH / 2, HEIGHT / 2)
    canvas.rotate(math.degrees(math.atan2(HEIGHT, WIDTH)))
    canvas.setFillGray(_DRAFT_GREY)
    canvas.setFont(Weight.BOLD.value, size)
    canvas.drawCentredString(0, -size / 3, DRAFT)
    canvas.restoreState()
