"""Who may be known already: records of the same name and birth date, and the same telephone or ZIP code.

The look goes over the whole pharmacy, is answered from one index, and stops after a few records. It is part
of the one look at the door (`store/door.py`), before a practice is walled in, and a query of its own when an
order is screened again. What it finds serves screening; a practice is told codes, and nobody is merged by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Interval,
    ScalarSelect,
    Select,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import Session

from pharmacy.domain.identity import IdentityKeys
from pharmacy.domain.orders import OrderStatus
from pharmacy.store.orders import Order
from pharmacy.store.patients import Patient

# Every first order makes a record of its own, so somebody treated for years has many; more than this is no person.
MOST_KNOWN = 50
_OVER = (OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.RETURNED)
_ZIP_DIGITS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPatient:
    """A record that may be, or is, of the same person; `orders` are the ids of its orders for these days."""

    id: UUID
    practice_id: UUID
    person_id: UUID | None
    profile: Mapping[str, Any]
    orders: tuple[UUID, ...]


# An order counts as long as its days run from the day on which it came.
_RUNS_UNTIL = Order.created_at + Order.days * cast(literal(timedelta(days=1)), Interval)
_RUNNING = (
    select(func.coalesce(func.jsonb_agg(Order.id), func.jsonb_build_array()))
    .where(
        Order.patient_id == Patient.id,
        Order.status.not_in(_OVER),
        bindparam("running_on") < _RUNS_UNTIL,
    )
    .correlate(Patient)
    .scalar_subquery()
)
_COLUMNS = (
    Patient.id,
    Patient.practice_id,
    Patient.person_id,
    Patient.profile,
    _RUNNING.label("orders"),
)
_ALIKE = (
    select(*_COLUMNS)
    .where(
        Patient.birth_on == bindparam("birth_on"),
        Patient.name_key == bindparam("name_key"),
        or_(
            Patient.phone_key == bindparam("phone_key"),
            func.left(Patient.postal_code, _ZIP_DIGITS) == bindparam("zip_code"),
        ),
    )
    .order_by(Patient.id.desc())
    .limit(MOST_KNOWN)
)
_SAME_PERSON = select(*_COLUMNS).where(
    Patient.person_id == bindparam("person_id"), Patient.id != bindparam("patient_id")
)


def _as_json(query: Select[Any]) -> ScalarSelect[Any]:
    """The rows of the query as one JSON array; null where none is."""
    rows = query.subquery()
    row = func.jsonb_build_object(
        *[part for column in rows.c for part in (literal_column(f"'{column.name}'"), column)]
    )
    return select(func.jsonb_agg(row)).select_from(rows).scalar_subquery()


def alike_as_json() -> ScalarSelect[Any]:
    """The records alike as one JSON array, for a statement that asks other things too; null where none is."""
    return _as_json(_ALIKE)


def parameters(keys: IdentityKeys, on: date) -> dict[str, Any]:
    """What the look is bound to."""
    return {
        "birth_on": keys.birth_on,
        "name_key": keys.name_key,
        "phone_key": keys.phone_key,
        "zip_code": keys.zip_code,
        "running_on": on,
    }


def known_of_json(found: Sequence[Mapping[str, Any]] | None) -> tuple[KnownPatient, ...]:
    """The records that `alike_as_json` told."""
    return tuple(
        KnownPatient(
            id=UUID(each["id"]),
            practice_id=UUID(each["practice_id"]),
            person_id=UUID(each["person_id"]) if each["person_id"] else None,
            profile=each["profile"],
            orders=tuple(UUID(order_id) for order_id in each["orders"]),
        )
        for each in found or ()
    )


def alike(session: Session, keys: IdentityKeys, *, on: date) -> tuple[KnownPatient, ...]:
    """The newest records of that name and birth date, with the same telephone or ZIP code."""
    return _known(session.execute(_ALIKE, parameters(keys, on)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the books hold around one record: others merged with it, others alike, its own orders whose days run."""

    merged: tuple[KnownPatient, ...]
    # The newest records of that name and birth date, with the same telephone or ZIP code; itself among them.
    alike: tuple[KnownPatient, ...]
    running: tuple[UUID, ...]


_OWN_RUNNING = select(Order.id).where(
    Order.patient_id == bindparam("patient_id"),
    Order.prescription_id.is_distinct_from(bindparam("prescription_id")),
    Order.status.not_in(_OVER),
    bindparam("running_on") < _RUNS_UNTIL,
)
_AROUND = select(
    _as_json(_SAME_PERSON).label("merged"),
    _as_json(_ALIKE).label("alike"),
    _as_json(_OWN_RUNNING).label("running"),
)


def around(
    session: Session, patient: Patient, keys: IdentityKeys, *, prescription_id: UUID | None, on: date
) -> Surroundings:
    """All that by one question; orders of that prescription do not count as running."""
    given = parameters(keys, on) | {
        "person_id": patient.person_id,
        "patient_id": patient.id,
        "prescription_id": prescription_id,
    }
    row = session.execute(_AROUND, given).one()
    return Surroundings(
        merged=known_of_json(row.merged),
        alike=known_of_json(row.alike),
        running=tuple(UUID(each["id"]) for each in row.running or ()),
    )


def _known(rows: Any) -> tuple[KnownPatient, ...]:
    return tuple(
        KnownPatient(
            id=row.id,
            practice_id=row.practice_id,
            person_id=row.person_id,
            profile=row.profile,
            orders=tuple(UUID(order_id) for order_id in row.orders),
        )
        for row in rows
    )


def ids_of_patients(
    session: Session, patient_ids: Iterable[UUID], statuses: Iterable[OrderStatus]
) -> tuple[UUID, ...]:
    """The orders of these records in these statuses, in the order of their ids."""
    query = select(Order.id).where(Order.patient_id.in_(patient_ids), Order.status.in_(statuses))
    return tuple(session.scalars(query.order_by(Order.id)))
