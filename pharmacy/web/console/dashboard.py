"""What the dashboard says of each figure in words: its question, the answer in a sentence, and the drawings.

Pure: a document comes in, the one that the API answers too, and words go out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from pharmacy.gateways.plot_svg import Course, Plot, draw
from pharmacy.usecases.figures import FigureName
from pharmacy.web.console.language import gettext, ngettext
from pharmacy.web.console.names import named
from pharmacy.web.console.words import instant_moment, money_text
from pharmacy.web.figure_plots import lasted, plots_of
from pharmacy.web.figure_sheets import Sheet, sheet_of

_SENT = "sent"
_UNSETTLED = frozenset({"waiting"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """One plot, drawn; `number` is its place among those of the figure, from 1."""

    title: str
    svg: str
    number: int
    # Whether a browser with scripts may put a live one in its place.
    is_course: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One question with its answer, drawings and numbers; `caution` says what the answer must not be taken for."""

    name: FigureName
    question: str
    answer: str
    caution: str
    drawings: tuple[Drawing, ...]
    sheet: Sheet


def panel(name: FigureName, document: Mapping[str, Any], zone: ZoneInfo) -> Panel:
    """That figure for the page, read by the clock of that zone."""
    return Panel(
        name=name,
        question=_questions()[name],
        answer=_ANSWERS[name](document),
        caution=f"{_caution(name, document)} {_counted(document, zone)}".strip(),
        drawings=tuple(
            _drawing(plot, number) for number, plot in enumerate(plots_of(name, document), start=1)
        ),
        sheet=sheet_of(name, document),
    )


def points_of(plot: Plot) -> dict[str, Any]:
    """The values of a course of days or batches, for a browser that draws them itself."""
    if not isinstance(plot, Course):
        return {"names": [], "values": []}
    return {
        "title": plot.title,
        "unit": plot.unit,
        "look": plot.look,
        "names": list(plot.names),
        "values": [None if value is None else str(value) for value in plot.values],
        "signals": sorted(plot.signals),
        "levels": [{"name": each.name, "value": str(each.value)} for each in plot.levels],
    }


def _drawing(plot: Plot, number: int) -> Drawing:
    return Drawing(title=plot.title, svg=draw(plot), number=number, is_course=isinstance(plot, Course))


def _questions() -> Mapping[FigureName, str]:
    return {
        FigureName.ORDERS: gettext("How many orders came, and what did they bring?"),
        FigureName.TURNAROUND: gettext("Where do orders wait?"),
        FigureName.STOCK: gettext("How long will stock last?"),
        FigureName.BATCHES: gettext("Do batches come out as they should?"),
        FigureName.OUTCOMES: gettext("How far do patients get, and where do they stop?"),
        FigureName.NOTICES: gettext("Did notices reach people?"),
    }


def _orders(document: Mapping[str, Any]) -> str:
    came = ngettext("%(num)d order", "%(num)d orders", document["orders"])
    return gettext(
        "%(came)s and USD %(money)s in these days.", came=came, money=money_text(document["revenue_cents"])
    )


def _turnaround(document: Mapping[str, Any]) -> str:
    states = document["states"]
    if not states:
        return gettext("No order has left a state in these days.")
    slowest = max(states, key=lambda each: each["median_minutes"])
    return gettext(
        "Longest in “%(state)s”: half stay up to %(half)s, one in ten over %(most)s.",
        state=named(str(slowest["state"])),
        half=lasted(slowest["median_minutes"]),
        most=lasted(slowest["p90_minutes"]),
    )


def _stock(document: Mapping[str, Any]) -> str:
    used = [each for each in document["components"] if each["days_left"] is not None]
    if not used:
        return gettext("Nothing was weighed of late, so nothing says how long stock lasts.")
    first = min(used, key=lambda each: each["days_left"])
    return gettext(
        "First to run out: %(name)s, in %(days)d days.", name=first["name"], days=first["days_left"]
    )


def _batches(document: Mapping[str, Any]) -> str:
    made = len(document["batches"])
    if not made:
        return gettext("No batch was made and counted in these days.")
    signals = {
        number
        for limits in (document["yield_limits"], document["weight_limits"])
        if limits
        for number in limits["signals"]
    }
    counted = ngettext("%(num)d batch was counted", "%(num)d batches were counted", made)
    if document["yield_limits"] is None and document["weight_limits"] is None:
        return gettext("%(counted)s; from eight on there are limits.", counted=counted)
    if not signals:
        return gettext("%(counted)s, each like the others.", counted=counted)
    return gettext("%(counted)s; look at %(numbers)s.", counted=counted, numbers=", ".join(sorted(signals)))


def _outcomes(document: Mapping[str, Any]) -> str:
    if document["people"] is None:
        return gettext(
            "Fewer than %(least)d people began in these quarters, so nothing is shown.",
            least=document["least_people"],
        )
    stopped = sum(each["people"] for each in document["reached"] if each["how"] == "stopped")
    if not stopped:
        return gettext(
            "%(people)d people began; at no dose have %(least)d or more stopped.",
            people=document["people"],
            least=document["least_people"],
        )
    return gettext(
        "%(people)d people began; at least %(stopped)d stopped.", people=document["people"], stopped=stopped
    )


def _notices(document: Mapping[str, Any]) -> str:
    settled = [each for each in document["outcomes"] if each["state"] not in _UNSETTLED]
    due = sum(each["notices"] for each in settled)
    if not document["outcomes"]:
        return gettext("No notice fell due in these days.")
    if not due:
        return gettext("None of those that fell due is settled yet.")
    sent = sum(each["notices"] for each in settled if each["state"] == _SENT)
    return gettext("%(sent)d of %(due)d that are settled were sent.", sent=sent, due=due)


_ANSWERS: Mapping[FigureName, Callable[[Mapping[str, Any]], str]] = {
    FigureName.ORDERS: _orders,
    FigureName.TURNAROUND: _turnaround,
    FigureName.STOCK: _stock,
    FigureName.BATCHES: _batches,
    FigureName.OUTCOMES: _outcomes,
    FigureName.NOTICES: _notices,
}


def _counted(document: Mapping[str, Any], zone: ZoneInfo) -> str:
    """Since when the figure stands; empty for one that was counted for this page."""
    at = document.get("counted_at")
    return gettext("As it stood %(at)s.", at=instant_moment(at, zone).words) if at is not None else ""


def _caution(name: FigureName, document: Mapping[str, Any]) -> str:
    if name is FigureName.OUTCOMES:
        return gettext(
            "Whole quarters. What counts fewer than %(least)d people, or would give such a count away, is left out.",
            least=document["least_people"],
        )
    if name is FigureName.STOCK:
        return gettext(
            "As of today, at the use of the last %(days)d days. Released lots that have not expired.",
            days=document["use_days"],
        )
    if name is FigureName.BATCHES and document["is_cut"]:
        return gettext("Only the newest %(most)d batches of these days.", most=len(document["batches"]))
    if name is FigureName.TURNAROUND:
        return gettext("Of the stays that ended in these days.")
    return ""
