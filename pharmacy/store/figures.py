"""What the dashboard counts: each reading is one statement over a bounded span of days, added up by the database.

Rows never leave the database one by one but for batches, of which there are few and at most MOST_BATCHES. Days are
the pharmacy's: spans of instants are given as the instants at which its days begin and end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Subquery,
    and_,
    case,
    cast,
    extract,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from pharmacy.domain.batches import BatchKind
from pharmacy.domain.check_ins import CheckInAnswer
from pharmacy.domain.components import ComponentKind
from pharmacy.domain.lots import LotStatus
from pharmacy.domain.orders import HANDED_OVER, OrderStatus
from pharmacy.domain.payments import OperationKind, OperationState
from pharmacy.domain.periods import Period
from pharmacy.domain.stock import MovementKind
from pharmacy.store.audit import AuditEntry
from pharmacy.store.batches import Batch
from pharmacy.store.bench_work import BatchCheck, CheckKind
from pharmacy.store.inbound import CheckIn
from pharmacy.store.notices import Notice
from pharmacy.store.orders import Order
from pharmacy.store.payments import PaymentOperation
from pharmacy.store.prescriptions import PlanIntake
from pharmacy.store.reference import ComponentLot
from pharmacy.store.stock_ledger import StockLevel, StockMovement

MOST_BATCHES = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From the first instant, included, until the last, excluded, on days of that zone."""

    begins_at: datetime
    ends_at: datetime
    zone: str

    def holds(self, column: Any) -> ColumnElement[bool]:
        return and_(column >= self.begins_at, column < self.ends_at)

    def day_of(self, column: Any) -> ColumnElement[date]:
        # Written out, because what is grouped by must be the very same expression.
        return cast(func.timezone(literal(self.zone, literal_execute=True), column), Date)


def orders_by_day(session: Session, span: Span) -> dict[date, int]:
    """How many orders were received on each day that had any."""
    day = span.day_of(Order.created_at)
    query = select(day, func.count()).where(span.holds(Order.created_at)).group_by(day)
    return dict(session.execute(query).all())


def revenue_by_day(session: Session, span: Span) -> dict[date, int]:
    """Cents captured less cents refunded, by the day on which the provider or the counter settled it."""
    day = span.day_of(PaymentOperation.settled_at)
    signed = case(
        (PaymentOperation.kind == OperationKind.CAPTURE, PaymentOperation.amount_cents),
        else_=-PaymentOperation.amount_cents,
    )
    query = select(day, cast(func.sum(signed), Integer)).where(
        span.holds(PaymentOperation.settled_at),
        PaymentOperation.state == OperationState.DONE,
        PaymentOperation.kind.in_((OperationKind.CAPTURE, OperationKind.REFUND)),
    )
    return dict(session.execute(query.group_by(day)).all())


def stays_by_day(session: Session, span: Span) -> dict[date, dict[str, dict[int, int]]]:
    """For each day and state how many stays that ended on it lasted so many whole minutes."""
    moves = [f"order.{each}" for each in OrderStatus]
    before = aliased(AuditEntry)
    entered = (
        select(
            before.at,
            func.coalesce(before.detail["status"].astext, func.substr(before.action, 7)).label("status"),
        )
        .where(
            before.subject_id == AuditEntry.subject_id, before.id < AuditEntry.id, before.action.in_(moves)
        )
        .order_by(before.id.desc())
        .limit(1)
        .lateral()
    )
    minutes = cast(func.floor(extract("epoch", AuditEntry.at - entered.c.at) / 60), Integer)
    cell = (span.day_of(AuditEntry.at), entered.c.status, minutes)
    query = (
        select(*cell, func.count())
        .select_from(AuditEntry)
        .join(entered, true())
        .where(span.holds(AuditEntry.at), AuditEntry.action.in_(moves))
        .group_by(*cell)
    )
    found: dict[date, dict[str, dict[int, int]]] = {}
    for day, status, lasted, count in session.execute(query):
        found.setdefault(day, {}).setdefault(status, {})[lasted] = count
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class OnHand:
    """One component: what is usable of it, and what was weighed of it over the days looked at."""

    name: str
    kind: ComponentKind
    on_hand_ug: int
    used_ug: int
    expires_first_on: date


def stock(session: Session, today: date, use_days: int) -> Sequence[OnHand]:
    """Every component of which a usable lot is there, by kind and name."""
    used = (
        select(StockMovement.stock_id, func.sum(-StockMovement.ug).label("ug"))
        .where(
            StockMovement.kind == MovementKind.WEIGH,
            StockMovement.moved_on > today - timedelta(days=use_days),
        )
        .group_by(StockMovement.stock_id)
        .subquery()
    )
    usable = and_(ComponentLot.status == LotStatus.RELEASED, ComponentLot.expires_on >= today)
    on_hand = func.coalesce(func.sum(StockLevel.on_hand_ug).filter(usable), 0)
    query = (
        select(
            ComponentLot.name,
            ComponentLot.kind,
            cast(on_hand, StockLevel.on_hand_ug.type),
            cast(func.coalesce(func.sum(used.c.ug), 0), StockLevel.on_hand_ug.type),
            func.min(ComponentLot.expires_on).filter(and_(usable, StockLevel.on_hand_ug > 0)),
        )
        .join(StockLevel, StockLevel.id == ComponentLot.id)
        .outerjoin(used, used.c.stock_id == ComponentLot.id)
        .group_by(ComponentLot.kind, ComponentLot.name)
        .having(on_hand > 0)
        .order_by(ComponentLot.kind, ComponentLot.name)
    )
    return [
        OnHand(name=name, kind=kind, on_hand_ug=on_hand, used_ug=used_ug, expires_first_on=first)
        for name, kind, on_hand, used_ug, first in session.execute(query)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeBatch:
    """A capsule batch that was counted; figures as the bench keeps them."""

    number: str
    compounded_on: date
    strength_ug: int
    yield_figures: list[dict[str, Any]]
    weight_figures: list[dict[str, Any]]


def made_batches(session: Session, period: Period) -> list[MadeBatch]:
    """Capsule batches of these days that were counted, the newest MOST_BATCHES, in the order of their making."""
    newest = (
        select(
            Batch.id,
            Batch.number,
            Batch.compounded_on,
            Batch.strength_ug,
            Batch.reconciliation["figures"].label("counted"),
        )
        .where(
            Batch.compounded_on.between(period.first_on, period.last_on),
            Batch.kind == BatchKind.CAPSULES,
            Batch.reconciliation.is_not(None),
        )
        .order_by(Batch.compounded_on.desc(), Batch.id.desc())
        .limit(MOST_BATCHES)
        .subquery()
    )
    weighed = (
        select(BatchCheck.batch_id, BatchCheck.found["figures"].label("figures"))
        .ext(distinct_on(BatchCheck.batch_id))
        .where(BatchCheck.kind == CheckKind.WEIGHTS, BatchCheck.batch_id.in_(select(newest.c.id)))
        .order_by(BatchCheck.batch_id, BatchCheck.id.desc())
        .subquery()
    )
    query = (
        select(
            newest.c.number, newest.c.compounded_on, newest.c.strength_ug, newest.c.counted, weighed.c.figures
        )
        .outerjoin(weighed, weighed.c.batch_id == newest.c.id)
        .order_by(newest.c.compounded_on.desc(), newest.c.id.desc())
    )
    made = [
        MadeBatch(
            number=number,
            compounded_on=day,
            strength_ug=strength or 0,
            yield_figures=counted,
            weight_figures=weights or [],
        )
        for number, day, strength, counted, weights in session.execute(query)
    ]
    return made[::-1]


def notices_by_outcome(session: Session, span: Span) -> list[tuple[str, str, int]]:
    """Kind, state and number of the notices that were due in the span."""
    query = (
        select(Notice.kind, Notice.state, func.count())
        .where(span.holds(Notice.due_at))
        .group_by(Notice.kind, Notice.state)
        .order_by(Notice.kind, Notice.state)
    )
    return [(str(kind), str(state), count) for kind, state, count in session.execute(query)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """Courses whose first fill left in these days, both included, looked at on `today`."""

    first_on: date
    last_on: date
    today: date
    stopped_after: int


def courses_by_dose(session: Session, begun: Begun) -> dict[date, dict[tuple[int, str], int]]:
    """How many patients whose course began in these days have come to which daily dose, in micrograms, and how;
    by the first day of the quarter in which they began.

    "stopped": they said so at a check-in, or have had nothing at home for more than `stopped_after` days;
    "finished": the plan ended; "continuing": all others. A dose is reached on the first day of its step, as far as
    capsules were handed over.
    """
    courses = _courses(begun)
    elapsed = literal(begun.today) - courses.c.begun_on + 1
    reached = func.least(elapsed, courses.c.supplied)
    steps = _steps(courses)
    at = (
        select(
            courses.c.prescription_id,
            courses.c.patient_id,
            courses.c.quarter_on,
            steps.c.dose_ug,
            _end(courses, steps, elapsed, begun.stopped_after).label("how"),
        )
        .ext(distinct_on(courses.c.prescription_id))
        .join(steps, steps.c.plan_version_id == courses.c.plan_version_id)
        .where(or_(steps.c.days_before < reached, steps.c.position == 1))
        .order_by(courses.c.prescription_id, steps.c.position.desc())
        .subquery()
    )
    cell = (at.c.quarter_on, at.c.dose_ug, at.c.how)
    found: dict[date, dict[tuple[int, str], int]] = {}
    for quarter, dose, how, count in session.execute(
        select(*cell, func.count(at.c.patient_id.distinct())).group_by(*cell)
    ):
        found.setdefault(quarter, {})[int(dose), how] = count
    return found


def _courses(begun: Begun) -> Subquery:
    """The prescriptions whose first fill left in these days: how far supply reaches, and by which plan."""
    first = (
        select(
            Order.prescription_id,
            func.coalesce(Order.started_on, Order.shipped_on).label("begun_on"),
            cast(func.date_trunc("quarter", Order.shipped_on), Date).label("quarter_on"),
        )
        .where(
            Order.shipped_on.between(begun.first_on, begun.last_on),
            Order.fill_number == 0,
            Order.status.in_(HANDED_OVER),
        )
        .subquery()
    )
    return (
        select(
            Order.prescription_id,
            Order.patient_id,
            Order.plan_version_id,
            first.c.begun_on,
            first.c.quarter_on,
            (Order.first_day + Order.days - 1).label("supplied"),
        )
        .ext(distinct_on(Order.prescription_id))
        .join(first, first.c.prescription_id == Order.prescription_id)
        .where(Order.status.in_(HANDED_OVER))
        .order_by(Order.prescription_id, Order.fill_number.desc())
        .subquery()
    )


def _steps(courses: Subquery) -> Subquery:
    """The steps of those plans: the daily dose of each, the days before it, and the days of the whole plan."""
    step = (
        select(
            PlanIntake.plan_version_id,
            PlanIntake.position,
            func.sum(PlanIntake.dose_ug).label("dose_ug"),
            func.min(PlanIntake.duration_days).label("days"),
        )
        .where(PlanIntake.plan_version_id.in_(select(courses.c.plan_version_id)))
        .group_by(PlanIntake.plan_version_id, PlanIntake.position)
        .subquery()
    )
    plan, place, days = step.c.plan_version_id, step.c.position, step.c.days
    days_before = func.sum(days).over(partition_by=plan, order_by=place, rows=(None, -1))
    is_open = func.bool_or(days.is_(None)).over(partition_by=plan)
    return select(
        plan,
        place,
        step.c.dose_ug,
        func.coalesce(days_before, 0).label("days_before"),
        # A plan whose last step is open has no last day.
        case((is_open, None), else_=func.sum(days).over(partition_by=plan)).label("plan_days"),
    ).subquery()


def _end(courses: Subquery, steps: Subquery, elapsed: Any, stopped_after: int) -> ColumnElement[str]:
    said_stop = (
        select(CheckIn.notice_id)
        .join(Order, Order.id == CheckIn.order_id)
        .where(Order.prescription_id == courses.c.prescription_id, CheckIn.answer == CheckInAnswer.STOP)
        .exists()
    )
    is_whole = and_(steps.c.plan_days.is_not(None), courses.c.supplied >= steps.c.plan_days)
    return case(
        (said_stop, literal("stopped")),
        (and_(is_whole, elapsed > steps.c.plan_days), literal("finished")),
        (elapsed > courses.c.supplied + stopped_after, literal("stopped")),
        else_=literal("continuing"),
    )
