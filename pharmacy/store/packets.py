"""Every record about one prescription, batch or component lot, or about the orders of some days, for an inspector.

What belongs together is said once, as queries for ids (`Scope`), and every table is read through them. Rows come
from the database a few hundred at a time, however many there are. Files that were drawn from other rows (the
pictures of labels) and drawn signatures are named by their length and hash and not repeated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, union
from sqlalchemy.orm import Session, aliased

from pharmacy.domain.orders import HANDED_OVER
from pharmacy.domain.periods import Period
from pharmacy.store.adjustments import AdjustmentRow
from pharmacy.store.audit import AuditEntry
from pharmacy.store.base import Record
from pharmacy.store.batches import Allocation, Batch
from pharmacy.store.bench_work import BatchCheck, BatchDeviation, BatchWeighing
from pharmacy.store.figures import Span
from pharmacy.store.hand_overs import ClosureRequest, CounsellingOffer, HandOver, ReturnedOrder, VialScan
from pharmacy.store.inbound import CheckIn
from pharmacy.store.label_prints import LabelPrint
from pharmacy.store.labels import Label
from pharmacy.store.notices import Notice, NoticeDecision, SentMessage
from pharmacy.store.order_entries import EntryPicture, EntryReading, OrderEntry
from pharmacy.store.orders import Order, OrderFinding, OrderLine, PriceLineRow, Vial
from pharmacy.store.patients import Patient
from pharmacy.store.payments import Payment, PaymentOperation, PriceAcceptance, RefundDecision
from pharmacy.store.prescriptions import PlanIntake, PlanVersion, Prescription
from pharmacy.store.quality_logs import Incident, IncidentEntry
from pharmacy.store.recalls import Recall, RecallPatient
from pharmacy.store.reference import ComponentLot, PackingStatistic
from pharmacy.store.renewals import Renewal
from pharmacy.store.screening import FindingOverride, Screening
from pharmacy.store.seals import AuditPosition, AuditSeal
from pharmacy.store.split_fills import SplitFill
from pharmacy.store.staff import StaffMember
from pharmacy.store.stock_ledger import StockMovement
from pharmacy.store.submitted_documents import SubmittedDocument, SubmittedIdentifier
from pharmacy.store.tasks import Task

_AT_A_TIME = 500
# Derived keys, and what is a file or a picture.
_LEFT_OUT = frozenset(
    {
        "entry_pictures.content",
        "hand_overs.signature",
        "labels.pdf",
        "patients.name_key",
        "patients.phone_key",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Queries for the ids of what the packet is about; each yields one column."""

    prescriptions: Select[Any]
    orders: Select[Any]
    batches: Select[Any]
    lots: Select[Any]
    # Of days: incidents reported and the audit trail written in them belong to it too.
    period: Period | None = None
    span: Span | None = None


def of_prescription(prescription_id: UUID) -> Scope:
    """The prescription, its orders, what they were made of."""
    orders = select(Order.id).where(Order.prescription_id == prescription_id)
    return _from_orders(select(Prescription.id).where(Prescription.id == prescription_id), orders)


def of_batch(batch_id: UUID) -> Scope:
    """The batch with the triturates in it and the batches made of it, and the orders that were promised some."""
    return _from_batches(_with_made_of(select(Batch.id).where(Batch.id == batch_id)))


def of_lot(lot_id: UUID) -> Scope:
    """The lot, every batch that it went into, through triturates, and the orders that were promised some."""
    direct = select(Batch.id).where(
        or_(Batch.api_lot_id == lot_id, Batch.filler_lot_id == lot_id, Batch.shell_lot_id == lot_id)
    )
    scope = _from_batches(_with_made_of(direct))
    return Scope(
        prescriptions=scope.prescriptions,
        orders=scope.orders,
        batches=scope.batches,
        lots=select(ComponentLot.id).where(ComponentLot.id == lot_id),
    )


def of_days(period: Period, span: Span) -> Scope:
    """The orders received in these days, what they were made of, and the batches made in these days."""
    orders = select(Order.id).where(span.holds(Order.created_at))
    made = select(Batch.id).where(Batch.compounded_on.between(period.first_on, period.last_on))
    batches = _ids(union(made, _batches_of(orders)))
    return Scope(
        prescriptions=select(Order.prescription_id).where(Order.id.in_(orders)),
        orders=orders,
        batches=_with_triturates(batches),
        lots=_lots_of(_with_triturates(batches)),
        period=period,
        span=span,
    )


def order_count(session: Session, scope: Scope, most: int) -> int:
    """How many orders it is about; counting ends above `most`."""
    limited = scope.orders.limit(most + 1).subquery()
    return session.scalar(select(func.count()).select_from(limited)) or 0


def exists(session: Session, record: type[Any], record_id: UUID) -> bool:
    return session.scalar(select(record.id).where(record.id == record_id)) is not None


def _from_orders(prescriptions: Select[Any], orders: Select[Any]) -> Scope:
    batches = _with_triturates(_batches_of(orders))
    return Scope(prescriptions=prescriptions, orders=orders, batches=batches, lots=_lots_of(batches))


def _from_batches(batches: Select[Any]) -> Scope:
    orders = (
        select(OrderLine.order_id)
        .join(Allocation, Allocation.order_line_id == OrderLine.id)
        .where(Allocation.batch_id.in_(batches))
    )
    return Scope(
        prescriptions=select(Order.prescription_id).where(Order.id.in_(orders)),
        orders=orders,
        batches=_with_triturates(batches),
        lots=_lots_of(_with_triturates(batches)),
    )


def _batches_of(orders: Select[Any]) -> Select[Any]:
    return (
        select(Allocation.batch_id)
        .join(OrderLine, OrderLine.id == Allocation.order_line_id)
        .where(OrderLine.order_id.in_(orders))
    )


def _with_triturates(batches: Select[Any]) -> Select[Any]:
    """These batches and, to any depth, the triturates that went into them."""
    begun = select(Batch.id, Batch.triturate_id).where(Batch.id.in_(batches)).cte(recursive=True)
    before = aliased(Batch)
    whole = begun.union(select(before.id, before.triturate_id).join(begun, before.id == begun.c.triturate_id))
    return select(whole.c.id)


def _with_made_of(batches: Select[Any]) -> Select[Any]:
    """These batches and, to any depth, the batches that they went into."""
    begun = select(Batch.id).where(Batch.id.in_(batches)).cte(recursive=True)
    after = aliased(Batch)
    whole = begun.union(select(after.id).join(begun, after.triturate_id == begun.c.id))
    return select(whole.c.id)


def _lots_of(batches: Select[Any]) -> Select[Any]:
    columns = (Batch.api_lot_id, Batch.filler_lot_id, Batch.shell_lot_id)
    return _ids(union(*(select(column.label("id")).where(Batch.id.in_(batches)) for column in columns)))


def _ids(united: Any) -> Select[Any]:
    named = united.subquery()
    return select(next(iter(named.c)))


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the packet: its title, the columns and the query for them."""

    title: str
    columns: tuple[str, ...]
    query: Select[Any]


def tables(scope: Scope) -> Iterator[Table]:
    """Every table, in the order in which an inspector reads them."""
    for title, record, condition in _conditions(scope):
        mapped = record.__mapper__
        columns = [each for each in mapped.columns if f"{each.table.name}.{each.key}" not in _LEFT_OUT]
        query = select(*columns).where(condition).order_by(*mapped.primary_key)
        yield Table(title, tuple(str(each.key) for each in columns), query)


def rows(session: Session, table: Table) -> Iterator[Sequence[Any]]:
    """The rows of the table, a few hundred at a time."""
    return (tuple(row) for row in session.execute(table.query.execution_options(yield_per=_AT_A_TIME)))


def _conditions(scope: Scope) -> Iterator[tuple[str, type[Record], ColumnElement[bool]]]:
    yield from _prescribed(scope)
    yield from _ordered(scope)
    yield from _made(scope)
    yield from _left_and_told(scope)
    yield "Complaints and adverse events", Incident, _incidents(scope)
    yield (
        "What was found out about them",
        IncidentEntry,
        IncidentEntry.incident_id.in_(select(Incident.id).where(_incidents(scope))),
    )
    recalled = or_(Recall.batch_id.in_(scope.batches), Recall.component_lot_id.in_(scope.lots))
    yield "Recalls and drills", Recall, recalled
    yield "Patients concerned by recalls", RecallPatient, RecallPatient.order_id.in_(scope.orders)


def _prescribed(scope: Scope) -> Iterator[tuple[str, type[Record], ColumnElement[bool]]]:
    prescriptions, versions = (
        scope.prescriptions,
        select(PlanVersion.id).where(PlanVersion.prescription_id.in_(scope.prescriptions)),
    )
    yield "Prescriptions as written", Prescription, Prescription.id.in_(prescriptions)
    yield (
        "Documents as they came",
        SubmittedDocument,
        SubmittedDocument.prescription_id.in_(prescriptions),
    )
    yield (
        "Identifiers of the sender",
        SubmittedIdentifier,
        SubmittedIdentifier.prescription_id.in_(prescriptions),
    )
    entries = select(OrderEntry.id).where(OrderEntry.order_id.in_(scope.orders))
    yield "Entries by staff", OrderEntry, OrderEntry.order_id.in_(scope.orders)
    yield "Papers they were entered from", EntryPicture, EntryPicture.entry_id.in_(entries)
    yield "Readings of the dose", EntryReading, EntryReading.entry_id.in_(entries)
    yield "Plan versions", PlanVersion, PlanVersion.id.in_(versions)
    yield "Doses of the plans", PlanIntake, PlanIntake.plan_version_id.in_(versions)
    yield "Adjustments", AdjustmentRow, AdjustmentRow.prescription_id.in_(prescriptions)
    yield "Fills in parts", SplitFill, SplitFill.prescription_id.in_(prescriptions)
    yield "Renewals asked for", Renewal, Renewal.prescription_id.in_(prescriptions)
    patients = select(Prescription.patient_id).where(Prescription.id.in_(prescriptions))
    yield "Patients", Patient, Patient.id.in_(patients)


def _ordered(scope: Scope) -> Iterator[tuple[str, type[Record], ColumnElement[bool]]]:
    orders = scope.orders
    lines = select(OrderLine.id).where(OrderLine.order_id.in_(orders))
    payments = select(Payment.id).where(Payment.order_id.in_(orders))
    yield "Orders", Order, Order.id.in_(orders)
    yield "Order lines", OrderLine, OrderLine.order_id.in_(orders)
    yield "Vials", Vial, Vial.order_line_id.in_(lines)
    yield "Screenings", Screening, Screening.order_id.in_(orders)
    yield "Findings", OrderFinding, OrderFinding.order_id.in_(orders)
    yield "Overrides", FindingOverride, FindingOverride.order_id.in_(orders)
    yield "Price lines", PriceLineRow, PriceLineRow.order_id.in_(orders)
    yield "Accepted prices", PriceAcceptance, PriceAcceptance.order_id.in_(orders)
    yield "Payments", Payment, Payment.order_id.in_(orders)
    yield "Payment operations", PaymentOperation, PaymentOperation.payment_id.in_(payments)
    yield "Refunds decided", RefundDecision, RefundDecision.order_id.in_(orders)
    yield "Tasks of staff", Task, Task.order_id.in_(orders)


def _made(scope: Scope) -> Iterator[tuple[str, type[Record], ColumnElement[bool]]]:
    batches = scope.batches
    yield "Batches with their compounding records", Batch, Batch.id.in_(batches)
    yield "Weighings", BatchWeighing, BatchWeighing.batch_id.in_(batches)
    yield "Quality control", BatchCheck, BatchCheck.batch_id.in_(batches)
    yield "Deviations", BatchDeviation, BatchDeviation.batch_id.in_(batches)
    yield "Capsules promised", Allocation, Allocation.batch_id.in_(batches)
    yield "Component lots and certificates", ComponentLot, ComponentLot.id.in_(scope.lots)
    packed = or_(PackingStatistic.component_lot_id.in_(scope.lots), PackingStatistic.batch_id.in_(batches))
    yield "Packing measured", PackingStatistic, packed
    of_stock = or_(StockMovement.stock_id.in_(scope.lots), StockMovement.stock_id.in_(batches))
    yield "Movements of stock", StockMovement, of_stock


def _left_and_told(scope: Scope) -> Iterator[tuple[str, type[Record], ColumnElement[bool]]]:
    orders = scope.orders
    labels = select(Label.id).where(Label.order_id.in_(orders))
    notices = select(Notice.id).where(Notice.order_id.in_(orders))
    yield "Labels", Label, Label.order_id.in_(orders)
    yield "Prints of labels", LabelPrint, LabelPrint.label_id.in_(labels)
    yield "Vials scanned", VialScan, VialScan.order_id.in_(orders)
    yield "Counselling offered", CounsellingOffer, CounsellingOffer.order_id.in_(orders)
    yield "Other closures asked for", ClosureRequest, ClosureRequest.order_id.in_(orders)
    yield "Shipped and picked up", HandOver, HandOver.order_id.in_(orders)
    yield "Returned", ReturnedOrder, ReturnedOrder.order_id.in_(orders)
    yield "Notices", Notice, Notice.order_id.in_(orders)
    yield "Decisions about notices", NoticeDecision, NoticeDecision.notice_id.in_(notices)
    yield "Messages sent", SentMessage, SentMessage.notice_id.in_(notices)
    yield "Answers to check-ins", CheckIn, CheckIn.order_id.in_(orders)


def _incidents(scope: Scope) -> ColumnElement[bool]:
    about = or_(
        Incident.prescription_id.in_(scope.prescriptions),
        Incident.batch_id.in_(scope.batches),
        Incident.component_lot_id.in_(scope.lots),
    )
    if scope.period is None:
        return about
    return or_(about, Incident.reported_on.between(scope.period.first_on, scope.period.last_on))


def audit_trail(session: Session, scope: Scope) -> Iterator[tuple[AuditEntry, int | None]]:
    """Every entry about any of it, each with the number of the seal over it (None while it waits), in order."""
    query = (
        select(AuditEntry, AuditPosition.seal_number)
        .outerjoin(AuditPosition, AuditPosition.audit_id == AuditEntry.id)
        .where(_about(scope))
        .order_by(AuditEntry.id)
        .execution_options(yield_per=_AT_A_TIME)
    )
    for entry, number in session.execute(query):
        yield entry, number
        session.expunge(entry)


def sealed_digests(session: Session, scope: Scope) -> Iterator[tuple[AuditSeal, bytes | None]]:
    """The seals over those entries, each with every digest under it in order; None for an entry that is gone."""
    numbers = (
        select(AuditPosition.seal_number)
        .join(AuditEntry, AuditEntry.id == AuditPosition.audit_id)
        .where(_about(scope))
    )
    query = (
        select(AuditSeal, AuditEntry.digest)
        .join(AuditPosition, AuditPosition.seal_number == AuditSeal.number)
        .outerjoin(AuditEntry, AuditEntry.id == AuditPosition.audit_id)
        .where(AuditSeal.number.in_(numbers))
        .order_by(AuditSeal.number, AuditPosition.position)
        .execution_options(yield_per=_AT_A_TIME)
    )
    for row in session.execute(query):
        yield row[0], row[1]


def _about(scope: Scope) -> ColumnElement[bool]:
    subjects = or_(
        *(
            AuditEntry.subject_id.in_(each)
            for each in (scope.prescriptions, scope.orders, scope.batches, scope.lots)
        )
    )
    return subjects if scope.span is None else or_(subjects, scope.span.holds(AuditEntry.at))


def units_by_state(session: Session, scope: Scope) -> Sequence[Sequence[Any]]:
    """State, orders, capsules and millilitres of what was handed over, by where the patient lives."""
    is_liquid = OrderLine.unit_ml.is_not(None)
    capsules = func.coalesce(func.sum(OrderLine.capsules).filter(~is_liquid), 0)
    volume_ml = func.coalesce(func.sum(OrderLine.capsules * OrderLine.unit_ml), 0)
    query = (
        select(Patient.state, func.count(Order.id.distinct()), capsules, volume_ml)
        .join(Order, Order.patient_id == Patient.id)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(Order.id.in_(scope.orders), Order.status.in_(HANDED_OVER))
        .group_by(Patient.state)
        .order_by(Patient.state)
    )
    return [tuple(row) for row in session.execute(query)]


def overrides_by_rule(session: Session, scope: Scope) -> Sequence[Sequence[Any]]:
    """Rule, version, severity, how often it was overridden, and by how many people."""
    rule = (FindingOverride.code, FindingOverride.rule_version, FindingOverride.severity)
    query = (
        select(*rule, func.count(), func.count(FindingOverride.overridden_by.distinct()))
        .where(FindingOverride.order_id.in_(scope.orders))
        .group_by(*rule)
        .order_by(*rule)
    )
    return [tuple(row) for row in session.execute(query)]


def names_of_staff(session: Session) -> dict[UUID, str]:
    """Everybody who works or worked here, by id."""
    query = select(StaffMember.id, StaffMember.full_name, StaffMember.role)
    return {
        member: f"{name} ({str(role).replace('_', ' ')})" for member, name, role in session.execute(query)
    }
