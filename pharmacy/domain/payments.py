"""Money that is held, taken and given back: what may be asked of a payment provider next.

A payment is the one charge of one order. It is a list of operations: the sum is authorised when the price is
accepted, captured when the order leaves the house, voided while it has not been captured, refunded afterwards. An
authorisation lapses after some days and is then asked for again. Whatever was asked and not answered is
`uncertain` and counts as if it had happened: so nothing is captured beyond what was authorised nor refunded beyond
what was captured, whichever way an open question turns out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pharmacy.domain.errors import Conflict
from pharmacy.domain.money import ZERO, Money, total


class Payer(StrEnum):
    """Who pays: the patient, unless the practice is set to pay."""

    PATIENT = "patient"
    PRACTICE = "practice"


class PaymentMethod(StrEnum):
    """How the money comes. No card number is ever held: a terminal's slip carries its own number."""

    CASH = "cash"
    TERMINAL_SLIP = "terminal_slip"
    PRACTICE_ACCOUNT = "practice_account"


class OperationKind(StrEnum):
    """What is asked of the provider."""

    AUTHORISE = "authorise"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


class OperationState(StrEnum):
    """How far an operation has come: waiting to be asked, asked, and the three ends of that."""

    WAITING = "waiting"
    ASKED = "asked"
    DONE = "done"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"


class PaymentStatus(StrEnum):
    """Where the payment is, in one word for people."""

    AUTHORISING = "authorising"
    AUTHORISED = "authorised"
    DECLINED = "declined"
    LAPSED = "lapsed"
    CAPTURED = "captured"
    VOIDED = "voided"
    REFUNDED = "refunded"
    UNCERTAIN = "uncertain"


OPEN = frozenset({OperationState.WAITING, OperationState.ASKED, OperationState.UNCERTAIN})
# What has happened, or may have.
_COUNTS = OPEN | {OperationState.DONE}


@dataclass(eq=False)
class NothingAuthorised(Conflict):
    """There is no authorisation that holds."""

    def __str__(self) -> str:
        return "Nothing is authorised, so there is nothing to take."


@dataclass(eq=False)
class AlreadyPaid(Conflict):
    """The order's money is authorised or taken, or may be."""

    def __str__(self) -> str:
        return "The price of this order is authorised already, or may be: look at its payments first."


@dataclass(eq=False)
class MoreThanAuthorised(Conflict):
    asked: Money
    left: Money

    def __str__(self) -> str:
        return f"{self.asked.text} USD were to be captured and {self.left.text} USD are authorised."


@dataclass(eq=False)
class MoreThanCaptured(Conflict):
    """A refund would give back more than was taken."""

    asked: Money
    left: Money

    def __str__(self) -> str:
        return f"{self.asked.text} USD were to be refunded; at most {self.left.text} USD are left of what was captured."


@dataclass(eq=False)
class AlreadyTaken(Conflict):
    """What was captured, or may have been, is refunded and not voided."""

    def __str__(self) -> str:
        return "Money was taken already, or may have been, so the payment can be refunded and not voided."


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing asked of the provider; `lapses_at` is when an authorisation that was given ends."""

    kind: OperationKind
    state: OperationState
    amount: Money
    lapses_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PaymentAccount:
    """What a payment's operations come to, oldest first."""

    operations: tuple[Operation, ...]

    @property
    def captured(self) -> Money:
        """What was certainly taken."""
        return self._sum(OperationKind.CAPTURE, {OperationState.DONE})

    @property
    def refunded(self) -> Money:
        """What was certainly given back."""
        return self._sum(OperationKind.REFUND, {OperationState.DONE})

    @property
    def may_be_captured(self) -> Money:
        """What was taken or may have been."""
        return self._sum(OperationKind.CAPTURE, _COUNTS)

    @property
    def may_be_refunded(self) -> Money:
        return self._sum(OperationKind.REFUND, _COUNTS)

    @property
    def refundable(self) -> Money:
        """What may still be given back: certainly taken, and neither given back nor on its way."""
        return self.captured - self.may_be_refunded

    def authorisation(self, now: datetime) -> Operation | None:
        """The authorisation that holds now; None where none was given, or it was voided or has lapsed."""
        given = self._given()
        if given is None or self._voided_since(given):
            return None
        return None if has_lapsed(given, now) else given

    def left_to_capture(self, now: datetime) -> Money:
        """What the authorisation that holds still covers."""
        held = self.authorisation(now)
        if held is None:
            return ZERO
        after = self._after(held)
        taken = total([each.amount for each in after if _is(each, OperationKind.CAPTURE, _COUNTS)])
        return held.amount - taken

    def status(self, now: datetime) -> PaymentStatus:
        """Where the payment is; an open question comes before everything else."""
        if any(each.state is OperationState.UNCERTAIN for each in self.operations):
            return PaymentStatus.UNCERTAIN
        if self.captured > ZERO:
            whole = self.refunded == self.captured
            return PaymentStatus.REFUNDED if whole else PaymentStatus.CAPTURED
        given = self._given()
        if given is not None and self._voided_since(given, frozenset({OperationState.DONE})):
            return PaymentStatus.VOIDED
        if given is not None:
            return PaymentStatus.LAPSED if has_lapsed(given, now) else PaymentStatus.AUTHORISED
        asked = [each for each in self.operations if each.kind is OperationKind.AUTHORISE]
        is_asking = bool(asked) and asked[-1].state in OPEN
        return PaymentStatus.AUTHORISING if is_asking else PaymentStatus.DECLINED

    def is_alive(self, now: datetime) -> bool:
        """Whether the order's money is held or taken, or may be, so that it must not be asked for again."""
        return self.status(now) not in _DEAD

    def check(self, kind: OperationKind, amount: Money, now: datetime) -> None:
        """The operation may be asked for next; Conflict in its own words otherwise."""
        match kind:
            case OperationKind.AUTHORISE:
                if self.authorisation(now) is not None or self._is_open(OperationKind.AUTHORISE):
                    raise AlreadyPaid
            case OperationKind.CAPTURE:
                self._check_capture(amount, now)
            case OperationKind.VOID:
                self._check_void()
            case OperationKind.REFUND:
                if amount > self.refundable or amount <= ZERO:
                    raise MoreThanCaptured(amount, self.refundable)

    def _check_capture(self, amount: Money, now: datetime) -> None:
        left = self.left_to_capture(now)
        if self.authorisation(now) is None:
            raise NothingAuthorised
        if amount > left or amount <= ZERO:
            raise MoreThanAuthorised(amount, left)

    def _check_void(self) -> None:
        if self.may_be_captured > ZERO:
            raise AlreadyTaken
        given = self._given()
        if given is None or self._voided_since(given):
            raise NothingAuthorised

    def _given(self) -> Operation | None:
        given = [
            each for each in self.operations if _is(each, OperationKind.AUTHORISE, {OperationState.DONE})
        ]
        return given[-1] if given else None

    def _voided_since(self, given: Operation, states: frozenset[OperationState] = _COUNTS) -> bool:
        return any(_is(each, OperationKind.VOID, states) for each in self._after(given))

    def _is_open(self, kind: OperationKind) -> bool:
        return any(_is(each, kind, OPEN) for each in self.operations)

    def _after(self, given: Operation) -> Sequence[Operation]:
        place = max(at for at, each in enumerate(self.operations) if each is given)
        return self.operations[place + 1 :]

    def _sum(self, kind: OperationKind, states: Iterable[OperationState]) -> Money:
        return total([each.amount for each in self.operations if _is(each, kind, states)])


_DEAD = frozenset({PaymentStatus.DECLINED, PaymentStatus.VOIDED, PaymentStatus.REFUNDED})


def has_lapsed(given: Operation, now: datetime) -> bool:
    """Whether the authorisation has ended by itself; it holds until its instant, that one excluded."""
    return given.lapses_at is not None and given.lapses_at <= now


def _is(operation: Operation, kind: OperationKind, states: Iterable[OperationState]) -> bool:
    return operation.kind is kind and operation.state in states
