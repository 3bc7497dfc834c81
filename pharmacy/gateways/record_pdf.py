"""The compounding record on paper: every number with its formula, every signature with its meaning.

Letter size, as many pages as it takes; each page names the batch and how many pages there are, so that a loose one
finds its way back. Same record, same bytes: nothing in the file depends on the machine or the moment. What the
typeface cannot show is written as its code point: a record is never withheld because of a name.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from reportlab.lib.colors import Color
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from pharmacy.domain.day_words import day_text, with_days_in_words
from pharmacy.domain.labels import PharmacyOnLabel
from pharmacy.gateways import label_type
from pharmacy.gateways.label_type import Weight

_INK, _SOFT, _RULE = Color(0.10, 0.11, 0.13), Color(0.38, 0.41, 0.45), Color(0.80, 0.82, 0.85)
_BAND, _ALARM = Color(0.955, 0.960, 0.968), Color(0.70, 0.13, 0.10)
_MARGIN, _TOP, _FOOT = 46, 54, 44
_WIDTH = letter[0] - 2 * _MARGIN
# Under this much room a table begins on the next page, so that no heading stands alone.
_LEAST_TABLE = 110
_RELEASED = frozenset({"released", "depleted"})


def _style(size: float, weight: Weight = Weight.REGULAR, color: Color = _INK, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(
        name=f"{weight}-{size}",
        fontName=weight.value,
        fontSize=size,
        leading=round(size * 1.28, 2),
        textColor=color,
        **more,
    )


_TITLE, _SUB = _style(20, Weight.BOLD), _style(10, color=_SOFT)
_HEADING = _style(11.5, Weight.BOLD, spaceBefore=11, spaceAfter=4)
_CELL, _STRONG = _style(8.6), _style(8.6, Weight.BOLD)
_NUMBER, _HEAD_NUMBER = _style(8.6, alignment=TA_RIGHT), _style(7.4, Weight.BOLD, _SOFT, alignment=TA_RIGHT)
_HEAD, _NOTE = _style(7.4, Weight.BOLD, _SOFT), _style(7.4, color=_SOFT)
_BODY = _style(9.2)
_FAULT = _style(9.2, Weight.BOLD, _ALARM)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPaper:
    """Whose paper it is, and by whose clock its times are told."""

    pharmacy: PharmacyOnLabel
    zone: ZoneInfo

    def render(self, record: Mapping[str, Any]) -> bytes:
        """The record as a PDF."""
        label_type.load()
        written = io.BytesIO()
        document = BaseDocTemplate(
            written,
            pagesize=letter,
            title=f"Compounding record {record['number']}",
            author=self.pharmacy.name,
            invariant=1,
        )
        frame = Frame(
            _MARGIN, _FOOT, _WIDTH, letter[1] - _TOP - _FOOT, leftPadding=0, rightPadding=0, topPadding=0
        )
        document.addPageTemplates(PageTemplate("page", frames=[frame]))
        told = f"{self.pharmacy.name}  ·  Compounding record {record['number']}"
        document.build(list(self._story(record)), canvasmaker=_numbered(told))
        return written.getvalue()

    def _story(self, record: Mapping[str, Any]) -> Iterator[Flowable]:
        yield from self._head(record)
        yield from _section("Components", _components(record["components"]))
        yield from _section("Weighings", self._weighings(record["weighings"]))
        yield from _section("Procedure", *_procedure(record))
        yield from _section("Calculations", _figures(record["figures"]))
        if record["figures_as_weighed"]:
            yield from _section("As weighed", _figures(record["figures_as_weighed"]))
        yield from _section("Quality control", *self._checks(record))
        yield from _section("Yield and reconciliation", *_reconciliation(record))
        yield from _section("Deviations", *self._deviations(record["deviations"]))
        yield from _section("Signatures", self._signatures(record["signatures"]))
        yield from _section("Certificate of the calculation", *_certificate(record["certificate"]))

    def _head(self, record: Mapping[str, Any]) -> Iterator[Flowable]:
        status = record["status"].value
        yield _text("Compounding record", _TITLE)
        yield Spacer(0, 5)
        yield _text(f"{self.pharmacy.name}, {self.pharmacy.address}, {self.pharmacy.phone}", _SUB)
        yield Spacer(0, 9)
        if status not in _RELEASED:
            yield _text(f"{_said(status)}: not for dispensing", _FAULT)
            yield Spacer(0, 5)
        beyond = f"{day_text(record['beyond_use_on'])}, set by the {record['beyond_use_limited_by']}"
        facts = (
            ("Batch", record["number"], "Status", _said(status)),
            ("Preparation", record["preparation"], "Strength", record["strength"]),
            ("Dosage form", record["dosage_form"], "Quantity", record["quantity"]),
            ("Compounded on", day_text(record["compounded_on"]), "Beyond-use date", beyond),
            ("Storage", record["storage"], "Formulation", record["formulation"]),
        )
        rows = [
            [_text(a, _HEAD), _text(b, _STRONG), _text(c, _HEAD), _text(d, _STRONG)] for a, b, c, d in facts
        ]
        table = Table(rows, colWidths=[74, _WIDTH / 2 - 74, 78, _WIDTH / 2 - 78])
        table.setStyle(
            [("BACKGROUND", (0, 0), (-1, -1), _BAND), *_SPACED, ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
        )
        yield table

    def _weighings(self, weighings: Sequence[Mapping[str, Any]]) -> Flowable:
        head = ("What", "Exact, mg", "Target, mg", "Read, mg", "Off, %", "Balance", "Weighed by", "Seen by")
        rows = [
            (
                each["name"],
                each["exact_mg"],
                each["target_mg"],
                each["read_mg"] or "",
                each["off_pct"] or "",
                each["balance"] or "",
                self._who(each["weighed_by"], each["weighed_at"]),
                self._who(each["checked_by"], each["checked_at"]),
            )
            for each in weighings
        ]
        return _table(head, rows, (118, 60, 52, 48, 34, 62, 74, 74), numbers=(1, 2, 3, 4))

    def _checks(self, record: Mapping[str, Any]) -> Iterator[Flowable]:
        yield _text(f"Appearance of the blend: {record['appearance'] or 'not described yet'}.", _BODY)
        if not record["checks"]:
            yield _text("Nothing is checked yet.", _BODY)
        for check in record["checks"]:
            verdict = "passed" if check["has_passed"] else "FAILED"
            by = f"{check['checked_by']}, {self._when(check['checked_at'])}"
            yield Spacer(0, 4)
            yield _text(f"Check by {check['kind']}: {verdict} ({by})", _STRONG)
            if check["readings"]:
                unit = "gross, mg" if check["kind"] == "weights" else "% of label"
                yield _text(
                    f"{len(check['readings'])} readings, {unit}: {', '.join(check['readings'])}", _BODY
                )
            if check["remark"]:
                yield _text(f"Remark: {check['remark']}", _BODY)
            yield from (_text(fault, _FAULT) for fault in check["faults"])
            if check["figures"]:
                yield Spacer(0, 3)
                yield _figures(check["figures"])

    def _deviations(self, deviations: Sequence[Mapping[str, Any]]) -> Iterator[Flowable]:
        if not deviations:
            yield _text("None on record.", _BODY)
        for each in deviations:
            yield _text(
                f"{each['wording']} ({each['recorded_by']}, {self._when(each['recorded_at'])})", _BODY
            )

    def _signatures(self, signatures: Sequence[Mapping[str, Any]]) -> Flowable:
        if not signatures:
            return _text("Nobody has signed yet.", _BODY)
        rows = [(each["meaning"], each["name"], self._when(each["at"])) for each in signatures]
        return _table(("Meaning", "Name", "When"), rows, (250, 150, 120))

    def _who(self, name: str | None, at: datetime | None) -> str:
        return "" if name is None or at is None else f"{name}\n{self._when(at)}"

    def _when(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        return f"{day_text(local.date())}, {local:%H:%M}"


_SPACED = (
    ("TOPPADDING", (0, 0), (-1, -1), 2.6),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3.4),
    ("LEFTPADDING", (0, 0), (-1, -1), 5),
    ("RIGHTPADDING", (0, 0), (-1, -1), 5),
)


def _section(name: str, first: Flowable, *rest: Flowable) -> Iterator[Flowable]:
    """A heading stays with what it heads; a long table may still break over pages."""
    heading = _text(name, _HEADING)
    if isinstance(first, Table):
        yield from (CondPageBreak(_LEAST_TABLE), heading, first)
    else:
        yield KeepTogether([heading, first])
    yield from rest


def _components(components: Sequence[Mapping[str, Any]]) -> Flowable:
    head = ("Role", "Component", "Maker", "Vendor", "Lot", "Last day")
    rows = [
        (
            each["role"],
            each["name"],
            each["manufacturer"] or "not on record",
            each["vendor"] or "",
            each["number"],
            day_text(each["last_on"]),
        )
        for each in components
    ]
    return _table(head, rows, (90, 140, 80, 60, 68, 82))


def _procedure(record: Mapping[str, Any]) -> Iterator[Flowable]:
    for place, sentence in enumerate(record["instructions"], start=1):
        yield _text(f"{place}.  {sentence}", _BODY)
    if record["rounds"]:
        told = "; ".join(f"+{each['added_mg']} = {each['total_mg']}" for each in record["rounds"])
        yield Spacer(0, 3)
        yield _text(f"Rounds of geometric dilution, mg: {told}.", _BODY)
    if record["machine_loads"]:
        yield _text(f"Machine loads, capsules: {', '.join(map(str, record['machine_loads']))}.", _BODY)


def _reconciliation(record: Mapping[str, Any]) -> Iterator[Flowable]:
    if not record["reconciliation"]:
        yield _text("Not counted yet, or nothing to count.", _BODY)
        return
    yield _figures(record["reconciliation"])
    yield from (_text(fault, _FAULT) for fault in record["reconciliation_faults"])


def _certificate(certificate: Mapping[str, Any] | None) -> Iterator[Flowable]:
    if certificate is None:
        yield _text("This batch is older than certificates.", _BODY)
        return
    yield _text(f"Engine: {certificate['engine']}. SHA-256 over engine, inputs and answers:", _BODY)
    yield _text(certificate["sha256"], _STRONG)
    yield _text("The pharmacy's books work it out again on demand and name every difference.", _NOTE)


def _figures(figures: Sequence[Mapping[str, Any]]) -> Flowable:
    head = ("Figure", "Value", "Formula", "From")
    rows = [
        (
            each["name"],
            f"{with_days_in_words(each['value'])} {each['unit']}".rstrip(),
            _formula(each),
            _inputs(each["inputs"]),
        )
        for each in figures
    ]
    return _table(head, rows, (124, 74, 150, 172), strong=1)


def _formula(figure: Mapping[str, Any]) -> str:
    rounding = f"\nRounded {figure['rounding']}" if figure["rounding"] else ""
    return f"{figure['formula']}{rounding}"


def _inputs(inputs: Sequence[Mapping[str, Any]]) -> str:
    return "\n".join(
        f"{each['name']}: {with_days_in_words(each['value'])}"
        + (f" ({each['source']})" if each["source"] else "")
        for each in inputs
    )


def _table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    *,
    numbers: Sequence[int] = (),
    strong: int = 0,
) -> Flowable:
    scale = _WIDTH / sum(widths)
    cells = [[_text(name, _HEAD_NUMBER if place in numbers else _HEAD) for place, name in enumerate(head)]]
    for row in rows:
        styles = [_NUMBER if place in numbers else _CELL for place in range(len(row))]
        styles[strong] = _STRONG
        cells.append([_text(cell, style) for cell, style in zip(row, styles, strict=True)])
    table = Table(cells, colWidths=[width * scale for width in widths], repeatRows=1)
    rules = [("LINEBELOW", (0, 0), (-1, 0), 0.8, _SOFT), ("LINEBELOW", (0, 1), (-1, -1), 0.4, _RULE)]
    table.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *rules, *_SPACED])
    return table


def _text(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(label_type.with_code_points(text)).replace("\n", "<br/>"), style)


def _said(status: str) -> str:
    return status.replace("_", " ").replace("qc", "QC").capitalize().replace("Qc", "QC")


def _numbered(told: str) -> type[Canvas]:
    """A canvas that writes, at the foot of each page, whose it is and how many there are."""

    class Numbered(Canvas):  # type: ignore[misc]  # The package publishes no types.
        def __init__(self, *given: Any, **options: Any) -> None:
            super().__init__(*given, **options)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # The name is the package's.
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._pages, start=1):
                self.__dict__.update(page)
                self.setFont(Weight.REGULAR.value, 7.6)
                self.setFillColor(_SOFT)
                self.drawString(_MARGIN, 26, told)
                self.drawRightString(letter[0] - _MARGIN, 26, f"Page {number} of {len(self._pages)}")
                super().showPage()
            super().save()

    return Numbered
