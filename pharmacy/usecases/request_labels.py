"""Asking for labels: what each says is decided here, a worker draws it later.

Before lots are allocated there is only a proof. With lot and beyond-use date the dispensing label is asked
for, and the proof is void.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import local_day
from pharmacy.domain.dose_text import common_unit_of_doses
from pharmacy.domain.label_phrases import language_of
from pharmacy.domain.labels import LabelContent, Origin, PharmacyOnLabel, PrescriptionOnLabel, label_content
from pharmacy.domain.quantities import Micrograms
from pharmacy.store import audit, batches, orders, outbox
from pharmacy.store.base import new_id
from pharmacy.store.batches import Batch
from pharmacy.store.labels import Label, LabelKind
from pharmacy.store.orders import Order, OrderLine, Vial
from pharmacy.usecases.label_codes import LabelCodes
from pharmacy.usecases.plan_as_facts import vial_from_facts

SUPERSEDED = "the dispensing label took its place"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imprint:
    """What every label of this pharmacy shares: who it is, whose day it dates by, how it signs barcodes."""

    identity: PharmacyOnLabel
    zone: ZoneInfo
    codes: LabelCodes


def request_proofs(
    session: Session, order: Order, imprint: Imprint, *, by: Actor, now: datetime
) -> list[Label]:
    """A proof is asked for each vial that has no living label yet."""
    return [
        _request(session, _proof(order, line, vial, imprint, now), by=by)
        for line, vial in orders.vials_of(order)
        if all(label.voided_at is not None for label in vial.labels)
    ]


def request_dispensing_labels(
    session: Session, order: Order, imprint: Imprint, *, by: Actor, now: datetime
) -> list[Label]:
    """A dispensing label is asked for each vial, from the batch that serves its line; proofs are void."""
    made = batches.all_of_lines(session, [line.id for line in order.lines])
    asked = []
    for line, vial in orders.vials_of(order):
        for label in vial.labels:
            if label.voided_at is None:
                label.voided_at, label.void_reason = now, SUPERSEDED
        session.flush()  # One living label of a kind per vial: the old one must be void first.
        label = _dispensing(order, line, vial, imprint, origin_of(made[line.id]), now)
        asked.append(_request(session, label, by=by))
    return asked


def request_again(
    session: Session,
    place: tuple[Order, OrderLine, Vial],
    before: Label,
    imprint: Imprint,
    *,
    by: Actor,
    now: datetime,
) -> Label:
    """A label of the same kind is asked for the vial of one that is void, from the books of today."""
    order, line, vial = place
    if before.kind is LabelKind.PROOF:
        return _request(session, _proof(order, line, vial, imprint, now), by=by)
    made = batches.all_of_lines(session, [line.id])[line.id]
    return _request(session, _dispensing(order, line, vial, imprint, origin_of(made), now), by=by)


def living_label(vial: Vial, kind: LabelKind) -> Label | None:
    """The made and not voided label of that kind, if there is one."""
    living = (label for label in vial.labels if label.kind is kind and label.voided_at is None)
    return next((label for label in living if label.made_at is not None), None)


def content_from_facts(facts: dict[str, Any]) -> LabelContent:
    """The content that a label row keeps."""
    lists = {name: tuple(facts.get(name, ())) for name in ("directions", "auxiliary", "english_directions")}
    return LabelContent(**{**facts, **lists})


def origin_of(made: list[Batch]) -> Origin:
    """Every batch in the vial is named, and the first to end sets the date."""
    return Origin(" + ".join(batch.number for batch in made), made[0].beyond_use_on)


def _request(session: Session, label: Label, *, by: Actor) -> Label:
    session.add(label)
    outbox.add(session, "label.requested", label.id, now=label.requested_at)
    audit.record(session, "label.requested", label.order_id, by=by, at=label.requested_at, kind=label.kind)
    return label


def _proof(order: Order, line: OrderLine, vial: Vial, imprint: Imprint, now: datetime) -> Label:
    content = content_of(order, line, vial, imprint, origin=None, now=now)
    return Label(
        id=new_id(),
        order_id=order.id,
        vial_id=vial.id,
        kind=LabelKind.PROOF,
        content=asdict(content),
        barcode=None,
        requested_at=now,
    )


def _dispensing(
    order: Order, line: OrderLine, vial: Vial, imprint: Imprint, origin: Origin, now: datetime
) -> Label:
    content = content_of(order, line, vial, imprint, origin=origin, now=now)
    label_id = new_id()
    return Label(
        id=label_id,
        order_id=order.id,
        vial_id=vial.id,
        kind=LabelKind.DISPENSING,
        content=asdict(content),
        barcode=imprint.codes.code_for(label_id),
        requested_at=now,
    )


def content_of(
    order: Order, line: OrderLine, vial: Vial, imprint: Imprint, *, origin: Origin | None, now: datetime
) -> LabelContent:
    """What the label of that vial says by the books of today, asked for at `now`; a proof without `origin`."""
    prescription = PrescriptionOnLabel(
        patient=order.patient.full_name,
        prescriber=order.prescription.prescriber_name,
        # The patient may not want it on the vial (16 CCR 1707.5).
        purpose=order.prescription.purpose if order.patient.purpose_on_label else None,
        rx_number=f"{order.number}-{line.position}",
        filled_on=local_day(now, imprint.zone),
        refills_left=order.prescription.refills - order.refill_number,
        dose_unit=common_unit_of_doses(Micrograms(each.strength_ug) for each in order.lines),
        language=language_of(order.patient.language),
    )
    return label_content(
        vial_from_facts(vial.steps, vial.capsules),
        Micrograms(line.strength_ug),
        prescription,
        imprint.identity,
        origin=origin,
        # Labels are made before the patient starts, so they count days; dates are the calendar's.
        start_on=order.started_on,
    )
