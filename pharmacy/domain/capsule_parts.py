"""What every route to a batch of capsules has in common: the active that is weighed, and the filler beside it.

A route says what carries the drug and how much of it is weighed; from there on blend, fill and share of label are
drawn in one way. Masses are rounded at the weigh target and nowhere else.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pharmacy.domain import capsule_figures as worksheet
from pharmacy.domain.bench import Bench
from pharmacy.domain.dose_text import format_dose
from pharmacy.domain.errors import Unfit
from pharmacy.domain.figures import Figure, shown
from pharmacy.domain.quantities import Micrograms, Milligrams
from pharmacy.domain.weighing import Cure, Weighing, weigh
from pharmacy.domain.weighing_plan import Ingredient, PlannedWeighing, WeighingStep


class Route(StrEnum):
    """What carries the drug into the blend."""

    DIRECT = "direct"
    TRITURATE = "triturate"
    ALIQUOT = "aliquot"
    TABLETS = "tablets"


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
class Asked:
    """What both routes start from; `powder` is the naltrexone powder that direct weighing takes."""

    strength: Micrograms
    required: int
    bench: Bench
    prepared: Figure
    pure: Figure
    powder: Figure
    leading: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Active:
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


def planned_weighing(
    step: WeighingStep, ingredient: Ingredient, name: str, weighing: Weighing
) -> PlannedWeighing:
    """That weighing, as a step of the batch."""
    return PlannedWeighing(step=step, ingredient=ingredient, name=name, weighing=weighing)


def finished(asked: Asked, active: Active) -> CapsuleBatch:
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
        weighings=(
            *active.weighings,
            planned_weighing(WeighingStep.FILLER, Ingredient.FILLER, filler_name, filler),
        ),
        content=active.powder_content or active.content,
        pure=asked.pure,
        figures=(*asked.leading, *active.figures, *closing),
        instructions=_instructions(asked, active, filler, fill),
    )


def _filler_exact(asked: Asked, active: Active) -> Figure:
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


def _instructions(asked: Asked, active: Active, filler: Weighing, fill: Figure) -> tuple[str, ...]:
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
