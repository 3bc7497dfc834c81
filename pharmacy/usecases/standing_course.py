"""How things stand with a prescription: its plan now, every fill of it, the start, and what is at home.

Everything that continues a prescription starts here: the calendar, notices, adjustments, refills. The first day of
the plan is that of the first fill; a later fill that comes after the supply before has ended moves it (start is the
later of receipt and the day after home supply ends: house policy).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from pharmacy.domain.adjustments import AdjustingRules
from pharmacy.domain.calendar import local_day
from pharmacy.domain.course import Course, course_of
from pharmacy.domain.home_supply import Pantry, as_taken, covered_through, pantry_of
from pharmacy.domain.notices import Start
from pharmacy.domain.orders import DEAD, HANDED_OVER, MADE, OrderStatus
from pharmacy.domain.supply import Supply, Window
from pharmacy.domain.titration import TitrationPlan
from pharmacy.store import orders, prescriptions
from pharmacy.store.orders import Order
from pharmacy.store.prescriptions import PlanVersion, Prescription
from pharmacy.usecases.course_as_facts import course_from
from pharmacy.usecases.fill_start import start_of
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.supply_of_order import supply_of


@dataclass(frozen=True)
class StandingCourse:
    """A prescription with the plan version in force and all its orders, first fill first."""

    prescription: Prescription
    orders: tuple[Order, ...]

    @property
    def version(self) -> PlanVersion:
        """The plan version in force: the newest."""
        return self.prescription.plan_versions[-1]

    @cached_property
    def course(self) -> Course:
        """The course behind the plan in force."""
        version = self.version
        return course_of(version.plan()) if version.course is None else course_from(version.course)

    @property
    def is_adjusted(self) -> bool:
        return len(self.prescription.plan_versions) > 1

    @property
    def live(self) -> tuple[Order, ...]:
        """The orders whose capsules are, or will be, the patient's; what was made again counts no more."""
        living = [order for order in self.orders if order.status not in DEAD]
        made_good = {order.remake_of_id for order in living}
        return tuple(order for order in living if order.id not in made_good)

    @property
    def handed(self) -> tuple[Order, ...]:
        """The orders that are at the patient's, or on their way."""
        return tuple(order for order in self.live if order.status in HANDED_OVER)

    @property
    def newest(self) -> Order:
        """The newest order that is alive, or the newest of all where none is."""
        return (self.live or self.orders)[-1]

    def pantry(self, of: Iterable[Order]) -> Pantry:
        """All capsules of these orders."""
        return pantry_of(supply_of(order) for order in of)

    def supplied_through(self) -> int:
        """The last day of the plan in force that all live orders together cover."""
        return covered_through(self.course.plan, self.pantry(self.live))

    def start(self, reference: Reference) -> tuple[date, Start]:
        """The date of day 1, and whether it is confirmed."""
        first, *later = self.handed or (self.live or self.orders)[:1]
        start_on, basis = start_of(first, reference)
        for order in later:
            own, own_basis = start_of(order, reference)
            if own > start_on:
                start_on, basis = own, own_basis
        return start_on, basis

    def zone(self) -> ZoneInfo:
        """The patient's zone: their days are theirs."""
        return ZoneInfo(self.prescription.patient.time_zone)

    def day_of(self, now: datetime, reference: Reference) -> int | None:
        """The day of the plan that it is at the patient's; None before the first fill is handed over."""
        if not self.handed:
            return None
        return (local_day(now, self.zone()) - self.start(reference)[0]).days + 1


def was_made(order: Order) -> bool:
    """Whether capsules of an order that has not left exist, or are being made."""
    return (order.resumes_to if order.status is OrderStatus.ON_HOLD else order.status) in MADE


def adjusting_rules(reference: Reference) -> AdjustingRules:
    """The house's limits of adjusting, and what its formulary makes."""
    return AdjustingRules(
        most_days_off=reference.course.most_days_off,
        usual_step_days=reference.course.usual_step_days,
        strengths=reference.formulary.strengths,
    )


def course_now(session: Session, prescription_id: UUID, practice_id: UUID | None = None) -> StandingCourse:
    """How things stand; PrescriptionNotFound, also for another practice's prescription."""
    prescription = prescriptions.get(session, prescription_id, practice_id)
    return StandingCourse(prescription, tuple(orders.of_prescription(session, prescription_id)))


def hold_course(session: Session, prescription_id: UUID, practice_id: UUID | None = None) -> StandingCourse:
    """The same, with the prescription and then its orders held until the transaction ends."""
    prescriptions.get(session, prescription_id, practice_id)
    prescriptions.hold(session, prescription_id)
    session.execute(
        select(Order.id).where(Order.prescription_id == prescription_id).order_by(Order.id).with_for_update()
    )
    # What was read before the hold may have been changed by whoever held it.
    session.expire_all()
    return course_now(session, prescription_id, practice_id)


def supplied_now(standing: StandingCourse) -> tuple[TitrationPlan, Window, Supply]:
    """The plan in force, the days of it that the newest fill serves, and how their doses are taken.

    A plan that nobody has adjusted is followed fill by fill; an adjusted one from the newest fill that the patient
    has as far as everything supplied carries.
    """
    plan, newest = standing.course.plan, standing.newest
    if not standing.is_adjusted:
        return plan, newest.window(), supply_of(newest)
    first_day = (standing.handed or (newest,))[-1].first_day
    end = plan.closed_days
    first_day = first_day if end is None else min(first_day, end)
    window = Window(first_day, max(standing.supplied_through() - first_day + 1, 1))
    return plan, window, as_taken(plan, window, standing.pantry(standing.live))
