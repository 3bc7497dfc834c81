"""Quality control and reconciliation: whether what was made may be released at all.

A check is final. What fails goes to quarantine or is rejected, and is made anew; there is no second set of
weights to average the first away. Where a laboratory assays the content, the batch waits for its result.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.batches import MADE, IllegalBatchMove, words
from pharmacy.domain.errors import Conflict, Unfit
from pharmacy.domain.figures import shown
from pharmacy.domain.quality import Check, WrongSample, acceptance_value, sample_due, weight_check
from pharmacy.domain.quantities import Milligrams
from pharmacy.domain.reconciliation import CapsuleCount, PowderCount, reconcile
from pharmacy.store import audit, batches, bench_work
from pharmacy.store.base import new_id
from pharmacy.store.batches import Batch, BatchKind, BatchStatus
from pharmacy.store.bench_work import BatchCheck, CheckKind
from pharmacy.usecases.bench_people import require_trained_today
from pharmacy.usecases.bench_policy import bench_policy
from pharmacy.usecases.figures_as_facts import figures_facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """Each capsule on the balance, and the mean empty shell; `awaits_laboratory` when content is assayed too."""

    gross: tuple[Milligrams, ...]
    mean_shell: Milligrams
    awaits_laboratory: bool
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Assayed:
    """Ten contents in per cent of label, from the laboratory."""

    contents_pct: tuple[Decimal, ...]
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """By eye, for what is not in capsules."""

    conforms: bool
    remark: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Where the filled capsules went, and the powder that was thrown away."""

    rejected: int
    retained: int
    released: int
    waste: Milligrams
    on: date


@dataclass(eq=False)
class WrongCheck(Unfit):
    """Capsules are weighed; triturates and liquids are looked at."""

    kind: BatchKind
    check: CheckKind

    def __str__(self) -> str:
        return f"A batch of {self.kind} is not checked by {self.check}."


@dataclass(eq=False)
class FewerThanPromised(Conflict):
    """Less may be released than order lines were promised."""

    number: str
    promised: int
    released: int

    def __str__(self) -> str:
        short = self.promised - self.released
        return (
            f"{self.promised} capsules of batch {self.number} are promised and {self.released} are counted for release:"
            f" {short} short. Withdraw an allocation first."
        )


@dataclass(eq=False)
class AlreadyCounted(Conflict):
    number: str

    def __str__(self) -> str:
        return f"Batch {self.number} is reconciled already."


def check_batch(
    session: Session, batch_id: UUID, done: Weighed | Assayed | Looked, *, by: Actor, now: datetime
) -> Batch:
    """The check is on record, and the batch has passed, failed, or waits for the laboratory."""
    batch = batches.get_for_update(session, batch_id)
    require_trained_today(session, by, done.on)
    match done:
        case Weighed():
            kind, found, facts = CheckKind.WEIGHTS, _weights(session, batch, done), _weighed_facts(done)
        case Assayed():
            _require_weights(session, batch)
            facts = {"contents_pct": [shown(each) for each in done.contents_pct]}
            kind, found = CheckKind.CONTENTS, acceptance_value(done.contents_pct)
        case Looked():
            kind, found, facts = CheckKind.APPEARANCE, _looked(batch, done), {"remark": done.remark}
    if batch.status is BatchStatus.FILLED:
        batches.move(session, batch, BatchStatus.QC_PENDING, by=by, at=now)
    session.add(
        BatchCheck(
            id=new_id(),
            batch_id=batch.id,
            kind=kind,
            found={**facts, "figures": figures_facts(found.figures), "faults": list(found.faults)},
            has_passed=found.passed,
            checked_at=now,
            checked_by=by.id,
        )
    )
    audit.record(session, "batch.checked", batch.id, by=by, at=now, kind=kind, passed=found.passed)
    waits = isinstance(done, Weighed) and done.awaits_laboratory
    if not found.passed:
        batches.move(session, batch, BatchStatus.QC_FAILED, by=by, at=now, faults=list(found.faults))
    elif not waits:
        batches.move(session, batch, BatchStatus.QC_PASSED, by=by, at=now)
    return batch


def reconcile_batch(session: Session, batch_id: UUID, counted: Counted, *, by: Actor, now: datetime) -> Batch:
    """Every capsule and all powder are accounted for; faults beyond the policy stay on the batch and bar release.

    Raises CountsDoNotBalance, FewerThanPromised, AlreadyCounted, IllegalBatchMove.
    """
    batch = batches.get_for_update(session, batch_id)
    if batch.status not in MADE - {BatchStatus.RELEASED} or batch.kind is not BatchKind.CAPSULES:
        raise IllegalBatchMove(batch.number, batch.status, BatchStatus.RELEASED)
    if batch.reconciled_at is not None:
        raise AlreadyCounted(batch.number)
    require_trained_today(session, by, counted.on)
    found = reconcile(_count(batch, counted), _powder(session, batch, counted), bench_policy(session).counts)
    if counted.released < batch.capsules_allocated:
        raise FewerThanPromised(batch.number, batch.capsules_allocated, counted.released)
    batch.capsules_rejected, batch.capsules_retained = counted.rejected, counted.retained
    batch.capsules_on_offer, batch.waste_mg = counted.released, counted.waste.value
    batch.reconciliation = {"figures": figures_facts(found.figures), "faults": list(found.faults)}
    batch.reconciled_at, batch.reconciled_by = now, by.id
    audit.record(
        session,
        "batch.reconciled",
        batch.id,
        by=by,
        at=now,
        released=counted.released,
        faults=list(found.faults),
    )
    return batch


def _weights(session: Session, batch: Batch, done: Weighed) -> Check:
    _require_filled(batch, BatchKind.CAPSULES, CheckKind.WEIGHTS)
    due = sample_due(batch.capsules_filled or 0)
    if len(done.gross) != due:
        raise WrongSample(due, len(done.gross), where=("gross_mg",))
    return weight_check(
        done.gross, done.mean_shell, theoretical_fill_of(batch), bench_policy(session).weights
    )


def _looked(batch: Batch, done: Looked) -> Check:
    if batch.kind is BatchKind.CAPSULES:
        raise WrongCheck(batch.kind, CheckKind.APPEARANCE)
    _require_filled(batch, batch.kind, CheckKind.APPEARANCE)
    return Check(figures=(), faults=() if done.conforms else (done.remark,))


def _require_filled(batch: Batch, kind: BatchKind, check: CheckKind) -> None:
    if batch.kind is not kind:
        raise WrongCheck(batch.kind, check)
    if batch.status is not BatchStatus.FILLED:
        raise IllegalBatchMove(batch.number, batch.status, BatchStatus.QC_PENDING)


def _require_weights(session: Session, batch: Batch) -> None:
    """The laboratory's result closes a batch that waits for it, and no other."""
    if batch.kind is not BatchKind.CAPSULES:
        raise WrongCheck(batch.kind, CheckKind.CONTENTS)
    if batch.status is not BatchStatus.QC_PENDING:
        raise LaboratoryNotAwaited(batch.number, batch.status)


@dataclass(eq=False)
class LaboratoryNotAwaited(Conflict):
    number: str
    status: BatchStatus

    def __str__(self) -> str:
        return f"Batch {self.number} is {words(self.status)} and waits for no laboratory."


def theoretical_fill_of(batch: Batch) -> Milligrams:
    """What one capsule should hold, from what was really weighed."""
    return Milligrams(Decimal(_as_weighed(batch, "theoretical_fill")))


def blend_of(batch: Batch) -> Milligrams:
    """All the powder that was mixed, as it was weighed."""
    return Milligrams(Decimal(_as_weighed(batch, "blend")))


def _as_weighed(batch: Batch, key: str) -> str:
    exact: dict[str, str] = (batch.as_weighed or {})["exact"]  # type: ignore[assignment]  # Kept as JSON by `blend`.
    return exact[key]


def _count(batch: Batch, counted: Counted) -> CapsuleCount:
    return CapsuleCount(
        required=batch.capsules_required or 0,
        prepared=batch.capsules_prepared or 0,
        filled=batch.capsules_filled or 0,
        released=counted.released,
        rejected=counted.rejected,
        retained=counted.retained,
    )


def _powder(session: Session, batch: Batch, counted: Counted) -> PowderCount:
    """The mean fill is the measured one where capsules were weighed."""
    checks = [each for each in bench_work.checks_of(session, batch.id) if each.kind is CheckKind.WEIGHTS]
    mean = Milligrams(Decimal(checks[-1].found["mean_net_mg"])) if checks else theoretical_fill_of(batch)
    return PowderCount(blend=blend_of(batch), mean_fill=mean, waste=counted.waste)


def _weighed_facts(done: Weighed) -> dict[str, object]:
    total = sum((each.value for each in done.gross), Decimal(0))
    return {
        "gross_mg": [shown(each.value) for each in done.gross],
        "mean_shell_mg": shown(done.mean_shell.value),
        "mean_net_mg": format(total / len(done.gross) - done.mean_shell.value, "f"),
    }
