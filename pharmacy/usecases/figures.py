"""The figures of the dashboard as documents: the API answers them, and the console draws plots from the very same.

Every document says which days it is about. Numbers are whole or exact decimals as text; money is cents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pharmacy.domain.calendar import local_day
from pharmacy.domain.control_charts import ControlLimits, control_limits
from pharmacy.domain.dose_text import format_dose
from pharmacy.domain.figures import shown
from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.percentiles import percentile
from pharmacy.domain.periods import Period, quarters_of
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.small_counts import publishable, together
from pharmacy.store import figure_sums, reference
from pharmacy.store import figures as books
from pharmacy.store.base import Facts
from pharmacy.store.figure_sums import Sum, SummedFigure, Sums
from pharmacy.store.figures import Begun, MadeBatch
from pharmacy.usecases.figure_days import cells_of_days, reached_in, span_of, stays_in

_PLACES = 2


class FigureName(StrEnum):
    """What can be asked, each with the question it answers in its document."""

    ORDERS = "orders"
    TURNAROUND = "turnaround"
    STOCK = "stock"
    BATCHES = "batches"
    OUTCOMES = "outcomes"
    NOTICES = "notices"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The days that are looked at, and where the pharmacy's days begin."""

    period: Period
    today: date
    zone: ZoneInfo
    # The numbers in force, once they are read.
    settings: Mapping[str, Any] = field(default_factory=dict)
    # What was summed of these days and their quarters, once it is read.
    sums: Sums = field(default_factory=dict)

    def cells(self, session: Session, figure: SummedFigure) -> dict[date, Facts]:
        """What each day counts, summed or counted now."""
        return cells_of_days(session, figure, self.period, self.zone, self.sums.get(figure, {}))


def figure_document(session: Session, name: FigureName, asked: Asked) -> dict[str, Any]:
    """That figure over those days."""
    return figure_documents(session, (name,), asked)[name]


def figure_documents(
    session: Session, names: Iterable[FigureName], asked: Asked
) -> dict[FigureName, dict[str, Any]]:
    """These figures over those days."""
    whole = replace(
        asked,
        settings=reference.settings_in_force(session),
        sums=figure_sums.sums_between(session, asked.zone.key, asked.period),
    )
    days = {"first_on": asked.period.first_on, "last_on": asked.period.last_on}
    return {name: {**days, **_DOCUMENTS[name](session, whole)} for name in names}


def _orders(session: Session, asked: Asked) -> dict[str, Any]:
    """Orders received and money taken, day by day; days without either are there with zero."""
    counted = asked.cells(session, SummedFigure.ORDERS)
    days = [
        {
            "on": day,
            "orders": counted.get(day, {}).get("orders", 0),
            "revenue_cents": counted.get(day, {}).get("cents", 0),
        }
        for day in asked.period.each_day()
    ]
    return {
        "days": days,
        "orders": sum(each["orders"] for each in days),
        "revenue_cents": sum(each["revenue_cents"] for each in days),
    }


def _turnaround(session: Session, asked: Asked) -> dict[str, Any]:
    """How long orders stayed in each state, of the stays that ended in these days."""
    found = stays_in(asked.cells(session, SummedFigure.TURNAROUND).values())
    return {
        "states": [
            {
                "state": status,
                "stays": sum(found[status].values()),
                "median_minutes": percentile(found[status], 50),
                "p90_minutes": percentile(found[status], 90),
                "p95_minutes": percentile(found[status], 95),
            }
            for status in OrderStatus
            if status in found
        ]
    }


def _stock(session: Session, asked: Asked) -> dict[str, Any]:
    """What is usable of each component today, and for how many days at the use of late."""
    use_days = int(asked.settings["figures_use_days"])
    return {
        "as_of": asked.today,
        "use_days": use_days,
        "components": [
            {
                "name": each.name,
                "kind": each.kind,
                "on_hand_g": _grams(each.on_hand_ug),
                "used_g": _grams(max(each.used_ug, 0)),
                "days_left": each.on_hand_ug * use_days // each.used_ug if each.used_ug > 0 else None,
                "expires_first_on": each.expires_first_on,
            }
            for each in books.stock(session, asked.today, use_days)
        ],
    }


def _batches(session: Session, asked: Asked) -> dict[str, Any]:
    """Yield and mean fill of each batch, with the limits within which this bench works."""
    made = books.made_batches(session, asked.period)
    return {
        "batches": [_batch(each) for each in made],
        "is_cut": len(made) == books.MOST_BATCHES,
        "yield_limits": _limits(made, "yield_pct", lambda each: each.yield_figures),
        "weight_limits": _limits(made, "net_mean_pct", lambda each: each.weight_figures),
    }


def _batch(made: MadeBatch) -> dict[str, Any]:
    return {
        "number": made.number,
        "compounded_on": made.compounded_on,
        "strength": format_dose(Micrograms(made.strength_ug)),
        "yield_pct": _value(made.yield_figures, "yield_pct"),
        "net_mean_pct": _value(made.weight_figures, "net_mean_pct"),
        "net_rsd_pct": _value(made.weight_figures, "net_rsd_pct"),
    }


def _limits(
    made: Sequence[MadeBatch], key: str, figures: Callable[[MadeBatch], list[dict[str, Any]]]
) -> dict[str, Any] | None:
    read = [(each.number, value) for each in made if (value := _value(figures(each), key)) is not None]
    limits = control_limits([Decimal(value) for _, value in read])
    return None if limits is None else _limit_facts(limits, [number for number, _ in read])


def _limit_facts(limits: ControlLimits, numbers: Sequence[str]) -> dict[str, Any]:
    return {
        "centre": shown(limits.centre, _PLACES),
        "lower": shown(limits.lower, _PLACES),
        "upper": shown(limits.upper, _PLACES),
        "signals": [numbers[place] for place in limits.signals],
    }


def _value(figures: Sequence[Mapping[str, Any]], key: str) -> str | None:
    return next((str(each["value"]) for each in figures if each["key"] == key), None)


def _outcomes(session: Session, asked: Asked) -> dict[str, Any]:
    """How far courses came that began in the quarters of these days; never of fewer than so many people.

    Each quarter is suppressed by itself and only what it shows is added up, so that no choice of days tells more.
    """
    least = int(asked.settings["figures_least_people"])
    quarters = quarters_of(asked.period)
    kept = {each.first_on: found for each in quarters if (found := _kept_today(asked, each)) is not None}
    reached = {first_on: reached_in(found.cells) for first_on, found in kept.items()}
    missing = [each for each in quarters if each.first_on not in kept]
    if missing:
        reached = books.courses_by_dose(session, _begun(asked, missing[0], missing[-1])) | reached
    shown_of = together([publishable(reached.get(each.first_on, {}), least) for each in quarters])
    return {
        "counted_at": min((found.counted_at for found in kept.values()), default=None),
        "quarters": [{"first_on": each.first_on, "last_on": each.last_on} for each in quarters],
        "least_people": least,
        "people": shown_of.total,
        "reached": [
            {"dose": format_dose(Micrograms(dose)), "how": how, "people": count}
            for (dose, how), count in sorted(shown_of.cells.items())
        ],
    }


def _begun(asked: Asked, first: Period, last: Period) -> Begun:
    return Begun(
        first_on=first.first_on,
        last_on=last.last_on,
        today=asked.today,
        stopped_after=int(asked.settings["figures_stopped_after_days"]),
    )


def _kept_today(asked: Asked, quarter: Period) -> Sum | None:
    """What was counted of that quarter today, by the setting in force."""
    found = asked.sums.get(SummedFigure.OUTCOMES, {}).get(quarter.first_on)
    if found is None or local_day(found.counted_at, asked.zone) != asked.today:
        return None
    return found if found.cells["stopped_after"] == asked.settings["figures_stopped_after_days"] else None


def _notices(session: Session, asked: Asked) -> dict[str, Any]:
    """What became of the notices that were due in these days."""
    return {
        "outcomes": [
            {"kind": kind, "state": state, "notices": count}
            for kind, state, count in books.notices_by_outcome(session, span_of(asked.period, asked.zone))
        ]
    }


_DOCUMENTS: Mapping[FigureName, Callable[[Session, Asked], dict[str, Any]]] = {
    FigureName.ORDERS: _orders,
    FigureName.TURNAROUND: _turnaround,
    FigureName.STOCK: _stock,
    FigureName.BATCHES: _batches,
    FigureName.OUTCOMES: _outcomes,
    FigureName.NOTICES: _notices,
}


def _grams(ug: int) -> str:
    return shown(Decimal(ug) / 1_000_000, 3)
