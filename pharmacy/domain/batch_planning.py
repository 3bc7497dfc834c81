"""Which batches to make today, so that all queued lines are served by as few as possible.

Lines of equal strength and formulation are pooled into batches (`pooling`), each batch is given lots that hold
enough and last to its latest planned dose (`plan_shelf`), and whatever cannot be served is left out with the
reason and, where there is one, the cure. Earlier promises are served first when stock or the bench is short. The
plan depends on its input alone, and not on the order in which the lines come; beside the number of batches
stands a bound that no plan for the same lines can undercut.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from uuid import UUID

from pharmacy.domain.beyond_use import (
    CATEGORY_LIMIT_DAYS,
    Category,
    category_limit,
    covers,
    days_that_fit,
    latest_dispensing_on,
)
from pharmacy.domain.plan_shelf import Hindrance, Makeable, Pool
from pharmacy.domain.plan_triturates import ProposedTriturate, TriturateRule
from pharmacy.domain.pooling import fewest_batches

HUNDRED = Decimal(100)
SHORTEST_PART_DAYS = 7  # House policy: a fill is split into parts of a week at least, or waits whole.


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLine:
    """Capsules that a queued order still needs; they leave on `dispensed_on`, and `days` of doses begin
    `start_lag_days` later.

    `label` is what people call the line, such as "100234 line 1".
    """

    id: UUID
    label: str
    pool: Pool
    capsules: int
    days: int
    dispensed_on: date
    start_lag_days: int
    promised_on: date

    def __post_init__(self) -> None:
        if self.capsules < 1 or self.days < 1 or self.start_lag_days < 0:
            raise ValueError(
                "A line needs a capsule and a day at least, and starts no earlier than it leaves."
            )

    @property
    def first_dose_on(self) -> date:
        return self.dispensed_on + timedelta(days=self.start_lag_days)

    @property
    def last_dose_on(self) -> date:
        """The day of the last planned dose, to which the capsules must last."""
        return self.first_dose_on + timedelta(days=self.days - 1)

    @property
    def turn(self) -> tuple[date, str, UUID]:
        """Whose turn it is: the earliest promise first, then the order that came first."""
        return self.promised_on, self.label, self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedBatch:
    """Released capsules on the shelf that are promised to nobody."""

    id: UUID
    number: str
    pool: Pool
    unreserved: int
    beyond_use_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """Capsules to make without a prescription, within the anticipatory limit or with the reason on record."""

    pool: Pool
    capsules: int
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchRules:
    """What the bench takes: the largest batch, the holes of a plate, and batches a day (None: no limit).

    Lines promised after `promised_through` wait for a later plan.
    """

    largest_batch: int
    plate: int
    most_batches: int | None = None
    promised_through: date | None = None
    # How the house makes triturates; None where it makes none.
    triturate: TriturateRule | None = None

    def __post_init__(self) -> None:
        if self.largest_batch < 1 or self.plate < 1 or (self.most_batches or 0) < 0:
            raise ValueError("A batch and a plate hold one capsule at least.")

    def loads(self, capsules: int) -> int:
        """How many machine loads that is."""
        return -(-capsules // self.plate)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedBatch:
    """One batch of the plan; `ahead` of its capsules are without a prescription.

    `dispense_by` is the last day on which every line may leave and still be taken to its end.
    """

    pool: Pool
    lines: tuple[OpenLine, ...]
    ahead: int
    made: Makeable
    loads: int

    @property
    def capsules(self) -> int:
        return sum(line.capsules for line in self.lines) + self.ahead

    @property
    def promised_on(self) -> date:
        """The earliest promise among its lines; the far future for capsules that nobody ordered."""
        return min((line.promised_on for line in self.lines), default=date.max)

    @property
    def dispense_by(self) -> date:
        until = self.made.beyond_use.on
        days = (latest_dispensing_on(until, line.days, line.start_lag_days) for line in self.lines)
        return min(days, default=until)


@dataclass(frozen=True, slots=True, kw_only=True)
class FromShelf:
    """A line that finished capsules serve, so that nothing is made for it."""

    line: OpenLine
    batch: FinishedBatch


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A line that this plan does not serve, and why.

    `days_that_fit` is how long a part of the fill would last within the beyond-use date, where that is the reason.
    """

    line: OpenLine
    cause: Hindrance
    because: str
    days_that_fit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolSum:
    """One pool: its batches beside the bound, which holds for the same lines however they are pooled."""

    pool: Pool
    lines: int
    capsules: int
    batches: int
    bound: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPlan:
    """What to make on one day, in the order of the promises; every line stands in exactly one place."""

    on: date
    batches: tuple[PlannedBatch, ...]
    from_shelf: tuple[FromShelf, ...]
    left_out: tuple[LeftOut, ...]
    pools: tuple[PoolSum, ...]
    remarks: tuple[str, ...]
    triturates: tuple[ProposedTriturate, ...] = ()

    @property
    def bound(self) -> int:
        """No plan serves the same lines with fewer batches."""
        return sum(pool.bound for pool in self.pools)

    @property
    def gap_pct(self) -> Decimal:
        """How far the plan lies above the bound, in percent of it; 0 proves that it cannot be better."""
        return Decimal(len(self.batches) - self.bound) * HUNDRED / self.bound if self.bound else Decimal(0)


def too_long(line: OpenLine, on: date, category: Category) -> LeftOut | None:
    """The line left out because capsules made today, from whatever lots, would not last to its last dose."""
    until = category_limit(on, category)
    if covers(until, line.first_dose_on, line.days):
        return None
    return past_beyond_use(line, until, f"USP <795> limit of {CATEGORY_LIMIT_DAYS[category]} days")


def past_beyond_use(line: OpenLine, until: date, limited_by: str) -> LeftOut:
    """The line left out, and how many days would fit: a fill is split, or under a week waits whole."""
    fitting = days_that_fit(until, line.dispensed_on, line.start_lag_days)
    because = (
        f"Made today the capsules may be used until {until.isoformat()} ({limited_by}), and the last planned dose is"
        f" on {line.last_dose_on.isoformat()}. "
    )
    if fitting >= SHORTEST_PART_DAYS:
        because += f"A first part of {fitting} days would last; the rest comes from a later batch."
    else:
        because += "Less than a week would last, so the whole fill waits."
    return LeftOut(line=line, cause=Hindrance.BEYOND_USE, because=because, days_that_fit=fitting)


def from_shelf(
    lines: Sequence[OpenLine], finished: Iterable[FinishedBatch]
) -> tuple[list[FromShelf], list[OpenLine]]:
    """The lines that finished capsules serve whole, and the others.

    The earliest promise chooses first, and takes the batch that ends first of those that last to its last dose.
    """
    shelf = sorted(finished, key=lambda batch: (batch.beyond_use_on, batch.number))
    unreserved = {batch.id: batch.unreserved for batch in shelf}
    by_pool: Mapping[Pool, list[FinishedBatch]] = {
        pool: list(batches)
        for pool, batches in groupby(sorted(shelf, key=lambda each: each.pool), key=lambda each: each.pool)
    }
    served, open_lines = [], []
    for line in sorted(lines, key=lambda each: each.turn):
        batch = next(
            (
                each
                for each in by_pool.get(line.pool, ())
                if unreserved[each.id] >= line.capsules and each.beyond_use_on >= line.last_dose_on
            ),
            None,
        )
        if batch is None:
            open_lines.append(line)
        else:
            unreserved[batch.id] -= line.capsules
            served.append(FromShelf(line=line, batch=batch))
    return served, open_lines


def sums(batches: Sequence[PlannedBatch], largest: int) -> tuple[PoolSum, ...]:
    """Each pool of the plan with its bound."""
    by_pool = groupby(sorted(batches, key=lambda each: each.pool), key=lambda each: each.pool)
    return tuple(_sum(pool, list(made), largest) for pool, made in by_pool)


def _sum(pool: Pool, batches: list[PlannedBatch], largest: int) -> PoolSum:
    sizes = [line.capsules for batch in batches for line in batch.lines]
    capsules = sum(batch.capsules for batch in batches)
    return PoolSum(
        pool=pool,
        lines=len(sizes),
        capsules=capsules,
        batches=len(batches),
        # Capsules made ahead can be divided at will, so all that holds for them is the sum.
        bound=max(fewest_batches(sizes, largest), -(-capsules // largest)),
    )
