"""The patient's calendar as a sheet of paper for the refrigerator door: 31 days a page, a box for each dose.

It hangs where others read it, so it names neither drug, strength nor condition: step, capsules and time of day tell
the patient enough, for the vials say which step they are for. Dates stand in it once the first day is confirmed;
until then days are counted from the first capsule, and there is room to write the dates by hand. Same content, same
bytes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from reportlab.pdfgen.canvas import Canvas

from pharmacy.domain.dose_text import amount_text
from pharmacy.domain.patient_days import PatientDay
from pharmacy.domain.titration import date_of
from pharmacy.gateways import label_type
from pharmacy.gateways.label_type import Weight, width

DAYS_A_PAGE = 31
_WIDTH, _HEIGHT = 612.0, 792.0
_LEFT, _RIGHT = 45.0, 567.0
_TITLE_AT = 744.0
_DRAWING_TOP, _DRAWING_TALL = 694.0, 50.0
_TABLE_TOP = 596.0
_ROW = 14.3
_INK, _GREY, _LINE, _TINT, _BAR = 0.12, 0.42, 0.78, 0.93, 0.55
# Where each column begins.
_BOX, _DAY, _WEEKDAY, _DATE, _STEP, _TAKE = _LEFT, 88.0, 132.0, 196.0, 292.0, 338.0
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_ADVICE = (
    ("Missed a dose?", "Leave it out; never take two for one. Call us if you missed more than a day: we move the dates."),
    ("Bad sleep, vivid dreams, headache, nausea?", "Call us or your prescriber before you go on to the next step."),
    ("An operation, or a new medicine for pain, cough or diarrhea?", "Call us before you take it."),
    ("Trouble breathing, swelling, or a severe reaction?", "Call 911."),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarSheet:
    """What the sheet says. `start_on` is the date of day 1 of the plan, None while nobody has confirmed it."""

    rx_number: str
    days: tuple[PatientDay, ...]
    of_steps: int
    start_on: date | None
    pharmacy: str
    phone: str


def calendar_pdf(sheet: CalendarSheet) -> bytes:
    """The sheet, as many pages as it has months of 31 days."""
    label_type.load()
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(_WIDTH, _HEIGHT), invariant=1)
    canvas.setTitle("My calendar")
    canvas.setAuthor(sheet.pharmacy)
    pages = [sheet.days[first : first + DAYS_A_PAGE] for first in range(0, len(sheet.days), DAYS_A_PAGE)]
    for number, days in enumerate(pages, start=1):
        page = _Page(canvas, sheet)
        page.head(number, len(pages))
        page.drawing(days)
        page.table(days)
        page.advice()
        canvas.showPage()
    canvas.save()
    return file.getvalue()


class _Page:
    """One page in the making; lengths are points from the lower left corner."""

    def __init__(self, canvas: Canvas, sheet: CalendarSheet) -> None:
        self._canvas = canvas
        self._sheet = sheet

    def _text(
        self, x: float, y: float, text: str, size: float = 10, weight: Weight = Weight.REGULAR
    ) -> float:
        """The text, and where it ends."""
        self._canvas.setFont(weight.value, size)
        self._canvas.drawString(x, y, text)
        return x + width(text, weight) * size

    def _right(self, y: float, text: str, size: float = 10, weight: Weight = Weight.REGULAR) -> None:
        self._text(_RIGHT - width(text, weight) * size, y, text, size, weight)

    def _ink(self, grey: float) -> None:
        self._canvas.setFillGray(grey)

    def head(self, number: int, of: int) -> None:
        """Title, which days, whom to call."""
        self._ink(_INK)
        self._text(_LEFT, _TITLE_AT, "My calendar", 22, Weight.BOLD)
        self._right(_TITLE_AT + 6, self._sheet.pharmacy, 10, Weight.BOLD)
        self._right(_TITLE_AT - 8, f"Questions? Call {self._sheet.phone}", 10)
        self._ink(_GREY)
        pages = f", page {number} of {of}" if of > 1 else ""
        self._text(_LEFT, _TITLE_AT - 17, f"Prescription {self._sheet.rx_number}{pages}", 9.5)
        self._right(
            _TITLE_AT - 21, "Take from the vials of that day's step, and tick a box for each dose.", 9.5
        )

    def drawing(self, days: Sequence[PatientDay]) -> None:
        """The whole plan as bars, taller for a higher dose, without numbers; the days of this page stand out."""
        every = self._sheet.days
        most = max(day.dose.value for day in every) or 1
        share = (_RIGHT - _LEFT) / len(every)
        base = _DRAWING_TOP - _DRAWING_TALL
        shown = {day.day for day in days}
        x = _LEFT
        for _, same in groupby(every, key=lambda day: day.step):
            part = tuple(same)
            for place, day in enumerate(part):
                tall = _DRAWING_TALL * day.dose.value / most
                self._canvas.setFillGray(_BAR if day.day in shown else 0.82)
                if tall:
                    self._canvas.rect(x + place * share, base, share, tall, stroke=0, fill=1)
            self._canvas.setStrokeGray(1)
            self._canvas.setLineWidth(1.5)
            self._canvas.line(x + len(part) * share, base, x + len(part) * share, _DRAWING_TOP)
            self._legend(x, len(part) * share, base, part)
            x += len(part) * share
        self._canvas.setStrokeGray(_INK)
        self._canvas.setLineWidth(0.8)
        self._canvas.line(_LEFT, base, _RIGHT, base)

    def _legend(self, x: float, room: float, base: float, part: Sequence[PatientDay]) -> None:
        """Step and days below the bar, as much as there is room for."""
        first, last = part[0], part[-1]
        for text in (f"Step {first.step}", str(first.step)):
            if width(text, Weight.BOLD) * 8.5 <= room - 2:
                self._ink(_INK)
                self._text(x + 1, base - 11, text, 8.5, Weight.BOLD)
                break
        span = f"{first.day}" if first.day == last.day else f"{first.day} to {last.day}"
        for text in (f"days {span}", span, str(first.day)):
            if width(text, Weight.REGULAR) * 8 <= room - 2:
                self._ink(_GREY)
                self._text(x + 1, base - 21, text, 8)
                break

    def table(self, days: Sequence[PatientDay]) -> None:
        """A row for each day."""
        self._ink(_GREY)
        heads = ((_BOX, "Taken"), (_DAY, "Day"), (_STEP, "Step"), (_TAKE, "What to take"))
        for x, text in heads:
            self._text(x, _TABLE_TOP + 5, text, 9)
        self._text(_WEEKDAY, _TABLE_TOP + 5, "Date" if self._sheet.start_on else "Date (write it in)", 9)
        self._rule(_TABLE_TOP, _INK)
        for place, day in enumerate(days, start=1):
            self._row(day, _TABLE_TOP - place * _ROW)

    def _row(self, day: PatientDay, y: float) -> None:
        weight = Weight.BOLD if day.is_first_of_step else Weight.REGULAR
        if day.is_first_of_step:
            self._canvas.setFillGray(_TINT)
            self._canvas.rect(_LEFT, y, _RIGHT - _LEFT, _ROW, stroke=0, fill=1)
        self._canvas.setStrokeGray(_INK)
        self._canvas.setLineWidth(0.9)
        for place in range(len(day.taken)):
            self._canvas.rect(_BOX + 3 + place * 16, y + 2.2, 9, 9, stroke=1, fill=0)
        self._ink(_INK)
        at = y + 3.6
        self._text(_DAY, at, str(day.day), 10, weight)
        self._text(_STEP, at, f"{day.step} of {self._sheet.of_steps}", 10, weight)
        size = min(10, (_RIGHT - _TAKE) / width(_what(day), weight))
        self._text(_TAKE, at, _what(day), size, weight)
        self._dated(day, at, weight)
        self._rule(y, _LINE)

    def _dated(self, day: PatientDay, at: float, weight: Weight) -> None:
        if self._sheet.start_on is None:
            return
        on = date_of(self._sheet.start_on, day.day)
        self._text(_WEEKDAY, at, _WEEKDAYS[on.weekday()], 10, weight)
        self._text(_DATE, at, f"{_MONTHS[on.month - 1]} {on.day}, {on.year}", 10, weight)

    def _rule(self, y: float, grey: float) -> None:
        self._canvas.setStrokeGray(grey)
        self._canvas.setLineWidth(0.5)
        self._canvas.line(_LEFT, y, _RIGHT, y)

    def advice(self) -> None:
        """What to do if, whom to call, and that the start is still to be confirmed where it is."""
        top = _TABLE_TOP - DAYS_A_PAGE * _ROW - 14
        self._ink(_INK)
        self._text(_LEFT, top - 8, "What to do", 11.5, Weight.BOLD)
        y = top - 23
        for question, answer in _ADVICE:
            self._text(self._text(_LEFT, y, question, 9.5, Weight.BOLD) + 4, y, answer, 9.5)
            y -= 13
        self._ink(_GREY)
        self._text(_LEFT, y - 3, self._start_told(), 9)

    def _start_told(self) -> str:
        if self._sheet.start_on is None:
            return f"Day 1 is the day of your first capsule. Tell us when you start: {self._sheet.phone}."
        return f"If you started on another day, call {self._sheet.phone}: all dates move with it."


def _what(day: PatientDay) -> str:
    if not day.taken:
        return "no capsules today"
    return " and ".join(f"{amount_text(count, day.unit_ml)} {time.words}" for time, count in day.taken)
