"""Directions in free text: what was read of them and what was not, accepted or declined by a pharmacist.

A proposal orders nothing. What is accepted is typed into an order, and its dose read by a second person, like any
other that comes on paper.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for

from pharmacy.domain.actors import Actor
from pharmacy.domain.dose_text import format_dose
from pharmacy.domain.orders import Role
from pharmacy.domain.titration import TimeOfDay
from pharmacy.store import plan_proposals
from pharmacy.store.pages import page_of
from pharmacy.store.plan_proposals import PlanProposal, ProposalStatus
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.plan_as_facts import plan_from_facts
from pharmacy.usecases.propose_plan import accept_proposal, decline_proposal, propose_plan
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.console.attempts import tried
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext
from pharmacy.web.console.lists import Empty, Pages
from pharmacy.web.console.queue import reference_of_today, the_viewer
from pharmacy.web.console.review_shown import pieces_of
from pharmacy.web.console.words import TIME_WORDS, instant_moment
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_role

_PHARMACISTS = (Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
_BENCH = (Role.TECHNICIAN, *_PHARMACISTS)
_LONGEST_TEXT = 2000
_ROWS_PER_PAGE = 50


@blueprint.get("/proposals")
@needs_role(*_BENCH)
def proposals_page() -> Any:
    """Directions that wait for a pharmacist, oldest first."""
    return show_proposals(Form())


@blueprint.post("/proposals")
@needs_role(*_BENCH)
def read_text() -> Any:
    """The text is read, and kept with what was read of it."""
    form = Form.typed("text", longest=_LONGEST_TEXT).lacking(
        {"text": gettext("Type the directions, word for word.")}
    )

    def work(session: Session, by: Actor, now: datetime) -> None:
        # Line breaks count as spaces, so that places in the text stay what they are.
        propose_plan(session, " ".join(form["text"].split()), by=by, now=now)

    return tried(work, form, show_proposals, url_for("console.proposals_page"))


@blueprint.get("/proposals/<uuid:proposal_id>")
@needs_role(*_BENCH)
def proposal_page(proposal_id: UUID) -> Any:
    """One text, what was read, and what was not."""
    return show_proposal(proposal_id, Form())


@blueprint.post("/proposals/<uuid:proposal_id>/accept")
@needs_role(*_PHARMACISTS)
def accept_reading(proposal_id: UUID) -> Any:
    """The plan is accepted as it was read."""

    def work(session: Session, by: Actor, now: datetime) -> None:
        limits = reference_of_today(session).dose_limits
        accept_proposal(session, proposal_id, None, limits, by=by, now=now)

    return tried(work, Form(name="accept"), _again(proposal_id), _page(proposal_id))


@blueprint.post("/proposals/<uuid:proposal_id>/decline")
@needs_role(*_PHARMACISTS)
def decline_reading(proposal_id: UUID) -> Any:
    """The reading is declined, for a reason."""
    form = Form.typed("reason", name="decline").lacking({"reason": gettext("Say why it is declined.")})

    def work(session: Session, by: Actor, now: datetime) -> None:
        decline_proposal(session, proposal_id, form["reason"], by=by, now=now)

    return tried(work, form, _again(proposal_id), _page(proposal_id))


def show_proposals(form: Form) -> str:
    """The list; with what was refused, where something was."""
    pharmacy, bookmark = the_pharmacy(), read_bookmark(request.args.get("page"))
    with told_apart(), pharmacy.sessions.read() as session:
        page = page_of(session, plan_proposals.waiting(), _ROWS_PER_PAGE, bookmark)
        around = frame(session, "proposals")
    following = sign_bookmark(page.next_bookmark)
    return render_template(
        "console/proposals.html",
        frame=around,
        form=form,
        rows=[
            (str(each.id), each.text, instant_moment(each.proposed_at, pharmacy.zone))
            for each in page.records
        ],
        pages=Pages(
            next_href=url_for("console.proposals_page", page=following) if following else "",
            first_href=url_for("console.proposals_page") if bookmark else "",
        ),
        empty=Empty(why=gettext("No directions wait for a pharmacist. Type some below to have them read.")),
    )


def show_proposal(proposal_id: UUID, form: Form) -> str:
    """The page; with what was refused, where something was."""
    with told_apart(), the_pharmacy().sessions.read() as session:
        proposal = plan_proposals.get(session, proposal_id)
        around = frame(session, "proposals")
    return render_template(
        "console/proposal.html",
        frame=around,
        proposal_id=str(proposal_id),
        form=form,
        pieces=tuple(pieces_of(proposal.text)),
        steps=_steps(proposal),
        lacks=tuple(proposal.reading["lacks"]),
        is_open=proposal.status is ProposalStatus.PROPOSED,
        may_decide=the_viewer().role in _PHARMACISTS,
        status=proposal.status.value,
        reason=proposal.reason or "",
    )


def _steps(proposal: PlanProposal) -> list[tuple[str, str, str]]:
    """The plan as accepted, or as read: position, dose, and how long."""
    facts = proposal.accepted_plan or proposal.reading["plan"]
    if facts is None:
        return []
    return [
        (
            str(position),
            gettext(" and ").join(
                f"{format_dose(intake.dose)} {TIME_WORDS[TimeOfDay(intake.time_of_day)]}"
                for intake in step.doses
            )
            or gettext("no dose"),
            gettext("%(duration_days)s days", duration_days=step.duration_days)
            if step.duration_days
            else gettext("open-ended"),
        )
        for position, step in enumerate(plan_from_facts(facts).steps, start=1)
    ]


def _again(proposal_id: UUID) -> Any:
    return lambda form: show_proposal(proposal_id, form)


def _page(proposal_id: UUID) -> str:
    return url_for("console.proposal_page", proposal_id=proposal_id)
