"""The batches of an order are made from the lots on the bench, and kept as they were calculated."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select, update

from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.store import audit, batches
from pharmacy.store.batches import Allocation, Batch, BatchKind, BatchStatus
from pharmacy.store.labels import LabelKind
from pharmacy.store.reference import BalanceRow, ComponentKind, ComponentLot, LotStatus
from pharmacy.usecases.compound_order import CannotBeCompounded
from tests.callers import Api
from tests.work import Work


def compounded(work: Work) -> list[Batch]:
    """The batches of a new typical order, in the order of its lines."""
    return batches_of(work, work.bring_to(OrderStatus.COMPOUNDING))


def batches_of(work: Work, order_id: UUID) -> list[Batch]:
    """The batches of that order, in the order of its lines."""
    order = work.order(order_id)
    with work.sessions.read() as session:
        made = batches.of_lines(session, [line.id for line in order.lines])
    return [made[line.id] for line in order.lines]


def test_each_line_has_a_batch_with_its_weighings_kept(work: Work) -> None:
    made = compounded(work)

    assert [batch.strength_ug for batch in made] == [1500, 3000, 4500]
    assert [batch.capsules_prepared for batch in made] == [8, 8, 17]
    kept = [
        (batch.worksheet["active_mg"], batch.worksheet["filler_mg"], batch.worksheet["theoretical_fill_mg"])
        for batch in made
    ]
    assert kept == [("120", "984", "138.00"), ("240", "864", "138.00"), ("765", "1581", "138.00")]
    assert all(batch.worksheet["figures"] and batch.worksheet["instructions"] for batch in made)
    assert len({batch.number for batch in made}) == 3
    assert {batch.compounded_on for batch in made} == {date(2026, 11, 23)}


def test_batches_name_their_lots_and_their_capsules_are_promised_to_the_lines(work: Work) -> None:
    made = compounded(work)

    with work.sessions.read() as session:
        triturate = session.scalars(select(Batch).where(Batch.kind == BatchKind.TRITURATE)).one()
        allocated = session.scalars(select(Allocation.capsules).order_by(Allocation.capsules)).all()
    assert {batch.triturate_id for batch in made} == {triturate.id}
    assert all(batch.beyond_use_on <= triturate.beyond_use_on for batch in made)
    assert allocated == [7, 7, 16]


def test_what_was_compounded_stays_as_it_was_though_the_bench_changes(work: Work, api: Api) -> None:
    order_id = work.bring_to(OrderStatus.COMPOUNDING)
    before = api.get(f"/orders/{order_id}").get_json()["batches"]
    with work.sessions.write() as session:
        session.execute(update(ComponentLot).values(assay_pct=Decimal("90")))
        session.execute(
            update(Batch).where(Batch.kind == BatchKind.TRITURATE).values(strength_fraction=Decimal("0.05"))
        )

    after = api.get(f"/orders/{order_id}").get_json()["batches"]
    fresh = api.get(f"/orders/{work.submit()}").get_json()["batches"]

    assert after == before
    assert [batch["active_mg"] for batch in fresh] != [batch["active_mg"] for batch in before]


def test_a_batch_that_would_not_last_to_the_last_dose_is_not_made(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.QUEUED)
    with work.sessions.write() as session:
        session.execute(
            update(ComponentLot)
            .where(ComponentLot.kind == ComponentKind.FILLER)
            .values(expires_on=date(2026, 12, 1))
        )

    with pytest.raises(CannotBeCompounded, match="2026-12-01 is before the last planned dose"):
        work.act(order_id, Act.START_COMPOUNDING)

    assert work.order(order_id).status is OrderStatus.QUEUED
    with work.sessions.read() as session:
        assert session.scalars(select(Batch).where(Batch.kind == BatchKind.CAPSULES)).all() == []


def test_a_weighing_too_small_for_the_balance_says_so_and_makes_nothing(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.QUEUED)
    with work.sessions.write() as session:
        session.execute(update(BalanceRow).values(sensitivity_requirement_mg=Decimal(60)))

    with pytest.raises(CannotBeCompounded, match=r"^Line 1: "):
        work.act(order_id, Act.START_COMPOUNDING)

    assert {label.kind for label in work.labels(order_id)} == {LabelKind.PROOF}


@pytest.mark.parametrize("status", [LotStatus.QUARANTINED, LotStatus.RECALLED, LotStatus.EXPIRED])
def test_without_a_released_lot_no_batch_is_derived_and_none_made(work: Work, status: LotStatus) -> None:
    order_id = work.bring_to(OrderStatus.QUEUED)
    with work.sessions.write() as session:
        session.execute(
            update(ComponentLot).where(ComponentLot.kind == ComponentKind.API).values(status=status)
        )

    with pytest.raises(CannotBeCompounded, match="no released lot of naltrexone"):
        work.act(order_id, Act.START_COMPOUNDING)


def test_the_bench_makes_the_batches_and_another_releases_them(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.COMPOUNDING)
    assert {batch.status for batch in batches_of(work, order_id)} == {BatchStatus.LOTS_ASSIGNED}

    work.work_off(order_id)

    made = batches_of(work, order_id)
    assert {batch.status for batch in made} == {BatchStatus.RELEASED}
    assert {batch.compounded_by for batch in made} == {work.member(Role.TECHNICIAN).id}
    assert {batch.released_by for batch in made} == {work.member(Role.PHARMACIST).id}
    with work.sessions.read() as session:
        entries = audit.of_subject(session, made[0].id)
    told = [entry.action for entry in entries if "weigh" not in entry.action]
    assert told == [
        "batch.planned", "batch.lots_assigned", "batch.allocated", "batch.blended", "batch.filled",
        "batch.qc_pending", "batch.checked", "batch.qc_passed", "batch.reconciled", "batch.released",
    ]  # fmt: skip


def test_capsules_of_an_order_cancelled_before_labelling_are_the_batches_again(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.COMPOUNDING)
    work.work_off(order_id)
    made = batches_of(work, order_id)

    work.act(order_id, Act.CANCEL, reason="the patient has moved away")

    with work.sessions.read() as session:
        again = [batches.get(session, batch.id) for batch in made]
        assert session.scalars(select(Allocation)).all() == []
    assert {(batch.status, batch.capsules_allocated) for batch in again} == {(BatchStatus.RELEASED, 0)}


def test_a_batch_that_nobody_weighed_is_rejected_with_its_only_order(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.COMPOUNDING)
    made = batches_of(work, order_id)

    work.act(order_id, Act.CANCEL, reason="the patient has moved away")

    with work.sessions.read() as session:
        assert {batches.get(session, batch.id).status for batch in made} == {BatchStatus.REJECTED}


@pytest.mark.parametrize("status", [OrderStatus.LABELLED, OrderStatus.VERIFIED])
def test_capsules_of_an_order_cancelled_after_labelling_are_destroyed_and_its_labels_void(
    work: Work, status: OrderStatus
) -> None:
    order_id = work.bring_to(status)

    work.act(order_id, Act.CANCEL, reason="the patient has moved away")

    made = batches_of(work, order_id)
    assert len(made) == 3
    assert {batch.status for batch in made} == {BatchStatus.DESTROYED}
    assert {batch.status_by for batch in made} == {work.member(Role.PHARMACIST).id}
    with work.sessions.read() as session:
        (*_, destroyed) = audit.of_subject(session, made[0].id)
        voided = [entry for entry in audit.of_subject(session, order_id) if entry.action == "label.voided"]
    assert (destroyed.action, destroyed.detail["number"]) == ("batch.destroyed", made[0].number)
    assert "moved away" in destroyed.detail["reason"]
    assert len(voided) == 3
    labels = [label for label in work.labels(order_id) if label.kind is LabelKind.DISPENSING]
    assert {label.void_reason for label in labels} == {"the order was cancelled: the patient has moved away"}


def test_proofs_of_a_rejected_order_are_void(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.IN_REVIEW)
    work.carry_out()

    work.act(order_id, Act.REJECT, reason="a duplicate order")

    labels = work.labels(order_id)
    assert len(labels) == 3
    assert {label.void_reason for label in labels} == {"the order was rejected: a duplicate order"}
    assert {label.voided_at for label in labels} == {work.pharmacy.clock()}
