"""The queue of orders: rooms and states as filters in the address, the next page by key, one search box."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for

from pharmacy.domain.calendar import local_day
from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.pricing import Delivery
from pharmacy.store import console_desk, labels, order_queue, orders
from pharmacy.store.order_queue import QueueRequest
from pharmacy.store.pages import page_of
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.reference import Reference
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext
from pharmacy.web.console.lists import Filter, Pages
from pharmacy.web.console.presence import the_member
from pharmacy.web.console.queue_choice import Choice, view_shown
from pharmacy.web.console.queue_rows import Viewer, queue_row
from pharmacy.web.console.rooms import TODAY, statuses_of
from pharmacy.web.console.scan_box import address_of_scan
from pharmacy.web.console.words import DELIVERY_WORDS, STATUS_WORDS, order_number
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import public, signed_in

ROWS_PER_PAGE = 50
_LONGEST_SEARCH = 100


@blueprint.get("/")
@public("leads to the queue, which asks who comes")
def entrance() -> Any:
    return redirect(url_for("console.queue_page"), code=303)


@blueprint.get("/orders")
@signed_in
def queue_page() -> Any:
    """The orders of a room, one page of them."""
    return show_queue(Form(name="view"))


def show_queue(view_form: Form) -> str:
    """The page that the address asks for; `view_form` is the form under which it is saved."""
    viewer, choice = the_viewer(), Choice.of(request.args)
    bookmark = read_bookmark(request.args.get("page"))
    within = statuses_of(choice.room, viewer.role)
    asked = _request(choice, viewer, within)
    with told_apart(), the_pharmacy().sessions.read() as session:
        page = page_of(session, order_queue.queue(asked), ROWS_PER_PAGE, bookmark)
        counts = order_queue.counts_by_status(session, left_to=asked.left_to)
        reference = reference_of_today(session)
        late = order_queue.count_late(session, viewer.today)
        views = console_desk.views_of(session, viewer.member_id)
        around = frame(session, choice.room.name)
    return render_template(
        "console/queue.html",
        frame=around,
        choice=choice,
        room=choice.room,
        first=choice.first,
        filters=_filters(choice, within, counts),
        narrowings=_narrowings(choice, late, reference.counter.will_call_days),
        views=[view_shown(each, request.query_string.decode()) for each in views],
        view_form=view_form,
        query=choice.query(),
        rows=[queue_row(order, viewer) for order in page.records],
        pages=Pages(
            next_href=choice.href(page=sign_bookmark(page.next_bookmark)) if page.next_bookmark else "",
            first_href=choice.href() if bookmark is not None else "",
        ),
    )


def _request(choice: Choice, viewer: Viewer, within: frozenset[OrderStatus]) -> QueueRequest:
    now = the_pharmacy().clock()
    return QueueRequest(
        statuses=within & {choice.state} if choice.state else within,
        left_to=viewer.member_id if choice.room is TODAY else None,
        delivery=choice.delivery,
        late_on=viewer.today if choice.is_late else None,
        resting_since=now - timedelta(days=choice.days) if choice.days else None,
        first=choice.first,
    )


@blueprint.get("/search")
@signed_in
def search() -> Any:
    """A number or a scanned label in the address leads to its order; nobody's name is looked for there."""
    asked = _asked(request.args)
    if not asked:
        return redirect(url_for("console.queue_page"), code=303)
    with told_apart(), the_pharmacy().sessions.read() as session:
        order_id = _named_by_number(session, asked)
        if order_id is not None:
            return redirect(url_for("console.order_page", order_id=order_id), code=303)
        at_the_bench = address_of_scan(session, asked, the_viewer().today)
        if at_the_bench is not None:
            return redirect(at_the_bench, code=303)
        around = frame(session)
    return render_template("console/found.html", frame=around, asked="", rows=[], next_page=None)


@blueprint.post("/search")
@signed_in
def find() -> Any:
    """A number or a scanned label leads to its order; anything else is looked for among patients' names.

    Names come in a form and never in an address: addresses are kept by histories, logs and proxies.
    """
    asked = _asked(request.form)
    if not asked:
        return redirect(url_for("console.queue_page"), code=303)
    viewer = the_viewer()
    bookmark = read_bookmark(request.form.get("page") or None)
    with told_apart(), the_pharmacy().sessions.read() as session:
        order_id = _named_by_number(session, asked)
        if order_id is not None:
            return redirect(url_for("console.order_page", order_id=order_id), code=303)
        at_the_bench = address_of_scan(session, asked, the_viewer().today)
        if at_the_bench is not None:
            return redirect(at_the_bench, code=303)
        page = page_of(session, order_queue.sought(asked), ROWS_PER_PAGE, bookmark)
        found = order_queue.of_ids(session, page.records)
        around = frame(session)
    return render_template(
        "console/found.html",
        frame=around,
        asked=asked,
        rows=[queue_row(order, viewer) for order in found],
        next_page=sign_bookmark(page.next_bookmark),
    )


def the_viewer() -> Viewer:
    """The person at work, and the pharmacy's day."""
    pharmacy, member = the_pharmacy(), the_member()
    today = local_day(pharmacy.clock(), pharmacy.zone)
    return Viewer(role=member.role, member_id=member.id, today=today, zone=pharmacy.zone)


def reference_of_today(session: Session) -> Reference:
    """What the pharmacy works with today."""
    return the_pharmacy().reference.current(session, the_viewer().today)


def _asked(sent: Mapping[str, str]) -> str:
    """What was searched for, evenly spaced."""
    return " ".join(sent.get("q", "").split())[:_LONGEST_SEARCH]


def _named_by_number(session: Session, asked: str) -> UUID | None:
    codes = the_pharmacy().imprint.codes
    if codes.is_genuine(asked):
        return labels.order_of_barcode(session, asked)
    number = codes.order_number_of(asked) or order_number(asked)
    return orders.id_of_number(session, int(number)) if number else None


def _filters(
    choice: Choice, within: frozenset[OrderStatus], counts: Mapping[OrderStatus, int]
) -> list[Filter]:
    """A chip for each state of the room that has orders, in the usual order of states."""
    shown = [each for each in OrderStatus if each in within and (counts.get(each) or each is choice.state)]
    total = sum(counts.get(each, 0) for each in shown)
    everything = Filter(
        words=gettext("All"), href=choice.href(state=None), is_chosen=not choice.state, count=total
    )
    return [everything] * bool(shown) + [
        Filter(
            words=STATUS_WORDS[status],
            href=choice.href(state=status),
            is_chosen=status is choice.state,
            count=counts.get(status, 0),
        )
        for status in shown
    ]


def _narrowings(choice: Choice, late: int, will_call: int) -> list[Filter]:
    """What cuts across states: late, by mail or at the counter, waiting for too long."""
    chips = []
    if late or choice.is_late:
        href = choice.href(late=None if choice.is_late else "yes")
        chips.append(Filter(words=gettext("Late"), href=href, is_chosen=choice.is_late, count=late))
    for delivery in Delivery if choice.room.name in {"ship", "all"} else ():
        is_chosen = choice.delivery is delivery
        chips.append(
            Filter(
                words=DELIVERY_WORDS[delivery],
                href=choice.href(delivery=None if is_chosen else delivery),
                is_chosen=is_chosen,
            )
        )
    if choice.room.name == "ship":
        is_chosen = choice.days == will_call
        chips.append(
            Filter(
                words=gettext("Waiting longer than %(days)s days", days=will_call),
                href=choice.href(days=None if is_chosen else will_call),
                is_chosen=is_chosen,
            )
        )
    return chips
