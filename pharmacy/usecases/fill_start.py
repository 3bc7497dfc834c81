"""When a fill begins to be taken, as far as it is known.

Until the patient or staff confirm the start it is assumed: ship date plus the way to the patient, or, before
shipping, the promise date plus that way. A promise that was not kept starts nobody in the past: what has not
left yet leaves today at the soonest.
"""

from __future__ import annotations

from datetime import date, timedelta

from pharmacy.domain.calendar import business_day_after
from pharmacy.domain.notices import Start
from pharmacy.store.orders import Order
from pharmacy.usecases.reference import Reference


def start_of(order: Order, reference: Reference) -> tuple[date, Start]:
    """The date of day 1 of the plan, and whether somebody confirmed it."""
    if order.started_on is not None and order.start_confirmed_at is not None:
        return order.started_on, Start.CONFIRMED
    promised_on = order.promised_on or business_day_after(
        reference.on, reference.promise_business_days, reference.closed_on
    )
    leaves_on = order.shipped_on or max(promised_on, reference.on)
    on_the_way = timedelta(days=reference.refills[order.delivery].start_lag_days)
    return leaves_on + on_the_way - timedelta(days=order.first_day - 1), Start.ASSUMED
