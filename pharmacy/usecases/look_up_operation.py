"""What became of an operation that nobody knows the end of: the provider is asked about it, and for nothing.

A person causes this. What the provider never took is settled as refused, so that it can be begun anew under
another key; a look that fails leaves it uncertain.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict
from pharmacy.domain.payments import OperationState
from pharmacy.store import payments
from pharmacy.store.sessions import Sessions
from pharmacy.usecases.ask_provider import Outcome, Till, outcome_of, settle_answer
from pharmacy.usecases.ports import NotDelivered


@dataclass(eq=False)
class NothingToLookUp(Conflict):
    state: OperationState

    def __str__(self) -> str:
        return f"This operation is {self.state}: there is nothing to look up."


@dataclass(eq=False)
class ProviderSilent(Conflict):
    """The provider does not say what became of it; the operation stays uncertain."""

    def __str__(self) -> str:
        return "The payment provider does not answer; the operation stays uncertain. Look again later."


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUp:
    """Which operation of which order."""

    order_id: UUID
    operation_id: UUID


def look_up_operation(sessions: Sessions, asked: LookUp, till: Till, *, by: Actor, now: datetime) -> None:
    """The uncertain operation is settled as the provider says. Raises PaymentNotFound, NothingToLookUp, ProviderSilent."""
    with sessions.read() as session:
        _, operation = payments.with_operation(session, asked.order_id, asked.operation_id)
        if operation.state is not OperationState.UNCERTAIN:
            raise NothingToLookUp(operation.state)
    try:
        answer = till.provider.look_up(asked.operation_id)
    except NotDelivered as silence:
        raise ProviderSilent from silence
    outcome = (
        Outcome(state=OperationState.REFUSED, reason="the provider never took it")
        if answer is None
        else outcome_of(answer)
    )
    with sessions.write() as session:
        settle_answer(session, asked.operation_id, outcome, till, by=by, now=now)
