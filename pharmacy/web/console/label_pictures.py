"""A label as a picture on the page: the very words, places and bars of its file, drawn by the browser.

Nothing is laid out here. Each run of text is held to the width that the layout measured, so that a browser that lacks
the typeface still shows where everything stands. Beside the picture the page has all its words as text.
"""

from __future__ import annotations

from dataclasses import dataclass

from pharmacy.domain.labels import LabelContent, LabelTemplate
from pharmacy.gateways.barcode import BAR_HEIGHT, MODULE, Barcode
from pharmacy.gateways.label_layout import MARGIN, Panel, Placed
from pharmacy.gateways.label_pdf import DRAFT, PROOF_BARS_WIDTH, symbol_of
from pharmacy.gateways.label_templates import panels_of
from pharmacy.gateways.label_type import Weight, load, width


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run of text in points from the upper left corner, on its base line."""

    x: str
    y: str
    size: str
    length: str
    is_bold: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    x: str
    width: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One panel. `frame` is the place that a proof keeps free for bars; `draft` crosses its face."""

    width: str
    height: str
    runs: tuple[Run, ...]
    bars: tuple[Bar, ...]
    bars_y: str
    bars_height: str
    rule_y: str
    frame_x: str
    frame_width: str
    draft: str


def pictures_of(
    content: LabelContent, barcode: str | None, template: LabelTemplate = LabelTemplate.FOUR_BY_TWO
) -> tuple[Picture, ...]:
    """Every panel of the label. Raises LabelDoesNotFit or UnprintableCharacter."""
    load()
    symbol = symbol_of(barcode) if barcode else None
    pages = panels_of(content, symbol.width if symbol else PROOF_BARS_WIDTH, template)
    return tuple(_picture(page, symbol) for page in pages)


def _picture(page: Panel, symbol: Barcode | None) -> Picture:
    tall = page.face.height
    return Picture(
        width=_points(page.face.width),
        height=_points(tall),
        runs=tuple(_run(each, tall) for each in page.words),
        bars=tuple(
            Bar(x=_points(page.bars_x + first * MODULE), width=_points(modules * MODULE))
            for first, modules in (symbol.bars if symbol and page.bars_x is not None else ())
        )
        if page.bars_x is not None
        else (),
        bars_y=_points(tall - MARGIN - BAR_HEIGHT),
        bars_height=_points(BAR_HEIGHT),
        rule_y=_points(tall - page.rule_y) if page.rule_y is not None else "",
        frame_x=_points(page.bars_x) if symbol is None and page.bars_x is not None else "",
        frame_width=_points(PROOF_BARS_WIDTH),
        draft=DRAFT if symbol is None else "",
    )


def _run(placed: Placed, tall: float) -> Run:
    return Run(
        x=_points(placed.x),
        y=_points(tall - placed.y),
        size=_points(placed.size),
        length=_points(width(placed.text, placed.weight) * placed.size),
        is_bold=placed.weight is Weight.BOLD,
        text=placed.text,
    )


def _points(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
