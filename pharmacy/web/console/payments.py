"""Money that waits: what is uncertain first, what is to be decided, what is to be collected; and one order's money.

Nothing here charges by itself: an uncertain operation is looked up, never asked for again, and refund or remake is the
pharmacist-in-charge's decision, signed and with a reason.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from flask import Response, redirect, render_template, url_for

from pharmacy.domain.calendar import local_day
from pharmacy.domain.errors import Conflict, NotFound, PharmacyError
from pharmacy.domain.money import Money
from pharmacy.domain.orders import Role
from pharmacy.store import orders, payment_queue, payments
from pharmacy.store.payments import RefundCause, RefundWay
from pharmacy.store.waits import told_apart
from pharmacy.usecases.decide_refund import Decision, decide_refund
from pharmacy.usecases.look_up_operation import LookUp, look_up_operation
from pharmacy.usecases.payment_views import payments_document, price_standing
from pharmacy.usecases.receipt_of_order import IssuedBy, receipt_of_order
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext
from pharmacy.web.console.order import reference_of_today
from pharmacy.web.console.payments_shown import CAUSES, WAYS, money_shown, waiting_shown
from pharmacy.web.console.presence import the_actor, the_member
from pharmacy.web.console.signature import require_signature
from pharmacy.web.current import the_pharmacy
from pharmacy.web.errors import status_of
from pharmacy.web.guards import needs_role, signed_in

_BENCH = (Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)


@blueprint.get("/payments")
@signed_in
def payments_page() -> Any:
    """What waits for somebody: uncertain operations, decisions, prices to be accepted, payments to be taken."""
    pharmacy = the_pharmacy()
    with pharmacy.sessions.read() as session:
        return render_template(
            "console/payments.html",
            frame=frame(session, "payments"),
            waiting=waiting_shown(payment_queue.waiting(session), pharmacy.zone),
        )


@blueprint.get("/orders/<uuid:order_id>/money")
@signed_in
def money_page(order_id: UUID) -> Any:
    """One order's price, its acceptance, every payment and operation, and what was decided."""
    return _show(order_id, Form())


@blueprint.post("/orders/<uuid:order_id>/money/<uuid:operation_id>/look-up")
@needs_role(*_BENCH)
def look_up_payment(order_id: UUID, operation_id: UUID) -> Any:
    """The provider is asked what became of it; nothing is asked for a second time."""
    pharmacy = the_pharmacy()
    try:
        asked = LookUp(order_id=order_id, operation_id=operation_id)
        look_up_operation(pharmacy.sessions, asked, pharmacy.till, by=the_actor(), now=pharmacy.clock())
    except NotFound:
        raise
    except PharmacyError as refusal:
        return _show(order_id, Form(name="look-up", refusal=str(refusal))), status_of(refusal)
    return _back_to(order_id)


@blueprint.post("/orders/<uuid:order_id>/money/decision")
@needs_role(Role.PHARMACIST_IN_CHARGE)
def decide_money(order_id: UUID) -> Any:
    """Refund or remake, signed."""
    form = Form.typed("way", "cause", "amount_usd", "reason", name="decide").lacking(
        {
            "way": gettext("Choose refund or remake."),
            "cause": gettext("Say what happened."),
            "reason": gettext("Say why, in words."),
        }
    )
    pharmacy = the_pharmacy()
    now = pharmacy.clock()
    with pharmacy.sessions.read() as session:
        orders.get(session, order_id)
    form, amount = _amount(form)
    if form["way"] not in set(RefundWay) or form["cause"] not in set(RefundCause):
        form = form if form.is_refused else form.at_fault("way", gettext("Choose refund or remake."))
    if form.is_refused:
        return _show(order_id, form), 422
    decision = Decision(
        way=RefundWay(form["way"]),
        cause=RefundCause(form["cause"]),
        amount=amount,
        reason=form["reason"],
        today=local_day(now, pharmacy.zone),
    )
    try:
        require_signature()
        with told_apart(), pharmacy.sessions.write() as session:
            decide_refund(session, order_id, decision, reference_of_today(session), by=the_actor(), now=now)
    except NotFound:
        raise
    except PharmacyError as refusal:
        return _show(order_id, form.refused(refusal, {*form.values, "signature"})), status_of(refusal)
    return _back_to(order_id)


@blueprint.get("/orders/<uuid:order_id>/money/receipt")
@signed_in
def money_receipt(order_id: UUID) -> Any:
    """The receipt as a PDF; before anything was taken, back to the page that says so."""
    pharmacy = the_pharmacy()
    issued = IssuedBy(
        identity=pharmacy.imprint.identity,
        zone=pharmacy.zone,
        today=local_day(pharmacy.clock(), pharmacy.zone),
    )
    with pharmacy.sessions.read() as session:
        try:
            told = receipt_of_order(session, orders.get(session, order_id), issued)
        except Conflict:
            return _back_to(order_id)
    return Response(pharmacy.receipts.render(told), content_type="application/pdf")


def _amount(form: Form) -> tuple[Form, Money | None]:
    if not form["amount_usd"]:
        return form, None
    try:
        return form, Money.from_dollars(Decimal(form["amount_usd"]))
    except (InvalidOperation, ValueError):
        return form.at_fault("amount_usd", gettext("Write dollars and cents: 12.50.")), None


def _show(order_id: UUID, form: Form) -> str:
    pharmacy = the_pharmacy()
    now = pharmacy.clock()
    with pharmacy.sessions.read() as session:
        order = orders.get(session, order_id)
        money = money_shown(
            order,
            price_standing(session, order),
            payments_document(session, order, now),
            payments.decisions_of(session, order.id),
            pharmacy.zone,
        )
        return render_template(
            "console/order_money.html",
            frame=frame(session, "payments"),
            money=money,
            form=form,
            ways=WAYS,
            causes=CAUSES,
            is_in_charge=the_member().role is Role.PHARMACIST_IN_CHARGE,
            may_look_up=the_member().role in _BENCH,
        )


def _back_to(order_id: UUID) -> Any:
    return redirect(url_for("console.money_page", order_id=order_id), code=303)
