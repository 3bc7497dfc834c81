"""Which stock triturate to make first, when lines of the queue are too little to weigh and no triturate serves them.

The lots that end first are tried first. What is proposed can be weighed today, and the lines it is for could then be
weighed from it and taken to their end; otherwise nothing is proposed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from pharmacy.domain.bench import ApiLot, Bench, FillerLot, PackingStatistics, TriturateLot
from pharmacy.domain.beyond_use import BeyondUse, Limit, beyond_use_date
from pharmacy.domain.capsules import triturate_batch
from pharmacy.domain.errors import Unfit
from pharmacy.domain.plan_shelf import Draw, Pool, Shelf, Shelved
from pharmacy.domain.potency import hydrochloride_content
from pharmacy.domain.quantities import Micrograms, Milligrams
from pharmacy.domain.triturates import StockTriturate, stock_triturate

# A triturate too small to weigh is tried at twice and four times the house's mass.
_TIMES = (1, 2, 4)
# And weaker ones after the house's own, for what is measured in micrograms.
_WEAKER = (Decimal(1), Decimal("0.1"))


@dataclass(frozen=True, slots=True, kw_only=True)
class TriturateRule:
    """How the house makes its triturates: the mass fraction of drug, and how much at a time."""

    fraction: Decimal
    total: Milligrams


@dataclass(frozen=True, slots=True, kw_only=True)
class Unweighed:
    """A line that no lot on the shelf can be weighed for."""

    label: str
    pool: Pool
    capsules: int
    last_dose_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedTriturate:
    """A triturate to make, from which lots, how long it lasts, and the lines it would serve."""

    fraction: Decimal
    total: Milligrams
    draws: tuple[Draw, Draw]
    strength: Decimal
    beyond_use: BeyondUse
    serves: tuple[str, ...]

    @property
    def because(self) -> str:
        api, filler = self.draws
        return (
            f"{', '.join(self.serves)}: too little to weigh, and no triturate on the shelf serves. Made today of lot"
            f" {api.number} and filler lot {filler.number}, it may be used until {self.beyond_use.on.isoformat()},"
            f" {self.beyond_use.limited_by}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    api: Shelved[ApiLot]
    filler: Shelved[FillerLot]
    fraction: Decimal
    total: Milligrams


def propose_triturates(
    lines: Sequence[Unweighed], shelf: Shelf, left: Mapping[UUID, int], on: date, rule: TriturateRule
) -> tuple[ProposedTriturate, ...]:
    """One triturate for as many of the lines as it serves, and another for what that leaves; or nothing."""
    proposed: list[ProposedTriturate] = []
    waiting, stock = list(lines), dict(left)
    while waiting:
        found = _first(waiting, shelf, stock, on, rule)
        if found is None:
            break
        proposed.append(found)
        for draw in found.draws:
            stock[draw.stock_id] -= draw.ug
        waiting = [line for line in waiting if line.label not in found.serves]
    return tuple(proposed)


def _first(
    lines: Sequence[Unweighed], shelf: Shelf, left: Mapping[UUID, int], on: date, rule: TriturateRule
) -> ProposedTriturate | None:
    for candidate in _candidates(shelf, on, rule):
        made = _weighed(candidate, shelf)
        if made is None:
            continue
        draws = _draws(candidate, made)
        if any(draw.ug > left.get(draw.stock_id, 0) for draw in draws):
            continue
        beyond_use = beyond_use_date(on, shelf.category, _limits(candidate))
        serves = _served(lines, candidate, made, beyond_use, shelf)
        if serves:
            return ProposedTriturate(
                fraction=candidate.fraction,
                total=candidate.total,
                draws=draws,
                strength=made.strength,
                beyond_use=beyond_use,
                serves=serves,
            )
    return None


def _candidates(shelf: Shelf, on: date, rule: TriturateRule) -> Iterator[_Candidate]:
    powders = sorted((lot for lot in shelf.api_lots if lot.last_on >= on), key=lambda lot: lot.last_on)
    fillers = sorted((lot for lot in shelf.filler_lots if lot.last_on >= on), key=lambda lot: lot.last_on)
    for weaker in _WEAKER:
        for times in _TIMES:
            for api in powders:
                for filler in fillers:
                    yield _Candidate(
                        api=api,
                        filler=filler,
                        fraction=rule.fraction * weaker,
                        total=rule.total.times(times),
                    )


def _weighed(candidate: _Candidate, shelf: Shelf) -> StockTriturate | None:
    lot = candidate.api.lot
    content = hydrochloride_content(lot.certificate, lot.source)
    try:
        return stock_triturate(candidate.fraction, candidate.total, content, shelf.balance)
    except Unfit:
        return None


def _limits(candidate: _Candidate) -> tuple[Limit, Limit]:
    api, filler = candidate.api.lot, candidate.filler.lot
    return (
        Limit(api.expires_on, f"expiry of lot {api.number}"),
        Limit(filler.expires_on, f"expiry of filler lot {filler.number}"),
    )


def _draws(candidate: _Candidate, made: StockTriturate) -> tuple[Draw, Draw]:
    api, filler = candidate.api, candidate.filler
    return (
        Draw(stock_id=api.id, number=api.lot.number, name="naltrexone powder", ug=_ug(made.api.target)),
        Draw(stock_id=filler.id, number=filler.lot.number, name=filler.lot.name, ug=_ug(made.diluent.target)),
    )


def _ug(mass: Milligrams) -> int:
    return Micrograms.from_milligrams(mass.value).value


def _served(
    lines: Sequence[Unweighed],
    candidate: _Candidate,
    made: StockTriturate,
    beyond_use: BeyondUse,
    shelf: Shelf,
) -> tuple[str, ...]:
    """The lines that could be weighed from it, pooled by strength, as far as it reaches."""
    bench = _bench(candidate, made, beyond_use, shelf)
    left = candidate.total.value
    serves: list[str] = []
    for pool in sorted({line.pool for line in lines}):
        of_pool = [line for line in lines if line.pool == pool and line.last_dose_on <= beyond_use.on]
        if not of_pool:
            continue
        capsules = sum(line.capsules for line in of_pool)
        try:
            batch = triturate_batch(pool.strength, capsules, bench, pool.basis)
        except Unfit:
            continue
        if batch.active.target.value <= left:
            left -= batch.active.target.value
            serves += [line.label for line in of_pool]
    return tuple(serves)


def _bench(candidate: _Candidate, made: StockTriturate, beyond_use: BeyondUse, shelf: Shelf) -> Bench:
    """The bench as it will be; a triturate packs as its diluent until it is measured."""
    filler = candidate.filler.packing
    return Bench(
        api_lot=candidate.api.lot,
        triturate_lot=TriturateLot(number="to be made", strength=made.strength, beyond_use_on=beyond_use.on),
        filler_lot=candidate.filler.lot,
        balance=shelf.balance,
        packing=PackingStatistics(
            shell=shelf.shell, filler=filler, api=candidate.api.packing, triturate=filler
        ),
        overage_tiers=shelf.overage_tiers,
        filler_method=shelf.filler_method,
        target_fill=shelf.target_fill,
    )
