"""Orders that staff enter from fax, telephone or paper; the dose is entered twice, by two people."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request

from pharmacy.domain.actors import Actor
from pharmacy.domain.double_entry import Dose
from pharmacy.domain.orders import Role
from pharmacy.store import order_entries as books
from pharmacy.store.order_entries import EntryNotFound
from pharmacy.store.pages import page_of
from pharmacy.store.sessions import Session
from pharmacy.usecases.enter_order import (
    NewEntry,
    NothingEnteredYet,
    Typed,
    enter_again,
    enter_whole,
    open_entry,
    set_aside,
    standing_differences,
)
from pharmacy.web.api.input_schemas import OrderInput
from pharmacy.web.api.order_entry_shapes import (
    EnteredOutput,
    EntriesQuery,
    EntryInput,
    EntryPage,
    ReadingInput,
    SetAsideInput,
    WholeOrderInput,
    entered_document,
)
from pharmacy.web.api.patients import reference_today
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_staff, takes_files
from pharmacy.web.staff_door import staff_answer_once, staff_reading, staff_writing
from pharmacy.web.wording import worded_by

blueprint = Blueprint(
    "order_entries", __name__, url_prefix="/api/v1/order-entries", description="Orders entered by staff"
)
_BENCH = (Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
_ENTERED = worded_by(EnteredOutput())


@blueprint.get("")
@needs_staff()
@blueprint.arguments(EntriesQuery(), location="query")
@blueprint.response(200, EntryPage)
def listing(asked: dict[str, Any]) -> Any:
    """Entries that wait for somebody, oldest first."""
    with staff_reading() as (session, _):
        page = page_of(session, books.waiting(), asked["limit"], read_bookmark(asked["page"]))
    return {"entries": page.records, "next_page": sign_bookmark(page.next_bookmark)}


@blueprint.post("")
@takes_files
@needs_staff(*_BENCH)
@blueprint.arguments(EntryInput())
@blueprint.response(201, EnteredOutput)
def begin(asked: dict[str, Any]) -> Any:
    """An order came by fax, telephone, paper or printout: its sheet is kept, and somebody has the task to type it."""
    now = the_pharmacy().clock()
    new = NewEntry(**{**asked, "picture": asked["picture"] or b""})

    def work(session: Session, actor: Actor) -> Any:
        entry = open_entry(session, new, reference_today(session), by=actor, now=now)
        return _document(session, entry.id)

    return staff_answer_once(work, _ENTERED)


@blueprint.get("/<uuid:entry_id>")
@needs_staff()
@blueprint.response(200, EnteredOutput)
def read(entry_id: UUID) -> Any:
    """The entry; neither person's dose is told before both have entered it."""
    with staff_reading() as (session, _):
        return _document(session, entry_id)


@blueprint.get("/<uuid:entry_id>/picture")
@needs_staff(*_BENCH)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
def picture(entry_id: UUID) -> Any:
    """The sheet as it came."""
    with staff_reading() as (session, _):
        found = books.picture_of(session, entry_id)
    if found is None:
        raise EntryNotFound
    return Response(found.content, content_type=found.kind.value)


@blueprint.post("/<uuid:entry_id>/form")
@needs_staff(*_BENCH)
@blueprint.arguments(WholeOrderInput())
@blueprint.response(201, EnteredOutput)
def whole(asked: dict[str, Any], entry_id: UUID) -> Any:
    """The first person types the whole order; what would be wrong with it is said at once."""
    now, submission = the_pharmacy().clock(), asked["order"]
    typed = Typed(
        entry_id=entry_id,
        seen_version=asked["version"],
        form=request.get_json()["order"],
        submission=submission,
        dose=Dose(plan=submission.supply.plan, days=submission.supply.days),
    )

    def work(session: Session, actor: Actor) -> Any:
        enter_whole(session, typed, reference_today(session), by=actor, now=now)
        return _document(session, entry_id)

    return staff_answer_once(work, _ENTERED)


@blueprint.post("/<uuid:entry_id>/readings")
@needs_staff(*_BENCH)
@blueprint.arguments(ReadingInput())
@blueprint.response(201, EnteredOutput)
def again(asked: dict[str, Any], entry_id: UUID) -> Any:
    """A second person enters the dose: the order is filed, or every difference is told."""
    now = the_pharmacy().clock()

    def work(session: Session, actor: Actor) -> Any:
        form = books.get(session, entry_id).form
        if form is None:
            raise NothingEnteredYet
        typed = Typed(
            entry_id=entry_id,
            seen_version=asked["version"],
            form=form,
            submission=OrderInput().load(form),
            dose=Dose(plan=asked["plan"], days=asked["days"]),
        )
        enter_again(session, typed, reference_today(session), by=actor, now=now)
        return _document(session, entry_id)

    return staff_answer_once(work, _ENTERED)


@blueprint.post("/<uuid:entry_id>/set-aside")
@needs_staff(*_BENCH)
@blueprint.arguments(SetAsideInput())
@blueprint.response(200, EnteredOutput)
def leave(asked: dict[str, Any], entry_id: UUID) -> Any:
    """The entry leads to no order, for a reason."""
    with staff_writing() as (session, actor):
        set_aside(session, entry_id, asked["version"], asked["reason"], by=actor, now=the_pharmacy().clock())
        return _document(session, entry_id)


def _document(session: Session, entry_id: UUID) -> Any:
    session.flush()  # The answer names the version that the entry has from now on.
    entry = books.get(session, entry_id)
    return entered_document(
        entry, books.picture_kind_of(session, entry_id), standing_differences(session, entry_id)
    )
