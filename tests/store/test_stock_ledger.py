"""The ledger of stock: exact to the microgram, never below zero, and told by nobody but itself."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.orders import Role
from pharmacy.domain.stock import (
    AlreadyPutBack,
    LotNotUsable,
    Movement,
    MovementKind,
    NotStocked,
    StockShort,
)
from pharmacy.store import stock_ledger as ledger
from pharmacy.store.base import new_id
from pharmacy.store.batches import Batch, BatchStatus
from pharmacy.store.reference import ComponentKind, ComponentLot, LotStatus
from pharmacy.store.stock_ledger import StockLevel, StockMovement
from tests.books import MORNING
from tests.rows import member

G = 1_000_000


@pytest.fixture
def powder(session: Session) -> ComponentLot:
    """The demonstration's lot of naltrexone: 100 g bought, 1.040 g of it in the triturate."""
    return session.scalars(select(ComponentLot).where(ComponentLot.kind == ComponentKind.API)).one()


@pytest.fixture
def triturate(session: Session) -> Batch:
    return session.scalars(select(Batch)).one()


def moves(stock_id: UUID, ug: int, kind: MovementKind = MovementKind.WEIGH, **changes: Any) -> Movement:
    given = {"subject_id": new_id(), "on": date(2026, 11, 23), "reason": "spilt", **changes}
    return Movement(stock_id=stock_id, ug=ug, kind=kind, **given)


@pytest.fixture
def take(session: Session) -> Callable[..., StockMovement]:
    by = member(session, Role.TECHNICIAN)

    def taking(stock_id: UUID, ug: int, *kind: MovementKind, **changes: Any) -> StockMovement:
        return ledger.take(session, moves(stock_id, ug, *kind, **changes), by=by, now=MORNING)

    return taking


def test_the_demonstration_accounts_for_every_microgram_of_its_triturate(
    session: Session, powder: ComponentLot, triturate: Batch
) -> None:
    into = select(func.sum(StockMovement.ug)).where(
        StockMovement.subject_id == triturate.id, StockMovement.kind == MovementKind.WEIGH
    )

    assert ledger.on_hand(session, powder.id) == 98_960_000
    assert ledger.on_hand(session, triturate.id) == 10 * G == -(session.scalar(into) or 0)


def test_a_weighing_leaves_less_on_hand_and_a_line_that_says_how_much(
    session: Session, powder: ComponentLot, take: Callable[..., StockMovement]
) -> None:
    line = take(powder.id, 123_456)

    assert ledger.on_hand(session, powder.id) == 98_960_000 - 123_456
    assert (line.ug, line.on_hand_after_ug, line.position) == (-123_456, 98_836_544, 3)
    assert ledger.movements_of(session, powder.id)[-1] is line


def test_the_last_microgram_can_be_taken_and_the_one_after_it_is_short(
    session: Session, powder: ComponentLot, take: Callable[..., StockMovement]
) -> None:
    take(powder.id, 98_960_000)

    with pytest.raises(StockShort) as refusal:
        take(powder.id, 1500)

    assert str(refusal.value) == ("Lot NTX-2601 has 0 mg on hand: 1.5 mg short of the 1.5 mg asked for.")
    assert ledger.on_hand(session, powder.id) == 0


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"status": LotStatus.QUARANTINED}, "it is quarantined"),
        ({"status": LotStatus.RECALLED}, "it is recalled"),
        ({"status": LotStatus.REJECTED}, "it is rejected"),
        ({"expires_on": date(2026, 11, 22)}, "it ended on 2026-11-22"),
    ],
)
def test_nothing_is_weighed_from_a_lot_that_may_not_be_used(
    session: Session,
    powder: ComponentLot,
    take: Callable[..., StockMovement],
    changes: dict[str, Any],
    because: str,
) -> None:
    session.execute(update(ComponentLot).where(ComponentLot.id == powder.id).values(**changes))

    with pytest.raises(LotNotUsable, match=because):
        take(powder.id, 1)

    assert ledger.on_hand(session, powder.id) == 98_960_000
    # It can still be thrown away.
    take(powder.id, 98_960_000, MovementKind.DESTROY)


def test_a_lot_and_a_triturate_are_weighed_on_their_last_day(
    powder: ComponentLot, triturate: Batch, take: Callable[..., StockMovement]
) -> None:
    take(powder.id, 1, on=powder.expires_on)
    take(triturate.id, 1, on=triturate.beyond_use_on)

    for stock_id, last_on in ((powder.id, powder.expires_on), (triturate.id, triturate.beyond_use_on)):
        with pytest.raises(LotNotUsable):
            take(stock_id, 1, on=last_on + timedelta(days=1))


def test_nothing_is_weighed_from_a_recalled_triturate(
    session: Session, triturate: Batch, take: Callable[..., StockMovement]
) -> None:
    session.execute(update(Batch).where(Batch.id == triturate.id).values(status=BatchStatus.RECALLED))

    with pytest.raises(LotNotUsable, match="TRIT-2601 may not be used: it is recalled"):
        take(triturate.id, 1)


def test_several_are_taken_together_or_none(session: Session, powder: ComponentLot, triturate: Batch) -> None:
    by = member(session, Role.TECHNICIAN)
    half = moves(triturate.id, 6 * G)

    with pytest.raises(StockShort, match="2000 mg short of the 12000 mg"):
        ledger.take_each(session, [moves(powder.id, 1), half, half], by=by, now=MORNING)

    assert ledger.on_hand(session, powder.id) == 98_960_000
    assert ledger.on_hand(session, triturate.id) == 10 * G


def test_a_mistake_is_taken_back_once_by_a_line_of_its_own(
    session: Session, powder: ComponentLot, take: Callable[..., StockMovement]
) -> None:
    by = member(session, Role.PHARMACIST)
    wrong = take(powder.id, 500_000)

    mended = ledger.put_back(session, wrong.id, "another lot", on=wrong.moved_on, by=by, now=MORNING)

    assert (mended.ug, mended.reverses_id, mended.reason) == (500_000, wrong.id, "another lot")
    assert ledger.on_hand(session, powder.id) == 98_960_000
    for again in (wrong.id, mended.id):
        with pytest.raises(AlreadyPutBack):
            ledger.put_back(session, again, "again", on=wrong.moved_on, by=by, now=MORNING)


def test_a_receipt_of_which_some_was_used_cannot_be_taken_back(
    session: Session, powder: ComponentLot
) -> None:
    receipt, _ = ledger.movements_of(session, powder.id)
    by = member(session, Role.PHARMACIST)

    with pytest.raises(StockShort, match="1040 mg short"):
        ledger.put_back(session, receipt.id, "sent back", on=receipt.moved_on, by=by, now=MORNING)


def test_nothing_is_moved_of_what_is_not_stocked(take: Callable[..., StockMovement]) -> None:
    with pytest.raises(NotStocked):
        take(new_id(), 1)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stock_levels SET on_hand_ug = on_hand_ug - 1 WHERE component_lot_id IS NOT NULL",
        "UPDATE stock_levels SET movements = movements - 1",
        "INSERT INTO stock_movements SELECT gen_random_uuid(), id, movements + 1, 'weigh', -2, on_hand_ug - 1,"
        " id, NULL, NULL, current_date, now(), id FROM stock_levels",
        "INSERT INTO stock_movements SELECT gen_random_uuid(), id, movements + 2, 'weigh', -1, on_hand_ug - 1,"
        " id, NULL, NULL, current_date, now(), id FROM stock_levels",
    ],
)
def test_a_level_and_its_ledger_cannot_be_parted(session: Session, statement: str) -> None:
    session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))

    with pytest.raises(DBAPIError, match=r"no movement tells|does not follow"), session.begin_nested():
        session.execute(text(statement))


def test_two_hundred_takers_of_one_hundred_and_fifty_doses_get_exactly_so_many(committed: Pharmacy) -> None:
    dose = 10 * G // 150
    with committed.sessions.read() as session:
        triturate_id = session.scalars(select(Batch.id)).one()
        by = member(session, Role.TECHNICIAN)

    def one(_: int) -> bool:
        try:
            with committed.sessions.write() as session:
                ledger.take(session, moves(triturate_id, dose), by=by, now=MORNING)
        except StockShort:
            return False
        return True

    with ThreadPoolExecutor(max_workers=8) as people:
        granted = sum(people.map(one, range(200)))

    assert granted == 150
    with committed.sessions.read() as session:
        lines = session.execute(
            select(func.sum(StockMovement.ug), func.count()).where(StockMovement.stock_id == triturate_id)
        ).one()
        assert ledger.on_hand(session, triturate_id) == lines[0] == 10 * G - 150 * dose
        assert lines[1] == 151


def test_nobody_waits_in_a_circle_whatever_the_order_they_name_their_lots_in(committed: Pharmacy) -> None:
    with committed.sessions.read() as session:
        stocked = list(session.scalars(select(StockLevel.id)))
        by = member(session, Role.TECHNICIAN)

    def one(turn: int) -> None:
        wanted = [moves(stock_id, 1000) for stock_id in (stocked if turn % 2 else stocked[::-1])]
        with committed.sessions.write() as session:
            ledger.take_each(session, wanted, by=by, now=MORNING)

    with ThreadPoolExecutor(max_workers=8) as people:
        list(people.map(one, range(100)))

    with committed.sessions.read() as session:
        taken = session.scalars(select(func.count()).where(StockMovement.ug == -1000)).one()
    assert taken == 100 * len(stocked)
