"""Prescriptions, fills and dispensed lots of one practice, found by what another system asks for.

How a prescription stands is told by its newest fill, in one expression that both filters and answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, String, and_, case, cast, exists, func, literal, select
from sqlalchemy.orm import Session, selectinload

from pharmacy.domain.orders import OrderStatus
from pharmacy.store.batches import Allocation, Batch
from pharmacy.store.orders import Order, OrderLine
from pharmacy.store.prescriptions import PlanVersion, Prescription
from pharmacy.store.submitted_documents import SubmittedIdentifier

_S = OrderStatus


class PrescriptionStanding(StrEnum):
    """Whether more will be dispensed on a prescription."""

    ACTIVE = "active"
    ON_HOLD = "on_hold"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a search asks for; days and instants from the first included to the second excluded."""

    practice_id: UUID
    prescription_id: UUID | None = None
    patient_id: UUID | None = None
    identifier: tuple[str | None, str] | None = None
    standings: tuple[PrescriptionStanding, ...] = ()
    written_from: date | None = None
    written_until: date | None = None
    updated_from: datetime | None = None
    updated_until: datetime | None = None


_NEWEST_FILL = (
    select(func.max(Order.fill_number))
    .where(Order.prescription_id == Prescription.id)
    .correlate(Prescription)
    .scalar_subquery()
)
_ITS_NEWEST = and_(Order.prescription_id == Prescription.id, Order.fill_number == _NEWEST_FILL)
_STANDING: ColumnElement[str] = case(
    (Prescription.transferred_at.is_not(None), literal(PrescriptionStanding.STOPPED.value)),
    (Order.status.in_([_S.REJECTED, _S.CANCELLED]), literal(PrescriptionStanding.CANCELLED.value)),
    (Order.status == _S.ON_HOLD, literal(PrescriptionStanding.ON_HOLD.value)),
    (Order.status == _S.RETURNED, literal(PrescriptionStanding.STOPPED.value)),
    (
        and_(Order.status.in_([_S.COMPLETED, _S.PICKED_UP]), Order.refill_number >= Prescription.refills),
        literal(PrescriptionStanding.COMPLETED.value),
    ),
    else_=literal(PrescriptionStanding.ACTIVE.value),
)


def matching(wanted: Wanted) -> Select[Prescription]:
    """A page of prescriptions with their plans, newest first."""
    query = (
        select(Prescription)
        .join(Order, _ITS_NEWEST)
        .where(*_conditions(wanted))
        .options(selectinload(Prescription.plan_versions).selectinload(PlanVersion.intakes))
    )
    return query.order_by(Prescription.id.desc())


def standings(
    session: Session, prescription_ids: Sequence[UUID]
) -> dict[UUID, tuple[PrescriptionStanding, datetime]]:
    """How each of them stands, and since when."""
    rows = session.execute(
        select(Prescription.id, cast(_STANDING, String), Order.status_at)
        .join(Order, _ITS_NEWEST)
        .where(Prescription.id.in_(prescription_ids))
    )
    return {row[0]: (PrescriptionStanding(row[1]), row[2]) for row in rows}


def micrograms_per_ml(session: Session, prescription_ids: Sequence[UUID]) -> dict[UUID, Decimal]:
    """What a millilitre holds of those that are made as a liquid, by their newest fill; capsules are not among them."""
    rows = session.execute(
        select(Order.prescription_id, OrderLine.strength_ug, OrderLine.unit_ml)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(Order.prescription_id.in_(prescription_ids), OrderLine.unit_ml.is_not(None))
        .order_by(Order.fill_number)
    )
    return {
        prescription_id: Decimal(strength_ug) / unit_ml
        for prescription_id, strength_ug, unit_ml in rows
        if unit_ml is not None
    }


def fills(wanted: Wanted, order_id: UUID | None = None) -> Select[Order]:
    """A page of fills with their findings, newest first."""
    query = select(Order).where(*_of_order(wanted)).options(selectinload(Order.findings))
    if order_id is not None:
        query = query.where(Order.id == order_id)
    return query.order_by(Order.id.desc())


def lots(wanted: Wanted, allocation_id: UUID | None = None) -> Select[Allocation]:
    """A page of the batches that fills were served from, newest first."""
    query = (
        select(Allocation)
        .join(OrderLine, OrderLine.id == Allocation.order_line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(*_of_order(wanted))
    )
    if allocation_id is not None:
        query = query.where(Allocation.id == allocation_id)
    return query.order_by(Allocation.id.desc())


def described(
    session: Session, allocations: Sequence[Allocation]
) -> Sequence[Row[Allocation, OrderLine, Batch, Order]]:
    """Allocation, order line, batch and order of each, newest first."""
    query = (
        select(Allocation, OrderLine, Batch, Order)
        .join(OrderLine, OrderLine.id == Allocation.order_line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .join(Batch, Batch.id == Allocation.batch_id)
        .where(Allocation.id.in_([each.id for each in allocations]))
    )
    return session.execute(query.order_by(Allocation.id.desc())).all()


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [Prescription.practice_id == wanted.practice_id]
    if wanted.prescription_id is not None:
        conditions.append(Prescription.id == wanted.prescription_id)
    if wanted.patient_id is not None:
        conditions.append(Prescription.patient_id == wanted.patient_id)
    if wanted.identifier is not None:
        conditions.append(_is_called(*wanted.identifier))
    if wanted.standings:
        conditions.append(_STANDING.in_([each.value for each in wanted.standings]))
    return [*conditions, *_between(wanted)]


def _between(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.written_from is not None:
        yield Prescription.written_on >= wanted.written_from
    if wanted.written_until is not None:
        yield Prescription.written_on < wanted.written_until
    if wanted.updated_from is not None:
        yield Order.status_at >= wanted.updated_from
    if wanted.updated_until is not None:
        yield Order.status_at < wanted.updated_until


def _is_called(system: str | None, value: str) -> ColumnElement[bool]:
    named = exists().where(
        SubmittedIdentifier.prescription_id == Prescription.id,
        SubmittedIdentifier.practice_id == Prescription.practice_id,
        SubmittedIdentifier.value == value,
    )
    return named if system is None else named.where(SubmittedIdentifier.system == system)


def _of_order(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [Order.practice_id == wanted.practice_id]
    if wanted.prescription_id is not None:
        conditions.append(Order.prescription_id == wanted.prescription_id)
    if wanted.patient_id is not None:
        conditions.append(Order.patient_id == wanted.patient_id)
    return conditions
