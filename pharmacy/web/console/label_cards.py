"""Labels as staff see them: one row per vial, what stands of it, and what became of those before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from pharmacy.domain.dose_text import strength_text
from pharmacy.domain.quantities import Micrograms
from pharmacy.store.labels import Label, LabelKind
from pharmacy.store.orders import Order, OrderLine, Vial
from pharmacy.usecases.plan_as_facts import vial_from_facts
from pharmacy.web.console.language import gettext, lazy_gettext
from pharmacy.web.console.words import TIME_WORDS, Chip, Moment, Tone, amount_words, instant_moment

_KINDS: Mapping[LabelKind, str] = {
    LabelKind.PROOF: lazy_gettext("Proof, not for dispensing"),
    LabelKind.DISPENSING: lazy_gettext("Dispensing label"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelShown:
    """One label; `label_id` only where there is a file to open."""

    kind: str
    state: Chip
    reason: str
    at: Moment
    label_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VialShown:
    """One vial, its labels that hold, and those that are void."""

    title: str
    serves: str
    labels: tuple[LabelShown, ...]
    void: tuple[LabelShown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelsShown:
    """All vials; `are_awaited` while a worker is still at a label."""

    vials: tuple[VialShown, ...]
    are_awaited: bool
    failure: str


def labels_shown(order: Order, failures: Mapping[UUID, str], zone: ZoneInfo) -> LabelsShown:
    """The labels of the order; `failures` say why some were given up, by label or by order."""
    pairs = [(line, vial) for line in order.lines for vial in line.vials]
    standing = [label for _, vial in pairs for label in vial.labels if label.voided_at is None]
    failure = failures.get(order.id, "")
    is_waiting = any(label.made_at is None and label.id not in failures for label in standing)
    return LabelsShown(
        vials=tuple(_vial(line, vial, failures, zone) for line, vial in pairs),
        are_awaited=is_waiting or (not standing and not failure),
        failure=gettext("The proofs were given up: %(failure)s", failure=failure) if failure else "",
    )


def _vial(line: OrderLine, vial: Vial, failures: Mapping[UUID, str], zone: ZoneInfo) -> VialShown:
    shown = [(_label(label, failures, zone), label.voided_at is None) for label in vial.labels]
    return VialShown(
        title=gettext(
            "%(amount)s of %(strength)s",
            amount=amount_words(vial.capsules, line.unit_ml),
            strength=strength_text(Micrograms(line.strength_ug), line.unit_ml),
        ),
        serves=_serves(vial),
        labels=tuple(label for label, holds in shown if holds),
        void=tuple(label for label, holds in shown if not holds),
    )


def _serves(vial: Vial) -> str:
    steps = vial_from_facts(vial.steps, vial.capsules).steps
    return "; ".join(
        gettext(
            "step %(position)s of %(of_steps)s, days %(first_day)s to %(last_day)s, %(amount)s %(when)s",
            position=step.position,
            of_steps=step.of_steps,
            first_day=step.first_day,
            last_day=step.last_day,
            amount=amount_words(step.capsules_per_dose, step.unit_ml),
            when=TIME_WORDS[step.time_of_day],
        )
        for step in steps
    )


def _label(label: Label, failures: Mapping[UUID, str], zone: ZoneInfo) -> LabelShown:
    state, reason, at = Chip(gettext("Being made"), Tone.WAITING), "", label.requested_at
    if label.voided_at is not None:
        state, reason, at = Chip(gettext("Void"), Tone.ENDED), label.void_reason or "", label.voided_at
    elif label.made_at is not None:
        state, at = Chip(gettext("Made"), Tone.DONE), label.made_at
    elif label.id in failures:
        state, reason = Chip(gettext("Failed"), Tone.BLOCKED), failures[label.id]
    return LabelShown(
        kind=_KINDS[label.kind],
        state=state,
        reason=reason,
        at=instant_moment(at, zone),
        label_id=str(label.id) if label.made_at else "",
    )
