"""The queue of orders: rooms and states as filters in the address, the next page by key, one search box."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from flask import redirect, render_template, request, url_for

from pharmacy.domain.calendar import local_day
from pharmacy.domain.orders import OrderStatus
from pharmacy.store import labels, orders
from pharmacy.store.orders import QueueOrder, QueueRequest
from pharmacy.store.pages import page_of
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.frame import frame
from pharmacy.web.console.presence import the_member
from pharmacy.web.console.queue_rows import Viewer, queue_row
from pharmacy.web.console.rooms import TODAY, Room, room_named, statuses_of
from pharmacy.web.console.words import STATUS_WORDS, order_number
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import public, signed_in

ROWS_PER_PAGE = 50
_LONGEST_SEARCH = 100

_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateFilter:
    """One state chip over the queue: how many orders, and whether it is chosen."""

    value: str
    words: str
    count: int
    is_chosen: bool


@blueprint.get("/")
@public("leads to the queue, which asks who comes")
def entrance() -> Any:
    return redirect(url_for("console.queue_page"), code=303)


@blueprint.get("/orders")
@signed_in
def queue_page() -> Any:
    """The orders of a room, one page of them."""
    room = room_named(request.args.get("room", ""))
    chosen = _one_of(OrderStatus, request.args.get("state"))
    first = _one_of(QueueOrder, request.args.get("first")) or _usual_order(room)
    bookmark = read_bookmark(request.args.get("page"))
    viewer = the_viewer()
    within = statuses_of(room, viewer.role)
    asked = QueueRequest(
        statuses=within & {chosen} if chosen else within,
        left_to=viewer.member_id if room is TODAY else None,
        first=first,
    )
    with told_apart(), the_pharmacy().sessions.read() as session:
        page = page_of(session, orders.queue(asked), ROWS_PER_PAGE, bookmark)
        counts = orders.counts_by_status(session, left_to=asked.left_to)
        around = frame(session, room.name)
    return render_template(
        "console/queue.html",
        frame=around,
        room=room,
        chosen=chosen or "",
        first=first,
        filters=_filters(within, counts, chosen),
        rows=[queue_row(order, viewer) for order in page.records],
        next_page=sign_bookmark(page.next_bookmark),
        is_later_page=bookmark is not None,
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
    wanted = QueueRequest(statuses=frozenset(OrderStatus), patient=asked, first=QueueOrder.NEWEST)
    with told_apart(), the_pharmacy().sessions.read() as session:
        order_id = _named_by_number(session, asked)
        if order_id is not None:
            return redirect(url_for("console.order_page", order_id=order_id), code=303)
        page = page_of(session, orders.queue(wanted), ROWS_PER_PAGE, bookmark)
        around = frame(session)
    return render_template(
        "console/found.html",
        frame=around,
        asked=asked,
        rows=[queue_row(order, viewer) for order in page.records],
        next_page=sign_bookmark(page.next_bookmark),
    )


def the_viewer() -> Viewer:
    """The person at work, and the pharmacy's day."""
    pharmacy, member = the_pharmacy(), the_member()
    today = local_day(pharmacy.clock(), pharmacy.zone)
    return Viewer(role=member.role, member_id=member.id, today=today, zone=pharmacy.zone)


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
    within: frozenset[OrderStatus], counts: Mapping[OrderStatus, int], chosen: OrderStatus | None
) -> list[StateFilter]:
    """A chip for each state of the room that has orders, in the usual order of states."""
    return [
        StateFilter(
            value=status.value,
            words=STATUS_WORDS[status],
            count=counts.get(status, 0),
            is_chosen=status is chosen,
        )
        for status in OrderStatus
        if status in within and (counts.get(status) or status is chosen)
    ]


def _usual_order(room: Room) -> QueueOrder:
    """Work is taken from the front of the line; all orders are looked at from the newest on."""
    return QueueOrder.NEWEST if room.name == "all" else QueueOrder.OLDEST


def _one_of(choices: type[_Choice], value: str | None) -> _Choice | None:
    return choices(value) if value in set(choices) else None
