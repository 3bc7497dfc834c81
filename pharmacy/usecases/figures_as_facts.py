"""Figures as plain facts, for the books and for the borders: name, value, unit, formula, inputs, rounding."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pharmacy.domain.figures import Figure


def figure_facts(figure: Figure) -> dict[str, Any]:
    """The figure as it is shown, with what a reader needs to work it out again."""
    return {
        "key": figure.key,
        "name": figure.name,
        "value": figure.text,
        "unit": figure.unit,
        "formula": figure.formula,
        "inputs": [{"name": each.name, "value": each.value, "source": each.source} for each in figure.inputs],
        "rounding": figure.rounding,
    }


def figures_facts(figures: Iterable[Figure]) -> list[dict[str, Any]]:
    return [figure_facts(figure) for figure in figures]
