"""How orders left: scans of their vials, offers of counselling, requests for another closure, who took them.

Rows are written once. A vial is scanned once for each purpose and label, so that a new label is scanned anew; an
order is handed over once and comes back at most once. The newest offer of counselling and the newest request for a
closure are those that count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, select, union_all
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.domain.hand_over import (
    Carrier,
    ClosureAsker,
    CounsellingOutcome,
    CounsellingWay,
    IdentityDocument,
    Relation,
    ReturnKind,
    ScanPurpose,
)
from pharmacy.store.base import Model, new_id, one_of
from pharmacy.store.side_by_side import Listing
from pharmacy.store.staff import StaffMember


class VialScan(Model):
    """One vial's label, scanned by somebody for one purpose."""

    __tablename__ = "vial_scans"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    label_id: Mapped[UUID] = mapped_column(ForeignKey("labels.id"))
    purpose: Mapped[ScanPurpose] = mapped_column(one_of(ScanPurpose, "purpose"))
    scanned_at: Mapped[datetime]
    scanned_by: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"))
    __table_args__ = (UniqueConstraint("label_id", "purpose"),)


class CounsellingOffer(Model):
    __tablename__ = "counselling_offers"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    way: Mapped[CounsellingWay] = mapped_column(one_of(CounsellingWay, "way"))
    outcome: Mapped[CounsellingOutcome] = mapped_column(one_of(CounsellingOutcome, "outcome"))
    # To whom it was offered, and what was said, in words.
    offered_to: Mapped[str]
    note: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"))


class ClosureRequest(Model):
    """A request to leave off the child-resistant closure of this order."""

    __tablename__ = "closure_requests"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    asked_by: Mapped[ClosureAsker] = mapped_column(one_of(ClosureAsker, "asked_by"))
    asked_by_name: Mapped[str]
    reason: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"))


class HandOver(Model):
    """The order left: with a carrier, or over the counter to a person who signed."""

    __tablename__ = "hand_overs"
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    carrier: Mapped[Carrier | None] = mapped_column(one_of(Carrier, "carrier"))
    tracking_number: Mapped[str | None]
    taken_by: Mapped[str | None]
    relation: Mapped[Relation | None] = mapped_column(one_of(Relation, "relation"))
    identity: Mapped[IdentityDocument | None] = mapped_column(one_of(IdentityDocument, "identity"))
    # As typed by whoever signed, or as drawn (PNG).
    signed_as: Mapped[str | None]
    signature: Mapped[bytes | None]
    is_child_resistant: Mapped[bool]
    handed_at: Mapped[datetime]
    handed_by: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"))
    __table_args__ = (
        CheckConstraint("num_nulls(carrier, tracking_number) in (0, 2)", name="parcel_whole"),
        CheckConstraint("num_nulls(taken_by, relation, identity) in (0, 3)", name="taker_whole"),
        CheckConstraint("(carrier is null) <> (taken_by is null)", name="one_way"),
        CheckConstraint("taken_by is null or num_nonnulls(signed_as, signature) >= 1", name="signed"),
    )


class ReturnedOrder(Model):
    """The order came back, and its capsules were destroyed: never restocked."""

    __tablename__ = "returned_orders"
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    kind: Mapped[ReturnKind] = mapped_column(one_of(ReturnKind, "kind"))
    reason: Mapped[str]
    came_back_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"))


def scans_of(session: Session, order_id: UUID) -> Sequence[VialScan]:
    """Every scan of the order's vials, oldest first."""
    query = select(VialScan).where(VialScan.order_id == order_id).order_by(VialScan.id)
    return session.scalars(query).all()


def scanned_labels(session: Session, order_id: UUID) -> Mapping[ScanPurpose, frozenset[UUID]]:
    """The labels of the order that were scanned, by purpose."""
    scans = scans_of(session, order_id)
    return {
        purpose: frozenset(scan.label_id for scan in scans if scan.purpose is purpose)
        for purpose in ScanPurpose
    }


def _newest_of(session: Session, model: Any, order_id: UUID) -> Any:
    return session.scalar(select(model).where(model.order_id == order_id).order_by(model.id.desc()).limit(1))


def newest_offer(session: Session, order_id: UUID) -> CounsellingOffer | None:
    """The offer of counselling that counts."""
    found: CounsellingOffer | None = _newest_of(session, CounsellingOffer, order_id)
    return found


def newest_closure(session: Session, order_id: UUID) -> ClosureRequest | None:
    """The request for another closure that counts; None leaves it child-resistant."""
    found: ClosureRequest | None = _newest_of(session, ClosureRequest, order_id)
    return found


def listings_of(order_id: UUID) -> tuple[Listing, Listing, Listing, Listing]:
    """Requests for another closure, oldest first; how the order left; how it came back; who recorded any of it."""
    recorded = union_all(
        select(CounsellingOffer.recorded_by).where(CounsellingOffer.order_id == order_id),
        select(ClosureRequest.recorded_by).where(ClosureRequest.order_id == order_id),
        select(HandOver.handed_by).where(HandOver.order_id == order_id),
        select(ReturnedOrder.recorded_by).where(ReturnedOrder.order_id == order_id),
    )
    return (
        Listing(ClosureRequest, ClosureRequest.order_id == order_id, [ClosureRequest.id]),
        Listing(HandOver, HandOver.order_id == order_id, [HandOver.order_id]),
        Listing(ReturnedOrder, ReturnedOrder.order_id == order_id, [ReturnedOrder.order_id]),
        Listing(StaffMember, StaffMember.id.in_(recorded), [StaffMember.id]),
    )


def of_order(session: Session, order_id: UUID) -> HandOver | None:
    """How the order left, if it has."""
    return session.get(HandOver, order_id)


def return_of(session: Session, order_id: UUID) -> ReturnedOrder | None:
    """How the order came back, if it has."""
    return session.get(ReturnedOrder, order_id)
