"""One calculation for whatever is made: capsules, a stock triturate, an oral liquid.

What is asked and the bench go in; weighings in order, figures, instructions, mixing rounds and machine loads come
out, and nothing else decides them: the same input gives the same answer on any day, so that a worksheet can be
worked out again from what was kept. After weighing the same figures are drawn once more from what really lay on
the pan (`as_weighed`): the strength of a triturate and the fill of a capsule are what was weighed, not what was
planned. Potency is counted in one place of every path: in the content of the powder that is weighed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from pharmacy.domain import capsule_figures as worksheet
from pharmacy.domain.bench import ApiLot, Bench, FillerLot, TabletLot, TriturateLot
from pharmacy.domain.beyond_use import Category, Limit
from pharmacy.domain.capsules import (
    CapsuleBatch,
    Route,
    aliquot_batch,
    capsule_batch,
    component_limits,
    direct_batch,
    triturate_batch,
)
from pharmacy.domain.figures import Figure, Input, shown
from pharmacy.domain.liquids import liquid_batch
from pharmacy.domain.mixing import MixingRound, geometric_dilution, machine_loads
from pharmacy.domain.potency import StrengthBasis, hydrochloride_content
from pharmacy.domain.quantities import Micrograms, Milligrams
from pharmacy.domain.tablet_capsules import tablet_batch
from pharmacy.domain.triturates import HUNDRED, StockTriturate, stock_triturate
from pharmacy.domain.weighing import Balance, Weighing, minimum_weighable
from pharmacy.domain.weighing_plan import Ingredient, PlannedWeighing, WeighingStep


@dataclass(frozen=True, slots=True, kw_only=True)
class CapsulesAsked:
    """So many capsules of one strength. Without `route` powder is weighed directly, or else a triturate.

    `portion` is the mass of an aliquot, or of what tablets are diluted to.
    """

    strength: Micrograms
    required: int
    basis: StrengthBasis
    route: Route | None
    portion: Milligrams | None
    plate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TriturateAsked:
    """So much of a stock triturate of that mass fraction."""

    fraction: Decimal
    total: Milligrams


@dataclass(frozen=True, slots=True, kw_only=True)
class LiquidAsked:
    """So many millilitres of an oral liquid."""

    concentration_mg_per_ml: Decimal
    volume_ml: Decimal
    basis: StrengthBasis
    category: Category


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainBench:
    """A bench without shells: what is diluted, with what, on which balance. Of a liquid the filler is its vehicle."""

    source: ApiLot | TriturateLot
    filler_lot: FillerLot | None
    balance: Balance


Asked = CapsulesAsked | TriturateAsked | LiquidAsked


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculation:
    """What a batch takes, in the order of the bench.

    `content` is the pure fraction of what carries the drug, and `pure` what the batch is to hold (capsules and
    liquids). `limits` cap the beyond-use date by the components that are really used.
    """

    weighings: tuple[PlannedWeighing, ...]
    figures: tuple[Figure, ...]
    instructions: tuple[str, ...]
    content: Figure
    pure: Figure | None
    limits: tuple[Limit, ...]
    uses: frozenset[Ingredient]
    route: Route
    prepared: int | None = None
    loads: tuple[int, ...] = ()
    rounds: tuple[MixingRound, ...] = ()

    def number(self, key: str) -> Decimal | None:
        """The value of that figure, or None where the calculation has no such figure."""
        return next((figure.number for figure in self.figures if figure.key == key), None)


def calculate(asked: Asked, bench: Bench | PlainBench) -> Calculation:
    """The calculation for that; raises what the weighings raise, each refusal naming its cure.

    Capsules on a bench without shells, and anything else on a bench with shells, are a TypeError.
    """
    if isinstance(asked, CapsulesAsked) and isinstance(bench, Bench):
        return _capsules(asked, bench)
    if isinstance(asked, TriturateAsked) and isinstance(bench, PlainBench):
        return _triturate(asked, bench)
    if isinstance(asked, LiquidAsked) and isinstance(bench, PlainBench):
        return _liquid(asked, bench)
    raise TypeError("Capsules are made on a bench with shells, and only they.")


def as_weighed(calculation: Calculation, read: Mapping[WeighingStep, Milligrams]) -> tuple[Figure, ...]:
    """The closing figures from what was really weighed; every step must have its reading.

    Blend, fill and share of label for capsules; the strength for a triturate; the share of label for a liquid.
    """
    weighed = {each.step: _really(each, read[each.step]) for each in calculation.weighings}
    active = weighed[WeighingStep.ACTIVE]
    content = _content_as_weighed(calculation, weighed)
    if calculation.pure is None:
        return (_strength_as_weighed(active, weighed[WeighingStep.FILLER], content),)
    delivered = worksheet.delivered(active, content, calculation.pure)
    if calculation.prepared is None:
        return (delivered,)
    blend = worksheet.blend_mass(active, weighed[WeighingStep.FILLER])
    prepared = next(figure for figure in calculation.figures if figure.key == "prepared")
    return (blend, worksheet.theoretical_fill(blend, prepared), delivered)


def _capsules(asked: CapsulesAsked, bench: Bench) -> Calculation:
    batch = _capsule_batch(asked, bench)
    carrier = Ingredient.TRITURATE if batch.route is Route.TRITURATE else Ingredient.API
    rounds = geometric_dilution(batch.active.target, batch.filler.target)
    return Calculation(
        weighings=batch.weighings,
        figures=batch.figures,
        instructions=batch.instructions,
        content=batch.content,
        pure=batch.pure,
        limits=component_limits(bench, batch.route),
        uses=frozenset({carrier, Ingredient.FILLER}),
        route=batch.route,
        prepared=batch.prepared,
        loads=machine_loads(asked.required, asked.plate),
        rounds=rounds,
    )


def _capsule_batch(asked: CapsulesAsked, bench: Bench) -> CapsuleBatch:
    if isinstance(bench.api_lot, TabletLot) or asked.route is Route.TABLETS:
        return tablet_batch(asked.strength, asked.required, bench, asked.basis, asked.portion)
    match asked.route:
        case None:
            return capsule_batch(asked.strength, asked.required, bench, asked.basis)
        case Route.DIRECT:
            return direct_batch(asked.strength, asked.required, bench, asked.basis)
        case Route.TRITURATE:
            return triturate_batch(asked.strength, asked.required, bench, asked.basis)
        case Route.ALIQUOT:
            return aliquot_batch(asked.strength, asked.required, bench, asked.basis, asked.portion)


def _triturate(asked: TriturateAsked, bench: PlainBench) -> Calculation:
    content, name, ingredient, limit = _source(bench.source)
    made = stock_triturate(asked.fraction, asked.total, content, bench.balance)
    filler = _filler_of(bench)
    steps = (
        PlannedWeighing(step=WeighingStep.ACTIVE, ingredient=ingredient, name=name, weighing=made.api),
        PlannedWeighing(
            step=WeighingStep.FILLER,
            ingredient=Ingredient.FILLER,
            name=f"{filler.name}, lot {filler.number}",
            weighing=made.diluent,
        ),
    )
    return Calculation(
        weighings=steps,
        figures=(minimum_weighable(bench.balance), *made.figures),
        instructions=_mixing(steps, bench.balance, asked, made),
        content=content,
        pure=None,
        limits=(limit, Limit(filler.expires_on, f"expiry of filler lot {filler.number}")),
        uses=frozenset({ingredient, Ingredient.FILLER}),
        route=Route.DIRECT if ingredient is Ingredient.API else Route.TRITURATE,
        rounds=geometric_dilution(made.api.target, made.diluent.target),
    )


def _mixing(
    steps: tuple[PlannedWeighing, ...], balance: Balance, asked: TriturateAsked, made: StockTriturate
) -> tuple[str, ...]:
    weighed = (
        f"Weigh {balance.text(each.weighing.target)} of {each.name}, on balance {balance.name}."
        for each in steps
    )
    return (
        *weighed,
        "Mix by geometric dilution: add diluent in portions equal to what is already mixed.",
        f"Label as a triturate of {shown(made.strength * HUNDRED, 4)} % w/w ({shown(asked.fraction * HUNDRED)} % wanted).",
    )


def _liquid(asked: LiquidAsked, bench: PlainBench) -> Calculation:
    if not isinstance(bench.source, ApiLot):
        raise TypeError("A liquid is made of powder.")
    content, name, ingredient, limit = _source(bench.source)
    made = liquid_batch(
        asked.concentration_mg_per_ml, asked.volume_ml, bench.source, bench.balance, asked.basis
    )
    return Calculation(
        weighings=(
            PlannedWeighing(step=WeighingStep.ACTIVE, ingredient=ingredient, name=name, weighing=made.active),
        ),
        figures=made.figures,
        instructions=made.instructions,
        content=content,
        pure=next(figure for figure in made.figures if figure.key == "pure_drug"),
        limits=(limit, *_vehicle_limit(bench)),
        uses=frozenset({ingredient}),
        route=Route.DIRECT,
    )


def _vehicle_limit(bench: PlainBench) -> tuple[Limit, ...]:
    vehicle = bench.filler_lot
    return () if vehicle is None else (Limit(vehicle.expires_on, f"expiry of vehicle lot {vehicle.number}"),)


def _source(source: ApiLot | TriturateLot) -> tuple[Figure, str, Ingredient, Limit]:
    """The pure fraction of what is diluted, its name on the sheet, what it is, and until when it serves."""
    if isinstance(source, ApiLot):
        content = hydrochloride_content(source.certificate, source.source)
        name = f"naltrexone powder, lot {source.number}"
        return content, name, Ingredient.API, Limit(source.expires_on, f"expiry of lot {source.number}")
    content = worksheet.triturate_strength(source.strength, source.number)
    limit = Limit(source.beyond_use_on, f"beyond-use date of triturate lot {source.number}")
    return content, f"triturate, lot {source.number}", Ingredient.TRITURATE, limit


def _filler_of(bench: PlainBench) -> FillerLot:
    if bench.filler_lot is None:
        raise TypeError("A triturate has a diluent.")
    return bench.filler_lot


def _really(planned: PlannedWeighing, read: Milligrams) -> Weighing:
    """The weighing with what was read in place of what was planned."""
    figure = replace(
        planned.weighing.figure,
        name=f"Weighed {planned.name}",
        value=read.value,
        formula="read on the balance",
        inputs=(Input("target", f"{planned.weighing.figure.text} mg"),),
        rounding="",
    )
    return replace(planned.weighing, target=read, figure=figure)


def _content_as_weighed(calculation: Calculation, weighed: Mapping[WeighingStep, Weighing]) -> Figure:
    """The pure fraction of what lay on the pan as the active: of an aliquot's mixture, as that was weighed."""
    powder = weighed.get(WeighingStep.ALIQUOT_POWDER)
    if powder is None:
        return calculation.content
    diluent = weighed[WeighingStep.ALIQUOT_DILUENT]
    return _strength_as_weighed(powder, diluent, calculation.content)


def _strength_as_weighed(drug: Weighing, diluent: Weighing, content: Figure) -> Figure:
    return Figure(
        key="strength_as_weighed",
        name="Strength as weighed",
        value=drug.target.value * content.number / (drug.target + diluent.target).value,
        unit="w/w",
        formula="drug weighed x pure part of it / (drug weighed + diluent weighed)",
        inputs=(drug.figure.as_input(), content.as_input(), diluent.figure.as_input()),
        places=8,
    )
