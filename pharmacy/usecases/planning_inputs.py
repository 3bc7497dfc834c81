"""What a batch plan is worked out from, read out of the books as values; and the same as facts with a hash."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import orjson
from sqlalchemy.orm import Session

from pharmacy.domain.anticipation import Override, require_allowed
from pharmacy.domain.batch_planning import Ahead, BenchRules, FinishedBatch, OpenLine
from pharmacy.domain.bench import ApiLot, FillerLot, TriturateLot
from pharmacy.domain.errors import within
from pharmacy.domain.plan_batches import PlanningDay
from pharmacy.domain.plan_shelf import Pool, Shelf, Shelved
from pharmacy.domain.plan_triturates import TriturateRule
from pharmacy.domain.potency import StrengthBasis
from pharmacy.domain.quantities import Micrograms, Milligrams
from pharmacy.store import batch_plans
from pharmacy.store import reference as books
from pharmacy.store.batch_plans import QueuedLine, ShelfBatch
from pharmacy.usecases.anticipatory_limit import allowance_today
from pharmacy.usecases.bench_stock import BenchStock, InStock
from pharmacy.usecases.fill_start import start_of
from pharmacy.usecases.reference import Reference

_Lot = TypeVar("_Lot", ApiLot, FillerLot, TriturateLot)


@dataclass(frozen=True, slots=True)
class AheadAsked:
    """So many capsules of that strength without a prescription."""

    strength: Micrograms
    capsules: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAsked:
    """What the plan is to be for; `override` goes beyond the anticipatory limit, if somebody in charge says why."""

    promised_through: date | None = None
    most_batches: int | None = None
    ahead: tuple[AheadAsked, ...] = ()
    override: Override | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanningInputs:
    """Everything the planner is given."""

    lines: tuple[OpenLine, ...]
    ahead: tuple[Ahead, ...]
    day: PlanningDay
    allowances: tuple[Mapping[str, Any], ...]

    def facts(self) -> dict[str, Any]:
        """The inputs as plain facts, in an order that does not depend on how they were read."""
        shelf, rules = self.day.shelf, self.day.rules
        return {
            "on": self.day.on.isoformat(),
            "lines": sorted((_line_facts(line) for line in self.lines), key=lambda line: line["id"]),
            "ahead": [
                {"strength_ug": each.pool.strength.value, "capsules": each.capsules, "reason": each.reason}
                for each in self.ahead
            ],
            "allowances": list(self.allowances),
            "stock": sorted(
                [
                    *map(_lot_facts, shelf.api_lots),
                    *map(_lot_facts, shelf.filler_lots),
                    *map(_lot_facts, shelf.triturates),
                ],
                key=lambda lot: str(lot["id"]),
            ),
            "shelf": [
                {"id": str(batch.id), "number": batch.number, "unreserved": batch.unreserved}
                for batch in self.day.finished
            ],
            "rules": {
                "largest_batch": rules.largest_batch,
                "plate": rules.plate,
                "most_batches": rules.most_batches,
                "promised_through": rules.promised_through and rules.promised_through.isoformat(),
                "shell": shelf.shell,
                "balance": shelf.balance.name,
                "category": shelf.category.value,
            },
        }


def hash_of(facts: Mapping[str, Any]) -> str:
    """The SHA-256 of those facts, however their keys are ordered."""
    return hashlib.sha256(orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)).hexdigest()


def planning_inputs(session: Session, asked: PlanAsked, reference: Reference) -> PlanningInputs:
    """What the books hold today. Raises NotEquipped, and what the anticipatory limit refuses."""
    stock, settings = reference.bench_stock(), books.settings_in_force(session)
    finished = batch_plans.on_shelf(session, reference.on)
    ahead = _by_strength(asked.ahead)
    allowances = [_allowed(session, each, asked.override, reference) for each in ahead]
    return PlanningInputs(
        lines=tuple(_open_line(line, reference, stock) for line in batch_plans.queued_lines(session)),
        ahead=tuple(
            Ahead(
                pool=_pool(each.strength, StrengthBasis.NALTREXONE_HYDROCHLORIDE, stock),
                capsules=each.capsules,
                reason=allowed["reason"],
            )
            for each, allowed in zip(ahead, allowances, strict=True)
        ),
        day=PlanningDay(
            on=reference.on,
            shelf=_shelf(session, stock, reference),
            finished=tuple(_finished(batch, stock) for batch in finished),
            rules=BenchRules(
                largest_batch=settings["batch_planner"]["largest_batch"],
                plate=settings["capsule_plate"],
                most_batches=asked.most_batches,
                promised_through=asked.promised_through,
                triturate=TriturateRule(
                    fraction=Decimal(settings["proposed_triturate"]["fraction"]),
                    total=Milligrams(Decimal(settings["proposed_triturate"]["total_mg"])),
                ),
            ),
        ),
        allowances=tuple(allowances),
    )


def _by_strength(asked: Sequence[AheadAsked]) -> list[AheadAsked]:
    """Each strength once: the limit is for a strength, however often it is asked for."""
    wanted: dict[Micrograms, int] = {}
    for each in asked:
        wanted[each.strength] = wanted.get(each.strength, 0) + each.capsules
    return [AheadAsked(strength, capsules) for strength, capsules in sorted(wanted.items())]


def _allowed(
    session: Session, asked: AheadAsked, override: Override | None, reference: Reference
) -> dict[str, Any]:
    """The limit for that strength and why it allows this, or the refusal."""
    allowed = allowance_today(session, asked.strength, reference)
    with within("ahead"):
        reason = require_allowed(asked.strength, asked.capsules, allowed, override)
    return {
        "strength_ug": asked.strength.value,
        "limit": allowed.limit,
        "on_hand": allowed.on_hand,
        "may_make": allowed.may_make,
        "asked": asked.capsules,
        "reason": reason,
    }


def _open_line(line: QueuedLine, reference: Reference, stock: BenchStock) -> OpenLine:
    """The line with its days: it leaves on the promise date, or today where that has passed.

    A start that is known may come after the parcel; then the days of waiting count as well.
    """
    dispensed_on = max(line.promised_on or reference.on, reference.on)
    start_on, _ = start_of(line, reference)
    waits = (start_on + timedelta(days=line.first_day - 1) - dispensed_on).days
    return OpenLine(
        id=line.id,
        label=f"{line.order_number} line {line.position}",
        pool=_pool(Micrograms(line.strength_ug), line.basis, stock),
        capsules=line.capsules,
        days=line.days,
        dispensed_on=dispensed_on,
        start_lag_days=max(waits, reference.refills[line.delivery].start_lag_days),
        promised_on=line.promised_on or dispensed_on,
    )


def _pool(strength: Micrograms, basis: StrengthBasis, stock: BenchStock) -> Pool:
    return Pool(strength, basis, f"capsules, shell {stock.shell}, {stock.filler_method.value}")


def _finished(batch: ShelfBatch, stock: BenchStock) -> FinishedBatch:
    return FinishedBatch(
        id=batch.id,
        number=batch.number,
        pool=_pool(Micrograms(batch.strength_ug), batch.basis, stock),
        unreserved=batch.unreserved,
        beyond_use_on=batch.beyond_use_on,
    )


def _shelf(session: Session, stock: BenchStock, reference: Reference) -> Shelf:
    ids = [each.id for each in stock.api_lots]
    ids += [each.id for each in stock.filler_lots]
    ids += [each.id for each in stock.triturates]
    left = batch_plans.unplanned_stock(session, ids)

    def shelved(lots: Sequence[InStock[_Lot]]) -> tuple[Shelved[_Lot], ...]:
        return tuple(
            Shelved(
                id=each.id, lot=each.lot, packing=each.packing, last_on=each.last_on, on_hand_ug=left[each.id]
            )
            for each in lots
        )

    return Shelf(
        api_lots=shelved(stock.api_lots),
        filler_lots=shelved(stock.filler_lots),
        triturates=shelved(stock.triturates),
        balance=stock.balance,
        shell=stock.shell,
        overage_tiers=stock.overage_tiers,
        filler_method=stock.filler_method,
        target_fill=stock.target_fill,
        category=reference.category,
    )


def _line_facts(line: OpenLine) -> dict[str, Any]:
    return {
        "id": str(line.id),
        "line": line.label,
        "strength_ug": line.pool.strength.value,
        "basis": line.pool.basis.value,
        "capsules": line.capsules,
        "days": line.days,
        "dispensed_on": line.dispensed_on.isoformat(),
        "start_lag_days": line.start_lag_days,
        "promised_on": line.promised_on.isoformat(),
    }


def _lot_facts(lot: Shelved[Any]) -> dict[str, Any]:
    return {
        "id": str(lot.id),
        "number": lot.lot.number,
        "on_hand_ug": lot.on_hand_ug,
        "last_on": lot.last_on.isoformat(),
    }
