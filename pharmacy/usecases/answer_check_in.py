"""A patient answers a check-in with one tap.

"Fine" is kept. Anything else opens a task for a pharmacist, with the adjustments to think of, and tells the practice
that something was reported; while the task is open the next step notice waits. Nothing of the plan changes by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.check_ins import CheckInAnswer, task_wording
from pharmacy.domain.events import EventKind
from pharmacy.store import audit, events, inbound, notices, orders
from pharmacy.store.inbound import CheckIn, ReplyKind
from pharmacy.store.tasks import NewTask, open_task


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInReply:
    """What was tapped, and the pharmacy's day on which it was."""

    notice_id: UUID
    answer: CheckInAnswer
    on: date


def answer_check_in(session: Session, reply: CheckInReply, *, by: Actor, now: datetime) -> CheckIn:
    """The answer is in the books; the same one again changes nothing, another one takes its place."""
    notice = notices.get(session, reply.notice_id)
    order = orders.get_for_update(session, notice.order_id)
    found = inbound.check_in_of(session, notice.id)
    if found is not None and found.answer is reply.answer:
        return found
    if found is None:
        found = CheckIn(notice_id=notice.id, order_id=order.id)
        session.add(found)
    found.answer, found.answered_at = reply.answer, now
    audit.record(session, "check_in.answered", order.id, by=by, at=now, answer=reply.answer)
    if reply.answer is not CheckInAnswer.FINE:
        task = NewTask(
            kind=ReplyKind.CHECK_IN,
            subject_id=order.prescription_id,
            wording=task_wording(reply.answer, notice.step_position),
            due_on=reply.on,
            order_id=order.id,
            patient_id=order.patient_id,
            practice_id=order.practice_id,
        )
        open_task(session, task, by=by, now=now)
        events.add(
            session,
            EventKind.CHECK_IN_ANSWERED,
            practice_id=order.practice_id,
            order_id=order.id,
            prescription_id=order.prescription_id,
            now=now,
        )
    return found
