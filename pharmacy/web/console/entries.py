"""Order entry: what came by fax, telephone or paper, its sheet beside the form, the dose entered by two people."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, redirect, render_template, request, url_for
from marshmallow import ValidationError

from pharmacy.domain.actors import Actor
from pharmacy.domain.double_entry import Channel, Dose
from pharmacy.domain.errors import PharmacyError, Unfit
from pharmacy.domain.orders import Role
from pharmacy.store import order_entries, practices
from pharmacy.store.order_entries import EntryNotFound, EntryState
from pharmacy.store.pages import page_of
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.enter_order import (
    NewEntry,
    NothingEnteredYet,
    Typed,
    enter_again,
    enter_whole,
    open_entry,
    set_aside,
)
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.console.attempts import tried
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.entries_shown import CHANNELS, STATE_OPTIONS, ZONES, entry_row, entry_shown
from pharmacy.web.console.entry_form import (
    MOST_ROWS,
    body_of,
    dose_of,
    field_of,
    read_order,
    sent_file,
    typed_dose,
    typed_order,
    with_faults,
)
from pharmacy.web.console.forms import Form, seen_version
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext
from pharmacy.web.console.lists import Empty, Pages
from pharmacy.web.console.presence import the_actor
from pharmacy.web.console.queue import reference_of_today
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_role, takes_files
from pharmacy.web.states import State

_BENCH = (Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
ROWS_PER_PAGE = 50
_SHOWN_ROWS = 6


@blueprint.get("/entries")
@needs_role(*_BENCH)
def entries_page() -> Any:
    """Entries that wait for somebody, oldest first."""
    pharmacy, bookmark = the_pharmacy(), read_bookmark(request.args.get("page"))
    with told_apart(), pharmacy.sessions.read() as session:
        page = page_of(session, order_entries.waiting(), ROWS_PER_PAGE, bookmark)
        rows = [entry_row(session, entry, pharmacy.zone) for entry in page.records]
        around = frame(session, "entries")
    following = sign_bookmark(page.next_bookmark)
    return render_template(
        "console/entries.html",
        frame=around,
        rows=rows,
        pages=Pages(
            next_href=url_for("console.entries_page", page=following) if following else "",
            first_href=url_for("console.entries_page") if bookmark else "",
        ),
        empty=Empty(
            why=gettext("Nothing waits to be entered. What prescribers' systems send comes in by itself."),
            href=url_for("console.new_entry_page"),
            next_words=gettext("Enter an order from paper or a call"),
        ),
    )


@blueprint.get("/entries/new")
@needs_role(*_BENCH)
def new_entry_page() -> Any:
    """How the order came."""
    return _show_new(Form.showing({"channel": Channel.FAX.value}))


@blueprint.post("/entries")
@takes_files
@needs_role(*_BENCH)
def new_entry() -> Any:
    """The entry is open, with its sheet."""
    form = Form.typed("practice_id", "channel", "caller", "read_back_to", "read_back_at", "picture")
    form = form.lacking(
        {
            "practice_id": gettext("Choose the practice."),
            "channel": gettext("Say how the order came."),
            "caller": gettext("Say who sent it, or who called."),
        }
    )
    opened: list[UUID] = []

    def work(session: Session, by: Actor, now: datetime) -> None:
        new = NewEntry(
            practice_id=UUID(form["practice_id"]),
            channel=Channel(form["channel"]),
            caller=form["caller"],
            picture=sent_file("picture"),
            read_back_to=form["read_back_to"] or None,
            read_back_at=_instant(form["read_back_at"]),
        )
        opened.append(open_entry(session, new, reference_of_today(session), by=by, now=now).id)

    if not form.faults and (not _is_id(form["practice_id"]) or form["channel"] not in set(Channel)):
        form = form.at_fault("practice_id", gettext("Choose the practice and the way it came."))
    answer = tried(work, form, _show_new, url_for("console.entries_page"))
    return redirect(url_for("console.entry_page", entry_id=opened[0]), code=303) if opened else answer


@blueprint.get("/entries/<uuid:entry_id>")
@needs_role(*_BENCH)
def entry_page(entry_id: UUID) -> Any:
    """What this person has to type, beside the sheet."""
    with told_apart(), the_pharmacy().sessions.read() as session:
        entry = order_entries.get(session, entry_id)
    if entry.state is EntryState.SUBMITTED:
        return redirect(url_for("console.order_page", order_id=entry.order_id), code=303)
    return show_entry(entry_id)


@blueprint.get("/entries/<uuid:entry_id>/picture")
@needs_role(*_BENCH)
def entry_picture(entry_id: UUID) -> Any:
    """The sheet as it came."""
    with told_apart(), the_pharmacy().sessions.read() as session:
        found = order_entries.picture_of(session, entry_id)
    if found is None:
        raise EntryNotFound
    # It stands in a page of ours, and nothing in it runs.
    rules = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    headers = {"Content-Security-Policy": rules, "Content-Disposition": "inline"}
    return Response(found.content, headers=headers, content_type=found.kind.value)


@blueprint.post("/entries/<uuid:entry_id>/form")
@needs_role(*_BENCH)
def enter_form(entry_id: UUID) -> Any:
    """The first person has typed the whole order."""
    form, pharmacy = typed_order(), the_pharmacy()
    body = body_of(form, pharmacy.zone)

    def work(session: Session, by: Actor, now: datetime) -> None:
        order_entries.get(session, entry_id)
        submission = _read(body)
        dose = Dose(plan=submission.supply.plan, days=submission.supply.days)
        typed = Typed(
            entry_id=entry_id, seen_version=seen_version(), form=body, submission=submission, dose=dose
        )
        enter_whole(session, typed, reference_of_today(session), by=by, now=now)

    return _entered(entry_id, work, form)


@blueprint.post("/entries/<uuid:entry_id>/dose")
@needs_role(*_BENCH)
def enter_dose(entry_id: UUID) -> Any:
    """The second person has typed the dose."""
    form = typed_dose()
    body = dose_of(form)

    def work(session: Session, by: Actor, now: datetime) -> None:
        kept = order_entries.get(session, entry_id).form
        if kept is None:
            raise NothingEnteredYet
        second = _read({**kept, **body, "days": body.get("days")}).supply
        typed = Typed(
            entry_id=entry_id,
            seen_version=seen_version(),
            form=kept,
            submission=read_order(kept),
            dose=Dose(plan=second.plan, days=second.days),
        )
        enter_again(session, typed, reference_of_today(session), by=by, now=now)

    return _entered(entry_id, work, form)


@blueprint.post("/entries/<uuid:entry_id>/set-aside")
@needs_role(*_BENCH)
def leave_entry(entry_id: UUID) -> Any:
    """The entry leads to no order."""
    form = Form.typed("reason", name="aside").lacking({"reason": gettext("Say why it is set aside.")})

    def work(session: Session, by: Actor, now: datetime) -> None:
        set_aside(session, entry_id, seen_version(), form["reason"], by=by, now=now)

    return tried(work, form, lambda again: show_entry(entry_id, again), url_for("console.entries_page"))


def show_entry(entry_id: UUID, form: Form | None = None) -> str:
    """The page; with what was refused, where something was."""
    pharmacy, actor = the_pharmacy(), the_actor()
    with told_apart(), pharmacy.sessions.read() as session:
        entry = order_entries.get(session, entry_id)
        shown = entry_shown(session, entry, actor, pharmacy.zone)
        around = frame(session, "entries")
    aside = form if form is not None and form.name == "aside" else Form(name="aside")
    typed = form if form is not None and form.name != "aside" else shown.form
    return render_template(
        "console/entry.html",
        frame=around,
        entry=shown,
        form=typed,
        aside=aside,
        rows=range(_rows_to_show(typed)),
        states=[("", ""), *((state.value, state.value) for state in State)],
        zones=(("", ""), *ZONES),
        options=STATE_OPTIONS,
    )


def _entered(entry_id: UUID, work: Any, form: Form) -> Any:
    """As `tried`, with the faults of the reader at their fields."""
    found: list[Form] = []

    def careful(session: Session, by: Actor, now: datetime) -> None:
        try:
            work(session, by, now)
        except _Unreadable as refused:
            found.append(with_faults(form, refused.error))
            raise
        except PharmacyError as refused:
            at = tuple(str(part) for part in refused.where)
            if at:
                found.append(form.at_fault(field_of(at, form), str(refused)))
            raise

    def again(refused: Form) -> str:
        return show_entry(entry_id, found[0] if found else refused)

    return tried(careful, form, again, url_for("console.entry_page", entry_id=entry_id))


class _Unreadable(Unfit):
    """What was typed is not an order yet."""

    def __init__(self, error: ValidationError) -> None:
        super().__init__()
        self.error = error

    def __str__(self) -> str:
        return gettext("Some fields are not as they must be.")


def _read(body: Any) -> Any:
    try:
        return read_order(body)
    except ValidationError as error:
        raise _Unreadable(error) from None


def _show_new(form: Form) -> str:
    with told_apart(), the_pharmacy().sessions.read() as session:
        known = [(str(each.id), each.name) for each in session.scalars(practices.by_name())]
        around = frame(session, "entries")
    return render_template(
        "console/new_entry.html", frame=around, form=form, practices=known, channels=CHANNELS
    )


def _rows_to_show(form: Form) -> int:
    used = [row for row in range(MOST_ROWS) if form[f"plan.steps.{row}.dose_mg"]]
    return min(MOST_ROWS, max([_SHOWN_ROWS, *(row + 3 for row in used)]))


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=the_pharmacy().zone)
    except ValueError:
        return None


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
