"""Asking a payment provider for one operation, once, and writing down what became of it.

Two short transactions and none while it is talked to. The first notes that the provider is asked now; whoever
finds an operation that was asked and never answered (a worker died, the line fell silent) settles it as uncertain
and asks for nothing again: a person looks up what became of it. While the provider certainly has nothing, the
operation waits and is asked for again. An authorisation that has lapsed before the capture is asked for anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import local_day
from pharmacy.domain.money import Money
from pharmacy.domain.payments import OperationKind, OperationState, has_lapsed
from pharmacy.store import orders, outbox, payments
from pharmacy.store.payments import Payment, PaymentOperation
from pharmacy.store.sessions import Sessions
from pharmacy.usecases.begin_payment import add_operation
from pharmacy.usecases.ports import PaymentAnswer, PaymentAsked, PaymentProvider, Uncertain, Unreachable
from pharmacy.usecases.reference import ReferenceShelf
from pharmacy.usecases.settle_operation import Held, settle_operation

# Longer than any provider may take to answer.
LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Till:
    """What payments need besides the books."""

    provider: PaymentProvider
    shelf: ReferenceShelf
    zone: ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How the provider left us: what it answered, or why nobody can know."""

    state: OperationState
    answer: PaymentAnswer | None = None
    reason: str | None = None


def ask_provider(sessions: Sessions, message_id: UUID, till: Till, *, by: Actor, now: datetime) -> None:
    """The operation of that message has been asked for and settled, or waits to be asked for again.

    A message already delivered changes nothing; one whose operation is settled is delivered.
    """
    with sessions.write() as session:
        asked = _prepare(session, message_id, till, by=by, now=now)
    if asked is None:
        return
    outcome = _talk(till.provider, asked)
    with sessions.write() as session:
        if outcome is None:
            _give_back(session, asked.key)
            return
        settle_answer(session, asked.key, outcome, till, by=by, now=now)
        message = outbox.get_undelivered(session, message_id)
        if message is not None:
            message.delivered_at = now


def settle_answer(
    session: Session, operation_id: UUID, outcome: Outcome, till: Till, *, by: Actor, now: datetime
) -> None:
    """The operation has come to that end, with what follows from it for the order."""
    held = _held(session, operation_id)
    operation = held.operation
    if operation.state not in {OperationState.ASKED, OperationState.UNCERTAIN}:
        return
    if outcome.answer is not None:
        operation.provider_reference = outcome.answer.reference
        operation.lapses_at = outcome.answer.lapses_at
    operation.settle(outcome.state, at=now, reason=outcome.reason)
    today = local_day(now, till.zone)
    settle_operation(session, held, till.shelf.current(session, today), by=by, now=now)


def outcome_of(answer: PaymentAnswer) -> Outcome:
    """What an answer means: done, or refused with its code."""
    state = OperationState.DONE if answer.refusal is None else OperationState.REFUSED
    return Outcome(state=state, answer=answer, reason=answer.refusal)


def _talk(provider: PaymentProvider, asked: PaymentAsked) -> Outcome | None:
    """How it went; None when the provider certainly has nothing."""
    try:
        return outcome_of(provider.ask(asked))
    except Unreachable:
        return None
    except Uncertain as silence:
        return Outcome(state=OperationState.UNCERTAIN, reason=str(silence))


def _prepare(
    session: Session, message_id: UUID, till: Till, *, by: Actor, now: datetime
) -> PaymentAsked | None:
    """What to ask, with the operation marked as asked; None when nothing is to be asked now."""
    message = outbox.get_undelivered_unlocked(session, message_id)
    if message is None:
        return None
    held = _held(session, message.subject_id)
    operation = held.operation
    if operation.state is OperationState.ASKED:
        if (operation.asked_at or now) <= now - LEASE:
            silent = Outcome(state=OperationState.UNCERTAIN, reason="a worker stopped while asking")
            settle_answer(session, operation.id, silent, till, by=by, now=now)
        return None
    if operation.state is not OperationState.WAITING:
        message.delivered_at = now
        return None
    if operation.kind is OperationKind.CAPTURE and not _may_capture(session, held, by=by, now=now):
        return None
    operation.state, operation.asked_at = OperationState.ASKED, now
    return _asked(held.payment, operation)


def _may_capture(session: Session, held: Held, *, by: Actor, now: datetime) -> bool:
    """Whether an authorisation holds that the capture can draw on.

    One that has lapsed is asked for again, once, and the capture after it; one that is being asked for is waited for.
    Where the payer has declined it since, a person has a task, and nobody is asked again.
    """
    payment, operation = held.payment, held.operation
    if payment.account().authorisation(now) is not None:
        return True
    if _is_authorising(payment):
        return False
    amount = Money(operation.amount_cents)
    operation.asked_at = now
    operation.settle(OperationState.REFUSED, at=now, reason="the authorisation had ended")
    asked = [each for each in payment.operations if each.kind is OperationKind.AUTHORISE]
    if asked and asked[-1].state is OperationState.DONE and has_lapsed(asked[-1].operation(), now):
        add_operation(session, payment, OperationKind.AUTHORISE, amount, by=by, now=now)
        add_operation(session, payment, OperationKind.CAPTURE, amount, by=by, now=now)
    return False


def _is_authorising(payment: Payment) -> bool:
    return any(
        each.kind is OperationKind.AUTHORISE
        and each.state in {OperationState.WAITING, OperationState.ASKED, OperationState.UNCERTAIN}
        for each in payment.operations
    )


def _last_authorisation(payment: Payment) -> PaymentOperation | None:
    given = [
        each
        for each in payment.operations
        if each.kind is OperationKind.AUTHORISE and each.state is OperationState.DONE
    ]
    return given[-1] if given else None


def _asked(payment: Payment, operation: PaymentOperation) -> PaymentAsked:
    authorisation = _last_authorisation(payment)
    return PaymentAsked(
        key=operation.id,
        account=payment.id,
        kind=operation.kind,
        amount=Money(operation.amount_cents),
        method=payment.method,
        payer_reference=payment.payer_reference,
        authorisation=None if authorisation is None else authorisation.provider_reference,
    )


def _give_back(session: Session, operation_id: UUID) -> None:
    """The provider has nothing: the operation waits again, and its message is handed on when its lease ends."""
    operation = _held(session, operation_id).operation
    if operation.state is OperationState.ASKED:
        operation.state, operation.asked_at = OperationState.WAITING, None


def _held(session: Session, operation_id: UUID) -> Held:
    """The order, locked, and the operation about it; orders are locked before anything of theirs."""
    order_id = payments.order_of_operation(session, operation_id)
    if order_id is None:
        raise payments.PaymentNotFound
    order = orders.get_for_update(session, order_id)
    return Held(order, *payments.with_operation(session, order_id, operation_id))
