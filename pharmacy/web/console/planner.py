"""The planner: what to make today for all queued lines, with its reasons and its bound; accepted with one click."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for

from pharmacy.domain.actors import Actor
from pharmacy.domain.anticipation import Override
from pharmacy.domain.orders import Role
from pharmacy.store import batch_plans
from pharmacy.store.pages import page_of
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.batch_plan_views import plan_document
from pharmacy.usecases.make_batch_plan import accept_batch_plan, make_batch_plan
from pharmacy.usecases.planning_inputs import AheadAsked, PlanAsked
from pharmacy.usecases.refusals import Of
from pharmacy.web.console.batch_rows import plan_verdict
from pharmacy.web.console.bench import shelf_of_today
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext
from pharmacy.web.console.order import reference_of_today
from pharmacy.web.console.presence import the_member
from pharmacy.web.console.queue import the_viewer
from pharmacy.web.console.tries import attempt
from pharmacy.web.console.typed import a_count, a_count_or_none, a_day_or_none, a_stock_mass
from pharmacy.web.console.words import day_moment, with_days_in_words
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_role, signed_in

_BENCH = (Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
_FIELDS = ("promised_through", "most_batches", "ahead_mg", "ahead_capsules", "override_reason")
_NEWEST = 5


@blueprint.get("/planner")
@signed_in
def planner_page() -> Any:
    """The newest plan, and the form for another."""
    with told_apart(), the_pharmacy().sessions.read() as session:
        runs = page_of(session, batch_plans.newest_first(), 1, None).records
    return _page(runs[0].id if runs else None, Form())


@blueprint.get("/planner/<uuid:plan_id>")
@signed_in
def plan_page(plan_id: UUID) -> Any:
    """One plan as it was worked out."""
    return _page(plan_id, Form())


@blueprint.post("/planner")
@needs_role(*_BENCH)
def make_plan() -> Any:
    """A plan for all queued lines; nothing is made yet."""
    form = Form.typed(*_FIELDS)
    tried = attempt(
        form,
        lambda session, by, now: _make(session, form, by, now),
        of=Of.BATCH_PLAN,
        about=the_member().id,
    )
    if tried.is_refused or tried.done is None:
        return _page(None, tried.form), tried.status
    return redirect(url_for("console.plan_page", plan_id=tried.done), code=303)


@blueprint.post("/planner/<uuid:plan_id>/accept")
@needs_role(*_BENCH)
def accept_plan(plan_id: UUID) -> Any:
    """The plan's batches are planned, and its lines promised their capsules."""

    def work(session: Session, by: Actor, now: datetime) -> bool:
        accept_batch_plan(session, plan_id, shelf_of_today(session), by=by, now=now)
        return True

    tried = attempt(Form(), work, of=Of.BATCH_PLAN, about=plan_id)
    if tried.is_refused:
        return _page(plan_id, tried.form), tried.status
    return redirect(url_for("console.batches_page"), code=303)


def _make(session: Session, form: Form, by: Actor, now: datetime) -> UUID:
    reason = form["override_reason"]
    asked = PlanAsked(
        promised_through=a_day_or_none(form, "promised_through", gettext("The last promise")),
        most_batches=a_count_or_none(form, "most_batches", gettext("The number of batches")),
        ahead=_ahead(form),
        override=Override(by, reason) if reason else None,
    )
    return make_batch_plan(session, asked, reference_of_today(session), by=by, now=now).id


def _ahead(form: Form) -> tuple[AheadAsked, ...]:
    if not form["ahead_mg"] and not form["ahead_capsules"]:
        return ()
    strength = a_stock_mass(form, "ahead_mg", gettext("The strength"))
    return (AheadAsked(strength, a_count(form, "ahead_capsules", gettext("The number of capsules"))),)


def _page(plan_id: UUID | None, form: Form) -> str:
    viewer = the_viewer()
    with told_apart(), the_pharmacy().sessions.read() as session:
        plan = None if plan_id is None else plan_document(batch_plans.get(session, plan_id))
        earlier = page_of(session, batch_plans.newest_first(), _NEWEST, None).records
        queued = len(batch_plans.queued_lines(session))
        around = frame(session, "batches")
    return render_template(
        "console/planner.html",
        frame=around,
        plan=plan,
        verdict=plan_verdict(plan) if plan else "",
        planned_on=day_moment(plan["planned_on"], viewer.today) if plan else None,
        is_open=plan is not None and plan["state"] == "proposed" and plan["planned_on"] == viewer.today,
        queued=queued,
        earlier=[(run.id, day_moment(run.planned_on, viewer.today), run.state) for run in earlier],
        form=form,
        may_plan=viewer.role in _BENCH,
        may_override=viewer.role is Role.PHARMACIST_IN_CHARGE,
        in_words=with_days_in_words,
        sent=request.method == "POST",
    )
