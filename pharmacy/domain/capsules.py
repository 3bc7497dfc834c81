"""What to weigh for the capsules of one strength.

The bench says which lots, balance and packing statistics are used; the answer belongs to them, and another lot
means another calculation. Powder is prepared for a few more capsules than are needed, never a stronger capsule.
The drug is weighed directly where the balance allows; where it does not, a released triturate takes its place,
and where there is none the refusal says what would help. Masses are rounded at the weigh target and nowhere
else. Potency is counted once: in the powder's weighing, or in the triturate's strength.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from pharmacy.domain import capsule_figures as worksheet
from pharmacy.domain.bench import (
    ApiLot,
    Bench,
    FillerLot,
    FillerMethod,
    PackingStatistics,
    TriturateLot,
)
from pharmacy.domain.beyond_use import Limit
from pharmacy.domain.dose_text import format_dose
from pharmacy.domain.errors import Unfit
from pharmacy.domain.figures import Figure, shown
from pharmacy.domain.overage import HOUSE_OVERAGE, OverageTier, prepared_capsules
from pharmacy.domain.potency import (
    StrengthBasis,
    adjustment_factor,
    hydrate_factor,
    hydrochloride_content,
    potency,
    salt_factor,
)
from pharmacy.domain.quantities import Micrograms, Milligrams
from pharmacy.domain.weighing import (
    Cure,
    RoundingTooCoarse,
    TooSmallToWeigh,
    Weighing,
    aliquot,
    minimum_weighable,
    weigh,
)
from pharmacy.domain.weighing_plan import Ingredient, PlannedWeighing, WeighingStep

# What a batch is calculated from is part of this module's face, though it lives in files of its own.
__all__ = [
    "HOUSE_OVERAGE",
    "ActiveOverfillsShell",
    "ApiLot",
    "Bench",
    "CapsuleBatch",
    "FillerLot",
    "FillerMethod",
    "OverageTier",
    "PackingStatistics",
    "Route",
    "TriturateLot",
    "aliquot_batch",
    "capsule_batch",
    "component_limits",
    "direct_batch",
    "prepared_capsules",
    "triturate_batch",
]


class Route(StrEnum):
    """What carries the drug into the blend."""

    DIRECT = "direct"
    TRITURATE = "triturate"
    ALIQUOT = "aliquot"


@dataclass(frozen=True, slots=True, kw_only=True)
class CapsuleBatch:
    """The weighings for one batch of capsules, and every figure behind them in worksheet order.

    `theoretical_fill` is what one capsule should hold without its shell. Instructions are sentences, in order.
    """

    strength: Micrograms
    required: int
    prepared: int
    route: Route
    active: Weighing
    filler: Weighing
    blend: Milligrams
    theoretical_fill: Milligrams
    delivered_pct: Decimal
    weighings: tuple[PlannedWeighing, ...]
    # The pure fraction of what carries the drug, and the pure drug in all the powder.
    content: Figure
    pure: Figure
    figures: tuple[Figure, ...]
    instructions: tuple[str, ...]


@dataclass(eq=False)
class ActiveOverfillsShell(Unfit):
    """The drug or triturate alone takes the whole shell, so that no filler fits."""

    strength: Micrograms
    active_per_capsule: Milligrams
    shell: str

    def __str__(self) -> str:
        return (
            f"{shown(self.active_per_capsule.value, 1)} mg for a capsule of {format_dose(self.strength)}"
            f" leave no room for filler in shell {self.shell}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What both routes start from; `powder` is the naltrexone powder that direct weighing takes."""

    strength: Micrograms
    required: int
    bench: Bench
    prepared: Figure
    pure: Figure
    powder: Figure
    leading: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Active:
    """The drug-bearing powder of one route: exact mass, weighing, pure fraction, and how it packs.

    `exact` is what takes room in the shell beside the filler; of an aliquot that is the powder in it.
    """

    route: Route
    name: str
    exact: Figure
    weighing: Weighing
    content: Figure
    packing: Milligrams
    figures: tuple[Figure, ...]
    weighings: tuple[PlannedWeighing, ...]
    # What an aliquot brings along of filler already.
    diluent: Figure | None = None
    powder_content: Figure | None = None


def capsule_batch(strength: Micrograms, required: int, bench: Bench, basis: StrengthBasis) -> CapsuleBatch:
    """The batch by direct weighing, or from the bench's triturate when direct weighing is refused.

    Raises `TooSmallToWeigh` or `RoundingTooCoarse`, each naming its cure, when neither can be weighed, and
    `ActiveOverfillsShell` when no filler fits.
    """
    asked = _asked(strength, required, bench, basis)
    try:
        active = _directly(asked)
    except (TooSmallToWeigh, RoundingTooCoarse):
        if bench.triturate_lot is None:
            raise
        active = _from_triturate(asked, bench.triturate_lot)
    return _finished(asked, active)


def direct_batch(strength: Micrograms, required: int, bench: Bench, basis: StrengthBasis) -> CapsuleBatch:
    """The batch by direct weighing of the powder, or the refusal."""
    asked = _asked(strength, required, bench, basis)
    return _finished(asked, _directly(asked))


def triturate_batch(strength: Micrograms, required: int, bench: Bench, basis: StrengthBasis) -> CapsuleBatch:
    """The batch from the bench's triturate, even where the powder could be weighed.

    For orders whose strengths are all to come from one triturate. A bench without one is a ValueError.
    """
    if bench.triturate_lot is None:
        raise ValueError("There is no triturate on this bench.")
    asked = _asked(strength, required, bench, basis)
    return _finished(asked, _from_triturate(asked, bench.triturate_lot))


def aliquot_batch(
    strength: Micrograms, required: int, bench: Bench, basis: StrengthBasis, portion: Milligrams | None = None
) -> CapsuleBatch:
    """The batch from one aliquot of a larger mixture, for what is too little to weigh without a triturate.

    `portion` is the mass of the aliquot; without it the least that may be weighed (house policy). Raises what
    `aliquot` and `weigh` raise, and `ActiveOverfillsShell` when the aliquot does not fit the shells.
    """
    asked = _asked(strength, required, bench, basis)
    return _finished(asked, _by_aliquot(asked, portion))


def component_limits(bench: Bench, route: Route) -> tuple[Limit, ...]:
    """The last days of what goes into a batch by this route, as caps of its beyond-use date."""
    filler = Limit(bench.filler_lot.expires_on, f"expiry of filler lot {bench.filler_lot.number}")
    if route is Route.TRITURATE and bench.triturate_lot is not None:
        triturate = bench.triturate_lot
        return Limit(triturate.beyond_use_on, f"beyond-use date of triturate lot {triturate.number}"), filler
    return Limit(bench.api_lot.expires_on, f"expiry of lot {bench.api_lot.number}"), filler


def _asked(strength: Micrograms, required: int, bench: Bench, basis: StrengthBasis) -> _Asked:
    if not isinstance(strength, Micrograms):
        raise TypeError(f"A strength is Micrograms, not {type(strength).__name__}.")
    if strength.value == 0:
        raise ValueError("A capsule holds more than nothing.")
    lot = bench.api_lot
    prepared, salt = prepared_capsules(required, bench.overage_tiers), salt_factor(basis)
    fraction, form = potency(lot.certificate, lot.source), hydrate_factor(lot.certificate)
    pure = worksheet.pure_drug(strength, prepared, salt)
    return _Asked(
        strength=strength,
        required=required,
        bench=bench,
        prepared=prepared,
        pure=pure,
        powder=worksheet.powder_exact(pure, form, fraction),
        leading=(
            fraction,
            adjustment_factor(fraction),
            salt,
            form,
            prepared,
            pure,
            minimum_weighable(bench.balance),
        ),
    )


def _directly(asked: _Asked) -> _Active:
    lot, balance = asked.bench.api_lot, asked.bench.balance
    name, exact = f"naltrexone powder, lot {lot.number}", Milligrams(asked.powder.number)
    weighing = weigh(name, exact, balance, key="api_target", cure=Cure.ASSIGN_TRITURATE)
    return _Active(
        route=Route.DIRECT,
        name=name,
        exact=asked.powder,
        weighing=weighing,
        content=hydrochloride_content(lot.certificate, lot.source),
        packing=asked.bench.packing.api,
        figures=(asked.powder, weighing.figure),
        weighings=(_planned(WeighingStep.ACTIVE, Ingredient.API, name, weighing),),
    )


def _from_triturate(asked: _Asked, lot: TriturateLot) -> _Active:
    name, strength = f"triturate, lot {lot.number}", worksheet.triturate_strength(lot.strength, lot.number)
    exact = worksheet.triturate_exact(asked.pure, strength)
    mass, balance = Milligrams(exact.number), asked.bench.balance
    weighing = weigh(name, mass, balance, key="triturate_target", cure=Cure.WEAKER_TRITURATE)
    # The powder stays on the worksheet, since it is the reason why a triturate is taken.
    unweighed = replace(
        asked.powder, key="api_if_direct", name="Naltrexone powder, if it were weighed directly"
    )
    return _Active(
        route=Route.TRITURATE,
        name=name,
        exact=exact,
        weighing=weighing,
        content=strength,
        packing=asked.bench.packing.triturate,
        figures=(unweighed, strength, exact, weighing.figure),
        weighings=(_planned(WeighingStep.ACTIVE, Ingredient.TRITURATE, name, weighing),),
    )


def _by_aliquot(asked: _Asked, portion: Milligrams | None) -> _Active:
    bench, lot = asked.bench, asked.bench.api_lot
    content = hydrochloride_content(lot.certificate, lot.source)
    mixed = aliquot(Milligrams(asked.pure.number), content, bench.balance, portion=portion)
    taken = weigh("the aliquot", mixed.portion, bench.balance, key="aliquot_target")
    strength, diluent = worksheet.aliquot_strength(mixed, content), worksheet.aliquot_diluent(mixed)
    powder_name, filler_name = f"naltrexone powder, lot {lot.number}", bench.filler_lot.name
    steps = (
        _planned(WeighingStep.ALIQUOT_POWDER, Ingredient.API, powder_name, mixed.powder),
        _planned(
            WeighingStep.ALIQUOT_DILUENT, Ingredient.FILLER, f"{filler_name}, for the mixture", mixed.diluent
        ),
        _planned(WeighingStep.ACTIVE, Ingredient.MIXTURE, f"the aliquot of {mixed.multiple}", taken),
    )
    return _Active(
        route=Route.ALIQUOT,
        name=f"the mixture, one part of {mixed.multiple}",
        exact=asked.powder,
        weighing=taken,
        content=strength,
        packing=bench.packing.api,
        figures=(
            asked.powder,
            mixed.powder.figure,
            mixed.diluent.figure,
            strength,
            taken.figure,
            mixed.pure,
            diluent,
        ),
        weighings=steps,
        diluent=diluent,
        powder_content=content,
    )


def _planned(step: WeighingStep, ingredient: Ingredient, name: str, weighing: Weighing) -> PlannedWeighing:
    return PlannedWeighing(step=step, ingredient=ingredient, name=name, weighing=weighing)


def _finished(asked: _Asked, active: _Active) -> CapsuleBatch:
    """Filler, blend and fill for an active that can be weighed."""
    bench, prepared = asked.bench, asked.prepared
    exact = _filler_exact(asked, active)
    filler_name = f"{bench.filler_lot.name}, lot {bench.filler_lot.number}"
    filler = weigh(
        filler_name,
        Milligrams(exact.number),
        bench.balance,
        key="filler_target",
        cure=Cure.LARGER_BATCH,
    )
    blend = worksheet.blend_mass(active.weighing, filler)
    fill = worksheet.theoretical_fill(blend, prepared)
    delivered = worksheet.delivered(active.weighing, active.content, asked.pure)
    per_capsule = worksheet.filler_per_capsule(exact, prepared)
    closing = (exact, per_capsule, filler.figure, blend, fill, delivered)
    return CapsuleBatch(
        strength=asked.strength,
        required=asked.required,
        prepared=prepared.whole,
        route=active.route,
        active=active.weighing,
        filler=filler,
        blend=Milligrams(blend.number),
        theoretical_fill=Milligrams(fill.number),
        delivered_pct=delivered.number,
        weighings=(*active.weighings, _planned(WeighingStep.FILLER, Ingredient.FILLER, filler_name, filler)),
        content=active.powder_content or active.content,
        pure=asked.pure,
        figures=(*asked.leading, *active.figures, *closing),
        instructions=_instructions(asked, active, filler, fill),
    )


def _filler_exact(asked: _Asked, active: _Active) -> Figure:
    bench, prepared = asked.bench, asked.prepared
    if bench.target_fill is None:
        exact = worksheet.filler_by_displacement(prepared, active.exact, active.packing, bench.packing)
    else:
        exact = worksheet.filler_by_constant_fill(prepared, active.exact, bench.target_fill)
    if active.diluent is not None:
        exact = worksheet.filler_beside_aliquot(exact, active.diluent)
    if exact.number <= 0:
        taking = active.exact if active.diluent is None else active.weighing.figure
        per_capsule = Milligrams(taking.number / prepared.whole)
        raise ActiveOverfillsShell(asked.strength, per_capsule, bench.packing.shell)
    return exact


def _instructions(asked: _Asked, active: _Active, filler: Weighing, fill: Figure) -> tuple[str, ...]:
    bench, balance = asked.bench, asked.bench.balance
    before = (f"Weigh {balance.text(each.weighing.target)} of {each.name}." for each in active.weighings[:-1])
    return (
        *before,
        f"Weigh {balance.text(active.weighing.target)} of {active.name}, on balance {balance.name}.",
        f"Weigh {balance.text(filler.target)} of {bench.filler_lot.name}, lot {bench.filler_lot.number},"
        f" on balance {balance.name}.",
        "Mix by geometric dilution: add filler in portions equal to what is already mixed.",
        f"Fill {asked.required} capsules, shell {bench.packing.shell}, with {fill.text} mg each;"
        f" there is powder for {asked.prepared.text}, and the rest is loss allowance.",
    )
