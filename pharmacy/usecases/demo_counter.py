"""What happens at the counter of the demonstration before an order is verified and leaves: scans, and an offer.

Made by the very use cases that make real ones, for whoever plays a whole day in one go.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.hand_over import (
    Carrier,
    CounsellingOutcome,
    CounsellingWay,
    IdentityDocument,
    Relation,
    ReturnKind,
    ScanPurpose,
)
from pharmacy.domain.orders import Act, OrderStatus, act_allowed
from pharmacy.domain.pricing import Delivery
from pharmacy.store.labels import LabelKind
from pharmacy.store.orders import Order, vials_of
from pharmacy.usecases.label_codes import LabelCodes
from pharmacy.usecases.offer_counselling import Offer, offer_counselling
from pharmacy.usecases.record_leaving import ComeBack, Leaving, Parcel, PickUp
from pharmacy.usecases.request_labels import living_label
from pharmacy.usecases.scan_vial import Scan, scan_vial

_SCANNED_FOR: Mapping[Act, ScanPurpose] = {
    Act.VERIFY: ScanPurpose.VERIFICATION,
    Act.SHIP: ScanPurpose.BAG,
    Act.PICK_UP: ScanPurpose.BAG,
}


def make_ready(
    session: Session, order: Order, act: Act, codes: LabelCodes, *, by: Actor, now: datetime
) -> None:
    """What the act asks to have been done with the vials is done; nothing where the act is not open anyway."""
    purpose = _SCANNED_FOR.get(act)
    if purpose is None or by.role is None or act_allowed(act, order.status, by.role) is not None:
        return
    other_way = Act.SHIP if order.delivery is Delivery.PICK_UP else Act.PICK_UP
    if act is other_way:
        return
    living = (living_label(vial, LabelKind.DISPENSING) for _, vial in vials_of(order))
    for label in living:
        if label is not None:
            scan = Scan(order_id=order.id, code=label.barcode or "", purpose=purpose)
            scan_vial(session, scan, codes, by=by, now=now)
            session.flush()  # The next scan counts this one.
    if order.status is OrderStatus.VERIFIED:
        offer_counselling(session, _offer(order), by=by, now=now)
        session.flush()  # The gate reads it.


def _offer(order: Order) -> Offer:
    by_mail = order.delivery is Delivery.MAIL
    return Offer(
        order_id=order.id,
        way=CounsellingWay.IN_WRITING if by_mail else CounsellingWay.IN_PERSON,
        outcome=CounsellingOutcome.OFFERED if by_mail else CounsellingOutcome.REFUSED,
        offered_to=order.patient.full_name,
    )


def leaving_by(act: Act, patient: str) -> Leaving | None:
    """What the demonstration writes down when an order leaves in that way."""
    told: Mapping[Act, Leaving] = {
        Act.SHIP: Parcel(carrier=Carrier.USPS, tracking_number="9400 1000 0000 0000 0000 00"),
        Act.PICK_UP: PickUp(
            taken_by=patient,
            relation=Relation.PATIENT,
            identity=IdentityDocument.DRIVING_LICENCE,
            signed_as=patient,
        ),
        Act.RETURN: ComeBack(kind=ReturnKind.UNDELIVERED),
    }
    return told.get(act)
