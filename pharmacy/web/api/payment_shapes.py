"""Shapes of money: accepted prices, payments with their operations, refunds."""

from __future__ import annotations

from marshmallow import fields

from pharmacy.domain.payments import OperationKind, OperationState, Payer, PaymentMethod, PaymentStatus
from pharmacy.store.payments import AcceptedBy, RefundCause, RefundWay
from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.fields import OneOf, Text
from pharmacy.web.quantity_fields import MoneyText, MoneyUsd


class AcceptanceInput(Asked):
    """The sum that was accepted, and how: who said so, and on which way."""

    total_usd = MoneyUsd(required=True)
    said = Text(
        least=5,
        most=300,
        required=True,
        metadata={"examples": ["the patient by telephone, 10:15"]},
    )


class AcceptanceOutput(Answered):
    id = fields.UUID()
    order_id = fields.UUID()
    total_usd = MoneyText(attribute="total_cents")
    payer = OneOf(Payer)
    accepted_by = OneOf(AcceptedBy)
    said = fields.String()
    recorded_by = fields.String(attribute="recorded_by_name")
    accepted_at = fields.AwareDateTime()


class PriceStandingOutput(Answered):
    """What the order costs now, who pays, and whether that price was accepted."""

    order_id = fields.UUID()
    total_usd = MoneyText(attribute="total_cents")
    payer = OneOf(Payer)
    acceptance = fields.Nested(AcceptanceOutput, allow_none=True)


class PrivateLinkInput(Asked):
    """Nothing: the link is for the patient of the order."""


class PrivateLinkOutput(Answered):
    """Told once: the books keep a hash of the address only."""

    url = fields.URL(require_tld=False)
    expires_at = fields.AwareDateTime()


class PaymentInput(Asked):
    """How the order is paid; its price must have been accepted."""

    method = OneOf(PaymentMethod, required=True)
    payer_reference = Text(
        least=0,
        most=40,
        load_default="",
        metadata={"description": "The number of a slip or receipt; never that of a card."},
    )


class OperationOutput(Answered):
    """One thing asked of the provider. `uncertain` means that it may have happened: look it up."""

    id = fields.UUID()
    kind = OneOf(OperationKind)
    state = OneOf(OperationState)
    amount_usd = MoneyText(attribute="amount_cents")
    created_at = fields.AwareDateTime()
    settled_at = fields.AwareDateTime(allow_none=True)
    lapses_at = fields.AwareDateTime(allow_none=True)
    provider_reference = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    asked_by = fields.String(attribute="asked_by_name")


class PaymentOutput(Answered):
    id = fields.UUID()
    status = OneOf(PaymentStatus)
    method = OneOf(PaymentMethod)
    payer = OneOf(Payer)
    payer_reference = fields.String()
    amount_usd = MoneyText()
    captured_usd = MoneyText()
    refunded_usd = MoneyText()
    created_at = fields.AwareDateTime()
    operations = fields.List(fields.Nested(OperationOutput))


class PaymentsOutput(Answered):
    order_id = fields.UUID()
    total_usd = MoneyText(attribute="total_cents")
    payments = fields.List(fields.Nested(PaymentOutput))


class RefundInput(Asked):
    """A refund names its amount; a remake has none and charges nothing."""

    way = OneOf(RefundWay, required=True)
    cause = OneOf(RefundCause, required=True)
    amount_usd = MoneyUsd(load_default=None, allow_none=True)
    reason = Text(most=500, required=True)


class RefundOutput(Answered):
    id = fields.UUID()
    order_id = fields.UUID()
    way = OneOf(RefundWay)
    cause = OneOf(RefundCause)
    amount_usd = MoneyText(attribute="amount_cents", allow_none=True)
    reason = fields.String()
    operation_id = fields.UUID(allow_none=True)
    remake_order_id = fields.UUID(
        allow_none=True, metadata={"description": "The order that is made at no charge in its place."}
    )
    decided_by = fields.String(attribute="decided_by_name")
    decided_at = fields.AwareDateTime()


class RefundsOutput(Answered):
    refunds = fields.List(fields.Nested(RefundOutput))


class PayerInput(Asked):
    """Who pays for a practice's orders from now on, and why it was set so."""

    payer = OneOf(Payer, required=True)
    reason = Text(least=5, most=500, required=True)


class PayerOutput(Answered):
    practice_id = fields.UUID()
    payer = OneOf(Payer)
