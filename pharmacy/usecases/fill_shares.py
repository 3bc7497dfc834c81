"""What the next order of a course is made of: a whole fill, its first part, or what is left of a fill in parts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.findings import Finding
from pharmacy.domain.pricing import Delivery, Terms
from pharmacy.domain.supply import (
    NothingLeftToSupply,
    SupplyMethod,
    Window,
    part_of,
    within_limits,
)
from pharmacy.domain.titration import date_of
from pharmacy.store import tasks
from pharmacy.store.split_fills import SplitFill
from pharmacy.usecases.commands import DosageForm, SupplyRequest, form_of
from pharmacy.usecases.derivation import Derivation, MethodNotOffered, Option, derive, option_of
from pharmacy.usecases.file_fill import Charged
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.split_fill import (
    REST,
    Whole,
    as_first_part,
    days_carried,
    first_part,
    has_moved,
    parts_of,
    price_of_rest,
    rest_due_on,
    rest_of,
    rest_window,
    split_in_force,
    task_for_rest,
)
from pharmacy.usecases.split_price import further_price
from pharmacy.usecases.standing_course import StandingCourse, course_now
from pharmacy.usecases.submission_rows import price_line_facts


@dataclass(frozen=True, slots=True)
class Days:
    """How many days are due in all, and how many of them are asked for now; None: all of a closed plan."""

    due: int | None
    asked: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The fill that is asked for, and what it is derived from."""

    refill_number: int
    days: Days
    method: SupplyMethod | None
    delivery: Delivery
    reference: Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One order's worth: its option, what it costs where that is not the option's price, and the plan's findings."""

    option: Option
    charge: Charged | None
    findings: tuple[Finding, ...]


def next_share(standing: StandingCourse, wanted: Wanted, now: datetime) -> Share:
    """The next order of the course. Raises as `derive` does, and MethodNotOffered for the rest in another way."""
    split = split_in_force(standing)
    if split is not None:
        return _rest(standing, split, wanted)
    derivation = derive(
        SupplyRequest(
            plan=standing.course.plan,
            days=wanted.days.due,
            method=wanted.method,
            delivery=wanted.delivery,
            strength_basis=standing.prescription.strength_basis,
            ship_to_state=standing.prescription.patient.state,
            dosage_form=form_of(standing.newest.supply_method) if standing.orders else DosageForm.CAPSULE,
        ),
        wanted.reference,
        supplied_days=standing.supplied_through(),
    )
    return _begun(standing, derivation, wanted, now)


def see_to_rest(
    session: Session, prescription_id: UUID, why: str, reference: Reference, *, by: Actor, now: datetime
) -> None:
    """The task to fill the rest is about the newest part and the plan in force, and closed with the last; `why` says
    what became of the task before.
    """
    tasks.close_about(session, REST, prescription_id, why, by=by, now=now)
    standing = course_now(session, prescription_id)
    split = split_in_force(standing)
    rest = None if split is None else rest_window(split, standing)
    if split is None or rest is None:
        return
    order = parts_of(split, standing.live)[-1]
    lead = reference.refills[order.delivery].lead_days
    due_on = rest_due_on(order.days, reference.on, lead)
    if order in standing.handed:
        runs_out_on = date_of(standing.start(reference)[0], rest.first_day)
        due_on = max(runs_out_on - timedelta(days=lead), reference.on)
    part = {name: getattr(order, name) for name in _TOLD}
    tasks.open_task(session, task_for_rest(part, rest, split.because, due_on), by=by, now=now)


_TOLD = ("id", "number", "prescription_id", "patient_id", "practice_id", "first_day", "days")


def _begun(standing: StandingCourse, derivation: Derivation, wanted: Wanted, now: datetime) -> Share:
    """The whole fill, or its first part: fewer days were asked for, or no batch carries all of it."""
    asked, reference = wanted.days.asked, wanted.reference
    request = SupplyRequest(
        plan=standing.course.plan, days=None, method=wanted.method, delivery=wanted.delivery
    )
    whole = derivation.chosen(request)
    window = whole.supply.window
    part, because = whole, ""
    if asked is not None and asked < window.days:
        part = _cut(whole, Window(window.first_day, asked), standing, wanted)
        because = f"{asked} of {window.days} days were asked for; the rest follows on the same fill."
    if part.first_part is not None:
        because = part.first_part.because
        part = as_first_part(part)
    findings = (*derivation.findings, *part.findings)
    if part is whole:
        return Share(option=whole, charge=None, findings=findings)
    begun = Whole(
        prescription_id=standing.prescription.id,
        plan_version_id=standing.version.id,
        refill_number=wanted.refill_number,
        price_book_id=reference.prices().book_id,
        price_lines=price_line_facts(whole),
        because=because,
        now=now,
    )
    return Share(option=part, charge=begun_with(whole, part, begun), findings=findings)


def begun_with(whole: Option, part: Option, begun: Whole) -> Charged:
    """What the first part is charged, with the row of the whole that it begins."""
    made = first_part(whole, part, begun)
    return Charged(price_lines=made.price_lines, price_book_id=begun.price_book_id, begins=made.split)


def _rest(standing: StandingCourse, split: SplitFill, wanted: Wanted) -> Share:
    if wanted.method not in {None, split.supply_method}:
        raise MethodNotOffered(wanted.method or split.supply_method, where=("supply_option",))
    rest = rest_window(split, standing)
    if rest is None:
        raise NothingLeftToSupply(standing.course.plan.closed_days or 0)
    window = Window(rest.first_day, min(wanted.days.asked or rest.days, rest.days))
    supply = within_limits(rest_of(split, standing, window))
    terms = Terms(ship_to_state=standing.prescription.patient.state)
    basis = standing.prescription.strength_basis
    option = as_first_part(option_of(supply, wanted.delivery, basis, wanted.reference, terms))
    if has_moved(split, standing):
        # What the whole was priced for is made no more; its fees, surcharges and shipping are paid.
        anew = option_of(option.supply, wanted.delivery, basis, wanted.reference, terms)
        book_id, lines = wanted.reference.prices().book_id, further_price(price_line_facts(anew))
    else:
        book_id, lines = split.price_book_id, price_of_rest(split, standing, option.supply.capsules)
    charge = Charged(
        price_lines=lines,
        price_book_id=book_id,
        split_fill_id=split.id,
        part_days=days_carried(standing, option.supply) if has_moved(split, standing) else None,
    )
    return Share(option=option, charge=charge, findings=option.findings)


def _cut(whole: Option, window: Window, standing: StandingCourse, wanted: Wanted) -> Option:
    """Those days of the option, with batches of their own."""
    supply = part_of(whole.supply, window)
    basis = standing.prescription.strength_basis
    part = option_of(supply, wanted.delivery, basis, wanted.reference)
    return replace(part, reasons=whole.reasons)
