"""One batch at the bench: what lies on the pan, what was read, and the one thing that is due next.

The target weight is the largest thing on the page. Whoever may not do the next step sees what it waits for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pharmacy.domain.actors import Actor
from pharmacy.domain.batches import BatchKind, BatchStatus
from pharmacy.domain.dose_text import format_dose
from pharmacy.domain.figures import shown
from pharmacy.domain.orders import Role
from pharmacy.domain.quality import sample_due
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.weighing_plan import PlannedWeighing, next_step
from pharmacy.store.batches import Batch
from pharmacy.store.bench_work import BatchWeighing
from pharmacy.web.console.words import Chip, Tone, counted

_PHARMACISTS = frozenset({Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE})
_BENCH = _PHARMACISTS | {Role.TECHNICIAN}


class Step(StrEnum):
    """What can be due at the bench, by the address that does it."""

    WEIGH = "weigh"
    SIGN = "sign"
    BLEND = "blend"
    FILL = "fill"
    CHECK = "check"
    COUNT = "count"
    RELEASE = "release"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighingShown:
    name: str
    target: str
    read: str
    signed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRoom:
    """The page of one batch; `step` is what this person can do next, "" when it is another's or nothing is left."""

    number: str
    title: str
    state: Chip
    weighings: tuple[WeighingShown, ...]
    step: str
    weighing_step: str
    weighing_name: str
    target: str
    waits_for: str
    capsules: int
    sample: int
    balance: str


def batch_room(
    batch: Batch, planned: Sequence[PlannedWeighing], done: Sequence[BatchWeighing], balance: str, by: Actor
) -> BatchRoom:
    """The page for that person, as the batch stands."""
    due = next_step(planned, [each.step for each in done])
    step, waits_for = _next(batch, due, done, by)
    unsigned = next((each for each in done if each.checked_by is None), None)
    at = unsigned.step if step is Step.SIGN and unsigned else due.step if due else None
    here = next((each for each in planned if each.step == at), None)
    return BatchRoom(
        number=batch.number,
        title=_title(batch),
        state=Chip(batch.status.replace("_", " ").capitalize(), _tone(batch.status, step)),
        weighings=tuple(_weighing(each, done) for each in planned),
        step=step.value if step else "",
        weighing_step=here.step.value if here else "",
        weighing_name=here.name if here else "",
        target=shown(here.weighing.target.value) if here else "",
        waits_for=waits_for,
        capsules=batch.capsules_filled or batch.capsules_required or 0,
        sample=sample_due(batch.capsules_filled or 0) if batch.kind is BatchKind.CAPSULES else 0,
        balance=balance,
    )


def _title(batch: Batch) -> str:
    if batch.kind is BatchKind.CAPSULES and batch.strength_ug is not None:
        many = counted(batch.capsules_required or 0, "capsule")
        return f"{many} of {format_dose(Micrograms(batch.strength_ug))}"
    return batch.kind.capitalize()


def _tone(status: BatchStatus, step: Step | None) -> Tone:
    if status is BatchStatus.RELEASED:
        return Tone.DONE
    if status in {BatchStatus.QC_FAILED, BatchStatus.QUARANTINED, BatchStatus.REJECTED, BatchStatus.RECALLED}:
        return Tone.BLOCKED
    return Tone.MINE if step else Tone.WAITING


def _weighing(planned: PlannedWeighing, done: Sequence[BatchWeighing]) -> WeighingShown:
    read = next((each for each in done if each.step == planned.step), None)
    return WeighingShown(
        name=planned.name,
        target=f"{shown(planned.weighing.target.value)} mg",
        read="" if read is None else f"{shown(read.read_mg)} mg",
        signed="" if read is None else "signed" if read.checked_by else "waits for a second person",
    )


def _next(
    batch: Batch, due: PlannedWeighing | None, done: Sequence[BatchWeighing], by: Actor
) -> tuple[Step | None, str]:
    """What is due and may be done by this person; else why not, in words."""
    step = _due(batch, due, done)
    if step is None:
        return None, f"Nothing is due at the bench: the batch is {batch.status.replace('_', ' ')}."
    is_compounder = bool(done) and batch.compounded_by == by.id
    if by.role not in (_PHARMACISTS if step is Step.RELEASE else _BENCH):
        return None, "Waits for a pharmacist." if step is Step.RELEASE else "Waits for the bench."
    if step in {Step.SIGN, Step.RELEASE} and is_compounder:
        return (
            None,
            f"Waits for somebody else to {'sign the weighing' if step is Step.SIGN else 'release it'}.",
        )
    if step in {Step.BLEND, Step.FILL} and not is_compounder:
        return None, "Waits for whoever compounds it."
    return step, ""


def _due(batch: Batch, due: PlannedWeighing | None, done: Sequence[BatchWeighing]) -> Step | None:
    match batch.status:
        case BatchStatus.LOTS_ASSIGNED | BatchStatus.WEIGHING:
            if any(each.checked_by is None for each in done):
                return Step.SIGN
            return Step.WEIGH if due is not None else Step.BLEND
        case BatchStatus.BLENDED:
            return Step.FILL
        case BatchStatus.FILLED:
            return Step.CHECK
        case BatchStatus.QC_PASSED:
            is_counted = batch.reconciled_at is not None or batch.kind is not BatchKind.CAPSULES
            return Step.RELEASE if is_counted else Step.COUNT
        case _:
            return None
