"""Nothing is captured beyond what was authorised, nor refunded beyond what was captured, however questions end."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pharmacy.domain.errors import Conflict
from pharmacy.domain.money import ZERO, Money, total
from pharmacy.domain.payments import (
    AlreadyPaid,
    AlreadyTaken,
    MoreThanAuthorised,
    MoreThanCaptured,
    NothingAuthorised,
    Operation,
    OperationKind,
    OperationState,
    PaymentAccount,
    PaymentStatus,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WEEK = timedelta(days=7)
WHOLE = Money(6545)
A, C, V, R = OperationKind.AUTHORISE, OperationKind.CAPTURE, OperationKind.VOID, OperationKind.REFUND
DONE, REFUSED, UNCERTAIN = OperationState.DONE, OperationState.REFUSED, OperationState.UNCERTAIN


def did(kind, amount=WHOLE, state=DONE, lapses_at=None):
    return Operation(kind=kind, state=state, amount=amount, lapses_at=lapses_at)


def account(*operations):
    return PaymentAccount(operations)


@pytest.mark.parametrize(
    ("operations", "status"),
    [
        ((did(A, state=OperationState.WAITING),), PaymentStatus.AUTHORISING),
        ((did(A, state=REFUSED),), PaymentStatus.DECLINED),
        ((did(A),), PaymentStatus.AUTHORISED),
        ((did(A, lapses_at=NOON),), PaymentStatus.LAPSED),
        ((did(A, lapses_at=NOON + WEEK),), PaymentStatus.AUTHORISED),
        ((did(A), did(V)), PaymentStatus.VOIDED),
        ((did(A), did(C)), PaymentStatus.CAPTURED),
        ((did(A), did(C), did(R, Money(100))), PaymentStatus.CAPTURED),
        ((did(A), did(C), did(R)), PaymentStatus.REFUNDED),
        ((did(A), did(C, state=UNCERTAIN)), PaymentStatus.UNCERTAIN),
    ],
)
def test_a_payment_is_told_in_one_word(operations, status):
    assert account(*operations).status(NOON) is status


def test_an_authorisation_holds_until_its_instant():
    held = account(did(A, lapses_at=NOON + WEEK))

    assert held.left_to_capture(NOON + WEEK - timedelta(seconds=1)) == WHOLE
    assert held.left_to_capture(NOON + WEEK) == ZERO
    with pytest.raises(NothingAuthorised):
        held.check(C, WHOLE, NOON + WEEK)
    held.check(A, WHOLE, NOON + WEEK)


@pytest.mark.parametrize(
    ("operations", "kind", "amount", "refusal"),
    [
        ((did(A),), A, WHOLE, AlreadyPaid),
        ((did(A, state=UNCERTAIN),), A, WHOLE, AlreadyPaid),
        ((did(A, state=UNCERTAIN),), C, WHOLE, NothingAuthorised),
        ((did(A),), C, Money(6546), MoreThanAuthorised),
        ((did(A),), C, ZERO, MoreThanAuthorised),
        ((did(A), did(C, state=UNCERTAIN)), C, WHOLE, MoreThanAuthorised),
        ((did(A), did(V, state=UNCERTAIN)), C, WHOLE, NothingAuthorised),
        ((did(A), did(C, state=UNCERTAIN)), V, WHOLE, AlreadyTaken),
        ((did(A), did(V)), V, WHOLE, NothingAuthorised),
        ((did(A), did(C, state=UNCERTAIN)), R, WHOLE, MoreThanCaptured),
        ((did(A), did(C), did(R, Money(45), UNCERTAIN)), R, Money(6501), MoreThanCaptured),
    ],
)
def test_what_may_have_happened_counts_as_if_it_had(operations, kind, amount, refusal):
    with pytest.raises(refusal) as refused:
        account(*operations).check(kind, amount, NOON)

    assert str(refused.value)


def test_what_was_certainly_refused_leaves_everything_as_it_was():
    account(did(A), did(C, state=REFUSED)).check(C, WHOLE, NOON)
    account(did(A), did(V, state=REFUSED)).check(C, WHOLE, NOON)
    account(did(A), did(C), did(R, state=REFUSED)).check(R, WHOLE, NOON)


class MoneyInMotion(RuleBasedStateMachine):
    """Anything is asked for at any time, answered in any way or not at all, looked up later, and time passes."""

    def __init__(self):
        super().__init__()
        self.operations: list[Operation] = []
        self.now = NOON

    def _account(self):
        return PaymentAccount(tuple(self.operations))

    @rule(
        kind=st.sampled_from(OperationKind), cents=st.integers(0, 7000), state=st.sampled_from(OperationState)
    )
    def ask(self, kind, cents, state):
        # The use case authorises the order's total or what is left of it.
        left = WHOLE - self._account().may_be_captured
        amount = left if kind is A else Money(cents)
        try:
            self._account().check(kind, amount, self.now)
        except Conflict:
            return
        if amount <= ZERO:
            return
        lapses_at = self.now + WEEK if kind is A else None
        self.operations.append(did(kind, amount, state, lapses_at))

    @precondition(lambda self: any(each.state not in {DONE, REFUSED} for each in self.operations))
    @rule(data=st.data(), state=st.sampled_from([DONE, REFUSED, UNCERTAIN]))
    def learn(self, data, state):
        open_ones = [at for at, each in enumerate(self.operations) if each.state not in {DONE, REFUSED}]
        at = data.draw(st.sampled_from(open_ones))
        asked = self.operations[at]
        self.operations[at] = did(asked.kind, asked.amount, state, asked.lapses_at)

    @rule(days=st.integers(1, 8))
    def wait(self, days):
        self.now += timedelta(days=days)

    @invariant()
    def it_balances(self):
        found = self._account()
        assert ZERO <= found.refunded <= found.captured <= WHOLE
        assert found.may_be_refunded <= found.captured
        assert found.may_be_captured <= WHOLE
        assert found.refundable >= ZERO
        assert found.captured == total(
            [each.amount for each in self.operations if each.kind is C and each.state is DONE]
        )


TestMoneyBalances = MoneyInMotion.TestCase
TestMoneyBalances.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
