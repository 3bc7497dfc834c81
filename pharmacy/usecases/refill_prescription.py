"""A refill: the next fill of the plan in force, beginning where the supply before it ends.

It never restarts the titration and never jumps ahead. Opioids, allergies and medicines are asked again, and the
order is reviewed like a first one. A fill of fewer days than the first leaves its rest on the same refill.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict
from pharmacy.domain.pricing import Delivery
from pharmacy.domain.renewing import require_refill
from pharmacy.domain.supply import MOST_DAYS, SupplyMethod
from pharmacy.domain.validity import valid_through
from pharmacy.store import practices
from pharmacy.store.orders import Order
from pharmacy.store.prescriptions import Prescription
from pharmacy.usecases.adjust_prescription import require_here
from pharmacy.usecases.file_fill import NewFill, file_fill
from pharmacy.usecases.fill_dates import HomeSupply, home_supply_before, newest_dates
from pharmacy.usecases.fill_screening import screen_fill
from pharmacy.usecases.fill_shares import Days, Wanted, next_share, see_to_rest
from pharmacy.usecases.gap_before_fill import gap_found
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.schedule_notices import schedule_notices
from pharmacy.usecases.split_fill import rest_window, split_in_force
from pharmacy.usecases.standing_course import StandingCourse, course_now, hold_course
from pharmacy.usecases.submit_order import require_licensed


@dataclass(eq=False)
class FillUnderWay(Conflict):
    """One fill is on its way at a time."""

    number: int

    def __str__(self) -> str:
        return f"Rx {self.number} of this prescription is still on its way; it comes first."


@dataclass(eq=False)
class CourseRests(Conflict):
    def __str__(self) -> str:
        return "The course is paused or stopped; nothing is filled until it goes on."


@dataclass(frozen=True, slots=True, kw_only=True)
class RefillRequest:
    """What is asked for; without `days` as many as the first fill, or the rest of a part. `answers` as an order's."""

    prescription_id: UUID
    answers: Mapping[str, Any]
    days: int | None = None
    method: SupplyMethod | None = None
    delivery: Delivery | None = None


def refill_prescription(
    session: Session, request: RefillRequest, reference: Reference, *, by: Actor, now: datetime
) -> Order:
    """The refill is an order, received or waiting for what it was asked.

    Raises PrescriptionNotFound, FillUnderWay, CourseRests, NoRefillLeft, NoLongerFillable, RefillTooSoon,
    NotLicensedThere, and NothingLeftToSupply after the last day of a plan that ends.
    """
    standing = hold_course(session, request.prescription_id, by.practice_id)
    require_here(standing)
    _require_rest(standing)
    refill_number, days = _next(standing, request.days)
    home = None if standing.live else home_supply_before(session, standing.prescription, reference)
    delivery = request.delivery or (standing.newest.delivery if standing.orders else Delivery.MAIL)
    last_fill_on = _last_fill_on(standing.prescription, delivery, reference)
    _require_due(standing, refill_number, home, last_fill_on, reference)
    require_licensed(standing.prescription.patient.state, delivery, reference)
    wanted = Wanted(
        refill_number=refill_number, days=days, method=request.method, delivery=delivery, reference=reference
    )
    share = next_share(standing, wanted, now)
    screened = screen_fill(
        standing.prescription,
        request.answers,
        reference,
        is_on_roster=practices.is_on_roster(
            session, standing.prescription.practice_id, standing.prescription.prescriber_npi, reference.on
        ),
        extra=(*share.findings, *gap_found(standing, delivery, reference)),
    )
    new = NewFill(
        option=share.option,
        delivery=delivery,
        refill_number=refill_number,
        answers=request.answers,
        screened=screened,
        was_asked_anew=True,
        charge=share.charge,
        home_until=None if home is None else home.until,
    )
    # What is said of the next fill goes by how this one is delivered.
    standing.prescription.last_fill_on = last_fill_on
    order = file_fill(session, standing, new, reference, by=by, now=now)
    see_to_rest(session, order.prescription_id, "Asked for.", reference, by=by, now=now)
    # The refill is no longer due: it has been asked for.
    for handed in course_now(session, request.prescription_id).handed:
        schedule_notices(session, handed, reference, by=by, now=now)
    return order


def _require_rest(standing: StandingCourse) -> None:
    """Nothing is under way, and the course goes on."""
    waiting = [order for order in standing.live if order not in standing.handed]
    if waiting:
        raise FillUnderWay(waiting[0].number)
    if standing.course.set_aside or standing.course.is_stopped:
        raise CourseRests


def _next(standing: StandingCourse, asked: int | None) -> tuple[int, Days]:
    """The refill that the next fill is or belongs to, and its days.

    A refill that was filled for fewer days than the first fill is gone on with before the next begins.
    """
    if not standing.live:
        return 0, Days(due=asked, asked=asked)
    split = split_in_force(standing)
    rest = None if split is None else rest_window(split, standing)
    if split is not None and rest is not None:
        return split.refill_number, Days(due=rest.days, asked=min(asked or rest.days, rest.days))
    first = standing.live[0]
    # A change may have made the first fill longer than one may be; the next is as long as one may be.
    usual = min(first.days if first.split is None else first.split.days, MOST_DAYS)
    newest = max(order.refill_number for order in standing.live)
    filled = sum(order.days for order in standing.live if order.refill_number == newest)
    left = usual - filled
    if left > 0:
        return newest, Days(due=left, asked=left if asked is None else min(asked, left))
    return newest + 1, Days(due=usual, asked=usual if asked is None else min(asked, usual))


def _last_fill_on(prescription: Prescription, delivery: Delivery, reference: Reference) -> date:
    """The last day for a fill that is delivered so, to where the patient lives now: each fill has its own."""
    return valid_through(prescription.written_on, prescription.patient.state, delivery, reference.validity)


def _require_due(
    standing: StandingCourse,
    refill_number: int,
    home: HomeSupply | None,
    last_fill_on: date,
    reference: Reference,
) -> None:
    """A refill is left and may be filled today; what never was filled is due at any time it may be, but not while
    too much of the prescription that it renews is at home.
    """
    prescription = standing.prescription
    earliest = reference.on if home is None else home.earliest_refill_on
    begun = any(order.refill_number == refill_number for order in standing.live)
    if standing.handed and not begun:
        earliest = newest_dates(standing, reference).earliest_refill_on
    require_refill(
        earliest,
        last_fill_on=last_fill_on,
        refills=prescription.refills,
        left=prescription.refills - refill_number + 1,
        today=reference.on,
    )
