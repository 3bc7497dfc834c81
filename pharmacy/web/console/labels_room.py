"""Labels: what waits to be printed, one label as a picture with its history, and what may be done to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Response, render_template, request, send_file, url_for

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import NotFound, PharmacyError
from pharmacy.domain.labels import LabelContent, LabelTemplate
from pharmacy.gateways.label_type import Weight, face_file
from pharmacy.store import audit, label_prints, label_queue, labels, orders, outbox, staff
from pharmacy.store.pages import Page, page_of
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.label_truth import OnShelf, void_if_untrue, void_label
from pharmacy.usecases.print_label import browser_copy
from pharmacy.usecases.replace_label import Replacement, replace_label
from pharmacy.usecases.request_labels import content_from_facts
from pharmacy.usecases.request_print import BROWSER, PrintAsked, request_print
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.console.attempts import Work, tried
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form
from pharmacy.web.console.frame import frame
from pharmacy.web.console.label_pictures import Picture, pictures_of
from pharmacy.web.console.label_sheet import TEMPLATE_WORDS, Behind, label_sheet, printer_words
from pharmacy.web.console.labels_listed import (
    FILTER_WORDS,
    LabelFilter,
    LabelRow,
    empty_of,
    label_row,
    print_row,
)
from pharmacy.web.console.language import gettext
from pharmacy.web.console.lists import Empty, Filter, Pages
from pharmacy.web.console.places import BENCH, PHARMACISTS
from pharmacy.web.console.presence import the_actor, the_member
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_role, signed_in

HERE = "labels"
_ROWS_PER_PAGE = 50
_QUERIES: Mapping[LabelFilter, Callable[[], Any]] = {
    LabelFilter.TO_PRINT: label_queue.to_print,
    LabelFilter.TROUBLE: label_queue.in_trouble,
    LabelFilter.GIVEN_UP: label_queue.given_up,
    LabelFilter.PRINTED: label_queue.lately_printed,
    LabelFilter.VOID: label_queue.lately_void,
}
_WAITING = (LabelFilter.TO_PRINT, LabelFilter.TROUBLE, LabelFilter.GIVEN_UP)
_OF_PRINTS = frozenset({LabelFilter.TROUBLE, LabelFilter.PRINTED})


@dataclass(eq=False)
class NoSuchTypeface(NotFound):
    def __str__(self) -> str:
        return gettext("There is no such typeface.")


@blueprint.get("/labels")
@signed_in
def labels_page() -> Any:
    """Labels of one kind, those that wait for somebody first."""
    asked = request.args.get("state", "")
    chosen = LabelFilter(asked) if asked in set(LabelFilter) else LabelFilter.TO_PRINT
    bookmark = read_bookmark(request.args.get("page"))
    with told_apart(), the_pharmacy().sessions.read() as session:
        page = page_of(session, _QUERIES[chosen](), _ROWS_PER_PAGE, bookmark)
        rows = _print_rows(session, page) if chosen in _OF_PRINTS else _label_rows(session, page)
        counts = {each: label_queue.count_of(session, _QUERIES[each]()) for each in _WAITING}
        around = frame(session, HERE)
    following = sign_bookmark(page.next_bookmark)
    return render_template(
        "console/labels.html",
        frame=around,
        title=str(FILTER_WORDS[chosen]),
        filters=_filters(chosen, counts),
        rows=rows,
        empty=Empty(why=empty_of(chosen)),
        pages=Pages(
            next_href=url_for("console.labels_page", state=chosen, page=following) if following else "",
            first_href=url_for("console.labels_page", state=chosen) if bookmark else "",
        ),
    )


@blueprint.get("/labels/<uuid:label_id>")
@signed_in
def label_page(label_id: UUID) -> Any:
    """One label: as it is printed, what became of it, and what may be done."""
    return _show(label_id, Form())


@blueprint.post("/labels/<uuid:label_id>/prints")
@needs_role(*BENCH)
def print_label(label_id: UUID) -> Any:
    """The vial gets its label, once."""
    form = Form.typed("printer", "template", name="print")
    return _print(label_id, form, None)


@blueprint.post("/labels/<uuid:label_id>/reprints")
@needs_role(*BENCH)
def reprint_label(label_id: UUID) -> Any:
    """A further copy, with a reason and its number on it."""
    form = Form.typed("printer", "template", "reason", name="reprint").lacking(
        {"reason": gettext("Say why another copy is needed.")}
    )
    return _print(label_id, form, form["reason"])


@blueprint.post("/labels/<uuid:label_id>/void")
@needs_role(*PHARMACISTS)
def void_one(label_id: UUID) -> Any:
    """The label holds no more; whoever scans it is told."""
    form = Form.typed("reason", name="void").lacking({"reason": gettext("Say why it no longer holds.")})

    def work(session: Session, by: Actor, now: datetime) -> None:
        void_label(session, label_id, form["reason"], by=by, now=now)

    return _tried(work, form, label_id)


@blueprint.post("/labels/<uuid:label_id>/anew")
@needs_role(*PHARMACISTS)
def label_anew(label_id: UUID) -> Any:
    """Asked for again, from the books of today; the old one is void."""
    form = Form.typed("reason", name="anew").lacking({"reason": gettext("Say why it is made anew.")})
    wanted = Replacement(label_id=label_id, reason=form["reason"])
    made: list[UUID] = []

    def work(session: Session, by: Actor, now: datetime) -> None:
        made.append(replace_label(session, wanted, the_pharmacy().imprint, by=by, now=now).id)

    answer = tried(work, form, lambda refused: _show(label_id, refused), "")
    return _led_to(made[0]) if made else answer


@blueprint.get("/labels/<uuid:label_id>/prints/<uuid:print_id>.pdf")
@needs_role(*BENCH)
def label_copy(label_id: UUID, print_id: UUID) -> Any:
    """The copy that this browser prints, with its number on it."""
    with told_apart(), the_pharmacy().sessions.read() as session:
        pdf = browser_copy(session, label_id, print_id, the_pharmacy().labels)
    return Response(pdf, content_type="application/pdf")


@blueprint.get("/typeface/<face>.ttf")
@signed_in
def typeface(face: str) -> Any:
    """The typeface of labels, for their pictures."""
    weight = {"bold": Weight.BOLD, "regular": Weight.REGULAR}.get(face)
    if weight is None:
        raise NoSuchTypeface
    return send_file(BytesIO(face_file(weight)), mimetype="font/ttf")


def _print(label_id: UUID, form: Form, reason: str | None) -> Any:
    pharmacy = the_pharmacy()
    template = form["template"]
    wanted = PrintAsked(
        label_id=label_id,
        printer=form["printer"],
        template=LabelTemplate(template) if template in set(LabelTemplate) else LabelTemplate.FOUR_BY_TWO,
        known=pharmacy.print_room.names,
        reason=reason,
    )

    def work(session: Session, by: Actor, now: datetime) -> None:
        request_print(session, wanted, by=by, now=now)

    if not form.faults:
        # In a transaction of its own: a label found untrue stays void although the print is refused.
        with told_apart(), pharmacy.sessions.write() as session:
            void_if_untrue(session, label_id, pharmacy.imprint, by=the_actor(), now=pharmacy.clock())
    return _tried(work, form, label_id)


def _tried(work: Work, form: Form, label_id: UUID) -> Any:
    here = url_for("console.label_page", label_id=label_id)
    return tried(work, form, lambda refused: _show(label_id, refused), here)


def _led_to(label_id: UUID) -> Any:
    return Response(status=303, headers={"Location": url_for("console.label_page", label_id=label_id)})


def _show(label_id: UUID, form: Form) -> str:
    pharmacy, member = the_pharmacy(), the_member()
    with told_apart(), pharmacy.sessions.write() as session:
        found = _found(session, label_id)
        prints = label_prints.of_label(session, label_id)
        behind = Behind(
            failure=outbox.failures_about(session, [label_id]).get(label_id, ""),
            prints=prints,
            names=staff.names_of(session, [each.requested_by for each in prints]),
            role=member.role,
            zone=pharmacy.zone,
        )
        audit.record(session, "label.read", found.order.id, by=the_actor(), at=pharmacy.clock())
        around = frame(session, HERE)
    content = content_from_facts(found.label.content)
    pictures, misfit = _pictures(content, found.label.barcode)
    return render_template(
        "console/label.html",
        frame=around,
        label=label_sheet(found, content, behind),
        pictures=pictures,
        misfit=misfit,
        form=form,
        printers=[(name, printer_words(name)) for name in (*pharmacy.print_room.names, BROWSER)],
        templates=[(each.value, str(words)) for each, words in TEMPLATE_WORDS.items()],
    )


def _found(session: Session, label_id: UUID) -> OnShelf:
    """The label where it belongs, nothing held."""
    label = labels.get(session, label_id)
    order = orders.get(session, label.order_id)
    line, vial = next((line, vial) for line, vial in orders.vials_of(order) if vial.id == label.vial_id)
    # The same row as among the labels of the vial, whatever was loaded first.
    return OnShelf(order, line, vial, label)


def _pictures(content: LabelContent, barcode: str | None) -> tuple[tuple[Picture, ...], str]:
    """The label as it would be printed, or why it cannot be."""
    try:
        return pictures_of(content, barcode), ""
    except PharmacyError as refusal:
        return (), str(refusal)


def _label_rows(session: Session, page: Page) -> list[LabelRow]:
    failures = outbox.failures_about(session, [label.id for label in page.records])
    return [label_row(label, failures, the_pharmacy().zone) for label in page.records]


def _print_rows(session: Session, page: Page) -> list[LabelRow]:
    names = staff.names_of(session, [each.requested_by for each in page.records])
    found = labels.of_ids(session, [each.label_id for each in page.records])
    return [print_row(each, found[each.label_id], names, the_pharmacy().zone) for each in page.records]


def _filters(chosen: LabelFilter, counts: Mapping[LabelFilter, int]) -> list[Filter]:
    return [
        Filter(
            words=str(words),
            href=url_for("console.labels_page", state=each),
            is_chosen=each is chosen,
            count=counts.get(each),
        )
        for each, words in FILTER_WORDS.items()
    ]
