"""Notices: the queue, uncertain ones first, and one notice with its words, its decisions and a person's own."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import local_day
from pharmacy.store import notices
from pharmacy.store.notices import FOR_A_PERSON, NoticeState
from pharmacy.store.pages import page_of
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.notice_case import case_seen
from pharmacy.usecases.notice_preview import notice_preview
from pharmacy.usecases.notice_queue import notice_shown, queue_of, queue_shown
from pharmacy.usecases.notices_of_patient import decision_shown
from pharmacy.usecases.settle_notice import Finding, Settlement, settle_notice
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.console.attempts import tried
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext
from pharmacy.web.console.lists import Empty, Filter, Pages
from pharmacy.web.console.notices_shown import EMPTY, FILTERS, notice_row, told_decisions
from pharmacy.web.console.places import BENCH
from pharmacy.web.console.presence import the_member
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_role, signed_in

HERE = "notices"
_ROWS_PER_PAGE = 50


@blueprint.get("/notices")
@signed_in
def notices_page() -> Any:
    """Notices in one state; those whose fate nobody knows come first."""
    asked = request.args.get("state", "")
    state = NoticeState(asked) if asked in set(NoticeState) else NoticeState.UNCERTAIN
    bookmark = read_bookmark(request.args.get("page"))
    pharmacy = the_pharmacy()
    now = pharmacy.clock()
    with told_apart(), pharmacy.sessions.read() as session:
        page = page_of(session, queue_of(state), _ROWS_PER_PAGE, bookmark)
        shown = queue_shown(session, page.records)
        counts = notices.count_in(session, FOR_A_PERSON)
        around = frame(session, HERE)
    following, today = sign_bookmark(page.next_bookmark), local_day(now, pharmacy.zone)
    return render_template(
        "console/notices.html",
        frame=around,
        title=str(FILTERS[state]),
        filters=[
            Filter(
                words=str(words),
                href=url_for("console.notices_page", state=each),
                is_chosen=each is state,
                count=counts.get(each, 0) if each in FOR_A_PERSON else None,
            )
            for each, words in FILTERS.items()
        ],
        rows=[notice_row(each, pharmacy.zone, today) for each in shown],
        empty=Empty(why=str(EMPTY[state])),
        pages=Pages(
            next_href=url_for("console.notices_page", state=state, page=following) if following else "",
            first_href=url_for("console.notices_page", state=state) if bookmark else "",
        ),
    )


@blueprint.get("/notices/<uuid:notice_id>")
@signed_in
def notice_page(notice_id: UUID) -> Any:
    """One notice: what it says, what was decided about it, and what a person may decide."""
    return _show(notice_id, Form())


@blueprint.post("/notices/<uuid:notice_id>/settle")
@needs_role(*BENCH)
def settle(notice_id: UUID) -> Any:
    """It arrived, or it is sent once more."""
    form = Form.typed("finding", "reason", name="settle").lacking(
        {"finding": gettext("Choose what you found."), "reason": gettext("Say how you know, in words.")}
    )
    asked = form["finding"]
    finding = Finding(asked) if asked in set(Finding) else Finding.ARRIVED
    if asked and asked not in set(Finding):
        form = form.at_fault("finding", gettext("Choose what you found."))
    settlement = Settlement(notice_id=notice_id, finding=finding, reason=form["reason"])

    def work(session: Session, by: Actor, now: datetime) -> None:
        settle_notice(session, settlement, by=by, now=now)

    here = url_for("console.notice_page", notice_id=notice_id)
    return tried(work, form, lambda refused: _show(notice_id, refused), here)


def _show(notice_id: UUID, form: Form) -> str:
    pharmacy = the_pharmacy()
    now = pharmacy.clock()
    with told_apart(), pharmacy.sessions.read() as session:
        notice, prescription_id = notices.with_prescription(session, notice_id)
        case = case_seen(session, notice, prescription_id, now=now)
        messages, decisions = notices.messages_and_decisions(session, notice_id)
        around = frame(session, HERE)
    shown = notice_shown(
        notice,
        order_number=case.order.number,
        patient_name=case.patient.full_name,
        channel=messages[0].channel if messages else None,
    )
    row = notice_row(shown, pharmacy.zone, local_day(now, pharmacy.zone))
    return render_template(
        "console/notice.html",
        frame=around,
        notice=row,
        decisions=told_decisions([decision_shown(each) for each in decisions], pharmacy.zone),
        preview=notice_preview(case, pharmacy.notice_desk),
        form=form,
        may_decide=the_member().role in BENCH,
        may_have_arrived=notice.state is NoticeState.UNCERTAIN,
    )
