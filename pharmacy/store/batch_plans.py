"""Batch plans as they were worked out, and what a plan is worked out from.

A run keeps its inputs with their hash beside the result, so that it can be shown later that this result follows
from those inputs. Accepting a plan makes its batches; it is then the plan of that day, and no other run of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Index, Select, and_, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.batches import PROMISABLE
from pharmacy.domain.errors import NotFound
from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.potency import StrengthBasis
from pharmacy.domain.pricing import Delivery
from pharmacy.store.base import Facts, Model, new_id, one_of
from pharmacy.store.batches import Allocation, Batch, BatchKind, BatchStatus
from pharmacy.store.orders import Order, OrderLine
from pharmacy.store.prescriptions import Prescription
from pharmacy.store.stock_ledger import StockLevel

# What a line has been promised and still has.
_PROMISED = (
    select(func.coalesce(func.sum(Allocation.capsules), 0))
    .where(Allocation.order_line_id == OrderLine.id, Allocation.destroyed_at.is_(None))
    .correlate(OrderLine)
    .scalar_subquery()
)
# Any number, as long as nothing else of ours takes a pair of advisory locks by it.
_BY_HAND = 7_301
_LEFT = Batch.capsules_on_offer - Batch.capsules_allocated
# Orders that take capsules.
_TAKING = (OrderStatus.QUEUED, OrderStatus.COMPOUNDING)
_UNWEIGHED = (BatchStatus.PLANNED, BatchStatus.LOTS_ASSIGNED)


class PlanState(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"


@dataclass(eq=False)
class BatchPlanNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such batch plan."


class BatchPlanRun(Model):
    """One run of the planner."""

    __tablename__ = "batch_plans"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    planned_on: Mapped[date]
    state: Mapped[PlanState] = mapped_column(one_of(PlanState, "state"))
    inputs: Mapped[Facts] = mapped_column(JSONB)
    inputs_sha256: Mapped[str]
    result: Mapped[Facts] = mapped_column(JSONB)
    planned_at: Mapped[datetime]
    planned_by: Mapped[UUID]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[UUID | None]
    __table_args__ = (
        CheckConstraint(
            "(state = 'accepted') = (accepted_at is not null) and num_nulls(accepted_at, accepted_by) in (0, 2)",
            name="accepted_whole",
        ),
        CheckConstraint("inputs_sha256 ~ '^[0-9a-f]{64}$'", name="hash_shape"),
        Index("ix_batch_plans_planned_on", "planned_on"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedLine:
    """A line of a queued order, and how many capsules nobody has been told to make for it yet."""

    id: UUID
    order_id: UUID
    order_number: int
    position: int
    strength_ug: int
    basis: StrengthBasis
    capsules: int
    days: int
    first_day: int
    delivery: Delivery
    promised_on: date | None
    shipped_on: date | None
    home_until: date | None
    started_on: date | None
    start_confirmed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LackingLine:
    """A line of an order, and how many of its capsules no batch has promised it."""

    id: UUID
    order_number: int
    position: int
    capsules: int
    lacks: int
    promised_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfBatch:
    """A released batch of capsules with some that are promised to nobody."""

    id: UUID
    number: str
    strength_ug: int
    basis: StrengthBasis
    unreserved: int
    beyond_use_on: date


def get(session: Session, plan_id: UUID) -> BatchPlanRun:
    """The run; BatchPlanNotFound when there is none."""
    return _found(session.get(BatchPlanRun, plan_id))


def get_for_update(session: Session, plan_id: UUID) -> BatchPlanRun:
    """The run, ours until the transaction ends."""
    return _found(session.scalar(select(BatchPlanRun).where(BatchPlanRun.id == plan_id).with_for_update()))


def newest_first() -> Select[BatchPlanRun]:
    """A page of runs, newest first."""
    return select(BatchPlanRun).order_by(BatchPlanRun.id.desc())


def queued_lines(session: Session) -> list[QueuedLine]:
    """Every line of the queue that still needs capsules, oldest order first."""
    owed = OrderLine.capsules - _PROMISED
    query = (
        select(
            OrderLine.id, OrderLine.order_id, Order.number.label("order_number"), OrderLine.position,
            OrderLine.strength_ug, Prescription.strength_basis.label("basis"), owed.label("capsules"),
            Order.days, Order.first_day, Order.delivery, Order.promised_on, Order.shipped_on,
            Order.home_until, Order.started_on, Order.start_confirmed_at,
        )
        .join(Order, Order.id == OrderLine.order_id)
        .join(Prescription, Prescription.id == Order.prescription_id)
        # A liquid is mixed for its order alone: the planner fills capsules.
        .where(Order.status == OrderStatus.QUEUED, owed > 0, OrderLine.unit_ml.is_(None))
        .order_by(Order.number, OrderLine.position)
    )  # fmt: skip
    # A sum is a decimal to the database, and capsules are counted.
    return [
        QueuedLine(**{**row, "capsules": int(row["capsules"])}) for row in session.execute(query).mappings()
    ]


def _waits_for(strength_ug: int, basis: StrengthBasis) -> ColumnElement[bool]:
    """Lines of capsules of that strength whose orders are at the queue or at the bench."""
    return and_(
        Order.status.in_(_TAKING),
        OrderLine.unit_ml.is_(None),
        OrderLine.strength_ug == strength_ug,
        Prescription.strength_basis == basis,
    )


def lines_lacking(session: Session, strength_ug: int, basis: StrengthBasis, most: int) -> list[LackingLine]:
    """Lines that still lack capsules of that strength, at the queue or at the bench; the earliest promise first."""
    lacks = OrderLine.capsules - _PROMISED
    query = (
        select(
            OrderLine.id, Order.number.label("order_number"), OrderLine.position, OrderLine.capsules,
            lacks.label("lacks"), Order.promised_on,
        )
        .join(Order, Order.id == OrderLine.order_id)
        .join(Prescription, Prescription.id == Order.prescription_id)
        .where(_waits_for(strength_ug, basis), lacks > 0)
        .order_by(Order.promised_on.nulls_last(), Order.number, OrderLine.position)
        .limit(most)
    )  # fmt: skip
    return [LackingLine(**{**row, "lacks": int(row["lacks"])}) for row in session.execute(query).mappings()]


def owed(session: Session, strength_ug: int, basis: StrengthBasis) -> int:
    """Capsules of that strength that orders wait for, at the queue or at the bench, and nobody has promised them."""
    query = (
        select(func.coalesce(func.sum(func.greatest(OrderLine.capsules - _PROMISED, 0)), 0))
        .join(Order, Order.id == OrderLine.order_id)
        .join(Prescription, Prescription.id == Order.prescription_id)
        .where(_waits_for(strength_ug, basis))
    )
    return int(session.scalar(query) or 0)


def hold_strength(session: Session, strength_ug: int) -> None:
    """Whoever else plans batches of that strength by hand waits until the transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(_BY_HAND, strength_ug)))


def hold_orders(session: Session, line_ids: Iterable[UUID]) -> None:
    """The orders of these lines are ours until the transaction ends, by id."""
    of_lines = select(OrderLine.order_id).where(OrderLine.id.in_(list(line_ids)))
    session.execute(select(Order.id).where(Order.id.in_(of_lines)).order_by(Order.id).with_for_update()).all()


def on_shelf(session: Session, on: date) -> list[ShelfBatch]:
    """Released capsules, usable on that day, that are promised to nobody; first to end first."""
    query = select(Batch).where(
        Batch.kind == BatchKind.CAPSULES,
        Batch.status == BatchStatus.RELEASED,
        Batch.beyond_use_on >= on,
        _LEFT > 0,
    )
    return [
        ShelfBatch(
            id=batch.id,
            number=batch.number,
            strength_ug=batch.strength_ug or 0,
            basis=batch.strength_basis,
            unreserved=(batch.capsules_on_offer or 0) - batch.capsules_allocated,
            beyond_use_on=batch.beyond_use_on,
        )
        for batch in session.scalars(query.order_by(Batch.beyond_use_on, Batch.number))
    ]


def unreserved(session: Session, strength_ug: int, on: date) -> int:
    """Capsules of that strength, on the shelf or still being made, that are promised to nobody."""
    query = select(func.coalesce(func.sum(_LEFT), 0)).where(
        Batch.kind == BatchKind.CAPSULES,
        Batch.strength_ug == strength_ug,
        Batch.status.in_(PROMISABLE),
        Batch.beyond_use_on >= on,
    )
    return int(session.scalar(query) or 0)


def unplanned_stock(session: Session, stock_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Micrograms on hand of each lot or triturate, less what batches that nobody has weighed yet will take."""
    ids = list(stock_ids)
    levels = select(StockLevel.id, StockLevel.on_hand_ug).where(StockLevel.id.in_(ids))
    left = dict.fromkeys(ids, 0) | dict(session.execute(levels).all())
    for batch in session.scalars(select(Batch).where(Batch.status.in_(_UNWEIGHED))):
        for stock_id, name in (
            (batch.triturate_id or batch.api_lot_id, "active_mg"),
            (batch.filler_lot_id, "filler_mg"),
        ):
            planned = batch.worksheet.get(name)
            if stock_id in left and planned is not None:
                left[stock_id] = max(0, left[stock_id] - int(Decimal(planned) * 1000))
    return left


def dispensed_by_day(session: Session, strength_ug: int, since: date) -> dict[date, int]:
    """Capsules of that strength that left the house on each day from `since` on."""
    query = (
        select(Order.shipped_on, func.sum(OrderLine.capsules))
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.shipped_on >= since, OrderLine.strength_ug == strength_ug)
        .group_by(Order.shipped_on)
    )
    return {on: int(capsules) for on, capsules in session.execute(query) if on is not None}


def _found(run: BatchPlanRun | None) -> BatchPlanRun:
    if run is None:
        raise BatchPlanNotFound
    return run
