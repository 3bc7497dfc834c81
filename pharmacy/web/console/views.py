"""Saved views of the queue, and the rail that renews its counts."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for

from pharmacy.domain.actors import Actor
from pharmacy.store import console_desk
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.web.console.attempts import tried
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext
from pharmacy.web.console.queue import show_queue
from pharmacy.web.console.queue_choice import kept_query
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import renews_itself, signed_in

_LONGEST_NAME = 40


@blueprint.post("/views")
@signed_in
def save_view() -> Any:
    """What is looked at is kept under a name, for this person alone."""
    form = Form.typed("name", "query", name="view").lacking({"name": gettext("Give the view a name.")})
    query = kept_query(form["query"])

    def work(session: Session, by: Actor, now: datetime) -> None:
        console_desk.save_view(session, by.id, form["name"][:_LONGEST_NAME], query, now=now)

    return tried(work, form, show_queue, f"{url_for('console.queue_page')}?{query}")


@blueprint.post("/views/<uuid:view_id>/forget")
@signed_in
def forget_view(view_id: UUID) -> Any:
    """The view is no longer kept."""

    def work(session: Session, by: Actor, _: datetime) -> None:
        console_desk.forget_view(session, by.id, view_id)

    return tried(work, Form(name="view"), show_queue, url_for("console.queue_page"))


@blueprint.get("/rail")
@renews_itself
@signed_in
def rail_part() -> Any:
    """The rail alone, with counts as they are now."""
    with told_apart(), the_pharmacy().sessions.read() as session:
        around = frame(session, request.args.get("here", ""))
    return render_template("console/_rail.html", frame=around)
