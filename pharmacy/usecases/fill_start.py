"""When a fill begins to be taken, as far as it is known.

Until the patient or staff confirm the start it is assumed: ship date plus the way to the patient, or, before
shipping, the promise date plus that way. A promise that was not kept starts nobody in the past: what has not
left yet leaves today at the soonest. What was confirmed of one fill holds for the next, unless that comes late.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Protocol

from pharmacy.domain.calendar import ONE_DAY, business_day_after
from pharmacy.domain.notices import Start
from pharmacy.domain.pricing import Delivery
from pharmacy.store.orders import Order
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
    """The date of day 1 of the plan, and whether somebody confirmed it.

    A fill that has not left yet begins no sooner than it can be there, whatever was confirmed of the fill before.
    """
    said = None if order.start_confirmed_at is None else order.started_on
    if said is not None and (order.shipped_on is not None or not comes_late(order, said, reference)):
        return said, Start.CONFIRMED
    return _assumed(order, reference), Start.ASSUMED


def comes_late(order: Begun, started_on: date, reference: Reference) -> bool:
    """Whether a later fill is there only after its first day, where day 1 of the plan fell on `started_on`.

    The supply before it has ended by then, so the days wait for it (house policy: the later of receipt and the day
    after home supply ends).
    """
    return order.first_day > 1 and started_on < _assumed(order, reference)


def forget_late_start(order: Order, reference: Reference) -> None:
    """Of a fill that comes late nobody knows any more when it is begun: its start is assumed, and asked for."""
    if order.started_on is not None and comes_late(order, order.started_on, reference):
        order.started_on = order.start_confirmed_at = None


def _assumed(order: Begun, reference: Reference) -> date:
    """Day 1 of the plan when this fill is taken from the day on which it is there."""
    promised_on = order.promised_on or business_day_after(
        reference.on, reference.promise_business_days, reference.closed_on
    )
    leaves_on = order.shipped_on or max(promised_on, reference.on)
    on_the_way = timedelta(days=reference.refills[order.delivery].start_lag_days)
    taken_from = leaves_on + on_the_way
    if order.home_until is not None:
        # What the prescription before left at home is taken first (house policy).
        taken_from = max(taken_from, order.home_until + ONE_DAY)
    return taken_from - timedelta(days=order.first_day - 1)
