"""Cells of CSV files that a spreadsheet takes for what they are."""

from __future__ import annotations

# A spreadsheet takes text that begins so for a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would take for a formula; numbers stay numbers."""
    is_number = cell.removeprefix("-").replace(".", "", 1).isdecimal()
    return f"'{cell}" if cell.startswith(_FORMULA) and not is_number else cell
