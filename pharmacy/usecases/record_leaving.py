"""What is written down when an order leaves, and when it comes back.

A parcel has its carrier and number; over the counter somebody takes the bag, shows who they are and signs. What
comes back is destroyed and never restocked; the pharmacist-in-charge then decides about refund or remake.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.hand_over import Carrier, HandOverMissing, IdentityDocument, Relation, ReturnKind
from pharmacy.domain.pictures import NotAPicture, PictureKind, kind_of
from pharmacy.store import audit, hand_overs
from pharmacy.store.hand_overs import HandOver, ReturnedOrder
from pharmacy.store.orders import Order
from pharmacy.store.tasks import NewTask, open_task

RETURNED_TASK = "order.returned"
_MOST_SIGNATURE_BYTES = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """With whom the parcel went, and under which number."""

    carrier: Carrier
    tracking_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PickUp:
    """Who took the bag. The signature is a typed name, or a drawn picture (PNG)."""

    taken_by: str
    relation: Relation
    identity: IdentityDocument
    signed_as: str = ""
    signature: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComeBack:
    kind: ReturnKind


Leaving = Parcel | PickUp | ComeBack


def record_shipping(
    session: Session, order: Order, leaving: Leaving | None, *, by: Actor, now: datetime
) -> None:
    """The parcel of the order is on record. Raises HandOverMissing."""
    if not isinstance(leaving, Parcel):
        raise HandOverMissing("The carrier", where=("carrier",))
    number = "".join(leaving.tracking_number.split()).upper()
    if not any(map(str.isdigit, number)):
        raise HandOverMissing("The tracking number of the parcel", where=("tracking_number",))
    _keep(session, order, {"carrier": leaving.carrier, "tracking_number": number}, by=by, now=now)


def record_pick_up(
    session: Session, order: Order, leaving: Leaving | None, *, by: Actor, now: datetime
) -> None:
    """Who took the order is on record. Raises HandOverMissing, or NotAPicture for a signature that is none."""
    if not isinstance(leaving, PickUp) or not any(map(str.isalpha, leaving.taken_by)):
        raise HandOverMissing("The name of who takes it", where=("taken_by",))
    if not leaving.signature and not any(map(str.isalpha, leaving.signed_as)):
        raise HandOverMissing("A signature, drawn or typed,", where=("signed_as",))
    if leaving.signature and kind_of(leaving.signature, _MOST_SIGNATURE_BYTES) is not PictureKind.PNG:
        raise NotAPicture(where=("signature",))
    told: dict[str, object] = {
        "taken_by": leaving.taken_by,
        "relation": leaving.relation,
        "identity": leaving.identity,
        "signed_as": leaving.signed_as or None,
        "signature": leaving.signature or None,
    }
    _keep(session, order, told, by=by, now=now)


def record_return(
    session: Session,
    order: Order,
    came: ReturnedOrder,
    *,
    today: date,
    by: Actor,
    now: datetime,
) -> None:
    """The return is on record, and the pharmacist-in-charge has a task to decide what follows."""
    session.add(came)
    new = NewTask(
        kind=RETURNED_TASK,
        subject_id=order.id,
        wording=f"Rx {order.number} came back: decide about refund or remake.",
        due_on=today,
        order_id=order.id,
        patient_id=order.patient_id,
        practice_id=order.practice_id,
    )
    open_task(session, new, by=by, now=now)


def _keep(session: Session, order: Order, told: dict[str, object], *, by: Actor, now: datetime) -> None:
    closure = hand_overs.newest_closure(session, order.id)
    session.add(
        HandOver(
            order_id=order.id, handed_at=now, handed_by=by.id, is_child_resistant=closure is None, **told
        )
    )
    audit.record(session, "order.handed_over", order.id, by=by, at=now, child_resistant=closure is None)
