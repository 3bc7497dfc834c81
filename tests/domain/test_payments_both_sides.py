"""Two books of the same money, ours and the provider's, with silence and retries between them.

Whatever is lost on the way, the provider never moves more than was authorised or taken, and what ours says lies
between what certainly happened and what may have.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from pharmacy.domain.errors import Conflict
from pharmacy.domain.money import ZERO, Money
from pharmacy.domain.payments import (
    OPEN,
    Operation,
    OperationKind,
    OperationState,
    PaymentAccount,
    has_lapsed,
)

WEEK = timedelta(days=7)
WHOLE = Money(6545)
DONE, REFUSED, UNCERTAIN = OperationState.DONE, OperationState.REFUSED, OperationState.UNCERTAIN


@dataclass
class Provider:
    """Does each key once, by the same rules, and remembers what it answered."""

    entered: dict[int, Operation] = field(default_factory=dict)

    def ask(self, key, kind, amount, now):
        if key not in self.entered:
            try:
                self.account().check(kind, amount, now)
                state = DONE
            except Conflict:
                state = REFUSED
            lapses_at = now + WEEK if kind is OperationKind.AUTHORISE else None
            self.entered[key] = Operation(kind=kind, state=state, amount=amount, lapses_at=lapses_at)
        return self.entered[key]

    def account(self):
        return PaymentAccount(tuple(self.entered.values()))


class BothSides(RuleBasedStateMachine):
    """Begun, asked, silent, asked again with the same key, looked up, lapsed: in any order."""

    keys = Bundle("keys")

    def __init__(self):
        super().__init__()
        self.ours: dict[int, Operation] = {}
        self.provider = Provider()
        self.now = datetime(2026, 3, 2, 12, tzinfo=UTC)

    def account(self):
        return PaymentAccount(tuple(self.ours.values()))

    @rule(target=keys, kind=st.sampled_from(OperationKind), cents=st.integers(1, 6545))
    def begin(self, kind, cents):
        account = self.account()
        left = WHOLE - account.may_be_captured
        amount = left if kind is OperationKind.AUTHORISE else Money(cents)
        if amount <= ZERO:
            return multiple()
        try:
            account.check(kind, amount, self.now)
        except Conflict:
            return multiple()
        key = len(self.ours) + 1
        self.ours[key] = Operation(kind=kind, state=OperationState.WAITING, amount=amount)
        return key

    @rule(key=keys, is_taken=st.booleans(), is_heard=st.booleans())
    def ask(self, key, is_taken, is_heard):
        """The request may be lost before it arrives, and the answer after."""
        asked = self.ours[key]
        if asked.state is not OperationState.WAITING:
            return
        if not is_taken:
            # Either we know that nothing arrived, and it waits, or nobody can know.
            state = OperationState.WAITING if is_heard else UNCERTAIN
            self.ours[key] = replace(asked, state=state)
            return
        answer = self.provider.ask(key, asked.kind, asked.amount, self.now)
        self.ours[key] = answer if is_heard else replace(asked, state=UNCERTAIN)

    @rule(key=keys)
    def the_same_key_arrives_again(self, key):
        """A line that delivers twice: the provider answers as before and moves nothing."""
        if key in self.provider.entered:
            before = dict(self.provider.entered)
            asked = self.ours[key]
            assert self.provider.ask(key, asked.kind, asked.amount, self.now) == before[key]
            assert self.provider.entered == before

    @rule(key=keys)
    def look_up(self, key):
        asked = self.ours[key]
        if asked.state is UNCERTAIN:
            self.ours[key] = self.provider.entered.get(key) or replace(asked, state=REFUSED)

    @rule(days=st.integers(1, 8))
    def wait(self, days):
        self.now += timedelta(days=days)

    @invariant()
    def no_more_moves_than_may(self):
        theirs, ours = self.provider.account(), self.account()
        assert ZERO <= theirs.refunded <= theirs.captured <= WHOLE
        assert ours.captured <= theirs.captured <= ours.may_be_captured
        assert ours.refunded <= theirs.refunded <= ours.may_be_refunded

    @invariant()
    def both_agree_once_nothing_is_open(self):
        if any(each.state in OPEN for each in self.ours.values()):
            return
        ours, theirs = self.account(), self.provider.account()
        assert (ours.captured, ours.refunded) == (theirs.captured, theirs.refunded)
        held = ours.authorisation(self.now)
        if held is not None and not has_lapsed(held, self.now):
            assert theirs.left_to_capture(self.now) == ours.left_to_capture(self.now)


TestBothSidesBalance = BothSides.TestCase
TestBothSidesBalance.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
