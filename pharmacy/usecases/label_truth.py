"""Whether a label still says what the books say.

What a label says was decided when it was asked for. If lot, beyond-use date, plan, patient or prescriber have changed
since, the label is void by itself: this is looked at before every print, in a transaction of its own, so that the
label stays void although the print is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.batches import PROMISABLE, BatchStatus
from pharmacy.domain.errors import Conflict, Unfit
from pharmacy.domain.labels import LabelContent
from pharmacy.store import audit, batches, labels, orders, prescriptions
from pharmacy.store.batches import Batch
from pharmacy.store.labels import Label, LabelKind
from pharmacy.store.orders import Order, OrderLine, Vial
from pharmacy.usecases.request_labels import Imprint, VialPlace, content_from_facts, content_of, origin_of

# What a vial may be filled from: in making, on the shelf, or used up by it.
_DISPENSABLE = PROMISABLE | {BatchStatus.DEPLETED}


@dataclass(eq=False)
class LabelIsVoid(Conflict):
    reason: str

    def __str__(self) -> str:
        return f"The label is void: {self.reason.rstrip('.')}."


@dataclass(eq=False)
class VoidReasonMissing(Unfit):
    def __str__(self) -> str:
        return "A reason is due."


@dataclass(frozen=True, slots=True)
class OnShelf:
    """A label with the order, line and vial it belongs to, the order locked."""

    order: Order
    line: OrderLine
    vial: Vial
    label: Label


def on_shelf(session: Session, label_id: UUID) -> OnShelf:
    """The label where it belongs, its order locked before it. Raises LabelNotFound."""
    order = orders.get_for_update(session, labels.get(session, label_id).order_id)
    label = labels.get_for_update(session, label_id)
    line, vial = next((line, vial) for line, vial in orders.vials_of(order) if vial.id == label.vial_id)
    return OnShelf(order, line, vial, label)


def void_if_untrue(session: Session, label_id: UUID, imprint: Imprint, *, by: Actor, now: datetime) -> None:
    """The label is void, on record with the reason, if the books no longer say what it says."""
    found = on_shelf(session, label_id)
    if found.label.voided_at is None and (why := why_untrue(session, found, imprint)):
        void(session, found.label, why, by=by, now=now)


def void_label(session: Session, label_id: UUID, reason: str, *, by: Actor, now: datetime) -> Label:
    """The label is void for that reason, given by a person. Raises LabelIsVoid or VoidReasonMissing."""
    if not reason.strip():
        raise VoidReasonMissing(where=("reason",))
    label = on_shelf(session, label_id).label
    require_standing(label)
    void(session, label, reason.strip(), by=by, now=now)
    return label


def void(session: Session, label: Label, reason: str, *, by: Actor, now: datetime) -> None:
    """The label is void, on record."""
    label.voided_at, label.void_reason = now, reason
    audit.record(session, "label.voided", label.order_id, by=by, at=now, kind=label.kind, reason=reason)


def require_standing(label: Label) -> None:
    """Raises LabelIsVoid for a void label."""
    if label.voided_at is not None:
        raise LabelIsVoid(label.void_reason or "")


def why_untrue(session: Session, found: OnShelf, imprint: Imprint) -> str | None:
    """Why the label no longer holds, or None."""
    order, label = found.order, found.label
    made = batches.all_of_lines(session, [found.line.id]).get(found.line.id, [])
    if label.kind is LabelKind.DISPENSING and (wrong := _batch_fault(made)):
        return wrong
    from_day = prescriptions.changed_from(session, order.prescription_id, order.plan_version.version)
    if from_day is not None and from_day <= order.window().last_day:
        return f"the plan has changed from day {from_day}"
    origin = origin_of(made) if made and label.kind is LabelKind.DISPENSING else None
    # As of the day it was asked for: that time passes makes no label untrue.
    place = VialPlace(order, found.line, found.vial)
    due = content_of(session, place, imprint, origin=origin, now=label.requested_at)
    return _difference(label, due)


def _batch_fault(made: list[Batch]) -> str | None:
    if not made:
        return "its vial has no batch any more"
    faults = (
        f"batch {batch.number} is {batch.status.replace('_', ' ')}"
        for batch in made
        if batch.status not in _DISPENSABLE
    )
    return next(faults, None)


def _difference(label: Label, due: LabelContent) -> str | None:
    """What the label says otherwise than is due; of what labels did not say when it was made it says nothing wrong."""
    said = content_from_facts(label.content)
    changed = [
        field.name.replace("_", " ")
        for field in fields(LabelContent)
        if field.name in label.content and getattr(said, field.name) != getattr(due, field.name)
    ]
    return f"the books have changed since: {', '.join(changed)}" if changed else None
