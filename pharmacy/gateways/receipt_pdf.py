"""A receipt as a PDF of one or more letter pages, in the typeface of the labels.

Same receipt, same bytes: nothing depends on the machine or the moment. Nothing about the patient stands outside the
pages themselves, because titles end in lists and logs. A character that the typeface lacks is refused by name.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from reportlab.lib.pagesizes import LETTER
from reportlab.pdfgen.canvas import Canvas

from pharmacy.domain.money import ZERO, Money
from pharmacy.domain.receipts import Receipt, ReceiptLine
from pharmacy.gateways import label_type
from pharmacy.gateways.label_type import Weight, width
from pharmacy.usecases.ports import UnprintableCharacter

WIDTH, HEIGHT = LETTER
MARGIN = 60
RIGHT = WIDTH - MARGIN
FOOT = 84
_TEXT, _SMALL, _TITLE, _HOUSE = 10.5, 9, 26, 15
_GREY, _RULE_GREY = 0.35, 0.78
_COLUMN = 250


@dataclass(frozen=True, slots=True)
class ReceiptPdf:
    """The one template we have."""

    def render(self, receipt: Receipt) -> bytes:
        """The PDF. Raises UnprintableCharacter."""
        label_type.load()
        file = io.BytesIO()
        canvas = Canvas(
            file,
            pagesize=LETTER,
            invariant=1,
            pageCompression=1,
            initialFontName=Weight.REGULAR.value,
            lang="en-US",
        )
        canvas.setTitle("Receipt")
        canvas.setCreator("Pharmacy")
        sheet = _Sheet(canvas, receipt)
        sheet.draw()
        canvas.save()
        return file.getvalue()


@dataclass
class _Sheet:
    """A pen over the pages of one receipt; `y` is the baseline of what is written next."""

    canvas: Canvas
    receipt: Receipt
    y: float = field(default=HEIGHT - MARGIN)

    def draw(self) -> None:
        self._head()
        self._who_and_what()
        self._table("Price", self.receipt.lines, ("Total", self.receipt.charged.text))
        self._table(self._moved(), self.receipt.movements, (self._out_of_pocket(), self.receipt.paid.text))
        self._foot()
        self.canvas.showPage()

    def _moved(self) -> str:
        gave_back = any(each.amount < ZERO for each in self.receipt.movements)
        return "What was paid and refunded" if gave_back else "What was paid"

    def _out_of_pocket(self) -> str:
        return "Paid after refunds" if self._moved().endswith("refunded") else "Paid"

    def _head(self) -> None:
        name, *address = self.receipt.pharmacy
        top = self.y - 14
        self._right("Receipt", top - 4, _TITLE, Weight.BOLD)
        self._write(name, MARGIN, top, _HOUSE, Weight.BOLD)
        for place, line in enumerate(address, start=1):
            self._write(line, MARGIN, top - 4 - 13 * place, _SMALL, grey=_GREY)
        self._right(f"No. {self.receipt.number}", top - 21, _SMALL, grey=_GREY)
        self._right(f"Issued {_day(self.receipt.issued_on)}", top - 34, _SMALL, grey=_GREY)
        self.y = top - 4 - 13 * max(len(address), 2) - 16
        self._rule(self.y, 1.2, 0)
        self.y -= 26

    def _who_and_what(self) -> None:
        top = self.y
        self._write("For", MARGIN, top, _SMALL, grey=_GREY)
        left = self._lines(self.receipt.payer, MARGIN, top - 15)
        middle = MARGIN + _COLUMN
        self._write("Prescription", middle, top, _SMALL, grey=_GREY)
        y = top - 15
        for name, value in self.receipt.prescription:
            self._write(name, middle, y, _TEXT, grey=_GREY)
            y = self._lines((value,), middle + 92, y, RIGHT - middle - 92)
        self.y = min(left, y) - 10
        self._write("Supplied", MARGIN, self.y, _SMALL, grey=_GREY)
        self.y = self._lines((", ".join(self.receipt.supplied),), MARGIN, self.y - 15, RIGHT - MARGIN) - 16

    def _table(self, heading: str, lines: Sequence[ReceiptLine], last: tuple[str, str]) -> None:
        self._need(3 * 19 + 30)
        self._write(heading, MARGIN, self.y, _TEXT, Weight.BOLD)
        self._right("USD", self.y, _SMALL, grey=_GREY)
        self._rule(self.y - 7, 0.8, 0)
        self.y -= 22
        for line in lines:
            self._need(2 * 19)
            indent = MARGIN
            if line.on is not None:
                self._write(_day(line.on), MARGIN, self.y, _TEXT, grey=_GREY)
                indent += 92
            self._write(line.wording, indent, self.y, _TEXT)
            self._right(_amount(line.amount), self.y, _TEXT)
            self._rule(self.y - 6, 0.4, _RULE_GREY)
            self.y -= 19
        name, amount = last
        self._rule(self.y + 13, 0.8, 0)
        self._write(name, MARGIN, self.y - 2, 12, Weight.BOLD)
        self._right(amount, self.y - 2, 12, Weight.BOLD)
        self.y -= 38

    def _foot(self) -> None:
        *_, phone = self.receipt.pharmacy
        self._rule(FOOT - 14, 0.4, _RULE_GREY)
        words = f"All amounts in US dollars. Keep this receipt for your records. Questions: {phone}"
        self._write(words, MARGIN, FOOT - 28, _SMALL, grey=_GREY)

    def _need(self, room: float) -> None:
        """Another page, when so much does not fit on this one any more."""
        if self.y - room < FOOT:
            self._foot()
            self.canvas.showPage()
            self.y = HEIGHT - MARGIN - 14
            self._write(f"Receipt No. {self.receipt.number}, continued", MARGIN, self.y, _SMALL, grey=_GREY)
            self.y -= 26

    def _lines(self, texts: Sequence[str], x: float, y: float, room: float = _COLUMN - 20) -> float:
        """The texts below one another, broken where they are too long; the baseline after them."""
        for text in texts:
            for line in _wrapped(text, room, _TEXT):
                self._write(line, x, y, _TEXT)
                y -= 15
        return y

    def _write(
        self, text: str, x: float, y: float, size: float, weight: Weight = Weight.REGULAR, *, grey: float = 0
    ) -> None:
        self.canvas.setFillGray(grey)
        self.canvas.setFont(weight.value, size)
        self.canvas.drawString(x, y, _said(text))

    def _right(
        self, text: str, y: float, size: float, weight: Weight = Weight.REGULAR, *, grey: float = 0
    ) -> None:
        self._write(text, RIGHT - width(_said(text), weight) * size, y, size, weight, grey=grey)

    def _rule(self, y: float, thickness: float, grey: float) -> None:
        self.canvas.setStrokeGray(grey)
        self.canvas.setLineWidth(thickness)
        self.canvas.line(MARGIN, y, RIGHT, y)


def _wrapped(text: str, room: float, size: float) -> list[str]:
    """The text in lines no wider than the room; a single word that is wider stands alone."""
    lines: list[str] = [""]
    for word in _said(text).split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width(longer, Weight.REGULAR) * size > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _amount(amount: Money) -> str:
    """Two decimals, with the sign that type has for it and not a hyphen."""
    return amount.text.replace("-", "\N{MINUS SIGN}")


def _day(on: object) -> str:
    """A day as Americans read it: Nov 24, 2026."""
    return f"{on:%b} {on:%d}, {on:%Y}".replace(" 0", " ")


def _said(text: str) -> str:
    joined = unicodedata.normalize("NFC", text)
    missing = label_type.first_unprintable(joined)
    if missing is not None:
        raise UnprintableCharacter("receipt", missing)
    return joined
