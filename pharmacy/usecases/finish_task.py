"""A person has done what a task asked for, and says what came of it.

Whoever took emergency access does not settle it alone: that the readings were looked at is for the
pharmacist-in-charge to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import NotAllowed, Unfit
from pharmacy.domain.orders import Role
from pharmacy.store.tasks import Task, close_task, get_task
from pharmacy.usecases.emergency_access import EMERGENCY_TASK


@dataclass(eq=False)
class NotYoursToClose(NotAllowed):
    def __str__(self) -> str:
        return "Only the pharmacist-in-charge closes what emergency access left to look at."


@dataclass(eq=False)
class ReadsOnly(NotAllowed):
    def __str__(self) -> str:
        return "An auditor reads tasks and closes none."


@dataclass(eq=False)
class OutcomeMissing(Unfit):
    def __str__(self) -> str:
        return "Say what was done, in words."


def finish_task(session: Session, task_id: UUID, outcome: str, *, by: Actor, now: datetime) -> Task:
    """The task is closed with that outcome.

    Raises TaskNotFound, ReadsOnly, NotYoursToClose, OutcomeMissing, or TaskAlreadyClosed when somebody was faster.
    """
    refusal = why_not_yours(get_task(session, task_id), by)
    if refusal is not None:
        raise refusal
    if not outcome.strip():
        raise OutcomeMissing(where=("outcome",))
    return close_task(session, task_id, outcome, by=by, now=now)


def why_not_yours(task: Task, by: Actor) -> NotAllowed | None:
    """Why that person may not close it; None when they may."""
    if by.role is Role.AUDITOR:
        return ReadsOnly()
    if task.kind == EMERGENCY_TASK and by.role is not Role.PHARMACIST_IN_CHARGE:
        return NotYoursToClose()
    return None
