"""Orders: one fill of a prescription, its lines, vials, price and findings.

An order's status is written by `advance_to` only, which keeps who and when beside it. Lines and vials are
commitments derived from the plan version named here; nobody types them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    UniqueConstraint,
    select,
)
from sqlalchemy import (
    Sequence as NumberSequence,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import NotFound
from pharmacy.domain.findings import Severity
from pharmacy.domain.orders import HANDED_OVER, OrderStatus, advance
from pharmacy.domain.pricing import Delivery
from pharmacy.domain.screening import is_question
from pharmacy.domain.supply import SupplyMethod, Window
from pharmacy.store.base import Facts, Model, Record, Ug, new_id, one_of
from pharmacy.store.labels import Label
from pharmacy.store.patients import Patient
from pharmacy.store.prescriptions import PlanVersion, Prescription
from pharmacy.store.side_by_side import Lists, fill
from pharmacy.store.split_fills import SplitFill

# What staff and patients read is "Rx 100234"; the numbers have gaps and that is all right.
ORDER_NUMBERS = NumberSequence("order_numbers", start=100_001, metadata=Record.metadata)


@dataclass(eq=False)
class OrderNotFound(NotFound):
    """There is no such order, or it is not the caller's to see: the two are told apart by nobody."""

    def __str__(self) -> str:
        return "There is no such order."


_TWO_PEOPLE = "verified_by is distinct from compounded_by or verified_by is null or single_pharmacist_reason is not null"


class Order(Model):
    __tablename__ = "orders"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[int] = mapped_column(unique=True)
    practice_id: Mapped[UUID] = mapped_column(ForeignKey("practices.id"))
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patients.id"), index=True)
    prescription_id: Mapped[UUID] = mapped_column(ForeignKey("prescriptions.id"), index=True)
    plan_version_id: Mapped[UUID] = mapped_column(ForeignKey("plan_versions.id"))
    # Orders of the prescription counted from 0, and the refill that this one is or belongs to: the rest of a
    # partial fill, what an adjustment needs and what replaces a cancelled order use up no other.
    fill_number: Mapped[int]
    refill_number: Mapped[int] = mapped_column(default=0, server_default="0")
    first_day: Mapped[int]
    days: Mapped[int]
    supply_method: Mapped[SupplyMethod] = mapped_column(one_of(SupplyMethod, "supply_method"))
    delivery: Mapped[Delivery] = mapped_column(one_of(Delivery, "delivery"))
    answers: Mapped[Facts] = mapped_column(JSONB)
    quote_id: Mapped[UUID | None] = mapped_column(ForeignKey("quotes.id"), unique=True)
    # The fill that this order is a part of; the order that it makes good at no charge.
    split_fill_id: Mapped[UUID | None] = mapped_column(ForeignKey("split_fills.id"))
    remake_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"), index=True)
    # How many days of the whole fill the part uses up, where the plan has moved its own days since; else those.
    part_days: Mapped[int | None]
    price_book_id: Mapped[UUID] = mapped_column(ForeignKey("price_books.id"))
    total_cents: Mapped[int]
    status: Mapped[OrderStatus] = mapped_column(one_of(OrderStatus, "status"))
    status_at: Mapped[datetime]
    status_by: Mapped[UUID]
    # The code of a rejection, which is final.
    rejection: Mapped[str | None]
    resumes_to: Mapped[OrderStatus | None] = mapped_column(one_of(OrderStatus, "resumes_to"))
    promised_on: Mapped[date | None]
    # The pharmacist who approved it; their initials stand on its labels.
    reviewed_by: Mapped[UUID | None]
    compounded_by: Mapped[UUID | None]
    verified_by: Mapped[UUID | None]
    # By exception, with the pharmacist-in-charge's words.
    single_pharmacist_reason: Mapped[str | None]
    shipped_on: Mapped[date | None]
    # The last day that the supply of the prescription before lasts, where this order renews it.
    home_until: Mapped[date | None]
    started_on: Mapped[date | None]
    start_confirmed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    patient: Mapped[Patient] = relationship(lazy="raise")
    prescription: Mapped[Prescription] = relationship(lazy="raise")
    plan_version: Mapped[PlanVersion] = relationship(lazy="raise")
    split: Mapped[SplitFill | None] = relationship(lazy="raise")
    lines: Mapped[list[OrderLine]] = relationship(lazy="raise", order_by="OrderLine.position")
    price_lines: Mapped[list[PriceLineRow]] = relationship(lazy="raise", order_by="PriceLineRow.position")
    findings: Mapped[list[OrderFinding]] = relationship(lazy="raise", order_by="OrderFinding.position")

    # Whoever writes on a stale reading is told: SQLAlchemy compares and raises this.
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy declares it as an instance variable.
    __table_args__ = (
        UniqueConstraint("prescription_id", "fill_number"),
        CheckConstraint("refill_number >= 0", name="refill_number"),
        CheckConstraint("days between 1 and 90", name="days"),
        CheckConstraint("part_days is null or split_fill_id is not null", name="part_days"),
        CheckConstraint("first_day >= 1", name="first_day"),
        CheckConstraint("total_cents >= 0", name="total"),
        CheckConstraint(_TWO_PEOPLE, name="two_people"),
        CheckConstraint(
            "(status in ('clarification', 'on_hold')) = (resumes_to is not null)", name="resumes_to_pair"
        ),
        Index("ix_orders_practice_id_id", "practice_id", "id"),
        Index("ix_orders_status_id", "status", "id"),
        # Rows come in the order of their time, so that a summary of each stretch of them is index enough.
        Index("ix_orders_created_at", "created_at", postgresql_using="brin"),
        Index("ix_orders_shipped_on", "shipped_on", postgresql_where="shipped_on is not null"),
        Index(
            "ix_orders_promised_on",
            "promised_on",
            "id",
            postgresql_where="promised_on is not null and shipped_on is null",
        ),
    )

    def advance_to(self, wanted: OrderStatus, *, by: Actor, at: datetime) -> None:
        """The order is in `wanted`, entered by `by`; IllegalTransition when the table does not allow it."""
        self.status = advance(self.status, wanted, resumes_to=self.resumes_to)
        self.status_at = at
        self.status_by = by.id

    @property
    def questions(self) -> list[OrderFinding]:
        """What is asked and not answered."""
        return [finding for finding in self.findings if is_question(finding.code)]

    def window(self) -> Window:
        return Window(first_day=self.first_day, days=self.days)

    @property
    def days_of_fill(self) -> int:
        """How many days of its fill the order uses up: its own, unless the plan has moved them since."""
        return self.days if self.part_days is None else self.part_days


class OrderLine(Model):
    """One strength and the capsules of it that this order owes; of a liquid, the marks of the syringe.

    `unit_ml` is what one mark measures, `strength_ug` what it holds; None for capsules.
    """

    __tablename__ = "order_lines"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    position: Mapped[int]
    strength_ug: Mapped[Ug]
    capsules: Mapped[int]
    unit_ml: Mapped[Decimal | None]
    vials: Mapped[list[Vial]] = relationship(lazy="raise", order_by="Vial.position")
    __table_args__ = (
        UniqueConstraint("order_id", "position"),
        CheckConstraint("strength_ug > 0", name="strength"),
        CheckConstraint(
            "capsules between 1 and case when unit_ml is null then 300 else 200000 end", name="capsules"
        ),
        CheckConstraint("unit_ml > 0", name="unit_ml"),
    )


class Vial(Model):
    """One vial of a line: the steps it serves (`steps`: position, days, capsules a dose) and its count."""

    __tablename__ = "vials"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_line_id: Mapped[UUID] = mapped_column(ForeignKey("order_lines.id"), index=True)
    position: Mapped[int]
    capsules: Mapped[int]
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    labels: Mapped[list[Label]] = relationship(lazy="raise", order_by="Label.requested_at")
    __table_args__ = (
        UniqueConstraint("order_line_id", "position"),
        CheckConstraint("capsules >= 1", name="capsules"),
    )


class PriceLineRow(Model):
    """One line of the itemised price; the lines of an order sum to its total."""

    __tablename__ = "price_lines"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    position: Mapped[int]
    kind: Mapped[str]
    wording: Mapped[str]
    amount_cents: Mapped[int]
    figure: Mapped[Facts] = mapped_column(JSONB)
    __table_args__ = (UniqueConstraint("order_id", "position"),)


class OrderFinding(Model):
    """What the checks found about this order, each with the place it is about."""

    __tablename__ = "order_findings"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    position: Mapped[int]
    code: Mapped[str]
    severity: Mapped[Severity] = mapped_column(one_of(Severity, "severity"))
    because: Mapped[str]
    pointer: Mapped[str]
    # The version of the screening rule, and the facts that made it speak, for staff.
    rule_version: Mapped[int | None]
    inputs: Mapped[Facts] = mapped_column(JSONB, default=dict, server_default="{}")
    # Where two statements disagree: what follows from the plan, and what was written.
    expected: Mapped[str | None]
    found: Mapped[str | None]


_WHOLE = (
    joinedload(Order.patient),
    joinedload(Order.prescription),
    joinedload(Order.split),
    joinedload(Order.plan_version),
    # Lines, vials and labels are few and belong together: one question for all three.
    selectinload(Order.lines).joinedload(OrderLine.vials).joinedload(Vial.labels).defer(Label.pdf),
)


def _whole(session: Session, query: Select[Order]) -> list[Order]:
    """The orders of the query with everything that belongs to them, by three questions."""
    found = list(session.scalars(query.options(*_WHOLE)))
    fill(
        session,
        Lists([each.patient for each in found], Patient.consents),
        Lists([each.plan_version for each in found], PlanVersion.intakes),
        Lists(found, Order.price_lines),
        Lists(found, Order.findings),
    )
    return found


def of_practice(session: Session, order_id: UUID, practice_id: UUID) -> Order:
    """The whole order, if it belongs to that practice; OrderNotFound otherwise."""
    query = select(Order).where(Order.id == order_id, Order.practice_id == practice_id)
    return _only(_whole(session, query))


def get(session: Session, order_id: UUID) -> Order:
    """The whole order, for staff and workers; OrderNotFound when there is none."""
    return _only(_whole(session, select(Order).where(Order.id == order_id)))


def _only(found: list[Order]) -> Order:
    if not found:
        raise OrderNotFound
    return found[0]


def id_of_line(session: Session, order_line_id: UUID) -> UUID | None:
    """The order that the line belongs to."""
    return session.scalar(select(OrderLine.order_id).where(OrderLine.id == order_line_id))


@dataclass(frozen=True, slots=True)
class NumberedOrder:
    """An order as people call it."""

    id: UUID
    number: int


def numbers_of_lines(session: Session, line_ids: Sequence[UUID]) -> list[NumberedOrder]:
    """The orders that these lines belong to, each once, in the order of their ids."""
    query = select(Order.id, Order.number).join(OrderLine, OrderLine.order_id == Order.id)
    found = session.execute(query.where(OrderLine.id.in_(line_ids)).distinct().order_by(Order.id))
    return [NumberedOrder(*row) for row in found]


def order_of_lines(
    session: Session, line_ids: Sequence[UUID]
) -> dict[UUID, tuple[int, Decimal | None, OrderStatus]]:
    """Of the order of each of these lines its number, what a mark measures if it is a liquid, and where it stands."""
    query = select(OrderLine.id, Order.number, OrderLine.unit_ml, Order.status)
    found = session.execute(
        query.join(Order, Order.id == OrderLine.order_id).where(OrderLine.id.in_(line_ids))
    )
    return {line_id: (number, unit_ml, status) for line_id, number, unit_ml, status in found}


def of_prescription(session: Session, prescription_id: UUID) -> Sequence[Order]:
    """Every order of the prescription, whole, first fill first."""
    query = select(Order).where(Order.prescription_id == prescription_id)
    return _whole(session, query.order_by(Order.fill_number))


def keep_in_place(session: Session, order_id: UUID, prescription_id: UUID) -> None:
    """Both stay as they are until the transaction ends, whoever else may keep them so; held in the usual order."""
    kept = select(Prescription.id).where(Prescription.id == prescription_id)
    session.scalar(kept.with_for_update(read=True, key_share=True))
    keep_order(session, order_id)


def keep_order(session: Session, order_id: UUID) -> None:
    """The order stays as it is until the transaction ends: for whoever writes about it and locks what belongs to it."""
    session.scalar(select(Order.id).where(Order.id == order_id).with_for_update(read=True, key_share=True))


def newest_handed(session: Session, patient_id: UUID) -> Order | None:
    """The patient's newest order that was handed over, whole."""
    query = select(Order).where(Order.patient_id == patient_id, Order.status.in_(HANDED_OVER))
    return next(iter(_whole(session, query.order_by(Order.id.desc()).limit(1))), None)


def get_for_update(session: Session, order_id: UUID) -> Order:
    """The whole order, locked until the transaction ends; OrderNotFound when there is none."""
    if session.scalar(select(Order.id).where(Order.id == order_id).with_for_update()) is None:
        raise OrderNotFound
    return get(session, order_id)


def reread_findings(session: Session, order: Order) -> None:
    """The order has the findings that are in the books now, though it was read before they were written."""
    query = select(OrderFinding).where(OrderFinding.order_id == order.id).order_by(OrderFinding.position)
    set_committed_value(order, "findings", list(session.scalars(query)))


def lock_of_practice(session: Session, order_id: UUID, practice_id: UUID) -> None:
    """The order of that practice is locked until the transaction ends; OrderNotFound otherwise."""
    query = select(Order.id).where(Order.id == order_id, Order.practice_id == practice_id)
    if session.scalar(query.with_for_update()) is None:
        raise OrderNotFound


def newest_first(practice_id: UUID | None = None, status: OrderStatus | None = None) -> Select[Order]:
    """A page of orders, newest first, for lists; of every practice where none is named (staff only)."""
    query = select(Order).options(joinedload(Order.patient), joinedload(Order.prescription))
    if practice_id is not None:
        query = query.where(Order.practice_id == practice_id)
    if status is not None:
        query = query.where(Order.status == status)
    return query.order_by(Order.id.desc())


def id_of_number(session: Session, number: int) -> UUID | None:
    """The order that people call by that number."""
    return session.scalar(select(Order.id).where(Order.number == number))


def next_number(session: Session) -> int:
    """The number that the next order is called by."""
    return session.scalars(select(ORDER_NUMBERS.next_value())).one()


def vials_of(order: Order) -> Sequence[tuple[OrderLine, Vial]]:
    """Every vial of the order with its line, in the order in which they are taken."""
    return [(line, vial) for line in order.lines for vial in line.vials]
