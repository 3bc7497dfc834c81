"""A label is asked for anew, from the books as they are today: its name was mended, or it is no longer true.

The old one is void. After a pharmacist has verified the order its labels are part of what was verified and are not
replaced: the order is cancelled and filled anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict
from pharmacy.domain.orders import OrderStatus
from pharmacy.store.labels import Label
from pharmacy.usecases.label_truth import OnShelf, VoidReasonMissing, on_shelf, void
from pharmacy.usecases.request_labels import Imprint, VialPlace, request_again

_OPEN = frozenset(
    {
        OrderStatus.RECEIVED,
        OrderStatus.IN_REVIEW,
        OrderStatus.CLARIFICATION,
        OrderStatus.AWAITING_PAYMENT,
        OrderStatus.QUEUED,
        OrderStatus.COMPOUNDING,
        OrderStatus.LABELLED,
    }
)


@dataclass(eq=False)
class LabelNotReplaceable(Conflict):
    because: str

    def __str__(self) -> str:
        return f"The label cannot be made anew: {self.because}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """Which label, and why it is made anew."""

    label_id: UUID
    reason: str


def replace_label(
    session: Session, asked: Replacement, imprint: Imprint, *, by: Actor, now: datetime
) -> Label:
    """The vial's new label is asked for; the old one is void. Raises LabelNotReplaceable or VoidReasonMissing."""
    if not asked.reason.strip():
        raise VoidReasonMissing(where=("reason",))
    found = on_shelf(session, asked.label_id)
    require_replaceable(found)
    if found.label.voided_at is None:
        void(session, found.label, f"made anew: {asked.reason.strip()}", by=by, now=now)
    session.flush()  # One living label of a kind per vial: the old one must be void first.
    place = VialPlace(found.order, found.line, found.vial)
    return request_again(session, place, found.label, imprint, by=by, now=now)


def require_replaceable(found: OnShelf) -> None:
    """Raises LabelNotReplaceable once the order is verified, and for one that another has replaced."""
    if found.order.status not in _OPEN:
        raise LabelNotReplaceable(f"the order is {found.order.status.replace('_', ' ')}")
    others = [each for each in found.vial.labels if each.voided_at is None and each.id != found.label.id]
    if others:
        raise LabelNotReplaceable("its vial has another one that holds")
