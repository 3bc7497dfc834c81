"""Batches that end: past their date, used up, destroyed; and what becomes of what was promised of them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from pharmacy.domain.batches import BatchKind, BatchStatus, IllegalBatchMove
from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.domain.stock import Movement, MovementKind
from pharmacy.store import batches, tasks
from pharmacy.store import stock_ledger as ledger
from pharmacy.store.batches import Allocation, Batch
from pharmacy.store.formulations import Formulation
from pharmacy.store.reference import Setting
from pharmacy.usecases.act_on_order import ActNotOpen, ReasonMissing
from pharmacy.usecases.end_batches import Destruction, deplete_batches, destroy_batch, expire_batches
from pharmacy.usecases.sweep_stock import sweep_stock
from tests.books import Clock
from tests.callers import StaffApi
from tests.work import Work


def capsule_batches(work: Work) -> list[Batch]:
    with work.sessions.read() as session:
        return list(session.scalars(select(Batch).where(Batch.kind == BatchKind.CAPSULES)))


def statuses(work: Work) -> set[BatchStatus]:
    return {batch.status for batch in capsule_batches(work)}


def sweep(work: Work) -> None:
    pharmacy = work.pharmacy
    sweep_stock(work.sessions, pharmacy.zone, by=pharmacy.clockwork, now=pharmacy.clock())


def test_a_batch_serves_on_its_beyond_use_date_and_is_expired_the_day_after(work: Work, clock: Clock) -> None:
    order_id = work.bring_to(OrderStatus.LABELLED)
    last = capsule_batches(work)[0].beyond_use_on

    clock.now += last - clock.now.date()
    sweep(work)
    on_the_day = statuses(work)
    clock.now += timedelta(days=1)
    sweep(work)

    assert on_the_day == {BatchStatus.RELEASED}
    assert statuses(work) == {BatchStatus.EXPIRED}
    with work.sessions.read() as session:
        assert tasks.is_open(session, "order.remake", order_id)
        kept = session.scalars(select(Allocation)).all()
    assert kept, "labels are on: what was promised stays on record"


def test_a_batch_is_used_up_when_its_last_capsule_has_left_the_house(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.VERIFIED)
    sweep(work)
    in_house = statuses(work)

    work.act(order_id, Act.SHIP)
    sweep(work)

    assert in_house == {BatchStatus.RELEASED}
    assert statuses(work) == {BatchStatus.DEPLETED}


def test_a_triturate_is_used_up_when_nothing_of_it_is_on_hand(work: Work) -> None:
    with work.sessions.write() as session:
        (triturate,) = session.scalars(select(Batch).where(Batch.kind == BatchKind.TRITURATE))
        left = ledger.on_hand(session, triturate.id)
        spilt = Movement(
            stock_id=triturate.id, ug=left, kind=MovementKind.WASTE, subject_id=triturate.id,
            on=work.pharmacy.clock().date(), reason="the jar fell",
        )  # fmt: skip
        by = work.member_in(session, Role.TECHNICIAN)
        ledger.take(session, spilt, by=by, now=work.pharmacy.clock())

        assert deplete_batches(session, by=by, now=work.pharmacy.clock()) == 1
        assert batches.get(session, triturate.id).status is BatchStatus.DEPLETED


def test_a_destroyed_triturate_is_off_the_books_and_its_orders_wait_for_others(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.COMPOUNDING)
    now, today = work.pharmacy.clock(), work.pharmacy.clock().date()
    with work.sessions.write() as session:
        by = work.member_in(session, Role.PHARMACIST)
        (triturate,) = session.scalars(select(Batch).where(Batch.kind == BatchKind.TRITURATE))
        done = Destruction(batch_id=triturate.id, reason="the jar was left open", on=today)
        assert destroy_batch(session, done, by=by, now=now).status is BatchStatus.DESTROYED
        assert ledger.on_hand(session, triturate.id) == 0
        made = session.scalars(select(Batch).where(Batch.kind == BatchKind.CAPSULES)).first()
        with pytest.raises(IllegalBatchMove):
            destroy_batch(
                session, Destruction(batch_id=made.id, reason="by mistake", on=today), by=by, now=now
            )
    assert work.order(order_id).status is OrderStatus.COMPOUNDING


def test_a_destroyed_batch_gives_its_promises_back_while_no_label_is_on(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.COMPOUNDING)
    work.work_off(order_id)
    now, today = work.pharmacy.clock(), work.pharmacy.clock().date()

    with work.sessions.write() as session:
        by = work.member_in(session, Role.PHARMACIST)
        released = session.scalars(select(Batch).where(Batch.status == BatchStatus.RELEASED))
        made = next(each for each in released if each.kind is BatchKind.CAPSULES)
        destroyed = Destruction(batch_id=made.id, reason="the drum was wet", on=today)
        destroy_batch(session, destroyed, by=by, now=now)
        session.refresh(made)
        assert made.capsules_allocated == 0
        assert tasks.is_open(session, "order.remake", order_id)


def test_a_batch_names_the_formulation_it_was_made_by_which_is_used_from_then_on(work: Work) -> None:
    work.bring_to(OrderStatus.COMPOUNDING)

    with work.sessions.read() as session:
        named = {batch.formulation_id for batch in capsule_batches(work)}
        (formulation,) = [session.get(Formulation, each) for each in named]

    assert formulation is not None
    assert formulation.form == "capsule"
    assert formulation.first_used_at is not None


def test_whoever_compounded_verifies_only_by_the_exception_with_a_reason_on_the_order(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.QUEUED)
    iris = work.member(Role.PHARMACIST_IN_CHARGE)
    work.act(order_id, Act.START_COMPOUNDING, iris)
    work.carry_out()
    work.act(order_id, Act.FINISH_LABELLING, iris)

    with pytest.raises(ActNotOpen):
        work.act(order_id, Act.VERIFY, iris)
    with work.sessions.write() as session:
        session.execute(update(Setting).where(Setting.name == "single_pharmacist").values(value=True))
    with pytest.raises(ReasonMissing):
        work.act(order_id, Act.VERIFY, iris)
    verified = work.act(order_id, Act.VERIFY, iris, reason="the only pharmacist on duty in the storm")

    assert verified.status is OrderStatus.VERIFIED
    assert verified.verified_by == verified.compounded_by == iris.id
    assert verified.single_pharmacist_reason == "the only pharmacist on duty in the storm"


def test_expired_batches_are_found_by_the_pharmacy_s_midnight_and_not_by_another(
    work: Work, staff_api: Callable[[Role], StaffApi], clock: Clock
) -> None:
    work.bring_to(OrderStatus.LABELLED)
    last = capsule_batches(work)[0].beyond_use_on
    # Three in the morning of the next day at Greenwich is still the evening of the last day at the pharmacy.
    evening = clock.now.replace(year=last.year, month=last.month, day=last.day, hour=3) + timedelta(days=1)
    with work.sessions.write() as session:
        assert not expire_batches(session, work.pharmacy.zone, by=work.pharmacy.clockwork, now=evening)
