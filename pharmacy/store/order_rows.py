"""What the other tables say of one order, by one question: batches, money, scans, screening, what was given up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pharmacy.domain.hand_over import ScanPurpose
from pharmacy.store.batches import Allocation, Batch
from pharmacy.store.hand_overs import CounsellingOffer, VialScan
from pharmacy.store.orders import Order, vials_of
from pharmacy.store.outbox import Message
from pharmacy.store.payments import Payment, PaymentOperation
from pharmacy.store.prescriptions import PlanIntake, PlanVersion
from pharmacy.store.reference import Setting
from pharmacy.store.screening import FindingOverride, Screening
from pharmacy.store.side_by_side import Listing, Lists, hand_out, side_by_side

_SINGLE_PHARMACIST = "single_pharmacist"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRows:
    """The rows, each list oldest first but for the batches: of those the first to end comes first."""

    batches: Mapping[UUID, list[Batch]]
    # Capsules that are promised to each line; lines without are left out of both.
    promised: Mapping[UUID, int]
    payments: Sequence[Payment]
    # Why messages about the order or its labels were given up, by what they were about.
    failures: Mapping[UUID, str]
    scans: Sequence[VialScan]
    offers: Sequence[CounsellingOffer]
    overrides: Sequence[FindingOverride]
    screened_at: datetime | None
    # The versions of the plan after the order's, whole; none when the order's is in force.
    later_plans: Sequence[PlanVersion]
    excepts_single_pharmacist: bool
    # What the caller asked for besides, list for list.
    besides: Sequence[Sequence[Any]]

    @property
    def changed_from(self) -> int | None:
        """The first day that any later version of the plan changes; None when the order's is in force."""
        return min((each.first_day for each in self.later_plans), default=None)

    def scanned(self) -> dict[ScanPurpose, frozenset[UUID]]:
        """The labels that were scanned, by purpose."""
        return {
            purpose: frozenset(scan.label_id for scan in self.scans if scan.purpose is purpose)
            for purpose in ScanPurpose
        }


def subjects_of(order: Order) -> list[UUID]:
    """Every label of the order, and the order itself: what a failure may be about."""
    return [order.id, *(label.id for _, vial in vials_of(order) for label in vial.labels)]


def order_rows(session: Session, order: Order, *besides: Listing) -> OrderRows:
    """What is in the books now about this order, which was read whole before; `besides` by the same question."""
    promised = Allocation.order_line_id.in_([line.id for line in order.lines])
    of_order = select(Payment.id).where(Payment.order_id == order.id)
    later = (PlanVersion.prescription_id == order.prescription_id) & (
        PlanVersion.version > order.plan_version.version
    )
    (
        allocations, batches, payments, operations, failures, scans, offers, overrides, screenings, plans, intakes,
        settings, *found,
    ) = side_by_side(
        session,
        Listing(Allocation, promised, [Allocation.id]),
        Listing(
            Batch,
            Batch.id.in_(select(Allocation.batch_id).where(promised)),
            [Batch.beyond_use_on, Batch.number],
        ),
        Listing(Payment, Payment.order_id == order.id, [Payment.id]),
        Listing(PaymentOperation, PaymentOperation.payment_id.in_(of_order), [PaymentOperation.position]),
        Listing(
            Message, Message.subject_id.in_(subjects_of(order)) & Message.failed_at.is_not(None), [Message.id]
        ),
        Listing(VialScan, VialScan.order_id == order.id, [VialScan.id]),
        Listing(CounsellingOffer, CounsellingOffer.order_id == order.id, [CounsellingOffer.id]),
        Listing(FindingOverride, FindingOverride.order_id == order.id, [FindingOverride.id]),
        Listing(Screening, Screening.order_id == order.id, [Screening.id]),
        Listing(PlanVersion, later, [PlanVersion.version]),
        Listing(
            PlanIntake,
            PlanIntake.plan_version_id.in_(select(PlanVersion.id).where(later)),
            [PlanIntake.plan_version_id, PlanIntake.position],
        ),
        Listing(Setting, Setting.name == _SINGLE_PHARMACIST, [Setting.set_at, Setting.id]),
        *besides,
    )  # fmt: skip
    hand_out(Lists(payments, Payment.operations), operations)
    hand_out(Lists(plans, PlanVersion.intakes), intakes)
    return OrderRows(
        batches=_by_line(allocations, batches),
        promised=_promised(allocations),
        payments=payments,
        failures={each.subject_id: each.failure or "" for each in failures},
        scans=scans,
        offers=offers,
        overrides=overrides,
        screened_at=screenings[-1].at if screenings else None,
        later_plans=plans,
        excepts_single_pharmacist=bool(settings[-1].value),
        besides=found,
    )


def _by_line(allocations: Sequence[Allocation], batches: Sequence[Batch]) -> dict[UUID, list[Batch]]:
    found: dict[UUID, list[Batch]] = {}
    for batch in batches:
        for line_id in dict.fromkeys(each.order_line_id for each in allocations if each.batch_id == batch.id):
            found.setdefault(line_id, []).append(batch)
    return found


def _promised(allocations: Sequence[Any]) -> dict[UUID, int]:
    promised: dict[UUID, int] = {}
    for each in allocations:
        promised[each.order_line_id] = promised.get(each.order_line_id, 0) + each.capsules
    return promised
