"""Capsules are promised to order lines: pooled, in parts, taken back, and never more than there are."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.batch_calculation import CapsulesAsked as CapsulesToMake
from pharmacy.domain.errors import PharmacyError
from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.domain.potency import StrengthBasis
from pharmacy.domain.quantities import Micrograms
from pharmacy.store import batches
from pharmacy.store.batches import Allocation, Batch, BatchStatus
from pharmacy.store.labels import LabelKind
from pharmacy.store.waits import told_apart
from pharmacy.usecases.allocate_capsules import (
    BatchGivesNone,
    CapsulesAsked,
    CapsulesShort,
    LineOwesLess,
    OrderTakesNone,
    OtherStrength,
    Shelf,
    allocate,
    withdraw,
)
from pharmacy.usecases.plan_batch import NewBatch, plan_batch
from pharmacy.usecases.scanned_bench import Scanned
from tests.rows import member
from tests.work import Work

S = OrderStatus


def shelf(work: Work) -> Shelf:
    with work.sessions.read() as session:
        return Shelf(reference=work.reference(session), imprint=work.pharmacy.imprint)


def planned(work: Work, strength_ug: int, capsules: int) -> UUID:
    """A planned batch that nobody was promised yet."""
    asked = CapsulesToMake(
        strength=Micrograms(strength_ug),
        required=capsules,
        basis=StrengthBasis.NALTREXONE_HYDROCHLORIDE,
        route=None,
        portion=None,
        plate=100,
    )
    with work.sessions.write() as session:
        new = NewBatch(asked=asked, scanned=Scanned())
        by = member(session, Role.TECHNICIAN)
        return plan_batch(session, new, work.reference(session), by=by, now=work.pharmacy.clock()).id


def given(work: Work, batch_id: UUID, line_id: UUID, capsules: int) -> Batch:
    with work.sessions.write() as session:
        by = member(session, Role.TECHNICIAN)
        asked = CapsulesAsked(order_line_id=line_id, capsules=capsules)
        return allocate(session, batch_id, asked, shelf(work), by=by, now=work.pharmacy.clock())


def lines(work: Work, order_id: UUID) -> list[UUID]:
    return [line.id for line in work.order(order_id).lines]


def test_one_batch_serves_several_orders_and_the_last_line_moves_each_on(work: Work) -> None:
    first, second = work.bring_to(S.QUEUED), work.bring_to(S.QUEUED)
    pooled = [planned(work, 1500, 14), planned(work, 3000, 14), planned(work, 4500, 32)]

    for order_id in (first, second):
        for batch_id, line_id, capsules in zip(pooled, lines(work, order_id), (7, 7, 16), strict=True):
            assert work.order(order_id).status is S.QUEUED
            given(work, batch_id, line_id, capsules)
        assert work.order(order_id).status is S.COMPOUNDING

    kinds = {label.kind for label in work.labels(first) if label.voided_at is None}
    assert kinds == {LabelKind.DISPENSING}
    with work.sessions.read() as session:
        assert [batches.get(session, each).capsules_allocated for each in pooled] == [14, 14, 32]


def test_a_line_is_served_in_parts_and_its_label_names_both_batches(work: Work) -> None:
    order_id = work.bring_to(S.QUEUED)
    line_id = lines(work, order_id)[2]
    given(work, planned(work, 4500, 10), line_id, 10)
    given(work, planned(work, 4500, 10), line_id, 6)

    work.act(order_id, Act.START_COMPOUNDING)

    with work.sessions.read() as session:
        made = batches.all_of_lines(session, lines(work, order_id))
        assert [len(made[each]) for each in lines(work, order_id)] == [1, 1, 2]
        numbers = [batch.number for batch in made[line_id]]
    lots = {label.content["lot"] for label in work.labels(order_id) if label.voided_at is None}
    assert " + ".join(numbers) in lots


def test_promises_are_taken_back_until_labels_are_on(work: Work) -> None:
    order_id = work.bring_to(S.QUEUED)
    line_id, batch_id = lines(work, order_id)[0], planned(work, 1500, 7)
    given(work, batch_id, line_id, 7)
    by, now = work.member(Role.TECHNICIAN), work.pharmacy.clock()

    with work.sessions.write() as session:
        again = withdraw(session, batch_id, line_id, by=by, now=now)

    assert again.capsules_allocated == 0
    line = lines(work, work.bring_to(S.LABELLED))[0]
    with work.sessions.read() as session:
        made = batches.of_lines(session, [line])[line]
    with work.sessions.write() as session, pytest.raises(OrderTakesNone):
        withdraw(session, made.id, line, by=by, now=now)


def test_what_is_short_is_told_to_the_capsule(work: Work) -> None:
    first = lines(work, work.bring_to(S.QUEUED))
    second = lines(work, work.bring_to(S.QUEUED))
    batch_id = planned(work, 4500, 20)
    given(work, batch_id, first[2], 16)

    with pytest.raises(CapsulesShort, match=r"has 4 capsules left: 12 short of 16\."):
        given(work, batch_id, second[2], 16)
    with pytest.raises(LineOwesLess, match=r"owes 16 capsules and has 16: 1 more are 1 too many\."):
        given(work, batch_id, first[2], 1)
    with pytest.raises(OtherStrength):
        given(work, batch_id, first[0], 1)


def test_a_rejected_batch_and_an_order_not_in_the_queue_take_no_part(work: Work) -> None:
    batch_id, line_id = planned(work, 1500, 7), lines(work, work.bring_to(S.IN_REVIEW))[0]
    with pytest.raises(OrderTakesNone):
        given(work, batch_id, line_id, 7)
    with work.sessions.write() as session:
        batch = batches.get_for_update(session, batch_id)
        by = member(session, Role.PHARMACIST)
        batches.move(session, batch, BatchStatus.REJECTED, by=by, at=work.pharmacy.clock())

    with pytest.raises(BatchGivesNone, match="it is rejected"):
        given(work, batch_id, lines(work, work.bring_to(S.QUEUED))[0], 7)


@pytest.mark.parametrize(
    ("statement", "because"),
    [
        ("UPDATE batches SET status = 'released' WHERE id = :batch", "cannot become released"),
        ("UPDATE batches SET capsules_on_offer = 3 WHERE id = :batch", "ck_batches_allocated"),
        ("UPDATE allocations SET capsules = 8 WHERE batch_id = :batch", "ck_batches_allocated"),
    ],
)
def test_the_books_refuse_it_whoever_writes(work: Work, statement: str, because: str) -> None:
    batch_id = planned(work, 1500, 7)
    given(work, batch_id, lines(work, work.bring_to(S.QUEUED))[0], 7)

    with pytest.raises(IntegrityError, match=because), work.sessions.write() as session:
        session.execute(text(statement), {"batch": batch_id})


@pytest.mark.slow
def test_two_hundred_at_once_get_exactly_what_there_is(committed: Pharmacy) -> None:
    work = Work(committed)
    waiting = [lines(work, work.bring_to(S.QUEUED))[2] for _ in range(20)]
    five = [planned(work, 4500, 30) for _ in range(5)]
    by, around = work.member(Role.TECHNICIAN), shelf(work)

    def take(number: int) -> str:
        # Neighbours meet at the same order and at another batch, so that locks cross.
        asked = CapsulesAsked(order_line_id=waiting[number // 10], capsules=1)
        try:
            with told_apart(), work.sessions.write() as session:
                allocate(session, five[number % 5], asked, around, by=by, now=work.pharmacy.clock())
        except PharmacyError as refusal:
            return type(refusal).__name__
        return "granted"

    with ThreadPoolExecutor(8) as people:
        told = Counter(people.map(take, range(200)))

    assert told == {"granted": 150, "CapsulesShort": 50}
    with work.sessions.read() as session:
        assert session.scalar(select(func.sum(Allocation.capsules))) == 150
        assert [batches.get(session, each).capsules_allocated for each in five] == [30] * 5
