"""Figures that are added up day by day: what a day counts, and the days of a period from sums and from the rows.

A day that is over is read as it was summed (`sum_figures`); a day that nobody has summed yet, today among them, is
counted here and now. The two are the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pharmacy.domain.durations import as_read
from pharmacy.domain.periods import MOST_DAYS, Period
from pharmacy.store import figures as books
from pharmacy.store.base import Facts
from pharmacy.store.figure_sums import Sum, SummedFigure
from pharmacy.store.figures import Begun, Span

_ONE_DAY = timedelta(days=1)


def span_of(period: Period, zone: ZoneInfo) -> Span:
    """The instants of these days."""
    return Span(
        begins_at=datetime.combine(period.first_on, time(), zone),
        ends_at=datetime.combine(period.last_on + _ONE_DAY, time(), zone),
        zone=zone.key,
    )


def cells_of_days(
    session: Session, figure: SummedFigure, period: Period, zone: ZoneInfo, summed: Mapping[date, Sum]
) -> dict[date, Facts]:
    """What each day of the period counts; days of nothing are left out or empty."""
    kept = {on: each.cells for on, each in summed.items() if period.first_on <= on <= period.last_on}
    missing = [day for day in period.each_day() if day not in kept]
    # Nearly always today alone; by one question also where there are more of them, with summed days between.
    counted = count_days(session, figure, Period(missing[0], missing[-1]), zone) if missing else {}
    return counted | kept


def count_days(session: Session, figure: SummedFigure, period: Period, zone: ZoneInfo) -> dict[date, Facts]:
    """The same from the rows themselves; every day of the period is there."""
    counted = _COUNTED[figure](session, span_of(period, zone))
    return {day: counted.get(day, {}) for day in period.each_day()}


def runs_of(days: Iterable[date]) -> Iterator[Period]:
    """These days as periods without a gap, the earliest first; the days come in order."""
    run: list[date] = []
    for day in days:
        if run and (day != run[-1] + _ONE_DAY or len(run) == MOST_DAYS):
            yield Period(run[0], run[-1])
            run = []
        run.append(day)
    if run:
        yield Period(run[0], run[-1])


def stays_in(days: Iterable[Facts]) -> dict[str, dict[int, int]]:
    """For each state how many stays lasted so many minutes, all days together."""
    found: dict[str, dict[int, int]] = {}
    for cells in days:
        for status, lasted in cells.items():
            state = found.setdefault(status, {})
            for minutes, count in lasted:
                state[minutes] = state.get(minutes, 0) + count
    return found


def outcome_cells(session: Session, begun: Begun) -> Facts:
    """How far courses came that began in these days, which are one quarter, as it is kept."""
    counted = books.courses_by_dose(session, begun).get(begun.first_on, {})
    return {
        "stopped_after": begun.stopped_after,
        "reached": [[dose, how, people] for (dose, how), people in sorted(counted.items())],
    }


def reached_in(cells: Facts) -> dict[tuple[int, str], int]:
    """The people at each dose, by how they stand there."""
    return {(dose, how): people for dose, how, people in cells["reached"]}


def _orders(session: Session, span: Span) -> dict[date, Facts]:
    came, cents = books.orders_by_day(session, span), books.revenue_by_day(session, span)
    return {day: {"orders": came.get(day, 0), "cents": cents.get(day, 0)} for day in {*came, *cents}}


def _turnaround(session: Session, span: Span) -> dict[date, Facts]:
    counted = books.stays_by_day(session, span)
    return {
        day: {status: _as_read(lasted) for status, lasted in sorted(states.items())}
        for day, states in counted.items()
    }


def _as_read(lasted: Mapping[int, int]) -> Sequence[Sequence[int]]:
    """Minutes as they are read, each with the number of its stays."""
    found: dict[int, int] = {}
    for minutes, count in lasted.items():
        found[as_read(minutes)] = found.get(as_read(minutes), 0) + count
    return [[minutes, count] for minutes, count in sorted(found.items())]


_COUNTED: Mapping[SummedFigure, Callable[[Session, Span], dict[date, Any]]] = {
    SummedFigure.ORDERS: _orders,
    SummedFigure.TURNAROUND: _turnaround,
}
