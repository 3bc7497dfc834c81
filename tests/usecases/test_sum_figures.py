"""Days that are over are summed once, and say what counting them again says."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from pharmacy.domain.durations import as_read
from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.periods import MOST_DAYS, Period
from pharmacy.store.figure_sums import FigureSum, SummedFigure
from pharmacy.usecases.figure_days import runs_of
from pharmacy.usecases.figures import Asked, FigureName, figure_documents
from pharmacy.usecases.sum_figures import sum_figures
from tests.books import NEW_YORK, Clock
from tests.work import Work

TODAY = date(2026, 11, 23)
SUMMED = (FigureName.ORDERS, FigureName.TURNAROUND, FigureName.OUTCOMES)


def documents(work: Work, today: date) -> dict[FigureName, dict[str, Any]]:
    asked = Asked(period=Period(TODAY - timedelta(days=3), today), today=today, zone=NEW_YORK)
    with work.sessions.read() as session:
        return figure_documents(session, SUMMED, asked)


def add_up(work: Work) -> int:
    """Rounds until nothing is left to sum; how many days that were, of both figures."""
    by, now = work.pharmacy.clockwork, work.pharmacy.clock()
    return sum(iter(lambda: sum_figures(work.sessions, NEW_YORK, by=by, now=now), 0))


def summed_days(work: Work, figure: SummedFigure) -> list[date]:
    with work.sessions.read() as session:
        return list(session.scalars(select(FigureSum.on).where(FigureSum.figure == figure)))


def test_a_summed_day_says_what_counting_it_says_and_is_read_from_its_sum(work: Work, clock: Clock) -> None:
    work.bring_to(OrderStatus.SHIPPED)
    work.ask_provider()
    clock.now += timedelta(days=2, minutes=95)
    work.submit()
    later = TODAY + timedelta(days=2)
    counted = documents(work, later)

    assert add_up(work) == 2 * MOST_DAYS
    assert add_up(work) == 0

    summed = documents(work, later)
    assert summed[FigureName.OUTCOMES].pop("counted_at") == clock.now
    assert counted[FigureName.OUTCOMES].pop("counted_at") is None
    assert summed == counted
    assert [day["orders"] for day in summed[FigureName.ORDERS]["days"]][-3:] == [1, 0, 1]
    with work.sessions.write() as session:
        session.execute(
            update(FigureSum)
            .where(FigureSum.figure == SummedFigure.ORDERS, FigureSum.on == TODAY)
            .values(cells={"orders": 7, "cents": 700})
        )
    assert documents(work, later)[FigureName.ORDERS]["orders"] == 8


def test_a_day_is_summed_an_hour_after_it_has_ended_and_again_when_its_sum_is_gone(
    work: Work, clock: Clock
) -> None:
    work.submit()
    add_up(work)
    assert TODAY not in summed_days(work, SummedFigure.ORDERS)
    clock.now = clock.now.replace(hour=5, minute=59) + timedelta(days=1)  # A minute to one in New York.
    add_up(work)
    assert TODAY not in summed_days(work, SummedFigure.ORDERS)
    clock.now += timedelta(minutes=1)
    assert add_up(work) == 2
    assert TODAY in summed_days(work, SummedFigure.ORDERS)

    with work.sessions.write() as session:
        session.execute(delete(FigureSum))
    add_up(work)

    assert TODAY in summed_days(work, SummedFigure.ORDERS)
    assert TODAY in summed_days(work, SummedFigure.TURNAROUND)


def test_how_far_courses_got_is_counted_again_every_hour_and_at_once_by_another_day(
    work: Work, clock: Clock
) -> None:
    def counted_at(today: date = TODAY) -> Any:
        return documents(work, today)[FigureName.OUTCOMES]["counted_at"]

    add_up(work)
    first = clock.now
    assert counted_at() == first
    clock.now += timedelta(minutes=59)
    add_up(work)
    assert counted_at() == first
    assert counted_at(TODAY + timedelta(days=1)) is None
    clock.now += timedelta(minutes=1)
    add_up(work)
    assert counted_at() == clock.now


def test_days_of_another_zone_are_counted_by_themselves(work: Work, clock: Clock) -> None:
    work.submit()
    clock.now += timedelta(days=2)
    add_up(work)
    with work.sessions.write() as session:
        session.execute(update(FigureSum).values(zone="America/Chicago", cells={}))

    assert documents(work, TODAY + timedelta(days=2))[FigureName.ORDERS]["orders"] == 1


@given(st.integers(0, 10**6))
def test_a_duration_is_read_at_most_an_hour_short_and_never_long(minutes: int) -> None:
    read = as_read(minutes)

    assert 0 <= minutes - read < (1 if minutes < 60 else 15 if minutes < 1440 else 60)
    assert as_read(read) == read <= as_read(minutes + 1)


@given(st.sets(st.integers(0, 900), max_size=60))
def test_runs_are_the_days_and_nothing_else(offsets: set[int]) -> None:
    days = [TODAY + timedelta(days=each) for each in sorted(offsets)]

    runs = list(runs_of(days))

    assert [day for run in runs for day in run.each_day()] == days
    assert all(before.last_on + timedelta(days=1) < after.first_on for before, after in pairwise(runs))
