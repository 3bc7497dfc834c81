"""Money in words: what waits, and what became of each payment of an order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from pharmacy.domain.money import Money
from pharmacy.domain.payments import OperationState
from pharmacy.store.orders import Order
from pharmacy.store.payment_queue import MoneyWaiting
from pharmacy.store.payments import RefundCause, RefundDecision, RefundWay
from pharmacy.usecases.decide_refund import DECIDABLE
from pharmacy.web.console.figures_shown import PriceLineShown, price_lines_shown
from pharmacy.web.console.language import gettext, lazy_gettext
from pharmacy.web.console.names import named
from pharmacy.web.console.words import Chip, Moment, Tone, instant_moment

WAYS: tuple[tuple[str, Any], ...] = (
    (RefundWay.REFUND.value, lazy_gettext("Give money back")),
    (RefundWay.REMAKE.value, lazy_gettext("Make it again at no charge")),
)
CAUSES: tuple[tuple[str, Any], ...] = (
    (RefundCause.CANCELLED.value, lazy_gettext("Cancelled")),
    (RefundCause.SPOILED.value, lazy_gettext("Spoiled")),
    (RefundCause.LOST.value, lazy_gettext("Lost")),
    (RefundCause.WRONG.value, lazy_gettext("Wrong")),
)
_STATES: Mapping[OperationState, tuple[Any, Tone]] = {
    OperationState.WAITING: (lazy_gettext("Waiting"), Tone.WAITING),
    OperationState.DONE: (lazy_gettext("Done"), Tone.DONE),
    OperationState.REFUSED: (lazy_gettext("Refused"), Tone.BLOCKED),
    OperationState.UNCERTAIN: (lazy_gettext("Uncertain: look it up"), Tone.MINE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UncertainRow:
    order_id: str
    number: str
    operation_id: str
    what: str
    amount: str
    asked: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitingRow:
    order_id: str
    number: str
    total: str
    since: Moment
    state: Chip


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideRow:
    order_id: str
    wording: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingShown:
    """Uncertain operations first, then decisions, then what awaits payment."""

    uncertain: tuple[UncertainRow, ...]
    to_decide: tuple[DecideRow, ...]
    awaiting: tuple[AwaitingRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationRow:
    id: str
    what: str
    state: Chip
    amount: str
    at: Moment
    by: str
    reason: str
    is_uncertain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentShown:
    method: str
    payer: str
    state: str
    captured: str
    refunded: str
    operations: tuple[OperationRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    what: str
    reason: str
    by: str
    at: Moment
    remake_order_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyShown:
    """Everything about the money of one order."""

    order_id: str
    number: str
    total: str
    payer: str
    lines: tuple[PriceLineShown, ...]
    split: str
    remake_of: str
    acceptance: str
    payments: tuple[PaymentShown, ...]
    decisions: tuple[DecisionRow, ...]
    has_receipt: bool
    why_undecided: str


def waiting_shown(waiting: MoneyWaiting, zone: ZoneInfo) -> WaitingShown:
    """The three lists in words."""
    return WaitingShown(
        uncertain=tuple(
            UncertainRow(
                order_id=str(each.order_id),
                number=str(each.number),
                operation_id=str(each.operation_id),
                what=_spoken(each.kind),
                amount=Money(each.amount_cents).text,
                asked=instant_moment(each.asked_at, zone),
            )
            for each in waiting.uncertain
        ),
        to_decide=tuple(
            DecideRow(order_id=str(each.order_id), wording=each.wording) for each in waiting.to_decide
        ),
        awaiting=tuple(
            AwaitingRow(
                order_id=str(each.order_id),
                number=str(each.number),
                total=Money(each.total_cents).text,
                since=instant_moment(each.since, zone),
                state=Chip(gettext("Accepted: take the payment"), Tone.MINE)
                if each.is_accepted
                else Chip(gettext("Waits for acceptance"), Tone.WAITING),
            )
            for each in waiting.awaiting
        ),
    )


def money_shown(
    order: Order,
    standing: Mapping[str, Any],
    document: Mapping[str, Any],
    decisions: Iterable[RefundDecision],
    zone: ZoneInfo,
) -> MoneyShown:
    """The money of the order in words."""
    accepted = standing["acceptance"]
    made = document["payments"]
    return MoneyShown(
        order_id=str(order.id),
        number=str(order.number),
        total=Money(order.total_cents).text,
        payer=_spoken(standing["payer"]),
        lines=price_lines_shown(order.price_lines),
        split="" if order.split is None else order.split.because,
        remake_of="" if order.remake_of_id is None else str(order.remake_of_id),
        acceptance=""
        if accepted is None
        else f"{_spoken(accepted.accepted_by)}, {accepted.recorded_by_name}, "
        f"{instant_moment(accepted.accepted_at, zone).words}",
        payments=tuple(_payment(each, zone) for each in made),
        decisions=tuple(_decision(each, zone) for each in decisions),
        why_undecided=""
        if (order.resumes_to or order.status) in DECIDABLE
        else gettext("Nothing is made yet: the order can still be cancelled, and then all is voided."),
        has_receipt=any(each["captured_usd"].cents for each in made),
    )


def _payment(payment: Mapping[str, Any], zone: ZoneInfo) -> PaymentShown:
    return PaymentShown(
        method=_spoken(payment["method"]),
        payer=_spoken(payment["payer"]),
        state=_spoken(payment["status"]),
        captured=payment["captured_usd"].text,
        refunded=payment["refunded_usd"].text,
        operations=_operations(payment["operations"], zone),
    )


def _operations(operations: Sequence[Any], zone: ZoneInfo) -> tuple[OperationRow, ...]:
    rows = []
    for each in operations:
        words, tone = _STATES.get(each.state, (_spoken(each.state), Tone.WAITING))
        rows.append(
            OperationRow(
                id=str(each.id),
                what=_spoken(each.kind),
                state=Chip(str(words), tone),
                amount=Money(each.amount_cents).text,
                at=instant_moment(each.settled_at or each.created_at, zone),
                by=each.asked_by_name,
                reason=each.reason or "",
                is_uncertain=each.state is OperationState.UNCERTAIN,
            )
        )
    return tuple(rows)


def _decision(decision: RefundDecision, zone: ZoneInfo) -> DecisionRow:
    amount = "" if decision.amount_cents is None else f" {Money(decision.amount_cents).text} USD"
    return DecisionRow(
        what=f"{_spoken(decision.way)}{amount} ({_spoken(decision.cause).lower()})",
        reason=decision.reason,
        by=decision.decided_by_name,
        at=instant_moment(decision.decided_at, zone),
        remake_order_id="" if decision.remake_order_id is None else str(decision.remake_order_id),
    )


def _spoken(value: str) -> str:
    return named(str(value)).capitalize()
