"""One batch at the bench: what lies on the pan, what was read, and the one thing that is due next.

The target weight is the largest thing on the page, with the band of readings that are allowed; a reading is told in
words before it is told by colour. Whoever may not do the next step sees what it waits for, and why an act beside it
is not open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from pharmacy.domain.actors import Actor
from pharmacy.domain.batches import NEXT, UNWEIGHED, BatchKind, BatchStatus
from pharmacy.domain.figures import shown
from pharmacy.domain.orders import Role
from pharmacy.domain.quality import SAMPLE, sample_due
from pharmacy.domain.weighing_plan import PlannedWeighing, next_step
from pharmacy.store.batches import Batch
from pharmacy.store.bench_work import BatchCheck, BatchWeighing, CheckKind
from pharmacy.usecases.bench_room import BenchRoom
from pharmacy.usecases.compounding_record import made_text
from pharmacy.web.console.batch_promises import PromisesShown, promises_shown
from pharmacy.web.console.bench_drawing import Band, WeightsChart, tolerance_band, weights_chart
from pharmacy.web.console.figures_shown import FigureShown, figure_shown
from pharmacy.web.console.forms import Form
from pharmacy.web.console.language import gettext, ngettext
from pharmacy.web.console.names import named
from pharmacy.web.console.words import Chip, Tone

_PHARMACISTS = frozenset({Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE})
_BENCH = _PHARMACISTS | {Role.TECHNICIAN}


class Step(StrEnum):
    """What can be due at the bench, by the address that does it."""

    LOTS = "lots"
    WEIGH = "weigh"
    SIGN = "sign"
    BLEND = "blend"
    FILL = "fill"
    CHECK = "check"
    ASSAY = "assay"
    COUNT = "count"
    RELEASE = "release"


class BesidesAct(StrEnum):
    """What can be done to a batch besides the step that is due."""

    DEVIATE = "deviate"
    QUARANTINE = "quarantine"
    REJECT = "reject"
    DESTROY = "destroy"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighingShown:
    name: str
    target: str
    read: str
    off: str
    signed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BesidesShown:
    """An act beside the due one: what it will do, or why it is not open."""

    value: str
    words: str
    will_do: str
    why_not: str
    is_harsh: bool
    is_signed: bool


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
    band: Band | None
    waits_for: str
    capsules: int
    # "163 mL" for a liquid, "" for everything else.
    volume: str
    sample: int
    balance: str
    shells: str
    stands_on: tuple[tuple[str, str], ...]
    may_swap: bool
    asks_exception: bool
    deviations: int
    chart: WeightsChart | None
    figures: tuple[FigureShown, ...]
    figures_as_weighed: tuple[FigureShown, ...]
    record: Mapping[str, Any]
    besides: tuple[BesidesShown, ...]
    promises: PromisesShown


def batch_room(facts: BenchRoom, form: Form, by: Actor) -> BatchRoom:
    """The page for that person, as the batch stands, with what they typed drawn."""
    batch, done = facts.batch, facts.done
    due = next_step(facts.planned, [each.step for each in done])
    step, waits_for = _next(batch, due, done, by)
    unsigned = next((each for each in done if each.checked_by is None), None)
    at = unsigned.step if step is Step.SIGN and unsigned else due.step if due else None
    here = next((each for each in facts.planned if each.step == at), None)
    return BatchRoom(
        number=batch.number,
        title=_title(batch),
        state=batch_chip(batch.status, is_mine=bool(step)),
        weighings=tuple(_weighing(each, done) for each in facts.planned),
        step=step.value if step else "",
        weighing_step=here.step.value if here else "",
        weighing_name=here.name if here else "",
        target=shown(here.weighing.target.value) if here else "",
        band=_band(facts, here, unsigned if step is Step.SIGN else None, form),
        waits_for=waits_for,
        capsules=batch.capsules_filled or batch.capsules_required or 0,
        volume=facts.record["quantity"] if batch.kind is BatchKind.LIQUID else "",
        sample=sample_due(batch.capsules_filled or 0) if batch.kind is BatchKind.CAPSULES else 0,
        balance=facts.stands_on.balance or "",
        shells=facts.shells,
        stands_on=_stands_on(facts),
        may_swap=batch.status in UNWEIGHED and bool(facts.planned) and by.role in _BENCH,
        asks_exception=_asks_exception(facts, by),
        deviations=len(facts.deviations),
        chart=_chart(facts, form),
        figures=tuple(figure_shown(each) for each in facts.record["figures"]),
        figures_as_weighed=tuple(figure_shown(each) for each in facts.record["figures_as_weighed"]),
        record=facts.record,
        besides=tuple(_besides(act, batch, by) for act in BesidesAct),
        promises=promises_shown(facts, is_bench=by.role in _BENCH),
    )


def batch_chip(status: BatchStatus, *, is_mine: bool = False) -> Chip:
    """The state of a batch as it is shown."""
    words = named(status)
    return Chip(words[0].upper() + words[1:], _tone(status, is_mine))


def _title(batch: Batch) -> str:
    told = made_text(batch)
    return told[0].upper() + told[1:]


def _tone(status: BatchStatus, is_mine: bool) -> Tone:
    if status is BatchStatus.RELEASED:
        return Tone.DONE
    if status in {BatchStatus.DEPLETED, BatchStatus.EXPIRED, BatchStatus.DESTROYED}:
        return Tone.ENDED
    if status in {BatchStatus.QC_FAILED, BatchStatus.QUARANTINED, BatchStatus.REJECTED, BatchStatus.RECALLED}:
        return Tone.BLOCKED
    return Tone.MINE if is_mine else Tone.WAITING


def _weighing(planned: PlannedWeighing, done: Sequence[BatchWeighing]) -> WeighingShown:
    read = next((each for each in done if each.step == planned.step), None)
    signed = ""
    if read is not None:
        signed = gettext("signed") if read.checked_by else gettext("waits for a second person")
    return WeighingShown(
        name=planned.name,
        target=f"{shown(planned.weighing.target.value)} mg",
        read="" if read is None else f"{shown(read.read_mg)} mg",
        off="" if read is None else f"{shown(read.off_pct, 2)} %",
        signed=signed,
    )


def _band(
    facts: BenchRoom, here: PlannedWeighing | None, unsigned: BatchWeighing | None, form: Form
) -> Band | None:
    """The band of the weighing that is due or to be signed, with the reading that was typed or taken."""
    if here is None:
        return None
    read = unsigned.read_mg if unsigned is not None else _number(form["read_mg"])
    return tolerance_band(here.weighing.target.value, facts.policy.weighing_tolerance_pct, read)


def _chart(facts: BenchRoom, form: Form) -> WeightsChart | None:
    """The weights as they were recorded; before that, as they are typed."""
    if facts.theoretical_fill is None:
        return None
    kept = next((each for each in facts.checks if each.kind is CheckKind.WEIGHTS), None)
    gross, shell = _recorded(kept) if kept is not None else _typed(form)
    if shell is None:
        return None
    return weights_chart(gross, shell, facts.theoretical_fill, facts.policy.weights)


def _recorded(check: BatchCheck) -> tuple[list[Decimal], Decimal | None]:
    return [Decimal(each) for each in check.found["gross_mg"]], Decimal(check.found["mean_shell_mg"])


def _typed(form: Form) -> tuple[list[Decimal], Decimal | None]:
    typed = " ".join(form.chosen("gross_mg")).split()[:SAMPLE]
    numbers = [number for number in map(_number, typed) if number is not None]
    return numbers, _number(form["shell_mg"])


def _number(text: str) -> Decimal | None:
    """The number there, if it is a plain one; what is typed is drawn, and judged only when it is sent."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 < number < 10**7 else None


def _stands_on(facts: BenchRoom) -> tuple[tuple[str, str], ...]:
    on, is_liquid = facts.stands_on, facts.batch.kind is BatchKind.LIQUID
    named = (
        (gettext("Naltrexone, lot"), on.api_lot),
        (gettext("Tablets, lot"), on.tablets),
        (gettext("Triturate"), on.triturate),
        (gettext("Vehicle, lot") if is_liquid else gettext("Filler, lot"), on.filler_lot),
        (gettext("Balance"), on.balance),
    )
    return tuple((what, name) for what, name in named if name)


def _asks_exception(facts: BenchRoom, by: Actor) -> bool:
    is_own = facts.batch.compounded_by == by.id
    return is_own and facts.policy.excepts_single_pharmacist and by.role is Role.PHARMACIST_IN_CHARGE


def _next(
    batch: Batch, due: PlannedWeighing | None, done: Sequence[BatchWeighing], by: Actor
) -> tuple[Step | None, str]:
    """What is due and may be done by this person; else why not, in words."""
    step = _due(batch, due, done)
    if step is None:
        return None, gettext("Nothing is due at the bench: the batch is %(what)s.", what=named(batch.status))
    is_compounder = bool(done) and batch.compounded_by == by.id
    if by.role not in (_PHARMACISTS if step is Step.RELEASE else _BENCH):
        return None, gettext("Waits for a pharmacist.") if step is Step.RELEASE else gettext(
            "Waits for the bench."
        )
    may_release = step is Step.RELEASE and by.role is Role.PHARMACIST_IN_CHARGE
    if step in {Step.SIGN, Step.RELEASE} and is_compounder and not may_release:
        return (
            None,
            gettext("Waits for somebody else to sign the weighing.")
            if step is Step.SIGN
            else gettext("Waits for somebody else to release it."),
        )
    if step in {Step.BLEND, Step.FILL} and not is_compounder:
        return None, gettext("Waits for whoever compounds it.")
    return step, ""


def _due(batch: Batch, due: PlannedWeighing | None, done: Sequence[BatchWeighing]) -> Step | None:
    match batch.status:
        case BatchStatus.PLANNED:
            return Step.LOTS
        case BatchStatus.LOTS_ASSIGNED | BatchStatus.WEIGHING:
            if any(each.checked_by is None for each in done):
                return Step.SIGN
            return Step.WEIGH if due is not None else Step.BLEND
        case BatchStatus.BLENDED:
            return Step.FILL
        case BatchStatus.FILLED:
            return Step.CHECK
        case BatchStatus.QC_PENDING:
            return Step.ASSAY
        case BatchStatus.QC_PASSED:
            is_counted = batch.reconciled_at is not None or batch.kind is not BatchKind.CAPSULES
            return Step.RELEASE if is_counted else Step.COUNT
        case _:
            return None


_LEADS_TO: Mapping[BesidesAct, BatchStatus] = {
    BesidesAct.QUARANTINE: BatchStatus.QUARANTINED,
    BesidesAct.REJECT: BatchStatus.REJECTED,
    BesidesAct.DESTROY: BatchStatus.DESTROYED,
}


def _besides(act: BesidesAct, batch: Batch, by: Actor) -> BesidesShown:
    words, will_do = _told(act, _promised(batch))
    return BesidesShown(
        value=act.value,
        words=words,
        will_do=will_do,
        why_not=_why_not(act, batch, by),
        is_harsh=act in {BesidesAct.REJECT, BesidesAct.DESTROY},
        is_signed=act in {BesidesAct.REJECT, BesidesAct.DESTROY},
    )


def _promised(batch: Batch) -> str:
    """Who waits again when the batch goes no further."""
    if batch.capsules_promised is None:
        is_promised = batch.capsules_allocated
        return str(gettext("Orders to which it is promised then wait for another.")) if is_promised else ""
    told: str = ngettext(
        "%(num)s capsule is promised to orders, which then wait for others.",
        "%(num)s capsules are promised to orders, which then wait for others.",
        batch.capsules_promised,
    )
    return told if batch.kind is BatchKind.CAPSULES else ""


def _told(act: BesidesAct, promised: str) -> tuple[str, str]:
    match act:
        case BesidesAct.DEVIATE:
            return gettext("Record a deviation"), gettext(
                "Stays on the record; whoever releases answers for it."
            )
        case BesidesAct.QUARANTINE:
            return gettext(
                "Put into quarantine"
            ), f"{gettext('The batch waits for an investigation.')} {promised}".rstrip()
        case BesidesAct.REJECT:
            return gettext(
                "Reject"
            ), f"{gettext('The batch goes no further and is never released.')} {promised}".rstrip()
        case BesidesAct.DESTROY:
            return gettext(
                "Destroy"
            ), f"{gettext('The batch is thrown away, on record.')} {promised}".rstrip()


def _why_not(act: BesidesAct, batch: Batch, by: Actor) -> str:
    if act is BesidesAct.DEVIATE:
        return "" if by.role in _BENCH else str(gettext("This is for the bench."))
    if by.role not in _PHARMACISTS:
        return str(gettext("This is for a pharmacist."))
    if _LEADS_TO[act] not in NEXT[batch.status]:
        return str(gettext("Not while it is %(status)s.", status=named(batch.status)))
    return ""
