"""The calendar of a prescription: which dose on which day, counted from the start as far as it is known.

Until the patient or staff confirm the start it is assumed: ship date plus the way to the patient, or, before
shipping, the promise date plus that way. A promise that was not kept starts nobody in the past: what has not
left yet leaves today at the soonest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.calendar import business_day_after
from pharmacy.domain.notices import Start
from pharmacy.domain.supply import Supply
from pharmacy.domain.titration import TitrationPlan
from pharmacy.store import orders
from pharmacy.store.orders import Order
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.schedule_document import days_document, steps_document
from pharmacy.usecases.supply_of_order import supply_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidOut:
    """A schedule with its supply, in dates of the patient's zone."""

    rx_number: int
    plan: TitrationPlan
    supply: Supply
    start_on: date
    start: Start
    zone_name: str
    changed_at: datetime
    document: dict[str, Any]


def lay_out_schedule(
    session: Session, prescription_id: UUID, practice_id: UUID, reference: Reference
) -> LaidOut:
    """The days that the newest fill of the prescription covers. Raises OrderNotFound."""
    order = orders.newest_fill(session, prescription_id, practice_id)
    plan, window = order.plan_version.plan(), order.window()
    start_on, start = start_of(order, reference)
    return LaidOut(
        rx_number=order.number,
        plan=plan,
        supply=supply_of(order),
        start_on=start_on,
        start=start,
        zone_name=order.patient.time_zone,
        changed_at=order.start_confirmed_at or order.status_at,
        document={
            "prescription_id": prescription_id,
            "plan_version": order.plan_version.version,
            "start": {"on": start_on, "basis": start.value},
            "steps": steps_document(plan, window, start_on),
            "days": days_document(plan, window, start_on),
        },
    )


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
