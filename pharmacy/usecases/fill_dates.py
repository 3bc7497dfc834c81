"""Run-out, earliest refill and reminder of one fill, and what comes after it: a refill or a renewal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from pharmacy.domain.refills import SupplyDates, supply_dates
from pharmacy.domain.renewing import Outlook, outlook
from pharmacy.domain.titration import date_of
from pharmacy.store import renewals
from pharmacy.store.orders import Order
from pharmacy.store.prescriptions import Prescription
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.split_fill import split_in_force
from pharmacy.usecases.standing_course import StandingCourse, course_now


def dates_of_fill(order: Order, first_on: date, last_day: int, reference: Reference) -> SupplyDates:
    """The dates that follow from a fill, taken from `first_on`, that carries to `last_day` of the plan, included.

    Days that were still at home when a later fill was ready to be taken are its carry-over.
    """
    policy = reference.refills[order.delivery]
    filled_on = order.shipped_on or reference.on
    days = max(last_day - order.first_day + 1, 1)
    ready_after = (first_on - filled_on).days - policy.start_lag_days
    carry_over = max(ready_after, 0) if order.fill_number or order.home_until else 0
    return supply_dates(filled_on, first_on, days, carry_over, policy)


def newest_dates(standing: StandingCourse, reference: Reference) -> SupplyDates:
    """The same of the newest fill at the patient's, with everything that is supplied."""
    newest = standing.handed[-1]
    first_on = date_of(standing.start(reference)[0], newest.first_day)
    return dates_of_fill(newest, first_on, standing.supplied_through(), reference)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeSupply:
    """What a prescription that was renewed has left at home: its last day, and the first day of the next fill."""

    until: date
    earliest_refill_on: date


def home_supply_before(
    session: Session, prescription: Prescription, reference: Reference
) -> HomeSupply | None:
    """Of the prescription that this one goes on with, by simulated consumption; None where nothing was handed over.

    A renewal that changed the plan begins when it is received: another dose does not wait for the old one.
    """
    if prescription.renews_id is None or not renewals.approved_as_it_was(session, prescription.id):
        return None
    before = course_now(session, prescription.renews_id)
    if not before.handed:
        return None
    until = date_of(before.start(reference)[0], max(before.supplied_through(), 1))
    return HomeSupply(until=until, earliest_refill_on=newest_dates(before, reference).earliest_refill_on)


def refills_left(standing: StandingCourse) -> int:
    """How many refills no live order has used."""
    used = max((order.refill_number for order in standing.live), default=0)
    return standing.prescription.refills - used


def fills_left(standing: StandingCourse) -> int:
    """How many more fills there may be: the refills, and the rest of a fill that was handed over in part."""
    return refills_left(standing) + (0 if split_in_force(standing) is None else 1)


def outlook_after(standing: StandingCourse, dates: SupplyDates, reference: Reference) -> Outlook:
    """What comes after the newest fill, whose dates these are."""
    return outlook(
        dates,
        last_fill_on=standing.prescription.last_fill_on,
        refills_left=fills_left(standing),
        today=reference.on,
        renewal_lead_days=reference.course.renewal_lead_days,
    )
