"""What is drawn of each figure: from its document, the same that the API answers, to plots with their words.

Whoever reads the page without the drawing has the table (`figure_sheets`), which holds every number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pharmacy.gateways.plot_svg import Course, Level, Look, Plot, Row, Rows
from pharmacy.usecases.figures import FigureName

_MINUTES_PER_HOUR = 60
_HOURS_PER_DAY = 24
_HUNDRED = 100
_HOW = {"continuing": "goes on", "finished": "plan ended", "stopped": "stopped here"}


def plots_of(name: FigureName, document: Mapping[str, Any]) -> tuple[Plot, ...]:
    """The plots of that figure, in their order; none where there is nothing to draw."""
    return _PLOTS[name](document)


def plot_of(name: FigureName, document: Mapping[str, Any], number: int) -> Plot:
    """The so-manieth plot of that figure, from 1; one without marks where there is none."""
    plots = plots_of(name, document)
    return (
        plots[number - 1]
        if number <= len(plots)
        else Rows(title=f"{_said(name)}: nothing yet", unit="", rows=())
    )


def lasted(minutes: int) -> str:
    """So many minutes in the two units that matter: "45 min", "2 h 5 min", "3 d 4 h"."""
    hours, left = divmod(minutes, _MINUTES_PER_HOUR)
    days, hours_left = divmod(hours, _HOURS_PER_DAY)
    if days:
        return f"{days} d {hours_left} h" if hours_left else f"{days} d"
    if hours:
        return f"{hours} h {left} min" if left else f"{hours} h"
    return f"{left} min"


def _orders(document: Mapping[str, Any]) -> tuple[Plot, ...]:
    days: Sequence[Mapping[str, Any]] = document["days"]
    names = tuple(_day(each["on"]) for each in days)
    received = tuple(Decimal(each["orders"]) for each in days)
    dollars = tuple(Decimal(each["revenue_cents"]) / _HUNDRED for each in days)
    return (
        Course(title="Orders received each day", unit="orders", names=names, values=received),
        Course(title="Money taken each day, less refunds", unit="USD", names=names, values=dollars),
    )


def _turnaround(document: Mapping[str, Any]) -> tuple[Plot, ...]:
    rows = tuple(
        Row(
            name=_said(each["state"]),
            value=Decimal(each["p90_minutes"]),
            words=f"half within {lasted(each['median_minutes'])}, 90 % {lasted(each['p90_minutes'])}",
            marks=(("tick", Decimal(each["median_minutes"])), ("diamond", Decimal(each["p95_minutes"]))),
        )
        for each in document["states"]
    )
    title = "How long orders stay in each state: the bar holds 90 %, the tick half, the diamond 95 %"
    return (Rows(title=title, unit="time", rows=rows),) if rows else ()


def _stock(document: Mapping[str, Any]) -> tuple[Plot, ...]:
    rows = tuple(
        Row(
            name=_short(each["name"]),
            value=None if each["days_left"] is None else Decimal(each["days_left"]),
            words=(
                f"{each['on_hand_g']} g, not used"
                if each["days_left"] is None
                else f"{each['days_left']} days, {each['on_hand_g']} g"
            ),
        )
        for each in document["components"]
    )
    title = f"Days that stock lasts at the use of the last {document['use_days']} days"
    return (Rows(title=title, unit="days", rows=rows),) if rows else ()


def _batches(document: Mapping[str, Any]) -> tuple[Plot, ...]:
    made = document["batches"]
    drawn = (
        _chart("Yield of each batch", made, "yield_pct", document["yield_limits"]),
        _chart(
            "Mean capsule weight, of the theoretical fill", made, "net_mean_pct", document["weight_limits"]
        ),
    )
    return tuple(each for each in drawn if each is not None)


def _chart(
    title: str, made: Sequence[Mapping[str, Any]], key: str, limits: Mapping[str, Any] | None
) -> Course | None:
    read = [each for each in made if each[key] is not None]
    if not read:
        return None
    signals = set(limits["signals"]) if limits else set()
    names = {"upper": "upper limit", "centre": "mean", "lower": "lower limit"}
    return Course(
        title=title,
        unit="%",
        names=tuple(_day(each["compounded_on"]) for each in read),
        values=tuple(Decimal(each[key]) for each in read),
        look=Look.POINTS,
        levels=tuple(
            Level(words, Decimal(limits[which]), is_limit=which != "centre") for which, words in names.items()
        )
        if limits
        else (),
        signals=frozenset(place for place, each in enumerate(read) if each["number"] in signals),
    )


def _outcomes(document: Mapping[str, Any]) -> tuple[Plot, ...]:
    rows = tuple(
        Row(
            name=f"{each['dose']}, {_HOW[each['how']]}",
            value=Decimal(each["people"]),
            words=f"{each['people']} people",
            is_faint=each["how"] == "stopped",
        )
        for each in document["reached"]
    )
    return (Rows(title="The dose that patients have come to", unit="people", rows=rows),) if rows else ()


def _notices(document: Mapping[str, Any]) -> tuple[Plot, ...]:
    by_state: dict[str, int] = {}
    for each in document["outcomes"]:
        by_state[each["state"]] = by_state.get(each["state"], 0) + each["notices"]
    rows = tuple(
        Row(name=_said(state), value=Decimal(count), words=str(count), is_faint=state == "waiting")
        for state, count in sorted(by_state.items())
    )
    return (
        (Rows(title="Notices that were due, by what became of them", unit="notices", rows=rows),)
        if rows
        else ()
    )


_PLOTS: Mapping[FigureName, Callable[[Mapping[str, Any]], tuple[Plot, ...]]] = {
    FigureName.ORDERS: _orders,
    FigureName.TURNAROUND: _turnaround,
    FigureName.STOCK: _stock,
    FigureName.BATCHES: _batches,
    FigureName.OUTCOMES: _outcomes,
    FigureName.NOTICES: _notices,
}


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


def _said(name: object) -> str:
    return str(name).replace("_", " ").capitalize()


def _short(name: str, most: int = 32) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"
