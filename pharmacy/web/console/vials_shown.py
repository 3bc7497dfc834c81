"""Vials to be scanned, each with the words of its label, for whoever verifies an order or puts it into the bag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from pharmacy.domain.dose_text import strength_text
from pharmacy.domain.hand_over import ScanPurpose
from pharmacy.domain.quantities import Micrograms
from pharmacy.store.hand_overs import VialScan
from pharmacy.store.labels import Label, LabelKind
from pharmacy.store.orders import Order, OrderLine, Vial, vials_of
from pharmacy.usecases.request_labels import living_label
from pharmacy.web.console.language import gettext
from pharmacy.web.console.words import Chip, Moment, Tone, amount_words, instant_moment


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelWords:
    """What stands on the label, as it was decided when it was asked for."""

    label_id: str
    patient: str
    drug: str
    directions: tuple[str, ...]
    english: tuple[str, ...]
    step: str
    quantity: str
    lot: str
    beyond_use: str
    auxiliary: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VialToScan:
    title: str
    state: Chip
    scanned_at: Moment | None
    label: LabelWords | None
    # What the barcode holds: shown in the demonstration alone, where nobody has a scanner.
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanning:
    """All vials of the order, and how far the scanning is."""

    purpose: str
    vials: tuple[VialToScan, ...]
    done: int

    @property
    def is_done(self) -> bool:
        return self.done == len(self.vials)

    @property
    def words(self) -> str:
        return str(gettext("%(done)s of %(all)s scanned", done=self.done, all=len(self.vials)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How the vials are looked at: by whose clock, and whether this is the demonstration."""

    zone: ZoneInfo
    is_demo: bool


def scanning(order: Order, scans: Mapping[str, VialScan], purpose: ScanPurpose, seen: Seen) -> Scanning:
    """The vials in the order in which they are taken; `scans` by the id of the label."""
    vials = tuple(_vial(line, vial, scans, seen) for line, vial in vials_of(order))
    done = sum(1 for vial in vials if vial.scanned_at is not None)
    return Scanning(purpose=purpose.value, vials=vials, done=done)


def _vial(line: OrderLine, vial: Vial, scans: Mapping[str, VialScan], seen: Seen) -> VialToScan:
    label = living_label(vial, LabelKind.DISPENSING)
    scan = scans.get(str(label.id)) if label is not None else None
    state = (
        Chip(gettext("No label"), Tone.BLOCKED)
        if label is None
        else Chip(gettext("Scanned"), Tone.DONE)
        if scan is not None
        else Chip(gettext("To scan"), Tone.MINE)
    )
    return VialToScan(
        title=gettext(
            "%(amount)s of %(strength)s",
            amount=amount_words(vial.capsules, line.unit_ml),
            strength=strength_text(Micrograms(line.strength_ug), line.unit_ml),
        ),
        state=state,
        scanned_at=instant_moment(scan.scanned_at, seen.zone) if scan is not None else None,
        label=_words(label) if label is not None else None,
        code=label.barcode or "" if label is not None and scan is None and seen.is_demo else "",
    )


def _words(label: Label) -> LabelWords:
    content = label.content
    return LabelWords(
        label_id=str(label.id),
        patient=content["patient"],
        drug=content["drug_and_strength"],
        directions=tuple(content["directions"]),
        english=tuple(content.get("english_directions", ())),
        step=content["step_text"],
        quantity=content["quantity"],
        lot=content["lot"] or "",
        beyond_use=content["beyond_use"] or "",
        auxiliary=tuple(content["auxiliary"]),
    )
