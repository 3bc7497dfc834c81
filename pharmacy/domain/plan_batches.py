"""The steps of a batch plan: leave out, serve from the shelf, pool, find lots, mend, sum up.

When a batch finds no lots the plan gives way in a fixed order: capsules nobody ordered go first, then the lines
that would outlast the lots, then the latest promises; and a batch too small to weigh shares lines with a larger
one of its pool. What gave way for want of stock is pooled again, until nothing more can be made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from pharmacy.domain.batch_planning import (
    Ahead,
    BatchPlan,
    BenchRules,
    FinishedBatch,
    LeftOut,
    OpenLine,
    PlannedBatch,
    from_shelf,
    past_beyond_use,
    sums,
    too_long,
)
from pharmacy.domain.plan_shelf import Hindered, Hindrance, Makeable, Pool, Shelf, Wanted, lots_for
from pharmacy.domain.plan_triturates import ProposedTriturate, Unweighed, propose_triturates
from pharmacy.domain.pooling import first_fit, packed


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanningDay:
    """The day and its circumstances: what may be drawn on, and what the bench takes."""

    on: date
    shelf: Shelf
    finished: tuple[FinishedBatch, ...]
    rules: BenchRules


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """Lines that are to be one batch, before it has lots."""

    pool: Pool
    lines: tuple[OpenLine, ...]
    ahead: int = 0

    @property
    def capsules(self) -> int:
        return sum(line.capsules for line in self.lines) + self.ahead

    @property
    def turn(self) -> tuple[object, ...]:
        first = min((line.turn for line in self.lines), default=None)
        return (first is None, first or (), self.pool)


@dataclass(slots=True, kw_only=True)
class _Plan:
    """What has been decided so far; `left` is what no batch has been given yet, in micrograms."""

    left: dict[UUID, int]
    made: list[PlannedBatch] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    short: list[LeftOut] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def plan_batches(lines: Iterable[OpenLine], ahead: Iterable[Ahead], day: PlanningDay) -> BatchPlan:
    """The plan for that day. Every line is in one batch, served from the shelf, or left out with the reason."""
    served, waiting = from_shelf(list(lines), day.finished)
    plan = _Plan(left=day.shelf.on_hand())
    waiting = _leave_out_early(plan, waiting, day)
    extra = {each.pool: each.capsules for each in sorted(ahead, key=lambda each: each.pool)}
    while waiting or extra:
        before = len(plan.made)
        _settle_all(plan, _drafts(waiting, extra, day.rules), day)
        extra = {}
        # Lines that gave way to others in their batch may still fit what is left of another lot.
        waiting = [each.line for each in plan.short] if len(plan.made) > before else []
        if waiting:
            plan.short = []
    batches = tuple(sorted(plan.made, key=_in_order))
    left_out = tuple(sorted([*plan.left_out, *plan.short], key=lambda each: each.line.turn))
    return BatchPlan(
        on=day.on,
        batches=batches,
        from_shelf=tuple(served),
        left_out=left_out,
        pools=sums(batches, day.rules.largest_batch),
        remarks=tuple(plan.remarks),
        triturates=_triturates(plan, left_out, day),
    )


def _triturates(plan: _Plan, left_out: Sequence[LeftOut], day: PlanningDay) -> tuple[ProposedTriturate, ...]:
    """What to make first for the lines that are too little to weigh."""
    if day.rules.triturate is None:
        return ()
    lines = [
        Unweighed(
            label=each.line.label,
            pool=each.line.pool,
            capsules=each.line.capsules,
            last_dose_on=each.line.last_dose_on,
        )
        for each in left_out
        if each.cause is Hindrance.WEIGHING
    ]
    return propose_triturates(lines, day.shelf, plan.left, day.on, day.rules.triturate)


def _in_order(batch: PlannedBatch) -> tuple[object, ...]:
    first = min((line.turn for line in batch.lines), default=None)
    return (first is None, first or (), batch.pool, batch.capsules)


def _leave_out_early(plan: _Plan, lines: Sequence[OpenLine], day: PlanningDay) -> list[OpenLine]:
    """The lines that a batch of today could serve; the others are left out."""
    staying = []
    for line in lines:
        refused = _not_today(line, day)
        if refused is None:
            staying.append(line)
        else:
            plan.left_out.append(refused)
    return staying


def _not_today(line: OpenLine, day: PlanningDay) -> LeftOut | None:
    rules = day.rules
    if rules.promised_through is not None and line.promised_on > rules.promised_through:
        because = f"It is promised for {line.promised_on.isoformat()}, after what this plan is for."
        return LeftOut(line=line, cause=Hindrance.NOT_YET_DUE, because=because)
    if line.capsules > rules.largest_batch:
        because = f"{line.capsules} capsules are more than a batch of {rules.largest_batch} holds."
        return LeftOut(line=line, cause=Hindrance.TOO_LARGE, because=because)
    return too_long(line, day.on, day.shelf.category)


def _drafts(lines: Sequence[OpenLine], ahead: Mapping[Pool, int], rules: BenchRules) -> list[_Draft]:
    """All lines pooled, in the order of the earliest promise of each draft."""
    by_pool: dict[Pool, list[OpenLine]] = {pool: [] for pool in ahead}
    for line in lines:
        by_pool.setdefault(line.pool, []).append(line)
    drafts = [
        draft for pool in sorted(by_pool) for draft in _pooled(pool, by_pool[pool], ahead.get(pool, 0), rules)
    ]
    if rules.most_batches is not None and len(drafts) > rules.most_batches:
        # Not all can be made today, so the earliest promises are pooled first and later ones fill up.
        drafts = [
            draft
            for pool in sorted(by_pool)
            for draft in _pooled_by_promise(pool, by_pool[pool], ahead.get(pool, 0), rules)
        ]
    return sorted(drafts, key=lambda draft: draft.turn)


def _pooled(pool: Pool, lines: Sequence[OpenLine], ahead: int, rules: BenchRules) -> list[_Draft]:
    # Equal lines keep this order, so those that must last longest come together in few batches.
    ordered = sorted(lines, key=lambda line: (line.last_dose_on, line.turn))
    packing = packed([line.capsules for line in ordered], rules.largest_batch)
    return _with_ahead([_draft(pool, ordered, batch) for batch in packing], pool, ahead, rules.largest_batch)


def _pooled_by_promise(pool: Pool, lines: Sequence[OpenLine], ahead: int, rules: BenchRules) -> list[_Draft]:
    ordered = sorted(lines, key=lambda line: (line.promised_on, -line.capsules, line.turn))
    packing = first_fit([line.capsules for line in ordered], rules.largest_batch)
    return _with_ahead([_draft(pool, ordered, batch) for batch in packing], pool, ahead, rules.largest_batch)


def _draft(pool: Pool, lines: Sequence[OpenLine], batch: Sequence[int]) -> _Draft:
    return _Draft(pool=pool, lines=tuple(sorted((lines[each] for each in batch), key=lambda line: line.turn)))


def _with_ahead(drafts: list[_Draft], pool: Pool, ahead: int, largest: int) -> list[_Draft]:
    """Capsules that nobody ordered fill up batches that are made anyway, before they make any more."""
    filled = []
    for draft in drafts:
        added = min(ahead, largest - draft.capsules)
        ahead -= added
        filled.append(_Draft(pool=pool, lines=draft.lines, ahead=added))
    while ahead:
        filled.append(_Draft(pool=pool, lines=(), ahead=min(ahead, largest)))
        ahead -= filled[-1].ahead
    return filled


def _settle_all(plan: _Plan, drafts: Sequence[_Draft], day: PlanningDay) -> None:
    """Every draft has become a batch, or its lines are left out."""
    refused: list[tuple[_Draft, Hindered]] = []
    for draft in drafts:
        if day.rules.most_batches is not None and len(plan.made) >= day.rules.most_batches:
            because = f"The bench makes {day.rules.most_batches} batches a day, and earlier promises fill it."
            _leave_out(plan, draft, Hindered(cause=Hindrance.BENCH_FULL, because=because))
            continue
        refused += _settle(plan, draft, day)
    for draft, hindered in refused:
        if not _level(plan, draft, day):
            _leave_out(plan, draft, hindered)


def _settle(plan: _Plan, draft: _Draft, day: PlanningDay) -> list[tuple[_Draft, Hindered]]:
    """The draft is made, smaller if need be; given back is what is left of it when that cannot be weighed."""
    while draft.lines or draft.ahead:
        found = _lots(draft, plan.left, day)
        if isinstance(found, Makeable):
            _make(plan, draft, found, day.rules)
            break
        if found.cause is Hindrance.WEIGHING:
            return [(draft, found)]
        draft = _lightened(plan, draft, found, day)
    return []


def _lots(draft: _Draft, left: Mapping[UUID, int], day: PlanningDay) -> Makeable | Hindered:
    through = max((line.last_dose_on for line in draft.lines), default=day.on)
    wanted = Wanted(pool=draft.pool, capsules=draft.capsules, on=day.on, through=through)
    return lots_for(wanted, day.shelf, left)


def _make(plan: _Plan, draft: _Draft, found: Makeable, rules: BenchRules) -> None:
    for draw in found.draws:
        plan.left[draw.stock_id] -= draw.ug
    plan.made.append(
        PlannedBatch(
            pool=draft.pool,
            lines=draft.lines,
            ahead=draft.ahead,
            made=found,
            loads=rules.loads(draft.capsules),
        )
    )


def _lightened(plan: _Plan, draft: _Draft, found: Hindered, day: PlanningDay) -> _Draft:
    """What may still be made of the draft: without what hinders most, which is left out."""
    if found.cause is Hindrance.BEYOND_USE and found.lasts_until is not None:
        return _shorter(plan, draft, found.lasts_until)
    if draft.ahead:
        plan.remarks.append(_not_ahead(draft, found))
        return _Draft(pool=draft.pool, lines=draft.lines)
    return _smaller(plan, draft, found, day)


def _shorter(plan: _Plan, draft: _Draft, until: date) -> _Draft:
    """The draft without the lines that outlast the lots."""
    for line in draft.lines:
        if line.last_dose_on > until:
            plan.left_out.append(past_beyond_use(line, until, "the longest-lasting lots there are"))
    staying = tuple(line for line in draft.lines if line.last_dose_on <= until)
    return _Draft(pool=draft.pool, lines=staying, ahead=draft.ahead)


def _smaller(plan: _Plan, draft: _Draft, found: Hindered, day: PlanningDay) -> _Draft:
    """The draft without its latest promises, as few of them as stock demands."""
    least, most = 0, len(draft.lines) - 1
    while least < most:
        middle = (least + most + 1) // 2
        part = _Draft(pool=draft.pool, lines=draft.lines[:middle])
        tried = _lots(part, plan.left, day)
        if isinstance(tried, Hindered) and tried.cause is Hindrance.STOCK:
            most = middle - 1
        else:
            least = middle
    staying = draft.lines[:least]
    if not staying and found.lasts_until is not None:
        # The lots that last longest hold too little for anybody; others may do for whoever needs them less long.
        staying = tuple(line for line in draft.lines if line.last_dose_on <= found.lasts_until)
    given_way = [line for line in draft.lines if line not in staying]
    plan.short += [LeftOut(line=line, cause=Hindrance.STOCK, because=found.because) for line in given_way]
    return _Draft(pool=draft.pool, lines=staying)


def _level(plan: _Plan, small: _Draft, day: PlanningDay) -> bool:
    """Whether a batch too small to weigh could share the lines of a larger one of its pool, and now does."""
    if day.rules.most_batches is not None and len(plan.made) >= day.rules.most_batches:
        return False
    partners = [batch for batch in plan.made if batch.pool == small.pool]
    for partner in sorted(partners, key=lambda batch: (-batch.capsules, _in_order(batch))):
        halves = _halves(small, partner)
        left = dict(plan.left)
        for draw in partner.made.draws:
            left[draw.stock_id] += draw.ug
        trial = _Plan(left=left)
        if all(1 <= half.capsules <= day.rules.largest_batch for half in halves) and all(
            _as_it_is(trial, half, day) for half in halves
        ):
            plan.left = trial.left
            plan.made = [*(batch for batch in plan.made if batch is not partner), *trial.made]
            return True
    return False


def _halves(small: _Draft, partner: PlannedBatch) -> tuple[_Draft, _Draft]:
    """The lines of both, the larger ones dealt to whichever holds less so far."""
    first: list[OpenLine] = []
    second: list[OpenLine] = []
    held = [0, 0]
    for line in sorted((*small.lines, *partner.lines), key=lambda each: (-each.capsules, each.turn)):
        lighter = int(held[1] < held[0])
        (first, second)[lighter].append(line)
        held[lighter] += line.capsules
    parts = [tuple(sorted(part, key=lambda each: each.turn)) for part in (first, second)]
    ahead = small.ahead + partner.ahead
    return (
        _Draft(pool=small.pool, lines=parts[0]),
        _Draft(pool=small.pool, lines=parts[1], ahead=ahead),
    )


def _as_it_is(plan: _Plan, draft: _Draft, day: PlanningDay) -> bool:
    found = _lots(draft, plan.left, day)
    if isinstance(found, Hindered):
        return False
    _make(plan, draft, found, day.rules)
    return True


def _leave_out(plan: _Plan, draft: _Draft, found: Hindered) -> None:
    plan.left_out += [LeftOut(line=line, cause=found.cause, because=found.because) for line in draft.lines]
    if draft.ahead:
        plan.remarks.append(_not_ahead(draft, found))


def _not_ahead(draft: _Draft, found: Hindered) -> str:
    return f"{draft.ahead} capsules of {draft.pool} are not made ahead of prescriptions: {found.because}"
