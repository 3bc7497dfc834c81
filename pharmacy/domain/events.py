"""The published catalogue of events: what a practice's system may hear about its orders.

A type, once published, keeps its name and its meaning for good; new ones are added at the end of their group.
An event carries ids only: whoever is told asks the API for the rest, as the practice it belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from pharmacy.domain.orders import OrderStatus


class EventKind(StrEnum):
    """Every type of event. Those of an order's states are named after the state that was entered."""

    ORDER_RECEIVED = "order.received"
    ORDER_CLARIFICATION = "order.clarification"
    ORDER_IN_REVIEW = "order.in_review"
    ORDER_AWAITING_PAYMENT = "order.awaiting_payment"
    ORDER_QUEUED = "order.queued"
    ORDER_COMPOUNDING = "order.compounding"
    ORDER_LABELLED = "order.labelled"
    ORDER_VERIFIED = "order.verified"
    ORDER_SHIPPED = "order.shipped"
    ORDER_PICKED_UP = "order.picked_up"
    ORDER_COMPLETED = "order.completed"
    ORDER_ON_HOLD = "order.on_hold"
    ORDER_REJECTED = "order.rejected"
    ORDER_CANCELLED = "order.cancelled"
    ORDER_RETURNED = "order.returned"
    ORDER_ANSWERED = "order.answered"
    ORDER_STARTED = "order.started"
    CHECK_IN_ANSWERED = "check_in.answered"
    RENEWAL_ASKED = "renewal.asked"
    RENEWAL_ANSWERED = "renewal.answered"
    ORDER_RECALLED = "order.recalled"
    ADJUSTMENT_ASKED = "adjustment.asked"
    ADJUSTMENT_AUTHORISED = "adjustment.authorised"
    ADJUSTMENT_DECLINED = "adjustment.declined"
    ADJUSTMENT_WITHDRAWN = "adjustment.withdrawn"
    PLAN_CHANGED = "plan.changed"
    PRESCRIPTION_TRANSFERRED = "prescription.transferred"


def of_status(status: OrderStatus) -> EventKind:
    """The event that says an order entered that state."""
    return EventKind(f"order.{status}")


# What each type says, in one sentence, for the catalogue.
MEANINGS: Mapping[EventKind, str] = {
    EventKind.ORDER_RECEIVED: "The order is in the books and waits for review.",
    EventKind.ORDER_CLARIFICATION: "The order waits for an answer of the prescriber; the order says what is asked.",
    EventKind.ORDER_IN_REVIEW: "A pharmacist reviews the order.",
    EventKind.ORDER_AWAITING_PAYMENT: "A pharmacist has approved the order; it waits for its payment.",
    EventKind.ORDER_QUEUED: "The order is paid or its payment authorised; it waits to be compounded.",
    EventKind.ORDER_COMPOUNDING: "The order is being compounded.",
    EventKind.ORDER_LABELLED: "Every vial of the order is labelled.",
    EventKind.ORDER_VERIFIED: "A pharmacist other than the compounder has verified the order finally.",
    EventKind.ORDER_SHIPPED: "The order is on its way to the patient.",
    EventKind.ORDER_PICKED_UP: "The order was handed over at the pharmacy.",
    EventKind.ORDER_COMPLETED: "The order has arrived.",
    EventKind.ORDER_ON_HOLD: "The order rests; it resumes where it was.",
    EventKind.ORDER_REJECTED: "A pharmacist has rejected the order; that is final.",
    EventKind.ORDER_CANCELLED: "The order was cancelled; that is final.",
    EventKind.ORDER_RETURNED: "The parcel came back; nothing of it is dispensed again.",
    EventKind.ORDER_ANSWERED: "A question about the order was answered.",
    EventKind.ORDER_STARTED: "The first day of the plan was confirmed; the schedule counts from it.",
    EventKind.CHECK_IN_ANSWERED: "The patient reported something at a check-in; a pharmacist sees to it.",
    EventKind.RENEWAL_ASKED: "The supply comes to its end and no refill is left: a renewal is asked for.",
    EventKind.RENEWAL_ANSWERED: "A request for a renewal was answered: approved, changed or denied.",
    EventKind.ADJUSTMENT_ASKED: "An adjustment of the plan was asked for; it waits for authority or acceptance.",
    EventKind.ADJUSTMENT_AUTHORISED: "The adjustment has its authority; a pharmacist accepts it next.",
    EventKind.ADJUSTMENT_DECLINED: "The adjustment was declined; the plan stays as it is.",
    EventKind.ADJUSTMENT_WITHDRAWN: "The adjustment was withdrawn; the plan stays as it is.",
    EventKind.PLAN_CHANGED: "Another version of the plan is in force; schedule, notices and open orders follow it.",
    EventKind.PRESCRIPTION_TRANSFERRED: "The remaining fills went to another pharmacy; here the prescription is void.",
    EventKind.ORDER_RECALLED: "Capsules of the order are recalled; the pharmacy calls whoever has them.",
}
