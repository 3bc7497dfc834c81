"""Labels for what is not a vial: a batch on the shelf, a bag on its way, and sheets of auxiliary stickers.

The bag is seen by strangers, so it names neither drug nor condition. Its code is the order's, opaque and signed. A
batch label never says that a batch is released, because a label does not change when the batch does: it says to scan.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date

from reportlab.lib.pagesizes import LETTER
from reportlab.pdfgen.canvas import Canvas

from pharmacy.domain.label_phrases import AUXILIARY, Language, say
from pharmacy.domain.labels import PharmacyOnLabel, label_date
from pharmacy.gateways import label_type
from pharmacy.gateways.label_layout import FOUR_BY_TWO, MARGIN, STICKER, THREE_BY_TWO, Panel
from pharmacy.gateways.label_pdf import draw_panel, panels_pdf, symbol_of
from pharmacy.gateways.label_templates import facts_of, line_of, stacked
from pharmacy.gateways.label_type import Weight

_COLUMNS, _ROWS = 3, 8
_CUT_GREY = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLabel:
    """What is on the container of a batch."""

    number: str
    content: str
    prepared: str
    compounded_on: date
    beyond_use_on: date
    storage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BagLabel:
    """What is on the bag of one order."""

    patient: str
    order_number: int
    vials: int
    delivery: str
    code: str


def batch_label_pdf(batch: BatchLabel) -> bytes:
    """3 by 2 inches, with the batch's own number as bars."""
    label_type.load()
    bars = symbol_of(batch.number)
    return panels_pdf([batch_panel(batch, bars.width)], bars, "Batch label")


def batch_panel(batch: BatchLabel, barcode_width: float) -> Panel:
    """Raises LabelDoesNotFit."""
    lines = [
        line_of("number", f"Batch {batch.number}", 15, Weight.BOLD),
        line_of("content", batch.content, 13, Weight.BOLD),
        facts_of(
            9,
            ("prepared", "Made", batch.prepared),
            ("compounded_on", "On", label_date(batch.compounded_on)),
            ("beyond_use_on", "Do not use after", label_date(batch.beyond_use_on)),
        ),
        line_of("storage", batch.storage, 9),
        line_of("release", "NOT FOR DISPENSING UNTIL RELEASED: SCAN", 9, Weight.BOLD),
    ]
    return stacked(lines, THREE_BY_TWO, barcode_width)


def bag_label_pdf(bag: BagLabel, pharmacy: PharmacyOnLabel) -> bytes:
    """4 by 2 inches, without a word about what is inside."""
    label_type.load()
    bars = symbol_of(bag.code)
    return panels_pdf([bag_panel(bag, pharmacy, bars.width)], bars, "Bag label")


def bag_panel(bag: BagLabel, pharmacy: PharmacyOnLabel, barcode_width: float) -> Panel:
    """Raises LabelDoesNotFit."""
    vials = "1 vial" if bag.vials == 1 else f"{bag.vials} vials"
    lines = [
        line_of("patient", bag.patient, 20, Weight.BOLD),
        facts_of(12, ("order_number", "Order", str(bag.order_number)), ("vials", "Holds", vials)),
        line_of("delivery", bag.delivery, 12, Weight.BOLD),
        line_of("offer", f"A pharmacist will talk with you about your medicine: {pharmacy.phone}.", 9),
        line_of("pharmacy", f"{pharmacy.name}, {pharmacy.address}", 9),
    ]
    return stacked(lines, FOUR_BY_TWO, barcode_width)


def auxiliary_sheet_pdf(language: Language) -> bytes:
    """A letter sheet of 24 stickers, 2.25 by 1.25 inches, the warnings in turn."""
    label_type.load()
    panels = [
        stacked([line_of("auxiliary", say(language, phrase), 13, Weight.BOLD)], STICKER, None)
        for phrase in AUXILIARY
    ]
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=LETTER, invariant=1, initialFontName=Weight.REGULAR.value)
    canvas.setTitle("Auxiliary labels")
    canvas.setCreator("Pharmacy")
    left = (LETTER[0] - _COLUMNS * STICKER.width) / 2
    top = (LETTER[1] + _ROWS * STICKER.height) / 2
    for place in range(_COLUMNS * _ROWS):
        row, column = divmod(place, _COLUMNS)
        canvas.saveState()
        canvas.translate(left + column * STICKER.width, top - (row + 1) * STICKER.height)
        canvas.setStrokeGray(_CUT_GREY)
        canvas.setLineWidth(0.3)
        canvas.rect(0, 0, STICKER.width, STICKER.height)
        canvas.translate(0, -MARGIN)
        draw_panel(canvas, panels[place % len(panels)], None)
        canvas.restoreState()
    canvas.showPage()
    canvas.save()
    return file.getvalue()
