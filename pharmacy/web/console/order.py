"""One order: the sheet, its labels as a part that renews itself, its worksheet for the bench and for paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import render_template

from pharmacy.domain.orders import OrderStatus
from pharmacy.store import audit, labels, notices, orders, outbox
from pharmacy.store.order_rows import order_rows, subjects_of
from pharmacy.store.orders import Order
from pharmacy.store.sessions import Session
from pharmacy.store.side_by_side import Listing
from pharmacy.store.waits import told_apart
from pharmacy.usecases.act_gates import standing_by
from pharmacy.usecases.fill_start import start_of
from pharmacy.usecases.order_document import batch_entries, supply_of
from pharmacy.web.console.act_panel import act_panel
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.frame import frame
from pharmacy.web.console.label_cards import labels_shown
from pharmacy.web.console.language import gettext
from pharmacy.web.console.openings import opened
from pharmacy.web.console.order_sheet import Gathered, order_sheet
from pharmacy.web.console.places import COUNTER, PHARMACISTS
from pharmacy.web.console.presence import the_actor
from pharmacy.web.console.questions_shown import questions_shown

# Rooms about one order know it from here.
from pharmacy.web.console.queue import reference_of_today as reference_of_today
from pharmacy.web.console.queue import the_viewer
from pharmacy.web.console.words import day_text, with_days_in_words
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import signed_in

# What a waiting page is told once the labels are there, so that it asks again what can be done.
LABELS_MADE = "labels-made"
# What is tried on the page of an order besides the acts on it.
START, ANSWERS = "start", "answers"
_HANDED_OVER = frozenset({OrderStatus.SHIPPED, OrderStatus.PICKED_UP, OrderStatus.COMPLETED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An act that was not carried out: which, why, what was typed, and which field is at fault, if one is."""

    act: str = ""
    sentence: str = ""
    field_at_fault: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """Why it was not done, with days as people read them."""
        return with_days_in_words(self.sentence)

    @property
    def anchor(self) -> str:
        """Where on the page the field at fault stands; "" when none is."""
        if not self.field_at_fault or self.act in {START, ANSWERS}:
            return self.field_at_fault
        return f"{self.field_at_fault}-{self.act}"


@blueprint.get("/orders/<uuid:order_id>")
@signed_in
def order_page(order_id: UUID) -> Any:
    """The order with everything that belongs to it."""
    return show_order(order_id, Attempt())


@blueprint.get("/orders/<uuid:order_id>/labels")
@signed_in
def labels_part(order_id: UUID) -> Any:
    """The labels alone, for a page that waits for them."""
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.read() as session:
        order = orders.get(session, order_id)
        failures = outbox.failures_about(session, subjects_of(order))
    shown = labels_shown(order, failures, pharmacy.zone)
    part = render_template("console/_labels.html", order_id=order_id, labels=shown)
    return part, {} if shown.are_awaited else {"HX-Trigger": LABELS_MADE}


@blueprint.get("/orders/<uuid:order_id>/worksheet")
@signed_in
def worksheet(order_id: UUID) -> Any:
    """The worksheets of the order in full, made for paper."""
    viewer = the_viewer()
    with told_apart(), the_pharmacy().sessions.read() as session:
        gathered = gather(session, orders.get(session, order_id))
        around = frame(session)
    return render_template(
        "console/worksheet.html",
        frame=around,
        order=order_sheet(gathered, viewer),
        printed_on=day_text(viewer.today),
    )


@blueprint.get("/labels/<uuid:label_id>.pdf")
@signed_in
def label_file(label_id: UUID) -> Any:
    """The label as it was made."""
    with told_apart(), the_pharmacy().sessions.read() as session:
        pdf = labels.file_of(session, label_id)
    return pdf, {
        "Content-Type": "application/pdf",
        "Content-Disposition": f'inline; filename="label-{label_id}.pdf"',
    }


def show_order(order_id: UUID, attempt: Attempt) -> str:
    """The page of the order; with what was tried in vain, where something was."""
    viewer = the_viewer()
    with told_apart(), the_pharmacy().sessions.read() as session:
        order = orders.get(session, order_id)
        gathered = gather(session, order)
        around = frame(session)
    earliest, latest = order.shipped_on, viewer.today + timedelta(days=1)
    may_start = order.status in _HANDED_OVER and earliest is not None
    return render_template(
        "console/order.html",
        frame=around,
        company=opened(order, gathered.standing.reference),
        order=order_sheet(gathered, viewer),
        panel=act_panel(order, the_actor(), gathered.standing),
        questions=questions_shown(order, the_actor(), the_pharmacy().zone),
        attempt=attempt,
        has_left=order.status in _HANDED_OVER | {OrderStatus.RETURNED} and viewer.role in COUNTER,
        may_adjust=viewer.role in PHARMACISTS,
        start_range=(earliest.isoformat(), latest.isoformat()) if may_start and earliest else None,
        start_hint=gettext("%(earliest)s to %(latest)s", earliest=day_text(earliest), latest=day_text(latest))
        if may_start and earliest
        else "",
    )


def gather(session: Session, order: Order, *besides: Listing) -> Gathered:
    """Everything about the order, and `besides` what the page shows besides, read in one transaction."""
    reference = reference_of_today(session)
    start_on, start = start_of(order, reference)
    rows = order_rows(session, order, notices.listing_of(order.id), audit.listing_of(order.id), *besides)
    found, entries, *more = rows.besides
    return Gathered(
        order=order,
        supply=supply_of(order),
        start_on=start_on,
        start=start,
        batches=batch_entries(order, rows.batches, reference),
        standing=standing_by(session, order, reference, rows),
        in_force=rows.later_plans[-1].plan() if rows.later_plans else None,
        notices=found,
        entries=entries,
        scans=rows.scans,
        offers=rows.offers,
        besides=more,
    )
