"""What became of a component lot or a batch, and what a batch was made of: one statement.

Forward the trace goes from a lot to the batches made from it, through triturates of any depth, and on to order
lines, orders and patients; backward from a batch through its triturates to the lots. Powder that a triturate
took the place of was not used, so a batch from a triturate leads back to that triturate alone, besides its
filler. Every row of the answer is a batch with one allocation of it, or a batch that nobody was promised.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, RowMapping, Select, false, func, or_, select, true
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.selectable import LateralFromClause

from pharmacy.domain.errors import NotFound
from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.pricing import Delivery
from pharmacy.store.batches import Allocation, Batch, BatchKind, BatchStatus
from pharmacy.store.orders import Order, OrderLine, Vial
from pharmacy.store.patients import Patient
from pharmacy.store.practices import Practice
from pharmacy.store.prescriptions import PlanIntake, PlanVersion
from pharmacy.store.reference import ComponentLot
from pharmacy.store.stock_ledger import StockLevel


@dataclass(eq=False)
class NothingToTrace(NotFound):
    """There is no such lot or batch."""

    def __str__(self) -> str:
        return "There is no such lot or batch."


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A batch on the trace: `is_source` when the traced batch was made of it, else it is what became of it."""

    id: UUID
    number: str
    kind: BatchKind
    status: BatchStatus
    strength_ug: int | None
    compounded_on: date
    beyond_use_on: date
    is_source: bool
    triturate_id: UUID | None
    # None where a triturate took the powder's place.
    api_lot_id: UUID | None
    api_lot: str | None
    filler_lot_id: UUID
    filler_lot: str
    shell_lot_id: UUID | None
    shell_lot: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """Capsules of a batch promised to one line of one order, and what is needed to say what is left of them.

    Of a liquid they are marks of the oral syringe, each measuring `unit_ml` and holding `strength_ug`; None for
    capsules. `vials` and `intakes` are facts as the rows keep them.
    """

    batch_id: UUID
    capsules: int
    order_id: UUID
    order_number: int
    order_line_id: UUID
    prescription_id: UUID
    # Whether the plan was changed since the fills were made up, so that vials alone do not tell what is left.
    is_adjusted: bool
    strength_ug: int
    unit_ml: Decimal | None
    status: OrderStatus
    practice_id: UUID
    practice: str
    patient_id: UUID
    patient: str
    phone: str
    time_zone: str
    delivery: Delivery
    first_day: int
    days: int
    promised_on: date | None
    shipped_on: date | None
    home_until: date | None
    started_on: date | None
    start_confirmed_at: datetime | None
    intakes: list[dict[str, Any]]
    vials: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Every batch once, and every promise of those that the traced lot or batch went into."""

    batches: tuple[Reached, ...]
    promised: tuple[Promised, ...]


def of_lot(session: Session, lot_id: UUID) -> Trace:
    """What became of that component lot; NothingToTrace when there is none."""
    rows = session.execute(lot_statement(lot_id)).mappings().all()
    if not rows and session.scalar(select(ComponentLot.id).where(ComponentLot.id == lot_id)) is None:
        raise NothingToTrace
    return _trace(rows)


def of_batch(session: Session, batch_id: UUID) -> Trace:
    """What that batch was made of and what became of it, itself included; NothingToTrace when there is none."""
    rows = session.execute(batch_statement(batch_id)).mappings().all()
    if not rows:
        raise NothingToTrace
    return _trace(rows)


def lot_statement(lot_id: UUID) -> Select[Any]:
    """The trace of a lot: every batch that holds some of it."""
    holds_it = or_(
        (Batch.api_lot_id == lot_id) & Batch.triturate_id.is_(None),
        Batch.filler_lot_id == lot_id,
        Batch.shell_lot_id == lot_id,
    )
    made = select(Batch.id.label("id"), false().label("is_source")).where(holds_it)
    return _statement(_onward(made.cte("reached", recursive=True)))


def batch_statement(batch_id: UUID) -> Select[Any]:
    """The trace of a batch: what it became, and what it was made of."""
    itself = select(Batch.id.label("id"), false().label("is_source")).where(Batch.id == batch_id)
    onward = _onward(itself.cte("onward", recursive=True))
    made_of = (
        select(Batch.triturate_id.label("id"))
        .where(Batch.id == batch_id, Batch.triturate_id.is_not(None))
        .cte("made_of", recursive=True)
    )
    further = select(Batch.triturate_id).join(made_of, Batch.id == made_of.c.id)
    made_of = made_of.union(further.where(Batch.triturate_id.is_not(None)))
    both = select(onward.c.id, onward.c.is_source).union_all(select(made_of.c.id, true()))
    return _statement(both.cte("reached"))


def _onward(reached: CTE) -> CTE:
    """And whatever was made of those batches, to any depth; a union, so that nothing is followed twice."""
    made_of_it = select(Batch.id).where(Batch.triturate_id == reached.c.id).offset(0).lateral("made_of_it")
    return reached.union(select(made_of_it.c.id, false()).select_from(reached).join(made_of_it, true()))


# Each of these looks one thing up by its key. A limit keeps the planner from joining whole tables instead: it
# takes a trace for larger than it is, and a recall must not become slower as the pharmacy grows.


def _batch(reached: CTE) -> LateralFromClause:
    """That batch, with the numbers of its lots."""
    powder, filler, shell = aliased(ComponentLot), aliased(ComponentLot), aliased(ComponentLot)
    return (
        select(
            Batch.id, Batch.number, Batch.kind, Batch.status, Batch.strength_ug, Batch.compounded_on,
            Batch.beyond_use_on, Batch.triturate_id, powder.id.label("api_lot_id"),
            powder.number.label("api_lot"), Batch.filler_lot_id, filler.number.label("filler_lot"),
            Batch.shell_lot_id, shell.number.label("shell_lot"),
        )
        .outerjoin(powder, (powder.id == Batch.api_lot_id) & Batch.triturate_id.is_(None))
        .join(filler, filler.id == Batch.filler_lot_id)
        .outerjoin(shell, shell.id == Batch.shell_lot_id)
        .where(Batch.id == reached.c.id)
        .limit(1)
        .lateral("batch")
    )  # fmt: skip


def _owner(allocated: LateralFromClause) -> LateralFromClause:
    """The line, order, patient and practice of an allocation, with the plan in force and the vials as facts."""
    in_force = (
        select(PlanVersion.id)
        .where(PlanVersion.prescription_id == Order.prescription_id)
        .order_by(PlanVersion.version.desc())
        .limit(1)
        .correlate(Order)
        .scalar_subquery()
    )
    newest = (
        select(func.max(PlanVersion.version))
        .where(PlanVersion.prescription_id == Order.prescription_id)
        .correlate(Order)
        .scalar_subquery()
    )
    intakes = (
        select(
            func.jsonb_agg(
                func.jsonb_build_object(
                    "position", PlanIntake.position,
                    "time_of_day", PlanIntake.time_of_day,
                    "dose_ug", PlanIntake.dose_ug,
                    "duration_days", PlanIntake.duration_days,
                )
            )
        )
        .where(PlanIntake.plan_version_id == in_force)
        .correlate(Order)
        .scalar_subquery()
    )  # fmt: skip
    vials = (
        select(func.jsonb_agg(func.jsonb_build_object("capsules", Vial.capsules, "steps", Vial.steps)))
        .where(Vial.order_line_id == OrderLine.id)
        .scalar_subquery()
    )
    return (
        select(
            Order.id.label("order_id"), Order.number.label("order_number"), OrderLine.position,
            OrderLine.id.label("order_line_id"), Order.prescription_id,
            (newest > 1).label("is_adjusted"), OrderLine.strength_ug.label("line_strength_ug"),
            OrderLine.unit_ml,
            Order.status.label("order_status"), Order.practice_id, Practice.name.label("practice"),
            Order.patient_id, Patient.full_name.label("patient"), Patient.phone, Patient.time_zone,
            Order.delivery, Order.first_day, Order.days, Order.promised_on, Order.shipped_on,
            Order.home_until, Order.started_on, Order.start_confirmed_at, intakes.label("intakes"), vials.label("vials"),
        )
        .join(Order, Order.id == OrderLine.order_id)
        .join(Patient, Patient.id == Order.patient_id)
        .join(Practice, Practice.id == Order.practice_id)
        .where(OrderLine.id == allocated.c.order_line_id)
        .limit(1)
        .lateral("owner")
    )  # fmt: skip


def _statement(reached: CTE) -> Select[Any]:
    batch = _batch(reached)
    # What else was made of a source is another trace.
    allocated = (
        select(Allocation.id.label("allocation_id"), Allocation.order_line_id, Allocation.capsules)
        .where(Allocation.batch_id == reached.c.id, ~reached.c.is_source)
        .offset(0)
        .lateral("allocated")
    )
    owner = _owner(allocated)
    return (
        select(reached.c.is_source, *batch.c, allocated.c.allocation_id, allocated.c.capsules, *owner.c)
        .select_from(reached)
        .join(batch, true())
        .outerjoin(allocated, true())
        .outerjoin(owner, true())
        .order_by(batch.c.compounded_on, batch.c.number, owner.c.order_number, owner.c.position)
    )


def _trace(rows: Iterable[RowMapping]) -> Trace:
    batches: dict[UUID, Reached] = {}
    promised = []
    for row in rows:
        if row["id"] not in batches:
            batches[row["id"]] = Reached(**{name: row[name] for name in Reached.__slots__})
        if row["allocation_id"] is not None:
            promised.append(_promised(row))
    return Trace(batches=tuple(batches.values()), promised=tuple(promised))


def _promised(row: RowMapping) -> Promised:
    renamed = {
        "batch_id": row["id"],
        "status": row["order_status"],
        "strength_ug": row["line_strength_ug"],
        "intakes": row["intakes"] or [],
        "vials": row["vials"] or [],
    }
    plain = {name: row[name] for name in Promised.__slots__ if name not in renamed}
    return Promised(**plain, **renamed)


def hold(
    session: Session, *, order_ids: Collection[UUID], lot_id: UUID | None, batch_ids: Collection[UUID]
) -> None:
    """Those are ours until the transaction ends: orders, then levels, then the lot, then batches, each by id.

    Whoever weighs holds the level first, so that nothing is weighed from what is being recalled.
    """
    stocked = [*batch_ids, *([] if lot_id is None else [lot_id])]
    locked = (
        select(Order.id).where(Order.id.in_(order_ids)).order_by(Order.id),
        select(StockLevel.id)
        .where(StockLevel.id.in_(stocked))
        .order_by(StockLevel.batch_id.is_not(None), StockLevel.id),
        select(ComponentLot.id).where(ComponentLot.id == lot_id),
        select(Batch.id).where(Batch.id.in_(batch_ids)).order_by(Batch.id),
    )
    for query in locked:
        session.execute(query.with_for_update()).all()
