"""One more fill of a prescription as an order: the one way in which refills and adjustments make one.

It begins where every order begins, in review, with everything derived from the plan in force; proofs are asked for
by the same message as for a first order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.events import of_status
from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.pricing import Delivery
from pharmacy.store import audit, events, orders, outbox
from pharmacy.store.base import new_id
from pharmacy.store.orders import Order, OrderFinding, OrderLine, PriceLineRow, Vial
from pharmacy.store.screening import Occasion
from pharmacy.store.split_fills import SplitFill
from pharmacy.usecases.answers_age import given_on
from pharmacy.usecases.derivation import Option
from pharmacy.usecases.fill_screening import Screened
from pharmacy.usecases.fill_start import forget_late_start
from pharmacy.usecases.patient_facts import learn_answers
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.screen_order import Look, finding_row, screen_order
from pharmacy.usecases.standing_course import StandingCourse
from pharmacy.usecases.submission_rows import line_rows, price_line_facts


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFill:
    """What the order is made of; `refill_number` is the refill that it is or belongs to.

    `charge` stands where the order costs something else than its option does: a part of a fill, or a remake. The
    `answers` are of today where `was_asked_anew`, and else those of the order whose days this one serves.
    """

    option: Option
    delivery: Delivery
    refill_number: int
    answers: Mapping[str, Any]
    screened: Screened
    was_asked_anew: bool = False
    charge: Charged | None = None
    # The last day that the supply of the prescription before lasts, where this is the first fill of a renewal.
    home_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """What the order costs line by line, by which price book, and why: the fill it is a part of, or the order it
    makes good. `begins` is the row of the whole where the order is its first part.
    """

    price_lines: Sequence[Mapping[str, Any]]
    price_book_id: UUID
    split_fill_id: UUID | None = None
    begins: Mapping[str, Any] | None = None
    remake_of_id: UUID | None = None
    # Where the plan has moved the days of a part: how many of the whole it uses up.
    part_days: int | None = None


def file_fill(
    session: Session,
    standing: StandingCourse,
    new: NewFill,
    reference: Reference,
    *,
    by: Actor,
    now: datetime,
) -> Order:
    """The order is in the books, received or waiting for its questions."""
    charge = new.charge or Charged(
        price_lines=price_line_facts(new.option), price_book_id=reference.prices().book_id
    )
    if charge.begins is not None:
        session.add(SplitFill(**charge.begins))
        session.flush()  # Its first part names it.
    row = _order_row(session, standing, new, charge, by, now) | {"answers": _answers(new, reference)}
    lines, vials = line_rows(row, new.option)
    findings = (*new.screened.questions, *new.screened.findings)
    session.add(Order(**row))
    session.flush()  # Everything below names the order.
    session.add_all(OrderLine(**line) for line in lines)
    session.flush()  # Vials name their lines.
    session.add_all(Vial(**vial) for vial in vials)
    session.add_all(
        PriceLineRow(id=new_id(), order_id=row["id"], position=position, **facts)
        for position, facts in enumerate(charge.price_lines, start=1)
    )
    session.add_all(
        OrderFinding(**finding_row(row["id"], position, finding))
        for position, finding in enumerate(findings, start=1)
    )
    audit.record(session, "order.received", row["id"], by=by, at=now, status=row["status"])
    outbox.add(session, "order.received", row["id"], now=now)
    events.add(
        session,
        of_status(row["status"]),
        practice_id=row["practice_id"],
        order_id=row["id"],
        prescription_id=row["prescription_id"],
        now=now,
    )
    session.flush()  # The whole order is read back.
    order = orders.get(session, row["id"])
    if new.was_asked_anew:
        # Answers of an earlier day would take back what has been learnt of the patient since.
        learn_answers(order.patient, new.answers, now)
    forget_late_start(order, reference)
    # By everything the pharmacy knows, other practices' records and other orders for the same days among it.
    screen_order(session, order, Look(reference=reference, occasion=Occasion.REFILL), by=by, now=now)
    return order


def _answers(new: NewFill, reference: Reference) -> Mapping[str, Any]:
    """With the day on which each was given; what was taken over keeps its own."""
    return given_on(new.answers, reference.on) if new.was_asked_anew else dict(new.answers)


def _order_row(
    session: Session,
    standing: StandingCourse,
    new: NewFill,
    charge: Charged,
    by: Actor,
    now: datetime,
) -> dict[str, Any]:
    prescription, window = standing.prescription, new.option.supply.window
    is_asked = bool(new.screened.questions)
    known = next((order for order in standing.handed if order.start_confirmed_at is not None), None)
    return {
        "id": new_id(),
        "number": orders.next_number(session),
        "practice_id": prescription.practice_id,
        "patient_id": prescription.patient_id,
        "prescription_id": prescription.id,
        "plan_version_id": standing.version.id,
        "fill_number": max((order.fill_number for order in standing.orders), default=-1) + 1,
        "refill_number": new.refill_number,
        "first_day": window.first_day,
        "days": window.days,
        "supply_method": new.option.supply.method,
        "delivery": new.delivery,
        "price_book_id": charge.price_book_id,
        "total_cents": sum(line["amount_cents"] for line in charge.price_lines),
        "split_fill_id": charge.split_fill_id if charge.begins is None else charge.begins["id"],
        "remake_of_id": charge.remake_of_id,
        "part_days": charge.part_days,
        "home_until": new.home_until,
        "status": OrderStatus.CLARIFICATION if is_asked else OrderStatus.RECEIVED,
        "resumes_to": OrderStatus.RECEIVED if is_asked else None,
        "status_at": now,
        "status_by": by.id,
        "created_at": now,
        # The course goes on: the day on which it began is known already.
        "started_on": known and known.started_on,
        "start_confirmed_at": known and known.start_confirmed_at,
    }
