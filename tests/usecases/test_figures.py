"""The figures of the dashboard, from books in which something happened."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.periods import Period
from pharmacy.store.batches import Batch
from pharmacy.store.figures import Begun, courses_by_dose
from pharmacy.store.orders import Order
from pharmacy.usecases.figures import Asked, FigureName, figure_document
from pharmacy.web.figure_plots import lasted, plot_of, plots_of
from pharmacy.web.figure_sheets import as_csv, sheet_of
from tests.books import MORNING, NEW_YORK
from tests.builders import a_plan, an_order
from tests.work import Work

TODAY = date(2026, 11, 23)
DAYS = Asked(period=Period(TODAY - timedelta(days=6), TODAY), today=TODAY, zone=NEW_YORK)


@pytest.fixture
def shipped(work: Work) -> UUID:
    return work.bring_to(
        OrderStatus.SHIPPED, an_order(plan=a_plan(("1.5", 7), ("3", 7), ("4.5", 16)), days=30)
    )


def _document(pharmacy: Pharmacy, name: FigureName, asked: Asked = DAYS) -> dict[str, Any]:
    with pharmacy.sessions.read() as session:
        return figure_document(session, name, asked)


def _reached(pharmacy: Pharmacy, days_later: int) -> dict[tuple[int, str], int]:
    """Who began in this quarter, looked at so many days later."""
    begun = Begun(
        first_on=date(2026, 10, 1),
        last_on=date(2026, 12, 31),
        today=TODAY + timedelta(days=days_later),
        stopped_after=14,
    )
    with pharmacy.sessions.read() as session:
        found = courses_by_dose(session, begun)
    assert set(found) == {date(2026, 10, 1)}
    return found[date(2026, 10, 1)]


def test_a_day_counts_its_orders_and_the_money_that_was_taken_for_them(
    pharmacy: Pharmacy, work: Work, shipped: UUID
) -> None:
    work.submit()
    work.ask_provider()

    figure = _document(pharmacy, FigureName.ORDERS)

    assert [day["orders"] for day in figure["days"]] == [0] * 6 + [2]
    assert figure["revenue_cents"] == figure["days"][-1]["revenue_cents"] == work.order(shipped).total_cents


def test_days_are_those_of_the_pharmacy_and_not_of_greenwich(pharmacy: Pharmacy, work: Work) -> None:
    late = MORNING.replace(hour=3)  # Ten in the evening of the day before in New York.
    order_id = work.submit()
    with pharmacy.sessions.write() as session:
        session.execute(update(Order).where(Order.id == order_id).values(created_at=late))

    days = _document(pharmacy, FigureName.ORDERS)["days"]

    assert [day["orders"] for day in days[-2:]] == [1, 0]


def test_every_state_that_was_left_says_how_long_it_took(
    pharmacy: Pharmacy, work: Work, shipped: UUID
) -> None:
    states = {each["state"]: each for each in _document(pharmacy, FigureName.TURNAROUND)["states"]}

    assert states[OrderStatus.RECEIVED]["stays"] == 1
    assert OrderStatus.SHIPPED not in states  # It has not been left.
    assert states[OrderStatus.QUEUED]["median_minutes"] <= states[OrderStatus.QUEUED]["p95_minutes"]


def test_stock_lasts_as_long_as_what_was_weighed_of_late_says(
    pharmacy: Pharmacy, work: Work, shipped: UUID
) -> None:
    components = _document(pharmacy, FigureName.STOCK)["components"]

    active = next(each for each in components if each["kind"] == "api")
    assert active["days_left"] is None or active["days_left"] >= 0
    assert all(each["expires_first_on"] >= TODAY for each in components)


def test_a_batch_shows_its_yield_and_mean_weight_and_eight_make_limits(
    pharmacy: Pharmacy, work: Work, shipped: UUID
) -> None:
    figure = _document(pharmacy, FigureName.BATCHES)

    assert figure["batches"]
    assert all(each["yield_pct"] and each["net_mean_pct"] for each in figure["batches"])
    assert (figure["yield_limits"] is None) == (len(figure["batches"]) < 8)
    assert len(plots_of(FigureName.BATCHES, figure)) == 2


def test_nobody_is_shown_among_four_and_five_are(pharmacy: Pharmacy, shipped: UUID) -> None:
    alone = _document(pharmacy, FigureName.OUTCOMES)

    assert alone["people"] is None
    assert alone["reached"] == []
    assert alone["quarters"] == [{"first_on": date(2026, 10, 1), "last_on": date(2026, 12, 31)}]


@pytest.mark.parametrize(
    ("days_later", "reached"),
    [
        (0, (1500, "continuing")),
        (6, (1500, "continuing")),
        (7, (3000, "continuing")),
        (29, (4500, "continuing")),
        (30, (4500, "finished")),
    ],
)
def test_a_dose_is_reached_on_the_first_day_of_its_step(
    pharmacy: Pharmacy, shipped: UUID, days_later: int, reached: tuple[int, str]
) -> None:
    assert _reached(pharmacy, days_later) == {reached: 1}


def test_whoever_has_had_nothing_at_home_for_more_than_two_weeks_has_stopped(
    pharmacy: Pharmacy, work: Work
) -> None:
    work.bring_to(OrderStatus.SHIPPED, an_order(plan=a_plan(("1.5", 14), ("3", None)), days=14))
    assert _reached(pharmacy, 27) == {(1500, "continuing"): 1}
    assert _reached(pharmacy, 28) == {(1500, "stopped"): 1}


def test_notices_are_counted_by_what_became_of_them(pharmacy: Pharmacy, shipped: UUID) -> None:
    later = replace(DAYS, period=Period(TODAY, TODAY + timedelta(days=40)))

    outcomes = _document(pharmacy, FigureName.NOTICES, later)["outcomes"]

    assert sum(each["notices"] for each in outcomes if each["state"] == "waiting") > 0


def test_what_is_drawn_and_exported_is_what_the_document_says(pharmacy: Pharmacy, shipped: UUID) -> None:
    for name in FigureName:
        document = _document(pharmacy, name)
        sheet = sheet_of(name, document)

        assert as_csv(sheet.columns, sheet.rows).count("\r\n") == len(sheet.rows) + 1
        assert plot_of(name, document, 1).title


def test_a_batch_that_was_not_counted_is_no_point(pharmacy: Pharmacy, shipped: UUID) -> None:
    with pharmacy.sessions.write() as session:
        session.execute(update(Batch).values(compounded_on=TODAY - timedelta(days=90), beyond_use_on=TODAY))

    assert _document(pharmacy, FigureName.BATCHES)["batches"] == []


def test_minutes_are_told_in_the_two_units_that_matter() -> None:
    assert [lasted(minutes) for minutes in (0, 45, 120, 125, 1440, 4560)] == [
        "0 min",
        "45 min",
        "2 h",
        "2 h 5 min",
        "1 d",
        "3 d 4 h",
    ]
