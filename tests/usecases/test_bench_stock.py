"""Which lots a batch is made from: the first to expire that still serves to the last dose."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.domain.stock import Movement, MovementKind
from pharmacy.store import batches
from pharmacy.store import stock_ledger as ledger
from pharmacy.store.base import new_id
from pharmacy.store.batches import Batch, BatchKind
from pharmacy.store.reference import (
    BalanceRow,
    ComponentKind,
    ComponentLot,
    LotStatus,
    PackingStatistic,
    PriceBook,
)
from pharmacy.usecases.reference import Missing, NotEquipped
from tests.books import MORNING
from tests.builders import an_order
from tests.callers import Api
from tests.rows import member
from tests.web.api.answers import kind, weighed
from tests.work import Work

# The typical order of the clock's day is taken from 30 November on.
LAST_DOSE_ON = date(2026, 12, 29)
STANDING_ENDS_ON = date(2027, 4, 21)


def another(session: Session, row: Any, **changes: Any) -> UUID:
    """A copy of that row with other values, measured for the same shell; its id."""
    kept = {column.name: getattr(row, column.name) for column in row.__table__.columns}
    copy = type(row)(**{**kept, "id": new_id(), "number": f"{row.number}-{changes}", **changes})
    session.add(copy)
    session.flush()  # Its packing statistic and its ledger name it.
    is_batch = isinstance(row, Batch)
    (ledger.open_for_triturate if is_batch else ledger.open_for_lot)(session, copy.id)
    bought = Movement(
        stock_id=copy.id, ug=10**9, kind=MovementKind.RECEIVE, subject_id=copy.id, on=MORNING.date()
    )
    ledger.receive(session, bought, by=member(session, Role.TECHNICIAN), now=MORNING)
    place = "batch_id" if is_batch else "component_lot_id"
    measured = session.scalars(
        select(PackingStatistic).where(getattr(PackingStatistic, place) == row.id)
    ).one()
    session.add(
        PackingStatistic(
            shell=measured.shell,
            mass_mg=measured.mass_mg,
            measured_on=measured.measured_on,
            **{place: copy.id},
        )
    )
    return UUID(str(copy.id))


def another_triturate(work: Work, **changes: Any) -> UUID:
    """A second triturate beside that of the demonstration."""
    with work.sessions.write() as session:
        standing = session.scalars(select(Batch).where(Batch.kind == BatchKind.TRITURATE)).first()
        return another(session, standing, **changes)


def another_lot(work: Work, what: ComponentKind, **changes: Any) -> UUID:
    with work.sessions.write() as session:
        standing = session.scalars(select(ComponentLot).where(ComponentLot.kind == what)).first()
        return another(session, standing, **changes)


def made_of(work: Work) -> list[Batch]:
    """The batches of a new typical order, as they were compounded."""
    order = work.order(work.bring_to(OrderStatus.COMPOUNDING))
    with work.sessions.read() as session:
        made = batches.of_lines(session, [line.id for line in order.lines])
    return [made[line.id] for line in order.lines]


def test_a_triturate_that_ends_before_the_last_dose_is_left_for_another_order(work: Work, api: Api) -> None:
    another_triturate(work, beyond_use_on=LAST_DOSE_ON - timedelta(days=1))

    order = api.order(an_order())

    assert weighed(order, "covers_last_dose") == [True] * 3
    assert weighed(order, "beyond_use_on") == [STANDING_ENDS_ON.isoformat()] * 3
    assert codes(order) == []


def test_of_the_triturates_that_last_the_first_to_end_is_used_and_named_by_the_batch(work: Work) -> None:
    another_triturate(work, beyond_use_on=LAST_DOSE_ON - timedelta(days=1))
    chosen = another_triturate(work, beyond_use_on=LAST_DOSE_ON)
    another_triturate(work, beyond_use_on=LAST_DOSE_ON + timedelta(days=1))

    made = made_of(work)

    assert {batch.triturate_id for batch in made} == {chosen}
    assert {batch.beyond_use_on for batch in made} == {LAST_DOSE_ON}


def test_powder_and_filler_are_chosen_by_the_same_rule(work: Work) -> None:
    chosen = {}
    for what in (ComponentKind.API, ComponentKind.FILLER):
        another_lot(work, what, expires_on=LAST_DOSE_ON - timedelta(days=1))
        chosen[what] = another_lot(work, what, expires_on=LAST_DOSE_ON)

    made = made_of(work)

    assert {batch.api_lot_id for batch in made} == {chosen[ComponentKind.API]}
    assert {batch.filler_lot_id for batch in made} == {chosen[ComponentKind.FILLER]}


def test_where_no_triturate_lasts_the_longest_lasting_is_shown_and_said_to_be_too_short(
    work: Work, api: Api
) -> None:
    with work.sessions.write() as session:
        session.execute(
            update(Batch).where(Batch.kind == BatchKind.TRITURATE).values(beyond_use_on=date(2026, 12, 2))
        )
    another_triturate(work, beyond_use_on=date(2026, 12, 4))
    another_triturate(work, beyond_use_on=date(2026, 12, 1))

    order = api.order(an_order())

    assert weighed(order, "covers_last_dose") == [False] * 3
    assert weighed(order, "beyond_use_on") == ["2026-12-04"] * 3
    assert codes(order) == ["F-BEYOND-USE-TOO-SHORT"] * 3


def test_what_is_too_strong_to_weigh_small_doses_from_gives_way_to_a_weaker_triturate(
    work: Work, api: Api
) -> None:
    tiny = an_order({"/plan/steps": [{"dose_mg": "0.2", "time_of_day": "bedtime", "duration_days": 30}]})
    assert weighed(api.order(tiny), "refusal") != [None]

    another_triturate(work, strength_fraction=Decimal("0.01"), beyond_use_on=STANDING_ENDS_ON + timedelta(1))

    assert weighed(api.order(tiny), "refusal") == [None]


@pytest.mark.parametrize("ended", [{"expires_on": date(2026, 11, 22)}, {"status": LotStatus.QUARANTINED}])
def test_what_is_expired_or_not_released_is_no_candidate(work: Work, ended: dict[str, Any]) -> None:
    another_lot(work, ComponentKind.FILLER, **ended)

    with work.sessions.read() as session:
        stock = work.reference(session).bench_stock()

    assert [each.lot.number for each in stock.filler_lots] == ["MCC-2601"]


def test_a_lot_that_nobody_measured_for_the_shell_is_no_candidate(work: Work) -> None:
    with work.sessions.write() as session:
        session.execute(delete(PackingStatistic).where(PackingStatistic.component_lot_id.is_not(None)))

    with work.sessions.read() as session:
        assert work.reference(session).stock == Missing("packing statistic for lot NTX-2601")


def codes(order: dict[str, Any]) -> list[str]:
    """What was found about making the order."""
    return [each["code"] for each in order["findings"] if each["pointer"] == "/supply_option"]


def take_the_balance_away(work: Work) -> None:
    with work.sessions.write() as session:
        session.execute(update(BalanceRow).values(in_use=False))


def test_without_a_balance_an_order_is_read_held_and_cancelled_as_ever(work: Work, api: Api) -> None:
    order_id = work.submit()
    prescription = api.get(f"/orders/{order_id}").get_json()["prescription"]["id"]
    with work.sessions.write() as session:
        session.execute(update(BalanceRow).values(calibration_due_on=date(2026, 11, 22)))

    read = api.get(f"/orders/{order_id}")

    assert read.status_code == 200
    told = "Cannot be derived today: The pharmacy has no calibrated balance that may be used today."
    assert weighed(read.get_json(), "refusal") == [told] * 3
    assert read.get_json()["total_usd"] == "65.45"
    assert api.get(f"/prescriptions/{prescription}/schedule").status_code == 200
    work.act(order_id, Act.HOLD, reason="the balance is being calibrated")
    work.act(order_id, Act.CANCEL, reason="asked by the prescriber")
    assert work.order(order_id).status is OrderStatus.CANCELLED


def test_without_a_balance_an_order_is_accepted_and_every_line_said_to_wait(work: Work, api: Api) -> None:
    take_the_balance_away(work)

    order = api.order(an_order(supply_option=None))

    assert (order["supply_option"], order["total_usd"]) == ("one_strength_per_step", "65.45")
    assert codes(order) == ["F-LINE-CANNOT-BE-WEIGHED"] * 3
    assert "no calibrated balance" in order["findings"][0]["because"]


def test_without_a_price_book_orders_are_read_and_none_is_accepted(work: Work, api: Api) -> None:
    order_id = work.submit()
    with work.sessions.write() as session:
        # Approved prices never change, so the wall that holds them is set aside in this thrown-away transaction.
        session.execute(text("ALTER TABLE price_books DISABLE TRIGGER keeps_approved"))
        session.execute(update(PriceBook).values(effective_on=date(2026, 11, 24)))

    read = api.get(f"/orders/{order_id}")

    assert read.get_json()["total_usd"] == "65.45"
    assert weighed(read.get_json(), "refusal") == [None] * 3
    assert kind(api.post("/orders", an_order()), 409) == "not-equipped"
    with pytest.raises(NotEquipped, match="no price book that may be used today"):
        work.submit()


def test_a_compounded_batch_says_whether_it_still_lasts_to_the_last_dose(work: Work, api: Api) -> None:
    order_id = work.bring_to(OrderStatus.COMPOUNDING)
    assert weighed(api.get(f"/orders/{order_id}").get_json(), "covers_last_dose") == [True] * 3

    # Left lying until nothing that starts today ends before the beyond-use date.
    work.pharmacy.clock.now += timedelta(days=130)  # type: ignore[attr-defined]  # A clock of the tests.

    assert weighed(api.get(f"/orders/{order_id}").get_json(), "covers_last_dose") == [False] * 3
