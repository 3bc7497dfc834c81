"""The figures of the pharmacy: one page of questions, each with an answer, its drawing and its numbers to take along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Response, jsonify, render_template, request, url_for

from pharmacy.domain.errors import NotFound
from pharmacy.domain.periods import MOST_DAYS
from pharmacy.gateways.plot_svg import draw
from pharmacy.store.waits import told_apart
from pharmacy.usecases.figures import Asked, FigureName, figure_document, figure_documents
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.dashboard import panel, points_of
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext, ngettext
from pharmacy.web.console.lists import Filter
from pharmacy.web.console.words import day_text
from pharmacy.web.current import the_pharmacy
from pharmacy.web.figure_days import FIGURE_READERS, USUAL_DAYS, days_asked
from pharmacy.web.figure_plots import plot_of
from pharmacy.web.figure_sheets import as_csv, sheet_of
from pharmacy.web.guards import needs_role

_SPANS = (7, USUAL_DAYS, 90, MOST_DAYS)
_MOST_DRAWINGS = 2


@dataclass(eq=False)
class NoSuchFigure(NotFound):
    def __str__(self) -> str:
        return gettext("There is no such figure.")


@blueprint.get("/figures")
@needs_role(*FIGURE_READERS)
def figures_page() -> Any:
    """Every question over the same days."""
    asked = _days()
    with told_apart(), the_pharmacy().sessions.read() as session:
        documents = figure_documents(session, FigureName, asked)
        around = frame(session, "figures")
    period = asked.period
    return render_template(
        "console/figures.html",
        frame=around,
        panels=[panel(name, document, asked.zone) for name, document in documents.items()],
        period=period,
        first=day_text(period.first_on),
        last=day_text(period.last_on),
        spans=_spans(asked),
    )


@blueprint.get("/figures/<figure_name>/csv")
@needs_role(*FIGURE_READERS)
def figure_csv(figure_name: str) -> Any:
    """The numbers of that figure."""
    name, document = _document(figure_name)
    sheet = sheet_of(name, document)
    return _file(as_csv(sheet.columns, sheet.rows), "text/csv; charset=utf-8", f"{name}.csv")


@blueprint.get("/figures/<figure_name>/picture/<int:drawing>")
@needs_role(*FIGURE_READERS)
def figure_picture(figure_name: str, drawing: int) -> Any:
    """That drawing of the figure, to keep."""
    name, document = _document(figure_name, drawing)
    return _file(draw(plot_of(name, document, drawing)), "image/svg+xml", f"{name}-{drawing}.svg")


@blueprint.get("/figures/<figure_name>/points/<int:drawing>")
@needs_role(*FIGURE_READERS)
def figure_points(figure_name: str, drawing: int) -> Any:
    """The values of that drawing, for the script that lets one read them off."""
    name, document = _document(figure_name, drawing)
    return jsonify(points_of(plot_of(name, document, drawing)))


def _document(figure_name: str, drawing: int = 1) -> tuple[FigureName, dict[str, Any]]:
    if figure_name not in set(FigureName) or not 1 <= drawing <= _MOST_DRAWINGS:
        raise NoSuchFigure
    name, asked = FigureName(figure_name), _days()
    with told_apart(), the_pharmacy().sessions.read() as session:
        return name, figure_document(session, name, asked)


def _days() -> Asked:
    """The days in the address; raises PeriodUnfit. What is no day counts as none named."""
    return days_asked(_day("first_on"), _day("last_on"))


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _spans(asked: Asked) -> list[Filter]:
    """The usual spans through today; which of them is looked at."""
    return [
        Filter(
            words=gettext("a year") if days == MOST_DAYS else ngettext("%(num)d day", "%(num)d days", days),
            href=url_for("console.figures_page", first_on=asked.today - timedelta(days=days - 1)),
            is_chosen=asked.period.days == days and asked.period.last_on == asked.today,
        )
        for days in _SPANS
    ]


def _file(body: str, kind: str, name: str) -> Response:
    response = Response(body, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
