"""Which template lays out what: two full labels, and the sticker that only says which vial this is.

The California cluster needs 12-point type, so nothing smaller than 3 by 2 inches can be a dispensing label. The
sticker of 2.25 by 1.25 inches goes beside one (on a cap, on a second container): patient, drug and strength, step,
lot, beyond-use date and bars, without directions, and says that it is not the label.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pharmacy.domain.labels import LabelContent, LabelTemplate
from pharmacy.gateways.barcode import BAR_HEIGHT, QUIET_WIDTH
from pharmacy.gateways.label_layout import (
    FOUR_BY_TWO,
    MARGIN,
    STICKER,
    THREE_BY_TWO,
    Face,
    Line,
    Panel,
    Placed,
    fact,
    panels,
    phrase,
    placed_row,
    words,
    wrapped,
)
from pharmacy.gateways.label_type import Weight
from pharmacy.gateways.label_wording import NOT_YET, said, wording_of
from pharmacy.usecases.ports import LabelDoesNotFit

BESIDE_THE_LABEL = "Sticker; directions are on the label."
_FACES = {LabelTemplate.FOUR_BY_TWO: FOUR_BY_TWO, LabelTemplate.THREE_BY_TWO: THREE_BY_TWO}
_LEADING = 1.17
# Sizes of a stack, from the roomiest to the smallest that people read on a vial (house policy).
_STACK_SCALES = (1.0, 0.92, 0.85, 0.8)
_LEAST_SIZE = 6.5


@dataclass(frozen=True, slots=True)
class StackLine:
    """One line of a stack, at that size if there is room, and never under 6.5 points."""

    atoms: Line
    size: float


def panels_of(content: LabelContent, barcode_width: float, template: LabelTemplate) -> tuple[Panel, ...]:
    """The faces of a label in that template. Raises LabelDoesNotFit or UnprintableCharacter."""
    if template is LabelTemplate.STICKER:
        return (stacked(_sticker_lines(content), STICKER, barcode_width),)
    return panels(wording_of(content), barcode_width, _FACES[template])


def line_of(label_field: str, text: str, size: float, weight: Weight = Weight.REGULAR) -> StackLine:
    """A text that may flow over several rows."""
    return StackLine(words(label_field, said(label_field, text), weight), size)


def facts_of(size: float, *facts: tuple[str, str, str]) -> StackLine:
    """Facts beside one another: field, caption, value."""
    atoms = (atom for name, caption, value in facts for atom in fact(name, caption, said(name, value)))
    return StackLine(tuple(atoms), size)


def phrase_of(label_field: str, text: str, size: float, weight: Weight) -> StackLine:
    """A text of one row."""
    return StackLine(phrase(label_field, said(label_field, text), weight), size)


def stacked(lines: Sequence[StackLine], face: Face, barcode_width: float | None) -> Panel:
    """The lines below one another over the bars, as large as there is room for. Raises LabelDoesNotFit."""
    floor, bars_x = MARGIN, None
    if barcode_width is not None:
        floor, bars_x = MARGIN + BAR_HEIGHT + 2, face.bars_x(barcode_width)
        if bars_x < QUIET_WIDTH:
            raise LabelDoesNotFit("barcode")
    refusal: LabelDoesNotFit | None = None
    for scale in _STACK_SCALES:
        try:
            return Panel(face=face, words=_stack(lines, face, floor, scale), bars_x=bars_x)
        except LabelDoesNotFit as error:
            refusal = error
    raise refusal or LabelDoesNotFit("content")


def _stack(lines: Sequence[StackLine], face: Face, floor: float, scale: float) -> tuple[Placed, ...]:
    placed: list[Placed] = []
    y = face.height - MARGIN
    for line in lines:
        size = max(line.size * scale, _LEAST_SIZE)
        for row in wrapped(line.atoms, size, lambda row: face.text_width if row < 9 else 0.0):
            if y - size < floor:
                raise LabelDoesNotFit(line.atoms[0].label_field)
            placed += placed_row(row, MARGIN, y - size * 0.75, size)
            y -= size * _LEADING
    return tuple(placed)


def _sticker_lines(content: LabelContent) -> list[StackLine]:
    lines = [
        line_of("patient", content.patient, 9.5, Weight.BOLD),
        line_of("drug_and_strength", content.drug_and_strength, 9, Weight.BOLD),
        line_of("step_text", content.step_text, 8),
        facts_of(
            7.5,
            ("rx_number", "Rx", content.rx_number),
            ("quantity", "Qty", content.quantity),
            ("lot", "Lot", content.lot or NOT_YET),
            ("beyond_use", "Do not use after", content.beyond_use or NOT_YET),
        ),
        line_of("auxiliary", BESIDE_THE_LABEL, 6.5),
    ]
    if content.reprint:
        lines.insert(4, phrase_of("reprint", content.reprint, 7.5, Weight.BOLD))
    return lines
