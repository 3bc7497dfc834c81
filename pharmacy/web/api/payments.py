"""The money of one order: its price accepted, paid, refunded; for staff."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response

from pharmacy.domain.calendar import local_day
from pharmacy.domain.orders import Role
from pharmacy.store import orders
from pharmacy.store import payments as books
from pharmacy.store.payments import AcceptedBy
from pharmacy.store.private_links import LinkPurpose
from pharmacy.usecases.accept_price import Acceptance, accept_price
from pharmacy.usecases.begin_payment import NewPayment, begin_payment
from pharmacy.usecases.decide_refund import Decision, decide_refund
from pharmacy.usecases.look_up_operation import LookUp, look_up_operation
from pharmacy.usecases.payment_views import payment_document, payments_document, price_standing
from pharmacy.usecases.private_links import NewLink, open_private_link
from pharmacy.usecases.receipt_of_order import IssuedBy, receipt_of_order
from pharmacy.usecases.set_payer import PayerChange, set_payer
from pharmacy.web.api.adjustments import reference_of
from pharmacy.web.api.payment_shapes import (
    AcceptanceInput,
    AcceptanceOutput,
    PayerInput,
    PayerOutput,
    PaymentInput,
    PaymentOutput,
    PaymentsOutput,
    PriceStandingOutput,
    PrivateLinkInput,
    PrivateLinkOutput,
    RefundInput,
    RefundOutput,
    RefundsOutput,
)
from pharmacy.web.api.shapes import Blueprint, NothingInput
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_staff
from pharmacy.web.staff_door import staff_answer_once, staff_reading, staff_writing
from pharmacy.web.wording import worded_by

blueprint = Blueprint(
    "payments", __name__, url_prefix="/api/v1", description="Prices accepted, paid, refunded"
)
_BENCH = (Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)


@blueprint.get("/orders/<uuid:order_id>/price-acceptance")
@needs_staff()
@blueprint.response(200, PriceStandingOutput)
def price_shown(order_id: UUID) -> Any:
    """What the order costs now, who pays, and whether that price was accepted."""
    with staff_reading() as (session, _):
        return price_standing(session, orders.get(session, order_id))


@blueprint.post("/orders/<uuid:order_id>/price-acceptance")
@needs_staff(*_BENCH)
@blueprint.arguments(AcceptanceInput())
@blueprint.response(201, AcceptanceOutput)
def price_accepted(asked: dict[str, Any], order_id: UUID) -> Any:
    """Record that the price was accepted: which sum, and in words by whom and how."""
    pharmacy = the_pharmacy()
    now = pharmacy.clock()
    acceptance = Acceptance(total=asked["total_usd"], accepted_by=AcceptedBy.STAFF, said=asked["said"])
    return staff_answer_once(
        lambda session, actor: _fields(
            accept_price(
                session,
                orders.get_for_update(session, order_id),
                acceptance,
                today=local_day(now, pharmacy.zone),
                by=actor,
                now=now,
            )
        ),
        worded_by(AcceptanceOutput()),
    )


@blueprint.post("/orders/<uuid:order_id>/price-acceptance/link")
@needs_staff(*_BENCH)
@blueprint.arguments(PrivateLinkInput())
@blueprint.response(200, PrivateLinkOutput)
def price_link(_: dict[str, Any], order_id: UUID) -> Any:
    """A private link at which the patient sees and accepts the price; it ends the one before."""
    pharmacy = the_pharmacy()
    with staff_writing() as (session, actor):
        order = orders.get_for_update(session, order_id)
        new = NewLink(purpose=LinkPurpose.PRICE, subject_id=order.id, patient_id=order.patient_id)
        link, token = open_private_link(session, new, by=actor, now=pharmacy.clock())
    return {"url": f"{pharmacy.public_url}/p/{token}", "expires_at": link.expires_at}


@blueprint.get("/orders/<uuid:order_id>/payments")
@needs_staff()
@blueprint.response(200, PaymentsOutput)
def payments_shown(order_id: UUID) -> Any:
    """Every payment of the order, with each operation asked of the provider."""
    with staff_reading() as (session, _):
        return payments_document(session, orders.get(session, order_id), the_pharmacy().clock())


@blueprint.post("/orders/<uuid:order_id>/payments")
@needs_staff(*_BENCH)
@blueprint.arguments(PaymentInput())
@blueprint.response(201, PaymentOutput)
def pay(asked: dict[str, Any], order_id: UUID) -> Any:
    """Begin a payment of the accepted price; once it is authorised the order is queued."""
    now = the_pharmacy().clock()
    return staff_answer_once(
        lambda session, actor: payment_document(
            begin_payment(
                session, orders.get_for_update(session, order_id), NewPayment(**asked), by=actor, now=now
            ),
            now,
        ),
        worded_by(PaymentOutput()),
    )


@blueprint.post("/orders/<uuid:order_id>/payments/<uuid:operation_id>/look-up")
@needs_staff(*_BENCH)
@blueprint.arguments(NothingInput())
@blueprint.response(200, PaymentsOutput)
def look_up(_nothing: dict[str, Any], order_id: UUID, operation_id: UUID) -> Any:
    """Ask the provider what became of an uncertain operation; nothing is asked for again."""
    pharmacy = the_pharmacy()
    now = pharmacy.clock()
    # Who asks is known before the provider is talked to, and no transaction is open while it is.
    with staff_reading() as (_, actor):
        pass
    asked = LookUp(order_id=order_id, operation_id=operation_id)
    look_up_operation(pharmacy.sessions, asked, pharmacy.till, by=actor, now=now)
    with staff_reading() as (session, _):
        return payments_document(session, orders.get(session, order_id), now)


@blueprint.get("/orders/<uuid:order_id>/receipt")
@needs_staff()
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/pdf")
def receipt(order_id: UUID) -> Any:
    """The receipt as a PDF: every line of the price, and what was paid and refunded; 409 before anything was."""
    pharmacy = the_pharmacy()
    issued = IssuedBy(
        identity=pharmacy.imprint.identity,
        zone=pharmacy.zone,
        today=local_day(pharmacy.clock(), pharmacy.zone),
    )
    with staff_reading() as (session, _):
        told = receipt_of_order(session, orders.get(session, order_id), issued)
    return Response(pharmacy.receipts.render(told), content_type="application/pdf")


@blueprint.get("/orders/<uuid:order_id>/refunds")
@needs_staff()
@blueprint.response(200, RefundsOutput)
def refunds_shown(order_id: UUID) -> Any:
    """What the pharmacist-in-charge decided about giving back money or making the order again."""
    with staff_reading() as (session, _):
        return {"refunds": books.decisions_of(session, orders.get(session, order_id).id)}


@blueprint.post("/orders/<uuid:order_id>/refunds")
@needs_staff(Role.PHARMACIST_IN_CHARGE)
@blueprint.arguments(RefundInput())
@blueprint.response(201, RefundOutput)
def refund(asked: dict[str, Any], order_id: UUID) -> Any:
    """Decide refund or remake, with a reason; never more than was captured."""
    pharmacy = the_pharmacy()
    now = pharmacy.clock()
    decision = Decision(
        way=asked["way"],
        cause=asked["cause"],
        amount=asked["amount_usd"],
        reason=asked["reason"],
        today=local_day(now, pharmacy.zone),
    )
    return staff_answer_once(
        lambda session, actor: _fields(
            decide_refund(session, order_id, decision, reference_of(session), by=actor, now=now)
        ),
        worded_by(RefundOutput()),
    )


@blueprint.post("/practices/<uuid:practice_id>/payer")
@needs_staff(Role.PHARMACIST_IN_CHARGE, Role.ADMINISTRATOR)
@blueprint.arguments(PayerInput())
@blueprint.response(200, PayerOutput)
def payer(asked: dict[str, Any], practice_id: UUID) -> Any:
    """Set who pays for a practice's orders from now on."""
    change = PayerChange(practice_id=practice_id, **asked)
    with staff_writing() as (session, actor):
        practice = set_payer(session, change, by=actor, now=the_pharmacy().clock())
        return {"practice_id": practice.id, "payer": practice.payer}


def _fields(row: Any) -> Mapping[str, Any]:
    """The columns of a row just made."""
    return {each.key: getattr(row, each.key) for each in row.__table__.columns}
