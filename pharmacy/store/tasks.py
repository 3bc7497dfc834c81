"""Tasks: something a person must do, because no rule and no worker may.

A task is opened in the transaction in which its reason arises, once per kind and subject while it is open, and
is closed by a person with an outcome in words. Kinds are "noun.verb", such as "refill.phone".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict, NotFound
from pharmacy.store import audit
from pharmacy.store.base import Model, new_id


@dataclass(eq=False)
class TaskNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such task."


@dataclass(eq=False)
class TaskAlreadyClosed(Conflict):
    def __str__(self) -> str:
        return "Somebody has closed this task already."


class Task(Model):
    __tablename__ = "tasks"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    subject_id: Mapped[UUID]
    wording: Mapped[str]
    due_on: Mapped[date]
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"), index=True)
    patient_id: Mapped[UUID | None] = mapped_column(ForeignKey("patients.id"))
    practice_id: Mapped[UUID | None] = mapped_column(ForeignKey("practices.id"))
    opened_at: Mapped[datetime]
    opened_by: Mapped[UUID]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None]
    outcome: Mapped[str | None]
    __table_args__ = (
        CheckConstraint("kind ~ '^[a-z]+(\\.[a-z_]+)+$'", name="kind"),
        CheckConstraint("num_nulls(closed_at, closed_by, outcome) in (0, 3)", name="closed_whole"),
        Index("uq_tasks_open", "kind", "subject_id", unique=True, postgresql_where="closed_at is null"),
        Index("ix_tasks_due", "due_on", "id", postgresql_where="closed_at is null"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """What is to be done about which subject, by the end of which day of the pharmacy."""

    kind: str
    subject_id: UUID
    wording: str
    due_on: date
    order_id: UUID | None = None
    patient_id: UUID | None = None
    practice_id: UUID | None = None


def open_task(session: Session, new: NewTask, *, by: Actor, now: datetime) -> UUID:
    """The id of the open task of that kind about that subject, which is opened unless it is open already."""
    row = {name: getattr(new, name) for name in NewTask.__dataclass_fields__}
    filed: UUID | None = session.scalar(
        insert(Task)
        .values(id=new_id(), opened_at=now, opened_by=by.id, **row)
        .on_conflict_do_nothing(
            index_elements=[Task.kind, Task.subject_id], index_where=Task.closed_at.is_(None)
        )
        .returning(Task.id)
    )
    if filed is not None:
        audit.record(session, "task.opened", filed, by=by, at=now, kind=new.kind)
        return filed
    return session.scalars(
        select(Task.id).where(
            Task.kind == new.kind, Task.subject_id == new.subject_id, Task.closed_at.is_(None)
        )
    ).one()


def task_row(new: NewTask, *, by: Actor, now: datetime) -> dict[str, Any]:
    """The open task as a row, for whoever files it with others in one statement."""
    return {
        **{name: getattr(new, name) for name in NewTask.__dataclass_fields__},
        "id": new_id(),
        "opened_at": now,
        "opened_by": by.id,
        "closed_at": None,
        "closed_by": None,
        "outcome": None,
    }


def get_task(session: Session, task_id: UUID) -> Task:
    """The task, open or closed; TaskNotFound when there is none."""
    found = session.get(Task, task_id)
    if found is None:
        raise TaskNotFound
    return found


def close_task(session: Session, task_id: UUID, outcome: str, *, by: Actor, now: datetime) -> Task:
    """The task is closed by that person with that outcome; TaskNotFound or TaskAlreadyClosed otherwise."""
    held = select(Task).where(Task.id == task_id).with_for_update()
    task = session.scalar(held.execution_options(populate_existing=True))
    if task is None:
        raise TaskNotFound
    if task.closed_at is not None:
        raise TaskAlreadyClosed
    task.closed_at, task.closed_by, task.outcome = now, by.id, outcome
    audit.record(session, "task.closed", task.id, by=by, at=now, kind=task.kind)
    return task


def close_about(
    session: Session, kind: str, subject_id: UUID, outcome: str, *, by: Actor, now: datetime
) -> None:
    """The open task of that kind about that subject, if there is one, is closed with that outcome."""
    open_one = session.scalar(
        select(Task.id).where(Task.kind == kind, Task.subject_id == subject_id, Task.closed_at.is_(None))
    )
    if open_one is not None:
        close_task(session, open_one, outcome, by=by, now=now)


def open_tasks(kind: str | None = None) -> Select[Task]:
    """Open tasks, soonest due first; of every kind where none is named."""
    query = select(Task).where(Task.closed_at.is_(None))
    if kind is not None:
        query = query.where(Task.kind == kind)
    return query.order_by(Task.due_on, Task.id)


def open_about(noun: str | None) -> Select[Task]:
    """Open tasks of the kinds that begin with that noun, soonest due first; all of them where none is named."""
    query = open_tasks()
    return query if noun is None else query.where(Task.kind.startswith(f"{noun}.", autoescape=True))


def count_by_noun(session: Session) -> dict[str, int]:
    """How many tasks are open, by the noun that their kind begins with."""
    noun = func.split_part(Task.kind, literal_column("'.'"), literal_column("1"))
    query = select(noun, func.count()).where(Task.closed_at.is_(None)).group_by(noun).order_by(noun)
    return dict(session.execute(query).all())


def is_open(session: Session, kind: str, subject_id: UUID) -> bool:
    """Whether a task of that kind about that subject waits for a person."""
    query = select(Task.id).where(Task.kind == kind, Task.subject_id == subject_id, Task.closed_at.is_(None))
    return session.scalar(query) is not None


def open_of_kind(kind: str) -> Select[Any]:
    """The ids of the tasks of that kind that wait for a person."""
    return select(Task.id).where(Task.kind == kind, Task.closed_at.is_(None))
