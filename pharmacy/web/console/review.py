"""Review: what was written beside what is to be made, what speaks against it, and a pharmacist's decision.

The raw prescription stands beside the structured plan and every difference is marked; nobody has to remember one
page while reading another. An override is signed; a rejection is final and has its code.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import render_template, url_for

from pharmacy.domain.actors import Actor
from pharmacy.domain.orders import Act, Role
from pharmacy.domain.screening import Rejection, StaffQuestion
from pharmacy.store import order_entries, orders, submitted_documents
from pharmacy.store.screening import Occasion
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.act_gates import why_not
from pharmacy.usecases.act_on_order import ActRequest, SomebodyElseWasFaster, contact_due, reason_due
from pharmacy.usecases.ask_prescriber import Question, ask_prescriber
from pharmacy.usecases.screen_order import Look, screen_order
from pharmacy.web.console.attempts import tried, tried_signed
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.entries_shown import sheet_shown
from pharmacy.web.console.forms import Form, seen_version
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext
from pharmacy.web.console.openings import opened
from pharmacy.web.console.order import Attempt, gather
from pharmacy.web.console.order_sheet import order_sheet
from pharmacy.web.console.presence import the_actor
from pharmacy.web.console.questions_shown import questions_shown
from pharmacy.web.console.queue import reference_of_today, the_viewer
from pharmacy.web.console.review_shown import QUESTION_WORDS, REJECTION_WORDS, raw_shown
from pharmacy.web.console.verification import act_work
from pharmacy.web.console.words import with_days_in_words
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_role

_PHARMACISTS = (Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
_BENCH = (Role.TECHNICIAN, *_PHARMACISTS)


@blueprint.get("/orders/<uuid:order_id>/review")
@needs_role(*_BENCH)
def review_page(order_id: UUID) -> Any:
    """The order as its reviewer sees it."""
    return show_review(order_id, Form())


@blueprint.post("/orders/<uuid:order_id>/review/approve")
@needs_role(*_PHARMACISTS)
def approve(order_id: UUID) -> Any:
    """The order is fit to be made; what is set aside for that is signed."""
    form = Form.typed("reason", "contact", name="approve")
    request = ActRequest(
        order_id=order_id,
        act=Act.APPROVE,
        seen_version=seen_version(),
        reason=form["reason"],
        contact=form["contact"],
    )
    with told_apart(), the_pharmacy().sessions.read() as session:
        is_signed = reason_due(orders.get(session, order_id), Act.APPROVE) is not None
    return (tried_signed if is_signed else tried)(act_work(request), form, _again(order_id), _order(order_id))


@blueprint.post("/orders/<uuid:order_id>/review/reject")
@needs_role(*_PHARMACISTS)
def reject(order_id: UUID) -> Any:
    """The order ends here for good, with a code and a reason."""
    form = Form.typed("code", "reason", name="reject").lacking(
        {"code": gettext("Choose why it is rejected."), "reason": gettext("Give the reason, in words.")}
    )
    code = Rejection(form["code"]) if form["code"] in set(Rejection) else Rejection.OTHER
    request = ActRequest(
        order_id=order_id,
        act=Act.REJECT,
        seen_version=seen_version(),
        reason=form["reason"],
        rejection=code,
    )
    return tried_signed(act_work(request), form, _again(order_id), _order(order_id))


@blueprint.post("/orders/<uuid:order_id>/review/questions")
@needs_role(*_BENCH)
def ask(order_id: UUID) -> Any:
    """The prescriber is asked; the order waits until it is answered, and goes on where it was."""
    form = Form.typed("code", "wording", name="ask").lacking(
        {"code": gettext("Choose what the question is about."), "wording": gettext("Write the question.")}
    )
    code = StaffQuestion(form["code"]) if form["code"] in set(StaffQuestion) else StaffQuestion.OTHER
    question = Question(order_id=order_id, seen_version=seen_version(), code=code, wording=form["wording"])

    def work(session: Session, by: Actor, now: Any) -> None:
        ask_prescriber(session, question, by=by, now=now)

    return tried(work, form, _again(order_id), url_for("console.review_page", order_id=order_id))


@blueprint.post("/orders/<uuid:order_id>/review/screenings")
@needs_role(*_BENCH)
def screen_again(order_id: UUID) -> Any:
    """The rules of now look at all that is known now."""
    seen = seen_version()

    def work(session: Session, by: Actor, now: Any) -> None:
        order = orders.get_for_update(session, order_id)
        if order.version != seen:
            raise SomebodyElseWasFaster
        look = Look(reference=reference_of_today(session), occasion=Occasion.REVIEW)
        screen_order(session, order, look, by=by, now=now)

    here = url_for("console.review_page", order_id=order_id)
    return tried(work, Form(name="screen"), _again(order_id), here)


def show_review(order_id: UUID, form: Form) -> str:
    """The page; with what was refused, where something was."""
    viewer, actor, pharmacy = the_viewer(), the_actor(), the_pharmacy()
    with told_apart(), pharmacy.sessions.read() as session:
        order = orders.get(session, order_id)
        gathered = gather(
            session,
            order,
            order_entries.listing_of(order_id),
            submitted_documents.listing_of(order.prescription_id),
        )
        (entry,), (paper,) = (rows[:1] or [None] for rows in gathered.besides)
        picture = order_entries.picture_kind_of(session, entry.id) if entry is not None else None
        around = frame(session, "review")
    refusals = {act: why_not(order, act, actor, gathered.standing) for act in (Act.APPROVE, Act.REJECT)}
    return render_template(
        "console/review.html",
        frame=around,
        company=opened(order, gathered.standing.reference),
        order=order_sheet(gathered, viewer),
        sheet=sheet_shown(entry, picture),
        raw=raw_shown(order, paper.worded if paper is not None else ""),
        questions=questions_shown(order, actor, pharmacy.zone),
        attempt=Attempt(),
        form=form,
        why_not={
            act.value: with_days_in_words(refusal.reason) if refusal else ""
            for act, refusal in refusals.items()
        },
        reason_due=reason_due(order, Act.APPROVE) or "",
        contact_due=contact_due(order, Act.APPROVE) or "",
        question_codes=QUESTION_WORDS,
        rejections=REJECTION_WORDS,
    )


def _again(order_id: UUID) -> Any:
    return lambda form: show_review(order_id, form)


def _order(order_id: UUID) -> str:
    return url_for("console.order_page", order_id=order_id)
