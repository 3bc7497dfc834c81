"""Mass in is mass out over batches and ledger together, and no capsule is promised twice, whatever is done in what order.

A machine receives containers, plans batches and triturates, weighs a little off, wastes, promises capsules and takes
them back, rejects and destroys; beside it stands what was received, read and thrown away, in plain numbers.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.batch_calculation import CapsulesAsked, TriturateAsked
from pharmacy.domain.batches import UNWEIGHED, BatchKind, BatchStatus
from pharmacy.domain.calendar import local_day
from pharmacy.domain.errors import PharmacyError
from pharmacy.domain.orders import OrderStatus, Role
from pharmacy.domain.potency import StrengthBasis
from pharmacy.domain.quantities import Micrograms, Milligrams
from pharmacy.domain.stock import Movement, MovementKind
from pharmacy.domain.weighing_plan import Ingredient
from pharmacy.store import batches, bench_work
from pharmacy.store import stock_ledger as ledger
from pharmacy.store.batches import Allocation, Batch
from pharmacy.store.bench_work import BatchWeighing
from pharmacy.store.stock_ledger import StockLevel, StockMovement
from pharmacy.usecases.allocate_capsules import CapsulesAsked as Promise
from pharmacy.usecases.allocate_capsules import Shelf, allocate, withdraw
from pharmacy.usecases.demo_bench import BenchHands, make
from pharmacy.usecases.end_batches import Destruction, destroy_batch
from pharmacy.usecases.move_stock import move_stock, receive_container
from pharmacy.usecases.plan_batch import NewBatch, assign_lots, plan_batch, scanned_of
from pharmacy.usecases.release_batch import Rejection, reject_batch
from pharmacy.usecases.scanned_bench import Scanned
from pharmacy.usecases.weigh_batch import Reading, calculation_of, check_weighing, record_weighing
from tests.books import SavepointSessions
from tests.work import Work

STRENGTHS = (1500, 3000, 4500)
K = MovementKind


class House(RuleBasedStateMachine):
    """The demonstration's bench and one queued order, in a transaction that is thrown away."""

    engine: Engine
    pharmacy: Pharmacy

    def __init__(self) -> None:
        super().__init__()
        self.connection = self.engine.connect()
        self.outer = self.connection.begin()
        self.work = Work(replace(self.pharmacy, sessions=SavepointSessions(self.connection)))
        self.lines = [line.id for line in self.work.order(self.work.bring_to(OrderStatus.QUEUED)).lines]
        self.now = self.pharmacy.clock()
        self.today = local_day(self.now, self.pharmacy.zone)
        self.by, self.paul = self.work.member(Role.TECHNICIAN), self.work.member(Role.PHARMACIST)
        with self.work.sessions.read() as session:
            levels = select(StockLevel.id, StockLevel.component_lot_id, StockLevel.on_hand_ug)
            rows = session.execute(levels.order_by(StockLevel.id)).all()
        self.lots = [row.id for row in rows if row.component_lot_id is not None]
        self.came = {row.id: row.on_hand_ug for row in rows}
        self.wasted: dict[UUID, int] = {}
        self.made: list[UUID] = []

    def tried(self, work: Any) -> Any:
        """What came of it; None when a rule refused, and then nothing was changed."""
        try:
            with self.work.sessions.write() as session:
                return work(session)
        except PharmacyError:
            return None

    def one(self, at: int) -> UUID | None:
        return self.made[at % len(self.made)] if self.made else None

    @rule(which=st.integers(0, 1), ug=st.integers(1, 10**9))
    def a_container_comes(self, which: int, ug: int) -> None:
        lot = self.lots[which % len(self.lots)]
        movement = self.moved(lot, ug, K.RECEIVE)
        if self.tried(lambda session: receive_container(session, movement, by=self.by, now=self.now)):
            self.came[lot] += ug

    @rule(strength=st.sampled_from(STRENGTHS), capsules=st.integers(7, 60))
    def capsules_are_planned(self, strength: int, capsules: int) -> None:
        self.planned(
            CapsulesAsked(
                strength=Micrograms(strength), required=capsules,
                basis=StrengthBasis.NALTREXONE_HYDROCHLORIDE, route=None, portion=None, plate=100,
            )
        )  # fmt: skip

    @rule(grams=st.integers(2, 12))
    def a_triturate_is_planned(self, grams: int) -> None:
        self.planned(TriturateAsked(fraction=Decimal("0.1"), total=Milligrams(Decimal(grams * 1000))))

    @rule(at=st.integers(0, 100), off=st.sampled_from([Decimal(0), Decimal(1), Decimal(-1)]))
    def something_is_weighed(self, at: int, off: Decimal) -> None:
        batch_id = self.one(at)
        if batch_id is not None:
            self.tried(lambda session: self.weigh(session, batch_id, off))

    @rule(at=st.integers(0, 100))
    def a_batch_is_made_to_its_release(self, at: int) -> None:
        batch_id = self.one(at)
        hands = BenchHands(compounder=self.by, pharmacist=self.paul, on=self.today)
        if batch_id is None:
            return

        def work(session: Session) -> Any:
            if batches.get(session, batch_id).status in UNWEIGHED:
                make(session, batch_id, hands, now=self.now)

        self.tried(work)

    @rule(which=st.integers(0, 1), ug=st.integers(1, 10**8))
    def something_is_spilt(self, which: int, ug: int) -> None:
        lot = self.lots[which % len(self.lots)]
        movement = self.moved(lot, ug, K.WASTE)
        if self.tried(lambda session: move_stock(session, movement, by=self.by, now=self.now)):
            self.wasted[lot] = self.wasted.get(lot, 0) + ug

    @rule(at=st.integers(0, 100), line=st.integers(0, 2), capsules=st.integers(1, 20))
    def capsules_are_promised(self, at: int, line: int, capsules: int) -> None:
        batch_id = self.one(at)
        wanted = Promise(order_line_id=self.lines[line], capsules=capsules)
        if batch_id is not None:
            self.tried(
                lambda session: allocate(
                    session, batch_id, wanted, self.shelf(session), by=self.by, now=self.now
                )
            )

    @rule(at=st.integers(0, 100), line=st.integers(0, 2))
    def a_promise_is_taken_back(self, at: int, line: int) -> None:
        batch_id = self.one(at)
        if batch_id is not None:
            self.tried(
                lambda session: withdraw(session, batch_id, self.lines[line], by=self.by, now=self.now)
            )

    @rule(at=st.integers(0, 100), destroys=st.booleans())
    def a_batch_ends(self, at: int, destroys: bool) -> None:
        batch_id = self.one(at)
        if batch_id is None:
            return
        reason = "cancelled by the machine"
        if destroys:
            done = Destruction(batch_id=batch_id, reason=reason, on=self.today)
            left = self.tried(lambda session: (ledger.on_hand(session, batch_id),))
            if self.tried(lambda session: destroy_batch(session, done, by=self.paul, now=self.now)) and left:
                self.wasted[batch_id] = self.wasted.get(batch_id, 0) + left[0]
        else:
            rejection = Rejection(reason=reason, into_quarantine=False, on=self.today)
            self.tried(lambda session: reject_batch(session, batch_id, rejection, by=self.paul, now=self.now))

    def moved(self, stock_id: UUID, ug: int, kind: K) -> Movement:
        return Movement(
            stock_id=stock_id, ug=ug, kind=kind, subject_id=stock_id, on=self.today, reason="because"
        )

    def shelf(self, session: Session) -> Shelf:
        return Shelf(reference=self.work.reference(session), imprint=self.pharmacy.imprint)

    def planned(self, asked: CapsulesAsked | TriturateAsked) -> None:
        def work(session: Session) -> UUID:
            reference = self.work.reference(session)
            new = NewBatch(asked=asked, scanned=Scanned())
            batch = plan_batch(session, new, reference, by=self.by, now=self.now)
            session.flush()
            assign_lots(session, batch.id, Scanned(), reference, by=self.by, now=self.now)
            return batch.id

        made = self.tried(work)
        if made is not None:
            self.made.append(made)

    def weigh(self, session: Session, batch_id: UUID, off: Decimal) -> None:
        batch = batches.get(session, batch_id)
        done = [each.step for each in bench_work.weighings_of(session, batch_id)]
        due = next((each for each in calculation_of(batch).weighings if each.step not in done), None)
        if due is None:
            return
        reading = Reading(
            step=due.step,
            read=Milligrams(due.weighing.target.value + off),
            balance=scanned_of(session, batch).balance or "",
            on=self.today,
        )
        record_weighing(session, batch_id, reading, by=self.by, now=self.now)
        session.flush()
        check_weighing(session, batch_id, due.step, self.today, by=self.paul, now=self.now)

    @invariant()
    def every_microgram_is_somewhere(self) -> None:
        """On hand is what came, less what balances read into batches and what was thrown away.

        A triturate came as what was read into its own batch, once it was released.
        """
        with self.work.sessions.read() as session:
            on_hand = dict(session.execute(select(StockLevel.id, StockLevel.on_hand_ug)).all())
            summed = dict(
                session.execute(
                    select(StockMovement.stock_id, func.sum(StockMovement.ug)).group_by(
                        StockMovement.stock_id
                    )
                ).all()
            )
            read = _read_into_batches(session)
        taken: dict[UUID, int] = {}
        for of_batch in read.values():
            for source, ug in of_batch.items():
                taken[source] = taken.get(source, 0) + ug
        for stock_id, ug in on_hand.items():
            came = self.came.get(stock_id, sum(read.get(stock_id, {}).values()))
            assert summed[stock_id] == ug == came - taken.get(stock_id, 0) - self.wasted.get(stock_id, 0) >= 0

    @invariant()
    def no_capsule_is_promised_twice(self) -> None:
        with self.work.sessions.read() as session:
            promised = dict(
                session.execute(
                    select(Allocation.batch_id, func.sum(Allocation.capsules)).group_by(Allocation.batch_id)
                ).all()
            )
            for batch in session.scalars(select(Batch).where(Batch.kind == BatchKind.CAPSULES)):
                assert batch.capsules_allocated == promised.get(batch.id, 0) <= (batch.capsules_on_offer or 0)
                if batch.status is BatchStatus.REJECTED:
                    assert not promised.get(batch.id)

    def teardown(self) -> None:
        self.outer.rollback()
        self.connection.close()


def _read_into_batches(session: Session) -> dict[UUID, dict[UUID, int]]:
    """Micrograms that balances read, by batch and by what they were taken from; a mixture was weighed before."""
    read: dict[UUID, dict[UUID, int]] = {}
    for each in session.scalars(select(BatchWeighing).where(BatchWeighing.ingredient != Ingredient.MIXTURE)):
        source = each.triturate_id or each.component_lot_id
        assert source is not None
        of_batch = read.setdefault(each.batch_id, {})
        of_batch[source] = of_batch.get(source, 0) + int(each.read_mg * 1000)
    return read


def test_mass_in_is_mass_out_over_batches_and_ledger_together(engine: Engine, pharmacy: Pharmacy) -> None:
    machine = type("HouseOfThisRun", (House,), {"engine": engine, "pharmacy": pharmacy})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=8,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
