"""Tasks: what a person must do because no rule may, soonest due first, and each closed with what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for

from pharmacy.domain.actors import Actor
from pharmacy.store import tasks
from pharmacy.store.pages import page_of
from pharmacy.store.sessions import Session
from pharmacy.store.tasks import Task
from pharmacy.store.waits import told_apart
from pharmacy.usecases.finish_task import finish_task, why_not_yours
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.console.attempts import tried
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext
from pharmacy.web.console.lists import Empty, Filter, Pages
from pharmacy.web.console.presence import the_actor
from pharmacy.web.console.queue import the_viewer
from pharmacy.web.console.tasks_shown import noun_words, task_row
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import signed_in

_HERE = "tasks"
_ROWS_PER_PAGE = 50
_LONGEST_OUTCOME = 1000


@blueprint.get("/tasks")
@signed_in
def tasks_page() -> Any:
    """Open tasks, all or those about one kind of thing."""
    bookmark, viewer = read_bookmark(request.args.get("page")), the_viewer()
    with told_apart(), the_pharmacy().sessions.read() as session:
        counts = tasks.count_by_noun(session)
        noun = about if (about := request.args.get("about")) in counts else None
        page = page_of(session, tasks.open_about(noun), _ROWS_PER_PAGE, bookmark)
        around = frame(session, _HERE)
    following = sign_bookmark(page.next_bookmark)
    return render_template(
        "console/tasks.html",
        frame=around,
        filters=_filters(counts, noun),
        rows=[task_row(each, viewer) for each in page.records],
        empty=Empty(why=gettext("Nothing waits for a person.")),
        pages=Pages(
            next_href=url_for("console.tasks_page", about=noun, page=following) if following else "",
            first_href=url_for("console.tasks_page", about=noun) if bookmark else "",
        ),
    )


@blueprint.get("/tasks/<uuid:task_id>")
@signed_in
def task_page(task_id: UUID) -> Any:
    """One task, and the form that closes it."""
    return _show(task_id, Form())


@blueprint.post("/tasks/<uuid:task_id>")
@signed_in
def finish(task_id: UUID) -> Any:
    """The task is done; or the page again, saying why not."""
    form = Form.typed("outcome", longest=_LONGEST_OUTCOME).lacking({"outcome": gettext("Say what was done.")})

    def work(session: Session, by: Actor, now: datetime) -> None:
        finish_task(session, task_id, form["outcome"], by=by, now=now)

    return tried(work, form, lambda refused: _show(task_id, refused), url_for("console.tasks_page"))


def _show(task_id: UUID, form: Form) -> str:
    with told_apart(), the_pharmacy().sessions.read() as session:
        task: Task = tasks.get_task(session, task_id)
        around = frame(session, _HERE)
    refusal = why_not_yours(task, the_actor())
    return render_template(
        "console/task.html",
        frame=around,
        task=task_row(task, the_viewer()),
        form=form,
        why_not="" if refusal is None else str(refusal),
    )


def _filters(counts: Mapping[str, int], chosen: str | None) -> list[Filter]:
    everything = Filter(
        words=gettext("All"),
        href=url_for("console.tasks_page"),
        is_chosen=chosen is None,
        count=sum(counts.values()),
    )
    return [everything] + [
        Filter(
            words=noun_words(noun),
            href=url_for("console.tasks_page", about=noun),
            is_chosen=noun == chosen,
            count=count,
        )
        for noun, count in counts.items()
    ]
