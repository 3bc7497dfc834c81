"""Queues of orders: which, in which order, how many, and which of them are late; for staff, over every practice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from pharmacy.domain.orders import FINAL, HANDED_OVER, PROMISED, OrderStatus
from pharmacy.domain.pricing import Delivery
from pharmacy.store import patients
from pharmacy.store.counting import count_each
from pharmacy.store.orders import Order
from pharmacy.store.patients import Patient
from pharmacy.store.prescriptions import PlanVersion

_ROW = (
    joinedload(Order.patient),
    joinedload(Order.prescription),
    joinedload(Order.plan_version).selectinload(PlanVersion.intakes),
    selectinload(Order.findings),
)


class QueueOrder(StrEnum):
    """What comes first in a queue."""

    NEWEST = "newest"
    OLDEST = "oldest"
    PROMISED = "promised"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRequest:
    """Which orders a queue shows; `left_to` leaves out what that person made and so may not verify.

    `late_on` leaves only what was promised before that day and has not left; `resting_since` only what has been
    where it is since before that instant; `of_patients` only the orders under these records of patients.
    """

    statuses: frozenset[OrderStatus]
    left_to: UUID | None = None
    delivery: Delivery | None = None
    late_on: date | None = None
    resting_since: datetime | None = None
    first: QueueOrder = QueueOrder.OLDEST
    of_patients: frozenset[UUID] = frozenset()


def queue(asked: QueueRequest) -> Select[Order]:
    """The orders of a queue, of every practice, with what a row of it shows; for staff.

    By promise, all orders are those that are still owed: whose promise was kept years ago would come first, and
    sorting them took longer the more there are.
    """
    query = select(Order).where(Order.status.in_(_shown(asked))).options(*_ROW)
    if asked.left_to is not None:
        query = query.where(_not_made_by(asked.left_to))
    for wanted in _narrowed(asked):
        query = query.where(wanted)
    match asked.first:
        case QueueOrder.NEWEST:
            return query.order_by(Order.id.desc())
        case QueueOrder.OLDEST:
            return query.order_by(Order.id)
        case QueueOrder.PROMISED:
            return query.order_by(func.coalesce(Order.promised_on, date.max), Order.id)


def sought(name: str) -> Select[Any]:
    """The ids of all orders for patients of that name, newest first: many are looked through, and few are shown."""
    query = select(Order.id).join(Patient, Patient.id == Order.patient_id).where(patients.named(name))
    return query.order_by(Order.id.desc())


def of_ids(session: Session, order_ids: Sequence[UUID]) -> list[Order]:
    """These orders in their order, with what a row of a queue shows."""
    query = select(Order).where(Order.id.in_(order_ids)).options(*_ROW)
    found = {order.id: order for order in session.scalars(query)}
    return [found[each] for each in order_ids]


def _shown(asked: QueueRequest) -> frozenset[OrderStatus]:
    is_of_all = asked.first is QueueOrder.PROMISED and asked.statuses == frozenset(OrderStatus)
    return asked.statuses - HANDED_OVER - FINAL if is_of_all else asked.statuses


def _narrowed(asked: QueueRequest) -> Iterator[ColumnElement[bool]]:
    if asked.of_patients:
        yield Order.patient_id.in_(asked.of_patients)
    if asked.delivery is not None:
        yield Order.delivery == asked.delivery
    if asked.late_on is not None:
        yield is_late(asked.late_on)
    if asked.resting_since is not None:
        yield Order.status_at < asked.resting_since


def is_late(today: date) -> ColumnElement[bool]:
    """Promised before that day, and neither gone nor ended."""
    return and_(Order.promised_on < today, Order.shipped_on.is_(None), Order.status.in_(PROMISED))


def count_late(session: Session, today: date) -> int:
    """How many orders are late on that day."""
    return session.scalar(select(func.count()).where(is_late(today))) or 0


def counts_by_status(session: Session, left_to: UUID | None = None) -> dict[OrderStatus, int]:
    """How many orders are in each status, counted to MOST_COUNTED + 1 at most: what lies behind costs no time.

    Statuses without orders are left out.
    """
    return counted_by_status(count_each(session, in_each_status(left_to)))


def in_each_status(left_to: UUID | None = None) -> dict[str, Select[Any]]:
    """The orders in each status, to be counted with whatever else is counted."""
    return {status.value: _in_status(status, left_to) for status in OrderStatus}


def counted_by_status(counts: Mapping[str, int]) -> dict[OrderStatus, int]:
    """Those of the counts that are of orders in a status; statuses without orders are left out."""
    return {status: counts[status.value] for status in OrderStatus if counts.get(status.value)}


def _in_status(status: OrderStatus, left_to: UUID | None) -> Select[Any]:
    some = select(Order.id).where(Order.status == status)
    if left_to is not None and status is OrderStatus.LABELLED:
        return some.where(_not_made_by(left_to))
    return some


def _not_made_by(member_id: UUID) -> ColumnElement[bool]:
    """Not waiting for the verification of whoever compounded it."""
    return or_(Order.status != OrderStatus.LABELLED, Order.compounded_by.is_distinct_from(member_id))
