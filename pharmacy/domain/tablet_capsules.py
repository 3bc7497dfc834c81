"""Capsules from crushed tablets, where no lot of powder serves.

The label of a tablet is its claim, so nothing corrects it again; its excipients take room in the shell beside the
filler. What is too little to weigh is taken as a part of whole crushed tablets that were diluted to a round mass.
"""

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal

from pharmacy.domain import capsule_figures as worksheet
from pharmacy.domain.bench import Bench, TabletLot
from pharmacy.domain.capsule_parts import Active, Asked, CapsuleBatch, Route, finished, planned_weighing
from pharmacy.domain.errors import Unfit
from pharmacy.domain.figures import Figure, Input, shown
from pharmacy.domain.overage import prepared_capsules
from pharmacy.domain.potency import StrengthBasis, salt_factor
from pharmacy.domain.quantities import Micrograms, Milligrams
from pharmacy.domain.tablets import CrushedTablets, Tablets, crushed_tablets, tablet_powder
from pharmacy.domain.weighing import RoundingTooCoarse, TooSmallToWeigh, Weighing, minimum_weighable, weigh
from pharmacy.domain.weighing_plan import Ingredient, WeighingStep

# House policy: diluted tablets are brought to a round mass, a gram at a time.
MIXTURE_STEP = Milligrams(Decimal(1000))
MOST_STEPS = 20


class NoTabletsOnBench(Unfit):
    def __str__(self) -> str:
        return "Crushed tablets were asked for, and no lot of tablets was scanned."


def tablet_batch(
    strength: Micrograms,
    required: int,
    bench: Bench,
    basis: StrengthBasis,
    mixture: Milligrams | None = None,
) -> CapsuleBatch:
    """The batch from the bench's tablets, weighed directly or as a part of diluted ones.

    `mixture` is the mass that whole tablets are diluted to; without it the least round one that can be weighed.
    Raises NoTabletsOnBench, what `weigh` raises, and ActiveOverfillsShell.
    """
    lot = bench.api_lot
    if not isinstance(lot, TabletLot):
        raise NoTabletsOnBench
    prepared, salt = prepared_capsules(required, bench.overage_tiers), salt_factor(basis)
    pure, content = worksheet.pure_drug(strength, prepared, salt), _content(lot)
    source = Tablets(label=lot.label, mean_mass=lot.mean_mass)
    asked = Asked(
        strength=strength,
        required=required,
        bench=bench,
        prepared=prepared,
        pure=pure,
        powder=tablet_powder(Milligrams(pure.number), source),
        leading=(content, salt, prepared, pure, minimum_weighable(bench.balance)),
    )
    crushed = _crushed(asked, source, mixture)
    active = _whole(asked, lot, content, crushed) if crushed.diluent is None else None
    return finished(asked, active or _part(asked, lot, content, crushed))


def _crushed(asked: Asked, source: Tablets, mixture: Milligrams | None) -> CrushedTablets:
    refusal: TooSmallToWeigh | RoundingTooCoarse | None = None
    needed, balance = Milligrams(asked.pure.number), asked.bench.balance
    for mass in (mixture,) if mixture is not None else _mixtures(needed, source):
        try:
            return crushed_tablets(needed, source, mass, balance)
        except (TooSmallToWeigh, RoundingTooCoarse) as declined:
            refusal = declined
    if refusal is None:
        raise ValueError("There is a mixture to try, always.")
    raise refusal


def _mixtures(needed: Milligrams, source: Tablets) -> Iterator[Milligrams]:
    """Round masses above that of the fewest whole tablets that hold what is needed."""
    count = int((needed.value / source.label.value).to_integral_value(ROUND_CEILING))
    crushed = source.mean_mass.times(count).value
    first = int((crushed / MIXTURE_STEP.value).to_integral_value(ROUND_CEILING))
    yield from (MIXTURE_STEP.times(step) for step in range(first, first + MOST_STEPS))


def _whole(asked: Asked, lot: TabletLot, content: Figure, crushed: CrushedTablets) -> Active:
    name = f"crushed tablets, lot {lot.number}"
    return Active(
        route=Route.TABLETS,
        name=name,
        exact=asked.powder,
        weighing=crushed.weighing,
        content=content,
        packing=asked.bench.packing.api,
        figures=crushed.figures,
        weighings=(planned_weighing(WeighingStep.ACTIVE, Ingredient.API, name, crushed.weighing),),
    )


def _part(asked: Asked, lot: TabletLot, content: Figure, crushed: CrushedTablets) -> Active:
    bench = asked.bench
    count, diluent = crushed.tablets or 1, crushed.diluent or crushed.weighing
    name = f"{count} tablets, crushed, lot {lot.number}"
    tablets = weigh(name, lot.mean_mass.times(count), bench.balance, key="tablet_crushed")
    strength, brought = _strength(tablets, diluent, content), _diluent_in_part(crushed, tablets, diluent)
    return Active(
        route=Route.TABLETS,
        name="the diluted tablets",
        exact=asked.powder,
        weighing=crushed.weighing,
        content=strength,
        packing=bench.packing.api,
        figures=(tablets.figure, *crushed.figures, strength, brought),
        weighings=(
            planned_weighing(WeighingStep.ALIQUOT_POWDER, Ingredient.API, name, tablets),
            planned_weighing(
                WeighingStep.ALIQUOT_DILUENT,
                Ingredient.FILLER,
                f"{bench.filler_lot.name}, to dilute the tablets",
                diluent,
            ),
            planned_weighing(
                WeighingStep.ACTIVE, Ingredient.MIXTURE, "the part of the diluted tablets", crushed.weighing
            ),
        ),
        diluent=brought,
        powder_content=content,
    )


def _content(lot: TabletLot) -> Figure:
    return Figure(
        key="tablet_content",
        name="Content of a crushed tablet",
        value=lot.label.value / lot.mean_mass.value,
        unit="w/w",
        formula="label / mean mass of a tablet",
        inputs=(
            Input("label", f"{shown(lot.label.value)} mg", lot.source),
            Input("mean mass", f"{shown(lot.mean_mass.value)} mg", lot.source),
        ),
        places=8,
    )


def _strength(tablets: Weighing, diluent: Weighing, content: Figure) -> Figure:
    return Figure(
        key="mixture_strength",
        name="Strength of the diluted tablets",
        value=tablets.target.value * content.number / (tablets.target + diluent.target).value,
        unit="w/w",
        formula="crushed tablets x content / (crushed tablets + diluent)",
        inputs=(tablets.figure.as_input(), content.as_input(), diluent.figure.as_input()),
        places=8,
    )


def _diluent_in_part(crushed: CrushedTablets, tablets: Weighing, diluent: Weighing) -> Figure:
    """What the part brings along of filler already."""
    part = crushed.weighing.target
    return Figure(
        key="aliquot_filler",
        name="Diluent in the part",
        value=part.value * diluent.target.value / (tablets.target + diluent.target).value,
        unit="mg",
        formula="part x diluent / (crushed tablets + diluent)",
        inputs=(crushed.weighing.figure.as_input(), diluent.figure.as_input(), tablets.figure.as_input()),
        places=3,
    )
