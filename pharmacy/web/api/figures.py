"""Figures for whoever runs the pharmacy: each question has an address, the same days and one document.

The console draws from these very documents; `export` gives their numbers as CSV and their drawings as SVG.
"""

from __future__ import annotations

from typing import Any

from flask import Response

from pharmacy.gateways.plot_svg import draw
from pharmacy.usecases.figures import FigureName, figure_document
from pharmacy.web.api import figure_shapes as shapes
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.figure_days import FIGURE_READERS, days_asked
from pharmacy.web.figure_plots import plot_of
from pharmacy.web.figure_sheets import as_csv, sheet_of
from pharmacy.web.guards import needs_staff
from pharmacy.web.staff_door import staff_reading

blueprint = Blueprint(
    "figures", __name__, url_prefix="/api/v1/figures", description="Figures of the pharmacy"
)
_FILE = {"type": "string", "format": "binary"}


@blueprint.get("/orders")
@needs_staff(*FIGURE_READERS)
@blueprint.arguments(shapes.FigureQuery(), location="query")
@blueprint.response(200, shapes.OrdersFigure)
def orders(asked: dict[str, Any]) -> Any:
    """Orders received and money taken, day by day; at most 366 days."""
    return _document(FigureName.ORDERS, asked)


@blueprint.get("/turnaround")
@needs_staff(*FIGURE_READERS)
@blueprint.arguments(shapes.FigureQuery(), location="query")
@blueprint.response(200, shapes.TurnaroundFigure)
def turnaround(asked: dict[str, Any]) -> Any:
    """How long orders stayed in each state, of the stays that ended in these days."""
    return _document(FigureName.TURNAROUND, asked)


@blueprint.get("/stock")
@needs_staff(*FIGURE_READERS)
@blueprint.arguments(shapes.FigureQuery(), location="query")
@blueprint.response(200, shapes.StockFigure)
def stock(asked: dict[str, Any]) -> Any:
    """What is usable of each component today, and for how many days at the use of late."""
    return _document(FigureName.STOCK, asked)


@blueprint.get("/batches")
@needs_staff(*FIGURE_READERS)
@blueprint.arguments(shapes.FigureQuery(), location="query")
@blueprint.response(200, shapes.BatchesFigure)
def batches(asked: dict[str, Any]) -> Any:
    """Yield and capsule weight of each batch, with control limits from eight batches on."""
    return _document(FigureName.BATCHES, asked)


@blueprint.get("/outcomes")
@needs_staff(*FIGURE_READERS)
@blueprint.arguments(shapes.FigureQuery(), location="query")
@blueprint.response(200, shapes.OutcomesFigure)
def outcomes(asked: dict[str, Any]) -> Any:
    """To which dose patients have come who began in these quarters, and how; never of fewer than five."""
    return _document(FigureName.OUTCOMES, asked)


@blueprint.get("/notices")
@needs_staff(*FIGURE_READERS)
@blueprint.arguments(shapes.FigureQuery(), location="query")
@blueprint.response(200, shapes.NoticesFigure)
def notices(asked: dict[str, Any]) -> Any:
    """What became of the notices that were due in these days."""
    return _document(FigureName.NOTICES, asked)


@blueprint.get("/export")
@needs_staff(*FIGURE_READERS)
@blueprint.arguments(shapes.FigureExportQuery(), location="query")
@blueprint.response(200, content_type="text/csv", schema=_FILE)
@blueprint.alt_response(200, content_type="image/svg+xml", schema=_FILE, success=True)
def export(asked: dict[str, Any]) -> Any:
    """The numbers of one figure as CSV, or a drawing of it as SVG (an empty one where nothing was counted)."""
    name, form = asked.pop("figure"), asked.pop("form")
    document = _document(name, asked)
    if form is shapes.FigureForm.CSV:
        sheet = sheet_of(name, document)
        return Response(as_csv(sheet.columns, sheet.rows), content_type="text/csv; charset=utf-8")
    return Response(draw(plot_of(name, document, asked["drawing"])), content_type="image/svg+xml")


def _document(name: FigureName, asked: dict[str, Any]) -> dict[str, Any]:
    days = days_asked(asked["first_on"], asked["last_on"])
    with staff_reading() as (session, _):
        return figure_document(session, name, days)
