"""The audit trail: searched by person, order and day, a page at a time by key, and verified from end to end.

An order is named by its number and a person by their id, so that no address holds a patient's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for

from pharmacy.domain.calendar import start_of_day
from pharmacy.domain.orders import Role
from pharmacy.store import orders, staff
from pharmacy.store.audit_search import TrailQuestion, called, trail
from pharmacy.store.pages import page_of
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.verify_audit import verify_audit
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.console.audit_shown import entry_shown, trail_in_words
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext
from pharmacy.web.console.lists import Empty, Pages
from pharmacy.web.console.presence import the_actor
from pharmacy.web.console.words import order_number
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_role

READERS = (Role.AUDITOR, Role.PHARMACIST_IN_CHARGE, Role.ADMINISTRATOR)
_PER_PAGE = 50
_ASKED = ("person", "order", "subject", "from", "until")
_NOTHING = UUID(int=0)


@blueprint.get("/audit")
@needs_role(*READERS)
def audit_page() -> Any:
    """Entries, newest first."""
    asked = {name: request.args.get(name, "").strip() for name in _ASKED}
    bookmark = read_bookmark(request.args.get("page"))
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.read() as session:
        form, question = _question(session, asked)
        page = page_of(session, trail(question), _PER_PAGE, bookmark)
        names = called(session, {entry.subject_id for entry in page.records})
        people = session.scalars(staff.everybody()).all()
        around = frame(session, "audit")
    following = sign_bookmark(page.next_bookmark)
    chosen: dict[str, Any] = {name: value for name, value in asked.items() if value}
    return render_template(
        "console/audit.html",
        frame=around,
        form=form,
        people=[("", gettext("anybody")), *((str(each.id), each.full_name) for each in people)],
        rows=[entry_shown(entry, names, pharmacy.zone) for entry in page.records],
        pages=Pages(
            next_href=url_for("console.audit_page", **chosen, page=following) if following else "",
            first_href=url_for("console.audit_page", **chosen) if bookmark else "",
        ),
        empty=Empty(
            why=gettext("Nothing on record answers this."),
            href=url_for("console.audit_page") if chosen else "",
            next_words=gettext("Show everything"),
        ),
    )


@blueprint.post("/audit/verify")
@needs_role(*READERS)
def verify_trail() -> Any:
    """Everything is computed again, and the result told in words."""
    pharmacy = the_pharmacy()
    with told_apart():
        report = verify_audit(pharmacy.sessions, pharmacy.notary, by=the_actor(), now=pharmacy.clock())
        with pharmacy.sessions.read() as session:
            around = frame(session, "audit")
    return render_template("console/audit_verified.html", frame=around, trail=trail_in_words(report))


def _question(session: Session, asked: Mapping[str, str]) -> tuple[Form, TrailQuestion]:
    """What was asked, with a fault at each field that cannot be read; such a field finds nothing."""
    form = Form.showing(dict(asked))
    subject = _id(asked["subject"])
    if asked["order"]:
        number = order_number(asked["order"])
        found = orders.id_of_number(session, int(number)) if number else None
        if found is None:
            form = form.at_fault("order", gettext("No order has this number."))
        subject = found or _NOTHING
    since, until = _day(asked["from"]), _day(asked["until"])
    for name, day in (("from", since), ("until", until)):
        if asked[name] and day is None:
            form = form.at_fault(name, gettext("Give a day."))
    return form, TrailQuestion(
        subject_id=subject,
        actor_id=_id(asked["person"]),
        since=_start(since) if since else None,
        until=_start(until + timedelta(days=1)) if until else None,
    )


def _id(text: str) -> UUID | None:
    """The id that stands there; what is none finds nothing."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        return _NOTHING


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _start(day: date) -> datetime:
    return start_of_day(day, the_pharmacy().zone)
