"""Staff ask the prescriber: the order waits in clarification, and goes on where it was once it is answered.

A clarification is recoverable and coded (`C-...`); a rejection is final (`R-...`), and another thing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict
from pharmacy.domain.events import of_status
from pharmacy.domain.findings import Finding, Severity
from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.screening import StaffQuestion
from pharmacy.store import audit, events, orders
from pharmacy.store.orders import Order
from pharmacy.usecases.act_gates import open_questions
from pharmacy.usecases.act_on_order import SomebodyElseWasFaster
from pharmacy.usecases.screen_order import finding_of, replace_findings


@dataclass(eq=False)
class AlreadyAsked(Conflict):
    code: str

    def __str__(self) -> str:
        return f"{self.code} is asked already and not answered yet."


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked about the order, as the person saw it."""

    order_id: UUID
    seen_version: int
    code: StaffQuestion
    wording: str


def ask_prescriber(session: Session, question: Question, *, by: Actor, now: datetime) -> Order:
    """The question stands on the order, which waits in clarification until it is answered.

    Raises OrderNotFound, SomebodyElseWasFaster, AlreadyAsked, or IllegalTransition for an order that is past it.
    """
    order = orders.get_for_update(session, question.order_id)
    if order.version != question.seen_version:
        raise SomebodyElseWasFaster
    if question.code in open_questions(order):
        raise AlreadyAsked(question.code)
    if order.status is not OrderStatus.CLARIFICATION:
        before = order.status
        order.advance_to(OrderStatus.CLARIFICATION, by=by, at=now)
        order.resumes_to = before
        events.add(
            session, of_status(order.status), practice_id=order.practice_id, order_id=order.id, now=now
        )
    asked = Finding(question.code, Severity.BLOCK, question.wording)
    replace_findings(session, order, (asked, *(finding_of(each) for each in order.findings)))
    audit.record(session, "order.asked", order.id, by=by, at=now, kind=question.code)
    return order
