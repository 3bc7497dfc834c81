"""Figures as the console shows them: closed, a number with its unit; opened, how it came about.

One component for every derived number: worksheet, price, dates. The summary of the whole story stands in the
tooltip too, for whoever only points at it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pharmacy.store.orders import PriceLineRow
from pharmacy.web.console.language import gettext, lazy_gettext
from pharmacy.web.console.words import Aligned, aligned, money_text, with_days_in_words

# What the bench needs at a glance, in this order; everything else is behind "all figures".
_AT_A_GLANCE = (
    "prepared",
    "api_target",
    "triturate_target",
    "filler_target",
    "theoretical_fill",
    "beyond_use_on",
)
_SHORT_NAMES: Mapping[str, str] = {
    "prepared": lazy_gettext("Prepare"),
    "theoretical_fill": lazy_gettext("Fill each"),
    "beyond_use_on": lazy_gettext("Beyond use"),
}


@dataclass(frozen=True, slots=True)
class InputShown:
    name: str
    value: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureShown:
    """A number that can be opened."""

    name: str
    value: Aligned
    formula: str
    inputs: tuple[InputShown, ...]
    rounding: str
    story: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchShown:
    """The worksheet of one line: at a glance, in full, and what to do; or why nothing can be weighed."""

    title: str
    number: str
    is_made: bool
    refusal: str
    glance: tuple[FigureShown, ...]
    figures: tuple[FigureShown, ...]
    instructions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLineShown:
    wording: str
    figure: FigureShown


def figure_shown(facts: Mapping[str, Any], name: str = "") -> FigureShown:
    """The figure from the facts that the books keep of it; `name` where another one is better here."""
    formula = facts["formula"]
    inputs = tuple(
        InputShown(each["name"], with_days_in_words(each["value"]), each["source"])
        for each in facts["inputs"]
    )
    return FigureShown(
        name=name or facts["name"],
        value=replace(aligned(with_days_in_words(facts["value"])), unit=facts["unit"]),
        formula=formula,
        inputs=inputs,
        rounding=facts["rounding"],
        story=_story(formula, inputs, facts["rounding"]),
    )


def batch_shown(entry: Mapping[str, Any], title: str) -> BatchShown:
    """One line's batch, planned from today's lots or as it was compounded."""
    by_key = {facts["key"]: facts for facts in entry["figures"]}
    number = str(entry.get("batch_number", ""))
    return BatchShown(
        title=title,
        number=number,
        is_made=bool(number),
        refusal=str(entry["refusal"] or _too_short(entry)),
        glance=tuple(
            figure_shown(by_key[key], _short_name(by_key[key])) for key in _AT_A_GLANCE if key in by_key
        ),
        figures=tuple(figure_shown(facts) for facts in entry["figures"]),
        instructions=tuple(entry["instructions"]),
    )


def price_lines_shown(lines: Iterable[PriceLineRow]) -> tuple[PriceLineShown, ...]:
    """The itemised price; each amount can be opened."""
    return tuple(
        PriceLineShown(
            wording=line.wording,
            figure=figure_shown({**line.figure, "value": money_text(line.amount_cents), "unit": "USD"}),
        )
        for line in lines
    )


def _short_name(facts: Mapping[str, Any]) -> str:
    """What fits over a number; of a filler its lot is enough."""
    if facts["key"] == "filler_target":
        return gettext("Weigh filler, lot %(lot)s", lot=facts["name"].rpartition("lot ")[2])
    return _SHORT_NAMES.get(facts["key"], "")


def _too_short(entry: Mapping[str, Any]) -> str:
    return (
        "" if entry["covers_last_dose"] else gettext("The beyond-use date is before the last planned dose.")
    )


def _story(formula: str, inputs: Iterable[InputShown], rounding: str) -> str:
    """The whole of it in one line, for the tooltip."""
    given = ", ".join(f"{each.name} {each.value}" for each in inputs)
    return "; ".join(
        part
        for part in (formula, given, rounding and gettext("rounded %(rounding)s", rounding=rounding))
        if part
    )
