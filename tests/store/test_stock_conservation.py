"""Mass in is mass out, to the microgram, whatever happens in whatever order.

A machine receives, weighs, wastes, counts, takes back and tries too much, on the real ledger, beside a slow and
obvious model: a list of what came in and a list of what went out.
"""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from pharmacy.domain.orders import Role
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.stock import TAKES, AlreadyPutBack, Movement, MovementKind, StockShort
from pharmacy.store import stock_ledger as ledger
from pharmacy.store.base import new_id
from pharmacy.store.stock_ledger import StockLevel, StockMovement
from pharmacy.usecases.count_stock import Counted, count_stock
from tests.books import AUDIT_KEY, MORNING
from tests.rows import member

DAY = date(2026, 11, 23)
K = MovementKind
amounts = st.integers(1, 10**12)


class Stock(RuleBasedStateMachine):
    """Two lots and a triturate, in a transaction that is thrown away."""

    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        self.connection = self.engine.connect()
        self.outer = self.connection.begin()
        self.session = Session(
            self.connection, join_transaction_mode="create_savepoint", info={"audit_key": AUDIT_KEY}
        )
        self.by = member(self.session, Role.TECHNICIAN)
        self.ids = list(self.session.scalars(select(StockLevel.id).order_by(StockLevel.id)))
        self.came: dict[UUID, list[int]] = {each: [ledger.on_hand(self.session, each)] for each in self.ids}
        self.went: dict[UUID, list[int]] = {each: [] for each in self.ids}
        self.lines: list[StockMovement] = []

    def held(self, stock_id: UUID) -> int:
        return sum(self.came[stock_id]) - sum(self.went[stock_id])

    def moved(self, stock_id: UUID, ug: int, kind: K, **changes: Any) -> Movement:
        given = {"subject_id": new_id(), "on": DAY, "reason": "because", **changes}
        return Movement(stock_id=stock_id, ug=ug, kind=kind, **given)

    @rule(which=st.integers(0, 2), ug=amounts, kind=st.sampled_from([K.RECEIVE, K.TRANSFER]))
    def comes_in(self, which: int, ug: int, kind: K) -> None:
        stock_id = self.ids[which]
        line = ledger.receive(self.session, self.moved(stock_id, ug, kind), by=self.by, now=MORNING)
        self.came[stock_id].append(ug)
        self.lines.append(line)

    @rule(which=st.integers(0, 2), share=st.integers(1, 120), kind=st.sampled_from(sorted(TAKES)))
    def goes_out(self, which: int, share: int, kind: K) -> None:
        stock_id = self.ids[which]
        ug = max(1, self.held(stock_id) * share // 100)
        movement = self.moved(stock_id, ug, kind)
        if ug > self.held(stock_id):
            self.is_short(movement)
            return
        self.lines.append(ledger.take(self.session, movement, by=self.by, now=MORNING))
        self.went[stock_id].append(ug)

    @rule(share=st.integers(1, 120))
    def a_batch_takes_of_all(self, share: int) -> None:
        wanted = [self.moved(each, max(1, self.held(each) * share // 100), K.WEIGH) for each in self.ids]
        if any(each.ug > self.held(each.stock_id) for each in wanted):
            with pytest.raises(StockShort):
                ledger.take_each(self.session, wanted, by=self.by, now=MORNING)
            return
        for line in ledger.take_each(self.session, wanted, by=self.by, now=MORNING):
            self.lines.append(line)
            self.went[line.stock_id].append(-line.ug)

    @rule(which=st.integers(0, 2), off=st.integers(-(10**6), 10**6))
    def is_counted(self, which: int, off: int) -> None:
        stock_id = self.ids[which]
        found = max(0, self.held(stock_id) + off)
        difference = found - self.held(stock_id)
        counted = Counted(stock_id=stock_id, mass=Micrograms(found), on=DAY)
        count_stock(self.session, counted, by=self.by, now=MORNING)
        (self.came if difference > 0 else self.went)[stock_id].append(abs(difference))

    @precondition(lambda self: self.lines)
    @rule(at=st.integers(0, 10**6))
    def is_cancelled(self, at: int) -> None:
        line = self.lines[at % len(self.lines)]
        try:
            mended = ledger.put_back(self.session, line.id, "cancelled", on=DAY, by=self.by, now=MORNING)
        except AlreadyPutBack:
            return
        except StockShort:
            assert line.ug > self.held(line.stock_id)
            return
        (self.came if mended.ug > 0 else self.went)[line.stock_id].append(abs(mended.ug))
        self.lines.append(mended)

    def is_short(self, movement: Movement) -> None:
        with pytest.raises(StockShort) as refusal:
            ledger.take(self.session, movement, by=self.by, now=MORNING)
        assert refusal.value.on_hand_ug == self.held(movement.stock_id)

    @invariant()
    def every_microgram_is_accounted_for(self) -> None:
        self.session.flush()
        # The database's own check of level and ledger, which it makes at commit, is made after each step.
        self.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        self.session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        summed = dict(
            self.session.execute(
                select(StockMovement.stock_id, func.sum(StockMovement.ug)).group_by(StockMovement.stock_id)
            ).all()
        )
        for stock_id in self.ids:
            assert ledger.on_hand(self.session, stock_id) == summed[stock_id] == self.held(stock_id) >= 0

    def teardown(self) -> None:
        self.session.close()
        self.outer.rollback()
        self.connection.close()


def test_mass_in_is_mass_out_over_receipts_weighings_waste_counts_and_cancellations(engine: Engine) -> None:
    machine = type("StockOfThisRun", (Stock,), {"engine": engine})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
