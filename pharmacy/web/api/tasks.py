"""Tasks that wait for a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pharmacy.store import tasks as books
from pharmacy.store.pages import page_of
from pharmacy.usecases.finish_task import finish_task
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.api.staff_shapes import TaskOutcomeInput, TaskOutput, TaskPage, TasksQuery
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_staff
from pharmacy.web.staff_door import staff_reading, staff_writing

blueprint = Blueprint("tasks", __name__, url_prefix="/api/v1/tasks", description="Tasks of staff")


@blueprint.get("")
@needs_staff()
@blueprint.arguments(TasksQuery(), location="query")
@blueprint.response(200, TaskPage)
def listing(asked: dict[str, Any]) -> Any:
    """Open tasks, soonest due first."""
    bookmark = read_bookmark(asked["page"])
    with staff_reading() as (session, _):
        page = page_of(session, books.open_tasks(asked["kind"]), asked["limit"], bookmark)
    return {"tasks": page.records, "next_page": sign_bookmark(page.next_bookmark)}


@blueprint.post("/<uuid:task_id>/close")
@needs_staff()
@blueprint.arguments(TaskOutcomeInput())
@blueprint.response(200, TaskOutput)
def close(asked: dict[str, str], task_id: UUID) -> Any:
    """The task is done, with this outcome; 409 when somebody was faster, 403 when it is another's to close."""
    with staff_writing() as (session, actor):
        return finish_task(session, task_id, asked["outcome"], by=actor, now=the_pharmacy().clock())
