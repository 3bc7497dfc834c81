"""The prescriber is asked for a renewal in good time, and staff call when no answer has come.

The practice hears it by an event, and finds the request among its renewals. A second notice, days later, finds the
request still open and opens a task (house policy: escalated after a week).
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.events import EventKind
from pharmacy.store import audit, events, renewals
from pharmacy.store.base import new_id
from pharmacy.store.orders import Order
from pharmacy.store.renewals import Renewal, RenewalState
from pharmacy.store.tasks import NewTask, open_task

TASK = "prescription.renew"


def ask_prescriber(session: Session, order: Order, *, today: date, by: Actor, now: datetime) -> str:
    """What was done, in words: asked, called for, or nothing where the answer has come."""
    if renewals.open_of(session, order.prescription_id) is not None:
        task = NewTask(
            kind=TASK,
            subject_id=order.prescription_id,
            wording=f"The prescriber of Rx {order.number} has not answered the request to renew: call.",
            due_on=today,
            order_id=order.id,
            patient_id=order.patient_id,
            practice_id=order.practice_id,
        )
        open_task(session, task, by=by, now=now)
        return "the prescriber has not answered: staff call"
    if renewals.was_asked(session, order.prescription_id):
        return "the prescriber has answered"
    _ask(session, order, today, by=by, now=now)
    return "to the prescriber"


def _ask(session: Session, order: Order, today: date, *, by: Actor, now: datetime) -> None:
    asked = Renewal(
        id=new_id(),
        prescription_id=order.prescription_id,
        practice_id=order.practice_id,
        state=RenewalState.ASKED,
        asked_at=now,
        asked_by=by.id,
        needed_on=today,
    )
    session.add(asked)
    audit.record(session, "renewal.asked", order.prescription_id, by=by, at=now)
    events.add(
        session,
        EventKind.RENEWAL_ASKED,
        practice_id=order.practice_id,
        prescription_id=order.prescription_id,
        subject_id=asked.id,
        now=now,
    )
