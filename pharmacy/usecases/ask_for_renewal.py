"""The prescriber is asked for a renewal in good time, and staff call when no answer has come.

The practice hears it by an event, and finds the request among its renewals. A second notice, days later, finds the
request still open and opens a task (house policy: escalated after a week).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.store import renewals
from pharmacy.store.orders import Order
from pharmacy.store.tasks import NewTask, open_task
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.renew_prescription import ask_renewal

TASK = "prescription.renew"


def ask_for_renewal(session: Session, order: Order, reference: Reference, *, by: Actor, now: datetime) -> str:
    """What was done, in words: asked, called for, or nothing where the answer has come."""
    if renewals.open_of(session, order.prescription_id) is not None:
        task = NewTask(
            kind=TASK,
            subject_id=order.prescription_id,
            wording=f"The prescriber of Rx {order.number} has not answered the request to renew: call.",
            due_on=reference.on,
            order_id=order.id,
            patient_id=order.patient_id,
            practice_id=order.practice_id,
        )
        open_task(session, task, by=by, now=now)
        return "the prescriber has not answered: staff call"
    if renewals.was_asked(session, order.prescription_id):
        return "the prescriber has answered"
    ask_renewal(session, order.prescription_id, reference, by=by, now=now)
    return "to the prescriber"
