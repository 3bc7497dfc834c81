"""Asking for labels: what each says is decided here, a worker draws it later.

Before lots are allocated there is only a proof. With lot and beyond-use date the dispensing label is asked
for, and the proof is void.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.bottle_labels import bottle_label
from pharmacy.domain.calendar import local_day
from pharmacy.domain.dose_text import common_unit_of_doses
from pharmacy.domain.label_phrases import Language, language_of
from pharmacy.domain.labels import (
    CapsuleLook,
    LabelContent,
    Origin,
    PharmacyOnLabel,
    PrescriptionOnLabel,
    label_content,
)
from pharmacy.domain.quantities import Micrograms
from pharmacy.store import audit, batches, orders, outbox, reference, staff
from pharmacy.store.base import new_id
from pharmacy.store.batches import Batch
from pharmacy.store.labels import Label, LabelKind
from pharmacy.store.orders import Order, OrderLine, Vial
from pharmacy.usecases.label_codes import LabelCodes
from pharmacy.usecases.liquid_labels import bottle_on_label
from pharmacy.usecases.plan_as_facts import vial_from_facts

SUPERSEDED = "the dispensing label took its place"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imprint:
    """What every label of this pharmacy shares: who it is, whose day it dates by, how it signs barcodes."""

    identity: PharmacyOnLabel
    zone: ZoneInfo
    codes: LabelCodes


class VialPlace(NamedTuple):
    """A vial where it belongs."""

    order: Order
    line: OrderLine
    vial: Vial


def request_proofs(
    session: Session, order: Order, imprint: Imprint, *, by: Actor, now: datetime
) -> list[Label]:
    """A proof is asked for each vial that has no living label yet."""
    return [
        _request(session, _proof(session, VialPlace(order, line, vial), imprint, now), by=by)
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
        origin = origin_of(made[line.id])
        label = _dispensing(session, VialPlace(order, line, vial), imprint, origin, now)
        asked.append(_request(session, label, by=by))
    return asked


def request_again(
    session: Session,
    place: VialPlace,
    before: Label,
    imprint: Imprint,
    *,
    by: Actor,
    now: datetime,
) -> Label:
    """A label of the same kind is asked for the vial of one that is void, from the books of today."""
    if before.kind is LabelKind.PROOF:
        return _request(session, _proof(session, place, imprint, now), by=by)
    made = batches.all_of_lines(session, [place.line.id])[place.line.id]
    return _request(session, _dispensing(session, place, imprint, origin_of(made), now), by=by)


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
    return Origin(" + ".join(batch.number for batch in made), made[0].beyond_use_on, made[0].compounded_on)


def _request(session: Session, label: Label, *, by: Actor) -> Label:
    session.add(label)
    outbox.add(session, "label.requested", label.id, now=label.requested_at)
    audit.record(session, "label.requested", label.order_id, by=by, at=label.requested_at, kind=label.kind)
    return label


def _proof(session: Session, place: VialPlace, imprint: Imprint, now: datetime) -> Label:
    content = content_of(session, place, imprint, origin=None, now=now)
    return Label(
        id=new_id(),
        order_id=place.order.id,
        vial_id=place.vial.id,
        kind=LabelKind.PROOF,
        content=asdict(content),
        barcode=None,
        requested_at=now,
    )


def _dispensing(session: Session, place: VialPlace, imprint: Imprint, origin: Origin, now: datetime) -> Label:
    content = content_of(session, place, imprint, origin=origin, now=now)
    label_id = new_id()
    return Label(
        id=label_id,
        order_id=place.order.id,
        vial_id=place.vial.id,
        kind=LabelKind.DISPENSING,
        content=asdict(content),
        barcode=imprint.codes.code_for(label_id),
        requested_at=now,
    )


def content_of(
    session: Session, place: VialPlace, imprint: Imprint, *, origin: Origin | None, now: datetime
) -> LabelContent:
    """What the label of that vial says by the books of today, asked for at `now`; a proof without `origin`."""
    order, line, vial = place
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
        pharmacist=staff.initials_of(session, order.reviewed_by),
        look=look_of_capsules(session, _seen_at(origin, imprint, now)),
    )
    if line.unit_ml is not None:
        bottle = bottle_on_label(session, line, vial, _seen_at(origin, imprint, now))
        return bottle_label(bottle, prescription, imprint.identity, origin=origin, start_on=order.started_on)
    return label_content(
        vial_from_facts(vial.steps, vial.capsules),
        Micrograms(line.strength_ug),
        prescription,
        imprint.identity,
        origin=origin,
        # Labels are made before the patient starts, so they count days; dates are the calendar's.
        start_on=order.started_on,
    )


def _seen_at(origin: Origin | None, imprint: Imprint, now: datetime) -> datetime:
    """The moment as of which the house's shells are described: the end of the day on which the batch was made."""
    if origin is None or origin.compounded_on is None:
        return now
    return datetime.combine(origin.compounded_on, time.max, tzinfo=imprint.zone)


def look_of_capsules(session: Session, at: datetime) -> CapsuleLook:
    """What our capsules looked like at that moment: shells are the house's, and change for batches to come alone."""
    look = reference.setting_as_of(session, "capsule_look", at)
    return CapsuleLook(
        colours={language: look["colours"][language] for language in Language},
        size=reference.setting_as_of(session, "capsule_shell", at),
        imprint=look["imprint"],
    )
