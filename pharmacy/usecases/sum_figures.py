"""Days that are over are summed for the figures, and how far courses got is counted again.

Each round does a little, the newest days first, each figure in a transaction of its own: whoever reads meanwhile
counts what is not summed yet. A round that dies leaves what it had summed before.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import local_day
from pharmacy.domain.periods import MOST_DAYS, Period, quarters_of
from pharmacy.store import figure_sums, heartbeat, reference
from pharmacy.store.figure_sums import SummedFigure
from pharmacy.store.figures import Begun
from pharmacy.store.sessions import Sessions
from pharmacy.usecases.figure_days import count_days, outcome_cells, runs_of

# A day that has just ended may still be written to by a transaction that began in it; none lasts as long as this.
CLOSES_AFTER = timedelta(hours=1)
# Summing a busy day takes a tenth of a second, and a round has a minute.
DAYS_A_ROUND = 100
_ONE_DAY = timedelta(days=1)


def sum_figures(sessions: Sessions, zone: ZoneInfo, *, by: Actor, now: datetime) -> int:
    """How many days were summed: the newest that are over and not summed yet, at most DAYS_A_ROUND of each figure."""
    with sessions.write() as session:
        heartbeat.beat(session, "figures", now=now)
    summed = 0
    for figure in (SummedFigure.ORDERS, SummedFigure.TURNAROUND):
        with sessions.write() as session:
            summed += _sum_days(session, figure, zone, now)
    for quarter in _quarters(zone, now):
        with sessions.write() as session:
            _recount(session, quarter, zone, now)
    return summed


def _sum_days(session: Session, figure: SummedFigure, zone: ZoneInfo, now: datetime) -> int:
    last_on = local_day(now - CLOSES_AFTER, zone) - _ONE_DAY
    # Days before there were orders are summed too, as far back as anybody looks at once: they have nothing to count.
    first_on, first_at = last_on - timedelta(days=MOST_DAYS - 1), figure_sums.first_order_at(session)
    if first_at is not None:
        first_on = min(first_on, local_day(first_at, zone))
    counted = figure_sums.counted_ats(session, figure, zone.key)
    over = (last_on - timedelta(days=ago) for ago in range((last_on - first_on).days + 1))
    due: list[date] = [day for day in over if day not in counted][:DAYS_A_ROUND]
    for run in runs_of(sorted(due)):
        figure_sums.keep(session, figure, zone.key, count_days(session, figure, run, zone), now=now)
    return len(due)


def _quarters(zone: ZoneInfo, now: datetime) -> tuple[Period, ...]:
    """The quarters that the longest period through today looks at."""
    today = local_day(now, zone)
    return quarters_of(Period(today - timedelta(days=MOST_DAYS - 1), today))


def _recount(session: Session, quarter: Period, zone: ZoneInfo, now: datetime) -> None:
    """How far courses got that began in that quarter, where it was not counted of late."""
    counted_at = figure_sums.counted_ats(session, SummedFigure.OUTCOMES, zone.key).get(quarter.first_on)
    lasts = timedelta(minutes=reference.setting_in_force(session, "figures_recount_minutes"))
    today = local_day(now, zone)
    if counted_at is not None and counted_at > now - lasts and local_day(counted_at, zone) == today:
        return
    begun = Begun(
        first_on=quarter.first_on,
        last_on=quarter.last_on,
        today=today,
        stopped_after=int(reference.setting_in_force(session, "figures_stopped_after_days")),
    )
    cells = {quarter.first_on: outcome_cells(session, begun)}
    figure_sums.keep(session, SummedFigure.OUTCOMES, zone.key, cells, now=now)
