"""A task as staff see it: what is to be done, about what, by when, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for

from pharmacy.store.tasks import Task
from pharmacy.web.console.language import gettext, lazy_gettext
from pharmacy.web.console.queue_rows import Viewer
from pharmacy.web.console.words import Chip, Moment, Tone, day_moment, instant_moment

_NOUNS: Mapping[str, str] = {
    "adjustment": lazy_gettext("Changes of a plan"),
    "batch": lazy_gettext("Batches"),
    "course": lazy_gettext("Courses"),
    "emergency": lazy_gettext("Emergency access"),
    "fill": lazy_gettext("Fills"),
    "incident": lazy_gettext("Incidents"),
    "label": lazy_gettext("Labels"),
    "lot": lazy_gettext("Lots"),
    "notice": lazy_gettext("Notices"),
    "order": lazy_gettext("Orders"),
    "patient": lazy_gettext("Patients"),
    "payment": lazy_gettext("Payments"),
    "prescription": lazy_gettext("Prescriptions"),
    "recall": lazy_gettext("Recalls"),
    "refill": lazy_gettext("Refills"),
    "room": lazy_gettext("Rooms"),
    "stock": lazy_gettext("Stock"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """One task; `about` leads to the order or patient, if it is about one."""

    task_id: str
    wording: str
    noun: str
    state: Chip
    due: Moment
    opened: Moment
    about: tuple[tuple[str, str], ...]
    closed: Moment | None
    outcome: str

    @property
    def is_open(self) -> bool:
        return self.closed is None


def noun_words(noun: str) -> str:
    """What tasks of that kind are about; a kind that nobody worded is called as it is kept."""
    return str(_NOUNS.get(noun, noun.replace("_", " ").capitalize()))


def task_row(task: Task, viewer: Viewer) -> TaskRow:
    """That task, on the day of whoever looks."""
    return TaskRow(
        task_id=str(task.id),
        wording=task.wording,
        noun=noun_words(task.kind.split(".")[0]),
        state=_state(task, viewer),
        due=day_moment(task.due_on, viewer.today),
        opened=instant_moment(task.opened_at, viewer.zone),
        about=_about(task),
        closed=None if task.closed_at is None else instant_moment(task.closed_at, viewer.zone),
        outcome=task.outcome or "",
    )


def _state(task: Task, viewer: Viewer) -> Chip:
    if task.closed_at is not None:
        return Chip(gettext("Done"), Tone.DONE)
    if task.due_on < viewer.today:
        return Chip(gettext("Late"), Tone.BLOCKED)
    if task.due_on == viewer.today:
        return Chip(gettext("Due today"), Tone.MINE)
    return Chip(gettext("To come"), Tone.WAITING)


def _about(task: Task) -> tuple[tuple[str, str], ...]:
    """Where to look: the words of each way, and its address."""
    ways = []
    if task.order_id is not None:
        ways.append((gettext("The order"), url_for("console.order_page", order_id=task.order_id)))
    if task.patient_id is not None:
        ways.append((gettext("The patient"), url_for("console.patient_page", patient_id=task.patient_id)))
    return tuple(ways)
