"""The numbers of each figure as one table: on the page, for whoever does not look at drawings, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pharmacy.gateways.csv_cells import harmless
from pharmacy.usecases.figures import FigureName

# The list of a document that a table shows, and what each column is called.
_TABLES: Mapping[FigureName, tuple[str, Mapping[str, str]]] = {
    FigureName.ORDERS: ("days", {"on": "Day", "orders": "Orders", "revenue_cents": "Revenue, cents"}),
    FigureName.TURNAROUND: (
        "states",
        {
            "state": "State",
            "stays": "Stays",
            "median_minutes": "Median, min",
            "p90_minutes": "90 %, min",
            "p95_minutes": "95 %, min",
        },
    ),
    FigureName.STOCK: (
        "components",
        {
            "name": "Component",
            "kind": "Kind",
            "on_hand_g": "On hand, g",
            "used_g": "Used, g",
            "days_left": "Days left",
            "expires_first_on": "First to expire",
        },
    ),
    FigureName.BATCHES: (
        "batches",
        {
            "number": "Batch",
            "compounded_on": "Made",
            "strength": "Strength",
            "yield_pct": "Yield, %",
            "net_mean_pct": "Mean weight, %",
            "net_rsd_pct": "RSD, %",
        },
    ),
    FigureName.OUTCOMES: ("reached", {"dose": "Daily dose", "how": "Then", "people": "People"}),
    FigureName.NOTICES: ("outcomes", {"kind": "Notice", "state": "Outcome", "notices": "Notices"}),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """Columns and rows of text; what is not known is an empty cell."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def sheet_of(name: FigureName, document: Mapping[str, Any]) -> Sheet:
    """The numbers of that figure."""
    listed, columns = _TABLES[name]
    rows = tuple(
        tuple("" if each[key] is None else str(each[key]) for key in columns) for each in document[listed]
    )
    return Sheet(tuple(columns.values()), rows)


def as_csv(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """RFC 4180, with a line of names; no cell is one that a spreadsheet would reckon out."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow([harmless(name) for name in columns])
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return written.getvalue()
