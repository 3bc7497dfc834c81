"""When a fill begins to be taken, as far as it is known.

Until the patient or staff confirm the start it is assumed: ship date plus the way to the patient, or, before
shipping, the promise date plus that way. A promise that was not kept starts nobody in the past: what has not
left yet leaves today at the soonest.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Protocol

from pharmacy.domain.calendar import ONE_DAY, business_day_after
from pharmacy.domain.notices import Start
from pharmacy.domain.pricing import Delivery
from pharmacy.usecases.reference import Reference


class Begun(Protocol):
    """What a start is reckoned from: an order, or a row that says as much of one."""

    @property
    def first_day(self) -> int: ...
    @property
    def home_until(self) -> date | None: ...
    @property
    def delivery(self) -> Delivery: ...
    @property
    def promised_on(self) -> date | None: ...
    @property
    def shipped_on(self) -> date | None: ...
    @property
    def started_on(self) -> date | None: ...
    @property
    def start_confirmed_at(self) -> datetime | None: ...


def start_of(order: Begun, reference: Reference) -> tuple[date, Start]:
    """The date of day 1 of the plan, and whether somebody confirmed it."""
    if order.started_on is not None and order.start_confirmed_at is not None:
        return order.started_on, Start.CONFIRMED
    promised_on = order.promised_on or business_day_after(
        reference.on, reference.promise_business_days, reference.closed_on
    )
    leaves_on = order.shipped_on or max(promised_on, reference.on)
    on_the_way = timedelta(days=reference.refills[order.delivery].start_lag_days)
    taken_from = leaves_on + on_the_way
    if order.home_until is not None:
        # What the prescription before left at home is taken first (house policy).
        taken_from = max(taken_from, order.home_until + ONE_DAY)
    return taken_from - timedelta(days=order.first_day - 1), Start.ASSUMED
