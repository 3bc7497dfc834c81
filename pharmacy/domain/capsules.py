"""What to weigh for the capsules of one strength.

The bench says which lots, balance and packing statistics are used; the answer belongs to them, and another lot
means another calculation. Powder is prepared for a few more capsules than are needed, never a stronger capsule.
The drug is weighed directly where the balance allows; where it does not, a released triturate takes its place,
and where there is none the refusal says what would help. Masses are rounded at the weigh target and nowhere
else. Potency is counted once: in the powder's weighing, or in the triturate's strength.
"""

from dataclasses import replace
from decimal import Decimal

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
from pharmacy.domain.capsule_parts import (
    Active,
    ActiveOverfillsShell,
    Asked,
    CapsuleBatch,
    Route,
    finished,
    planned_weighing,
)
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
    aliquot,
    minimum_weighable,
    weigh,
)
from pharmacy.domain.weighing_plan import Ingredient, WeighingStep

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

HUNDRED = Decimal(100)
# How many counts beyond a fifth more are looked at for one that rounds well.
_NEAR = 50


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
    return finished(asked, active)


def direct_batch(strength: Micrograms, required: int, bench: Bench, basis: StrengthBasis) -> CapsuleBatch:
    """The batch by direct weighing of the powder, or the refusal."""
    asked = _asked(strength, required, bench, basis)
    return finished(asked, _directly(asked))


def triturate_batch(strength: Micrograms, required: int, bench: Bench, basis: StrengthBasis) -> CapsuleBatch:
    """The batch from the bench's triturate, even where the powder could be weighed.

    For orders whose strengths are all to come from one triturate. A bench without one is a ValueError.
    """
    if bench.triturate_lot is None:
        raise ValueError("There is no triturate on this bench.")
    asked = _asked(strength, required, bench, basis)
    return finished(asked, _from_triturate(asked, bench.triturate_lot))


def aliquot_batch(
    strength: Micrograms, required: int, bench: Bench, basis: StrengthBasis, portion: Milligrams | None = None
) -> CapsuleBatch:
    """The batch from one aliquot of a larger mixture, for what is too little to weigh without a triturate.

    `portion` is the mass of the aliquot; without it the least that may be weighed (house policy). Raises what
    `aliquot` and `weigh` raise, and `ActiveOverfillsShell` when the aliquot does not fit the shells.
    """
    asked = _asked(strength, required, bench, basis)
    return finished(asked, _by_aliquot(asked, portion))


def component_limits(bench: Bench, route: Route) -> tuple[Limit, ...]:
    """The last days of what goes into a batch by this route, as caps of its beyond-use date."""
    filler = Limit(bench.filler_lot.expires_on, f"expiry of filler lot {bench.filler_lot.number}")
    if route is Route.TRITURATE and bench.triturate_lot is not None:
        triturate = bench.triturate_lot
        return Limit(triturate.beyond_use_on, f"beyond-use date of triturate lot {triturate.number}"), filler
    return Limit(bench.api_lot.expires_on, f"expiry of lot {bench.api_lot.number}"), filler


def _asked(strength: Micrograms, required: int, bench: Bench, basis: StrengthBasis) -> Asked:
    if not isinstance(strength, Micrograms):
        raise TypeError(f"A strength is Micrograms, not {type(strength).__name__}.")
    if strength.value == 0:
        raise ValueError("A capsule holds more than nothing.")
    lot = bench.powder
    prepared, salt = prepared_capsules(required, bench.overage_tiers), salt_factor(basis)
    fraction, form = potency(lot.certificate, lot.source), hydrate_factor(lot.certificate)
    pure = worksheet.pure_drug(strength, prepared, salt)
    return Asked(
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


def _directly(asked: Asked) -> Active:
    lot, balance = asked.bench.powder, asked.bench.balance
    name, exact = f"naltrexone powder, lot {lot.number}", Milligrams(asked.powder.number)
    try:
        weighing = weigh(name, exact, balance, key="api_target", cure=Cure.ASSIGN_TRITURATE)
    except TooSmallToWeigh as refusal:
        refusal.pool_from = _pooled_from(asked)
        raise
    return Active(
        route=Route.DIRECT,
        name=name,
        exact=asked.powder,
        weighing=weighing,
        content=hydrochloride_content(lot.certificate, lot.source),
        packing=asked.bench.packing.api,
        figures=(asked.powder, weighing.figure),
        weighings=(planned_weighing(WeighingStep.ACTIVE, Ingredient.API, name, weighing),),
    )


def _pooled_from(asked: Asked) -> int | None:
    """The fewest capsules of that strength whose powder the balance weighs directly; None for none in sight."""
    bench, balance = asked.bench, asked.bench.balance
    least = minimum_weighable(balance).number
    each = asked.powder.number / asked.prepared.whole
    first = max(int(least / each) * 9 // 10, asked.required + 1)
    for required in range(first, first * 12 // 10 + _NEAR):
        exact = Milligrams(each * prepared_capsules(required, bench.overage_tiers).whole)
        target = balance.on_pan(exact)
        off = abs(target.value - exact.value) * HUNDRED
        if target.value >= least and off <= balance.rounding_limit_pct * exact.value:
            return required
    return None


def _from_triturate(asked: Asked, lot: TriturateLot) -> Active:
    name, strength = f"triturate, lot {lot.number}", worksheet.triturate_strength(lot.strength, lot.number)
    exact = worksheet.triturate_exact(asked.pure, strength)
    mass, balance = Milligrams(exact.number), asked.bench.balance
    weighing = weigh(name, mass, balance, key="triturate_target", cure=Cure.WEAKER_TRITURATE)
    # The powder stays on the worksheet, since it is the reason why a triturate is taken.
    unweighed = replace(
        asked.powder, key="api_if_direct", name="Naltrexone powder, if it were weighed directly"
    )
    return Active(
        route=Route.TRITURATE,
        name=name,
        exact=exact,
        weighing=weighing,
        content=strength,
        packing=asked.bench.packing.triturate,
        figures=(unweighed, strength, exact, weighing.figure),
        weighings=(planned_weighing(WeighingStep.ACTIVE, Ingredient.TRITURATE, name, weighing),),
    )


def _by_aliquot(asked: Asked, portion: Milligrams | None) -> Active:
    bench, lot = asked.bench, asked.bench.powder
    content = hydrochloride_content(lot.certificate, lot.source)
    mixed = aliquot(Milligrams(asked.pure.number), content, bench.balance, portion=portion)
    taken = weigh("the aliquot", mixed.portion, bench.balance, key="aliquot_target")
    strength, diluent = worksheet.aliquot_strength(mixed, content), worksheet.aliquot_diluent(mixed)
    powder_name, filler_name = f"naltrexone powder, lot {lot.number}", bench.filler_lot.name
    steps = (
        planned_weighing(WeighingStep.ALIQUOT_POWDER, Ingredient.API, powder_name, mixed.powder),
        planned_weighing(
            WeighingStep.ALIQUOT_DILUENT, Ingredient.FILLER, f"{filler_name}, for the mixture", mixed.diluent
        ),
        planned_weighing(WeighingStep.ACTIVE, Ingredient.MIXTURE, f"the aliquot of {mixed.multiple}", taken),
    )
    return Active(
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
