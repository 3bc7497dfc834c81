"""Manufactured tablets as the source of the drug.

Twenty tablets are weighed; the powder that holds what is needed is the label's share of their mean mass. The
label is taken as it is: a tablet is released on its label claim, so no certificate of analysis corrects it a
second time, and its excipients count as filler. What is too little to weigh is taken as a part of whole crushed
tablets that were diluted to a round mass.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from pharmacy.domain.figures import Figure, Input, shown
from pharmacy.domain.quantities import Milligrams
from pharmacy.domain.weighing import EXACT_PLACES, Balance, TooSmallToWeigh, Weighing, weigh

LABEL = "label of the tablet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tablets:
    """What one tablet is labelled to hold, and the mean mass of twenty that were weighed."""

    label: Milligrams
    mean_mass: Milligrams

    def __post_init__(self) -> None:
        if not Decimal(0) < self.label.value <= self.mean_mass.value:
            raise ValueError("A tablet holds drug, and no more than it weighs.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrushedTablets:
    """The weighing that holds the drug; `tablets` and `diluent` are set where tablets must be diluted first."""

    weighing: Weighing
    tablets: int | None
    diluent: Weighing | None
    figures: tuple[Figure, ...]


def crushed_tablets(
    needed: Milligrams, source: Tablets, mixture: Milligrams, balance: Balance
) -> CrushedTablets:
    """The crushed tablet powder that holds `needed` milligrams of drug, directly or out of a diluted mixture.

    When the powder is too little for the balance, the fewest whole tablets are diluted to `mixture` milligrams.
    Raises TooSmallToWeigh when a part of that cannot be weighed either.
    """
    powder = tablet_powder(needed, source)
    try:
        weighing = weigh("crushed tablets", Milligrams(powder.number), balance, key="tablet_target")
    except TooSmallToWeigh:
        return _diluted(needed, source, mixture, balance, powder)
    return CrushedTablets(weighing=weighing, tablets=None, diluent=None, figures=(powder, weighing.figure))


def _diluted(
    needed: Milligrams, source: Tablets, mixture: Milligrams, balance: Balance, powder: Figure
) -> CrushedTablets:
    count = int((needed.value / source.label.value).to_integral_value(ROUND_CEILING))
    crushed = source.mean_mass.times(count)
    diluent = weigh("diluent for the tablets", mixture - crushed, balance, key="tablet_diluent")
    part = Figure(
        key="tablet_part",
        name="Part of the diluted tablets",
        value=needed.value * mixture.value / source.label.times(count).value,
        unit="mg",
        formula="needed x mixture / (tablets x label)",
        inputs=(
            Input("needed", f"{shown(needed.value)} mg"),
            Input("mixture", f"{shown(mixture.value)} mg"),
            Input("tablets", str(count)),
            Input("label", f"{shown(source.label.value)} mg", LABEL),
        ),
        places=2,
    )
    weighing = weigh("diluted tablets", Milligrams(part.number), balance, key="tablet_target")
    figures = (powder, diluent.figure, part, weighing.figure)
    return CrushedTablets(weighing=weighing, tablets=count, diluent=diluent, figures=figures)


def tablet_powder(needed: Milligrams, source: Tablets) -> Figure:
    """The crushed tablet powder that holds so much drug, before it is rounded."""
    return Figure(
        key="tablet_powder",
        name="Crushed tablets needed",
        value=needed.value * source.mean_mass.value / source.label.value,
        unit="mg",
        formula="needed x mean mass of a tablet / label",
        inputs=(
            Input("needed", f"{shown(needed.value)} mg"),
            Input("mean mass", f"{shown(source.mean_mass.value)} mg", "20 tablets weighed"),
            Input("label", f"{shown(source.label.value)} mg", LABEL),
        ),
        places=EXACT_PLACES,
    )
