"""The figures of a capsule worksheet, each with its formula.

Arithmetic only: which weighing is made of what, and whether it may be made, is decided in `capsules`. Every
value stays exact; a product is formed before it is divided, so that no digit is lost on the way. The filler of a
capsule is what the active powder leaves free: by displacement, where each powder takes up mass / packing
statistic of the shell, or by a constant fill weight from which the active is taken.
"""

from decimal import Decimal

from pharmacy.domain.bench import PackingStatistics
from pharmacy.domain.dose_text import format_dose
from pharmacy.domain.figures import Figure, Input, shown
from pharmacy.domain.quantities import Micrograms, Milligrams
from pharmacy.domain.weighing import EXACT_PLACES, Aliquot, Weighing

HUNDRED = Decimal(100)


def displacement_filler(
    capsules: int, active: Milligrams, active_packing: Milligrams, filler_packing: Milligrams
) -> Decimal:
    """Milligrams of filler that fill `capsules` shells beside `active`; below zero when it does not fit."""
    taken = filler_packing.value * active.value / active_packing.value
    return filler_packing.value * capsules - taken


def pure_drug(strength: Micrograms, prepared: Figure, salt: Figure) -> Figure:
    """Naltrexone hydrochloride in all the capsules of powder, in milligrams."""
    return Figure(
        key="pure_drug",
        name="Pure drug",
        value=strength.in_milligrams().value * prepared.whole * salt.number,
        unit="mg",
        formula="strength x capsules prepared x salt factor",
        inputs=(Input("strength", format_dose(strength), "order"), prepared.as_input(), salt.as_input()),
        # Without a salt correction the product is a short, exact number, and is shown whole.
        places=None if salt.number == 1 else EXACT_PLACES,
    )


def powder_exact(pure: Figure, form: Figure, potency: Figure) -> Figure:
    """The powder as it is that holds the pure drug, in milligrams: the one place where potency is applied."""
    return Figure(
        key="api_exact",
        name="Naltrexone powder needed",
        value=pure.number * form.number / potency.number,
        unit="mg",
        formula="pure drug x form factor / potency",
        inputs=(pure.as_input(), form.as_input(), potency.as_input()),
        places=EXACT_PLACES,
    )


def triturate_strength(strength: Decimal, lot_number: str) -> Figure:
    """The strength its own batch record gave the triturate, unrounded."""
    return Figure(
        key="triturate_strength",
        name="Strength of the triturate",
        value=strength,
        unit="w/w",
        formula="as weighed in its own batch",
        inputs=(Input("strength", shown(strength), f"triturate lot {lot_number}, batch record"),),
    )


def triturate_exact(pure: Figure, strength: Figure) -> Figure:
    """The triturate that holds the pure drug, in milligrams; its strength already counts the potency."""
    return Figure(
        key="triturate_exact",
        name="Triturate needed",
        value=pure.number / strength.number,
        unit="mg",
        formula="pure drug / strength of the triturate",
        inputs=(pure.as_input(), strength.as_input()),
        places=EXACT_PLACES,
    )


def filler_by_displacement(
    prepared: Figure, active: Figure, active_packing: Milligrams, packing: PackingStatistics
) -> Figure:
    """All the filler, in milligrams, by packing statistics; below zero when the active overfills the shells."""
    source = f"packing statistics, shell {packing.shell}"
    mass = Milligrams(active.number)
    return Figure(
        key="filler_exact",
        name="Filler needed",
        value=displacement_filler(prepared.whole, mass, active_packing, packing.filler),
        unit="mg",
        formula="filler packing x (capsules prepared - active / active packing)",
        inputs=(
            Input("filler packing", f"{shown(packing.filler.value)} mg", source),
            prepared.as_input(),
            active.as_input(),
            Input("active packing", f"{shown(active_packing.value)} mg", source),
        ),
        places=EXACT_PLACES,
    )


def filler_by_constant_fill(prepared: Figure, active: Figure, target_fill: Milligrams) -> Figure:
    """All the filler, in milligrams, by a constant fill weight; below zero when the active is heavier."""
    return Figure(
        key="filler_exact",
        name="Filler needed",
        value=target_fill.value * prepared.whole - active.number,
        unit="mg",
        formula="fill weight x capsules prepared - active",
        inputs=(
            Input("fill weight", f"{shown(target_fill.value)} mg", "formulation"),
            prepared.as_input(),
            active.as_input(),
        ),
        places=EXACT_PLACES,
    )


def aliquot_strength(mixed: Aliquot, content: Figure) -> Figure:
    """The pure fraction of an aliquot's mixture, of the masses weighed for it; counts the potency, once."""
    return Figure(
        key="aliquot_strength",
        name="Strength of the mixture",
        value=mixed.powder.target.value * content.number / mixed.mixture.value,
        unit="w/w",
        formula="powder weighed x content / mixture",
        inputs=(
            mixed.powder.figure.as_input(),
            content.as_input(),
            Input("mixture", f"{shown(mixed.mixture.value)} mg ({mixed.multiple} aliquots)"),
        ),
        places=8,
    )


def aliquot_diluent(mixed: Aliquot) -> Figure:
    """The diluent that one aliquot brings along, in milligrams."""
    return Figure(
        key="aliquot_filler",
        name="Diluent in the aliquot",
        value=mixed.portion.value * mixed.diluent.target.value / mixed.mixture.value,
        unit="mg",
        formula="aliquot x diluent / mixture",
        inputs=(
            Input("aliquot", f"{shown(mixed.portion.value)} mg"),
            mixed.diluent.figure.as_input(),
            Input("mixture", f"{shown(mixed.mixture.value)} mg"),
        ),
        places=EXACT_PLACES,
    )


def filler_beside_aliquot(filler: Figure, diluent: Figure) -> Figure:
    """What is left to weigh of the filler when an aliquot brings some along (house policy)."""
    return Figure(
        key="filler_exact",
        name="Filler needed beside the aliquot",
        value=filler.number - diluent.number,
        unit="mg",
        formula=f"{filler.formula}, less the diluent in the aliquot",
        inputs=(*filler.inputs, diluent.as_input()),
        places=EXACT_PLACES,
    )


def filler_per_capsule(filler: Figure, prepared: Figure) -> Figure:
    return Figure(
        key="filler_per_capsule",
        name="Filler per capsule",
        value=filler.number / prepared.whole,
        unit="mg",
        formula="filler / capsules prepared",
        inputs=(filler.as_input(), prepared.as_input()),
        places=EXACT_PLACES,
    )


def blend_mass(active: Weighing, filler: Weighing) -> Figure:
    """The powder to mix, of the masses that were weighed."""
    return Figure(
        key="blend",
        name="Blend",
        value=(active.target + filler.target).value,
        unit="mg",
        formula="active weighed + filler weighed",
        inputs=(active.figure.as_input(), filler.figure.as_input()),
    )


def theoretical_fill(blend: Figure, prepared: Figure) -> Figure:
    """What one filled capsule should hold, without its shell."""
    return Figure(
        key="theoretical_fill",
        name="Theoretical fill",
        value=blend.number / prepared.whole,
        unit="mg",
        formula="blend / capsules prepared",
        inputs=(blend.as_input(), prepared.as_input()),
        places=2,
    )


def delivered(active: Weighing, content: Figure, pure: Figure) -> Figure:
    """Per cent of the label strength that the weighed active gives each capsule; `content` is its pure part."""
    return Figure(
        key="delivered_pct",
        name="Delivered of label",
        value=active.target.value * content.number * HUNDRED / pure.number,
        unit="%",
        formula="active weighed x pure part of it x 100 / pure drug",
        inputs=(active.figure.as_input(), content.as_input(), pure.as_input()),
        places=2,
    )
