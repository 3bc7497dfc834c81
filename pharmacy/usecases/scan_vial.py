"""A vial is scanned: against its order when a pharmacist verifies, and into the bag when it leaves.

Only a code that this pharmacy made is looked up, and only the label that stands on a vial of this very order counts:
a vial of another patient in the wrong bag is the gravest mistake of the counter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.hand_over import ScanPurpose, WrongVial
from pharmacy.domain.orders import Act, OrderStatus, act_allowed, roles_for
from pharmacy.domain.pricing import Delivery
from pharmacy.store import audit, hand_overs, labels, orders
from pharmacy.store.base import new_id
from pharmacy.store.hand_overs import VialScan
from pharmacy.store.labels import Label, LabelKind
from pharmacy.store.orders import Order
from pharmacy.usecases.act_on_order import ActNotOpen, NotYourAct
from pharmacy.usecases.label_codes import LabelCodes
from pharmacy.usecases.request_labels import living_label


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What the scanner read, of which order, and what for."""

    order_id: UUID
    code: str
    purpose: ScanPurpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """The label that was scanned, and what is still to be; `is_repeated` when it had been scanned before."""

    label_id: UUID
    is_repeated: bool
    scanned: int
    vials: int


def scan_vial(session: Session, scan: Scan, codes: LabelCodes, *, by: Actor, now: datetime) -> Scanned:
    """The vial is ticked off; a second scan of the same one changes nothing.

    Raises OrderNotFound, NotYourAct or ActNotOpen where nothing is to be scanned now, and WrongVial for a code that
    is none of ours, a label that is void, and a vial of another order.
    """
    order = orders.get_for_update(session, scan.order_id)
    _require_open(order, scan.purpose, by)
    label = _label_of(session, order, scan.code, codes)
    done = hand_overs.scanned_labels(session, order.id)[scan.purpose]
    standing = living_labels(order)
    is_repeated = label.id in done
    if not is_repeated:
        session.add(
            VialScan(
                id=new_id(),
                order_id=order.id,
                label_id=label.id,
                purpose=scan.purpose,
                scanned_at=now,
                scanned_by=by.id,
            )
        )
        audit.record(session, "vial.scanned", order.id, by=by, at=now, kind=scan.purpose, label=str(label.id))
    return Scanned(
        label_id=label.id,
        is_repeated=is_repeated,
        scanned=len((done | {label.id}) & standing),
        vials=len(orders.vials_of(order)),
    )


def living_labels(order: Order) -> frozenset[UUID]:
    """The dispensing labels that stand on the order's vials."""
    found = (living_label(vial, LabelKind.DISPENSING) for _, vial in orders.vials_of(order))
    return frozenset(label.id for label in found if label is not None)


def _require_open(order: Order, purpose: ScanPurpose, by: Actor) -> None:
    if purpose is ScanPurpose.VERIFICATION:
        act, wanted = Act.VERIFY, OrderStatus.LABELLED
    else:
        act = Act.SHIP if order.delivery is Delivery.MAIL else Act.PICK_UP
        wanted = OrderStatus.VERIFIED
    if by.role is None:
        raise NotYourAct("Only staff may do this")
    refused = act_allowed(act, order.status, by.role)
    if refused is not None:
        mine = by.role in roles_for(act, wanted)
        raise (ActNotOpen if mine else NotYourAct)(refused.reason)


def _label_of(session: Session, order: Order, code: str, codes: LabelCodes) -> Label:
    """The label that bears the code, on a vial of this order."""
    if not codes.is_genuine(code):
        raise WrongVial("That is no label of this pharmacy. Scan the barcode on the vial.", where=("code",))
    order_id = labels.order_of_barcode(session, code)
    if order_id is None:
        raise WrongVial("That label is void. Take the vial out and print its label anew.", where=("code",))
    if order_id != order.id:
        raise WrongVial("That vial belongs to another order. Take it out.", where=("code",))
    found = (label for _, vial in orders.vials_of(order) for label in vial.labels)
    return next(label for label in found if label.barcode == code)
