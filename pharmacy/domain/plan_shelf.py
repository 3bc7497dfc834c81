"""What a batch plan may draw on, and the lots that one batch would be made from.

The lot that ends first goes first, as long as it serves to the day of the last dose and holds enough: plain
first-expired-first-out would give a whole batch the beyond-use date of its shortest lot. A batch has one lot of
each ingredient. Where none serves, the answer says what hinders, so that somebody can see to it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING
from enum import StrEnum
from functools import lru_cache
from typing import Generic, TypeVar
from uuid import UUID

from pharmacy.domain.bench import ApiLot, Bench, FillerLot, FillerMethod, PackingStatistics, TriturateLot
from pharmacy.domain.beyond_use import BeyondUse, Category, beyond_use_date
from pharmacy.domain.capsules import CapsuleBatch, Route, component_limits, direct_batch, triturate_batch
from pharmacy.domain.dose_text import format_dose
from pharmacy.domain.errors import Unfit
from pharmacy.domain.figures import shown
from pharmacy.domain.overage import OverageTier
from pharmacy.domain.potency import StrengthBasis
from pharmacy.domain.quantities import MICROGRAMS_PER_MILLIGRAM, Micrograms, Milligrams
from pharmacy.domain.weighing import Balance

_Lot = TypeVar("_Lot", ApiLot, FillerLot, TriturateLot)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelved(Generic[_Lot]):
    """One released lot or triturate: usable through `last_on`, and so much of it that nobody has planned for."""

    id: UUID
    lot: _Lot
    packing: Milligrams
    last_on: date
    on_hand_ug: int

    def __post_init__(self) -> None:
        if type(self.on_hand_ug) is not int or self.on_hand_ug < 0:
            raise ValueError("On hand is a whole number of micrograms, zero or more.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """All lots that may be used on the day of the plan, and what every bench has in common."""

    api_lots: tuple[Shelved[ApiLot], ...]
    filler_lots: tuple[Shelved[FillerLot], ...]
    triturates: tuple[Shelved[TriturateLot], ...]
    balance: Balance
    shell: str
    overage_tiers: tuple[OverageTier, ...]
    filler_method: FillerMethod
    target_fill: Milligrams | None
    category: Category

    def on_hand(self) -> dict[UUID, int]:
        """Micrograms by lot or triturate."""
        levels = {lot.id: lot.on_hand_ug for lot in self.api_lots}
        levels |= {lot.id: lot.on_hand_ug for lot in self.filler_lots}
        return levels | {lot.id: lot.on_hand_ug for lot in self.triturates}


@dataclass(frozen=True, slots=True, order=True)
class Pool:
    """What makes lines one powder: strength, what the strength counts, and the formulation."""

    strength: Micrograms
    basis: StrengthBasis
    formulation: str

    def __str__(self) -> str:
        return format_dose(self.strength)


class Hindrance(StrEnum):
    """Why a batch cannot be made, or a line is left out."""

    BEYOND_USE = "beyond_use"
    STOCK = "stock"
    WEIGHING = "weighing"
    BENCH_FULL = "bench_full"
    TOO_LARGE = "too_large"
    NOT_YET_DUE = "not_yet_due"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """What a batch takes of one lot or triturate, in micrograms."""

    stock_id: UUID
    number: str
    name: str
    ug: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Makeable:
    """A batch as it would be weighed, what it draws, how long it lasts, and why these lots."""

    batch: CapsuleBatch
    beyond_use: BeyondUse
    draws: tuple[Draw, ...]
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hindered:
    """No lots serve.

    `lasts_until`: when lots end too early, the latest beyond-use date there is; when stock is short, the latest
    that could be had from lots that hold enough, if any could. `holds_enough` says whether these lots do.
    """

    cause: Hindrance
    because: str
    lasts_until: date | None = None
    holds_enough: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A batch to find lots for: made `on`, and good through `through` at least."""

    pool: Pool
    capsules: int
    on: date
    through: date


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    bench: Bench
    route: Route
    carrier: Shelved[ApiLot] | Shelved[TriturateLot]
    filler: Shelved[FillerLot]


def lots_for(wanted: Wanted, shelf: Shelf, left: Mapping[UUID, int]) -> Makeable | Hindered:
    """The first lots to end that serve, of which `left` micrograms are not yet planned for; or what hinders.

    Powder is weighed directly where the balance allows, and a triturate taken where it does not.
    """
    passed: list[str] = []
    hindrances: list[Hindered] = []
    for candidate in _candidates(shelf, wanted.on):
        found = _on_these(candidate, wanted, shelf, left)
        if isinstance(found, Hindered):
            hindrances.append(found)
            if found.because not in passed:
                passed.append(found.because)
            continue
        return Makeable(
            batch=found.batch,
            beyond_use=found.beyond_use,
            draws=found.draws,
            because=(*passed, *found.because),
        )
    return _gravest(hindrances)


def _candidates(shelf: Shelf, on: date) -> Iterator[_Candidate]:
    """Direct weighing from every lot of powder, then every triturate; with every filler; first to end first."""
    fillers = _in_turn(shelf.filler_lots, on)
    powders = _in_turn(shelf.api_lots, on)
    for api in powders:
        for filler in fillers:
            bench = _bench(shelf, api, None, filler)
            yield _Candidate(bench=bench, route=Route.DIRECT, carrier=api, filler=filler)
    for triturate in _in_turn(shelf.triturates, on):
        for filler in fillers:
            # The powder stands on the worksheet as what would have been too little to weigh.
            for powder in powders[:1]:
                bench = _bench(shelf, powder, triturate, filler)
                yield _Candidate(bench=bench, route=Route.TRITURATE, carrier=triturate, filler=filler)


def _in_turn(lots: tuple[Shelved[_Lot], ...], on: date) -> list[Shelved[_Lot]]:
    return sorted((lot for lot in lots if lot.last_on >= on), key=lambda lot: (lot.last_on, lot.lot.number))


@lru_cache(maxsize=256)
def _bench(
    shelf: Shelf, api: Shelved[ApiLot], triturate: Shelved[TriturateLot] | None, filler: Shelved[FillerLot]
) -> Bench:
    return Bench(
        api_lot=api.lot,
        triturate_lot=None if triturate is None else triturate.lot,
        filler_lot=filler.lot,
        balance=shelf.balance,
        packing=PackingStatistics(
            shell=shelf.shell,
            filler=filler.packing,
            api=api.packing,
            # Without a triturate its packing is never used; the filler's keeps the value whole.
            triturate=filler.packing if triturate is None else triturate.packing,
        ),
        overage_tiers=shelf.overage_tiers,
        filler_method=shelf.filler_method,
        target_fill=shelf.target_fill,
    )


@lru_cache(maxsize=8192)
def _calculated(pool: Pool, capsules: int, bench: Bench, route: Route) -> CapsuleBatch | str:
    """The weighings, or the refusal in words."""
    calculate = direct_batch if route is Route.DIRECT else triturate_batch
    try:
        return calculate(pool.strength, capsules, bench, pool.basis)
    except Unfit as refusal:
        return str(refusal)


def forget_calculations() -> None:
    """What was calculated is calculated anew when it is asked for again; for measurements."""
    _bench.cache_clear()
    _calculated.cache_clear()


def _on_these(
    candidate: _Candidate, wanted: Wanted, shelf: Shelf, left: Mapping[UUID, int]
) -> Makeable | Hindered:
    batch = _calculated(wanted.pool, wanted.capsules, candidate.bench, candidate.route)
    if isinstance(batch, str):
        return Hindered(cause=Hindrance.WEIGHING, because=batch)
    beyond_use = beyond_use_date(
        wanted.on, shelf.category, component_limits(candidate.bench, candidate.route)
    )
    draws = _draws(candidate, batch)
    short = next((draw for draw in draws if draw.ug > left.get(draw.stock_id, 0)), None)
    if beyond_use.on < wanted.through:
        return Hindered(
            cause=Hindrance.BEYOND_USE,
            because=_too_short(candidate, beyond_use, wanted.through),
            lasts_until=beyond_use.on,
            holds_enough=short is None,
        )
    if short is not None:
        on_hand = _mg(left.get(short.stock_id, 0))
        because = f"Lot {short.number} has {on_hand} mg left of the {_mg(short.ug)} mg needed."
        return Hindered(cause=Hindrance.STOCK, because=because)
    chosen = _chosen(candidate, batch, beyond_use)
    return Makeable(batch=batch, beyond_use=beyond_use, draws=draws, because=(chosen,))


def _too_short(candidate: _Candidate, beyond_use: BeyondUse, through: date) -> str:
    return (
        f"With lot {candidate.carrier.lot.number} and filler lot {candidate.filler.lot.number} the capsules may be"
        f" used until {beyond_use.on.isoformat()} ({beyond_use.limited_by}), before the last planned dose on"
        f" {through.isoformat()}."
    )


def _draws(candidate: _Candidate, batch: CapsuleBatch) -> tuple[Draw, ...]:
    carrier, filler = candidate.carrier, candidate.filler
    name = "triturate" if candidate.route is Route.TRITURATE else "naltrexone powder"
    return (
        Draw(stock_id=carrier.id, number=carrier.lot.number, name=name, ug=_ug(batch.active.target)),
        Draw(stock_id=filler.id, number=filler.lot.number, name=filler.lot.name, ug=_ug(batch.filler.target)),
    )


def _chosen(candidate: _Candidate, batch: CapsuleBatch, beyond_use: BeyondUse) -> str:
    how = "weighed directly" if candidate.route is Route.DIRECT else "taken as triturate"
    return (
        f"{shown(batch.active.target.value)} mg of lot {candidate.carrier.lot.number}, {how}: the first lot to end"
        f" that serves. The capsules may be used until {beyond_use.on.isoformat()}, {beyond_use.limited_by}."
    )


def _gravest(hindrances: list[Hindered]) -> Hindered:
    """What stands nearest to a cure: stock that is short, then lots that end too early, then the balance."""
    if not hindrances:
        return Hindered(
            cause=Hindrance.STOCK, because="No released lot of naltrexone and filler may be used."
        )
    short = [each for each in hindrances if each.cause is Hindrance.STOCK]
    ending = [each for each in hindrances if each.cause is Hindrance.BEYOND_USE]
    if short:
        return replace(short[-1], lasts_until=_latest(each for each in ending if each.holds_enough))
    if ending:
        return replace(ending[-1], lasts_until=_latest(ending))
    return hindrances[-1]


def _latest(ending: Iterable[Hindered]) -> date | None:
    return max((each.lasts_until for each in ending if each.lasts_until is not None), default=None)


def _ug(mass: Milligrams) -> int:
    """Whole micrograms, rounded up where a balance reads finer: the plan never draws less than is weighed."""
    return int((mass.value * MICROGRAMS_PER_MILLIGRAM).to_integral_value(rounding=ROUND_CEILING))


def _mg(ug: int) -> str:
    return shown(Micrograms(ug).in_milligrams().value)
