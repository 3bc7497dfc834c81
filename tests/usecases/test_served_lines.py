"""What an order line is served from: enough capsules, of the substance that its strength counts, to the last one."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from pharmacy.domain.batch_calculation import CapsulesAsked as CapsulesToMake
from pharmacy.domain.batches import BatchKind, BatchStatus
from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.domain.potency import StrengthBasis
from pharmacy.domain.quantities import Micrograms
from pharmacy.store import batches
from pharmacy.store.batches import Batch
from pharmacy.store.orders import Order
from pharmacy.store.patients import Patient
from pharmacy.usecases.act_on_order import ActNotOpen
from pharmacy.usecases.allocate_capsules import CapsulesAsked, OtherBasis, Shelf, allocate
from pharmacy.usecases.end_batches import Destruction, destroy_batch
from pharmacy.usecases.plan_batch import NewBatch, plan_batch
from pharmacy.usecases.release_batch import Rejection, reject_batch
from pharmacy.usecases.scanned_bench import Scanned
from pharmacy.usecases.sweep_stock import sweep_stock
from tests.books import Clock
from tests.rows import member
from tests.work import Work

S = OrderStatus
HYDROCHLORIDE, BASE = StrengthBasis.NALTREXONE_HYDROCHLORIDE, StrengthBasis.NALTREXONE_BASE


def planned(work: Work, capsules: int, basis: StrengthBasis = HYDROCHLORIDE) -> UUID:
    """A batch of 4.5 mg on its lots, promised to nobody."""
    asked = CapsulesToMake(
        strength=Micrograms(4500), required=capsules, basis=basis, route=None, portion=None, plate=100
    )
    now = work.pharmacy.clock()
    with work.sessions.write() as session:
        by = member(session, Role.TECHNICIAN)
        new = NewBatch(asked=asked, scanned=Scanned())
        batch = plan_batch(session, new, work.reference(session), by=by, now=now)
        session.flush()  # It moves as a row.
        batches.move(session, batch, BatchStatus.LOTS_ASSIGNED, by=by, at=now)
        return batch.id


def given(work: Work, batch_id: UUID, line_id: UUID, capsules: int) -> None:
    with work.sessions.write() as session:
        shelf = Shelf(reference=work.reference(session), imprint=work.pharmacy.imprint)
        asked = CapsulesAsked(order_line_id=line_id, capsules=capsules)
        by = member(session, Role.TECHNICIAN)
        allocate(session, batch_id, asked, shelf, by=by, now=work.pharmacy.clock())


def last_line(work: Work, order_id: UUID) -> UUID:
    return work.order(order_id).lines[-1].id


def test_a_line_that_lost_one_of_its_batches_is_neither_labelled_nor_verified(work: Work) -> None:
    order_id = work.bring_to(S.QUEUED)
    line_id, second = last_line(work, order_id), planned(work, 10)
    given(work, planned(work, 10), line_id, 10)
    given(work, second, line_id, 6)
    work.act(order_id, Act.START_COMPOUNDING)
    work.carry_out()
    now = work.pharmacy.clock()

    with work.sessions.write() as session:
        wet = Rejection(reason="the powder was wet", into_quarantine=False, on=now.date())
        reject_batch(session, second, wet, by=member(session, Role.PHARMACIST), now=now)

    with pytest.raises(ActNotOpen, match=r"^Line 3 lacks 6 capsules: a batch that served it ended\.$"):
        work.act(order_id, Act.FINISH_LABELLING)


def test_capsules_of_naltrexone_base_serve_no_prescription_for_the_hydrochloride(work: Work) -> None:
    order_id = work.bring_to(S.QUEUED)

    with pytest.raises(OtherBasis, match="does not count what the prescription's strength counts"):
        given(work, planned(work, 16, BASE), last_line(work, order_id), 16)


@pytest.mark.parametrize("ended", [BatchStatus.EXPIRED, BatchStatus.DESTROYED])
def test_a_labelled_order_is_cancelled_although_its_batches_have_ended(
    work: Work, clock: Clock, ended: BatchStatus
) -> None:
    order_id = work.bring_to(S.LABELLED)
    if ended is BatchStatus.EXPIRED:
        clock.now += timedelta(days=200)
        sweep_stock(work.sessions, work.pharmacy.zone, by=work.pharmacy.clockwork, now=clock())
    else:
        with work.sessions.write() as session:
            by = member(session, Role.PHARMACIST)
            for made in session.scalars(select(Batch).where(Batch.kind == BatchKind.CAPSULES)).all():
                done = Destruction(batch_id=made.id, reason="the drum was wet", on=clock().date())
                destroy_batch(session, done, by=by, now=clock())

    cancelled = work.act(order_id, Act.CANCEL, reason="Its capsules may not be taken any more.")

    assert cancelled.status is S.CANCELLED
    with work.sessions.read() as session:
        made = session.scalars(select(Batch).where(Batch.kind == BatchKind.CAPSULES)).all()
    assert {batch.status for batch in made} == {BatchStatus.DESTROYED}


def test_a_batch_released_by_exception_excepts_nobody_from_the_final_check(work: Work) -> None:
    order_id = work.bring_to(S.LABELLED)
    iris = work.member(Role.PHARMACIST_IN_CHARGE)
    with work.sessions.write() as session:
        session.execute(update(Order).where(Order.id == order_id).values(compounded_by=None))
        session.execute(
            update(Batch)
            .where(Batch.kind == BatchKind.CAPSULES)
            .values(compounded_by=iris.id, released_by=iris.id, single_pharmacist_reason="alone in the storm")
        )

    with pytest.raises(ActNotOpen, match="Whoever compounded an order may not verify it"):
        work.act(order_id, Act.VERIFY, iris)


def test_nothing_is_mailed_to_a_state_to_which_the_patient_moved_and_no_licence_reaches(work: Work) -> None:
    order_id = work.bring_to(S.VERIFIED)
    with work.sessions.write() as session:
        session.execute(update(Patient).values(state="OH"))

    with pytest.raises(ActNotOpen, match=r"^The pharmacy has no licence to ship to OH\.$"):
        work.act(order_id, Act.SHIP)
