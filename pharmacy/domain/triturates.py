"""Stock triturates: the drug diluted once, so that small doses can be weighed.

A triturate is a batch of its own. The potency of the powder is corrected here, once; afterwards the triturate
is an ingredient with the strength that its *weighed* masses gave it, kept unrounded: 1.040 g of 96.1248 % powder
in 10 g is 9.9969792 %, not 10 %. A second dilution of a triturate follows the same rule, with the first one's
strength in place of the powder's content (serial dilution, for microgram doses).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pharmacy.domain.figures import Figure, Input, require_decimal, shown
from pharmacy.domain.quantities import Milligrams
from pharmacy.domain.weighing import EXACT_PLACES, Balance, Weighing, weigh

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class StockTriturate:
    """What to weigh for a triturate, and the strength that results.

    `strength` is the mass fraction of pure naltrexone hydrochloride, unrounded.
    """

    api: Weighing
    diluent: Weighing
    strength: Decimal
    figures: tuple[Figure, ...]


def require_fraction(value: object, name: str) -> None:
    """Refuse what is not a Decimal above 0 and at most 1."""
    if not 0 < require_decimal(value, name) <= 1:
        raise ValueError(f"{name} is a fraction above 0 and at most 1.")


def stock_triturate(
    target_fraction: Decimal, total: Milligrams, potency: Figure, balance: Balance
) -> StockTriturate:
    """The weighings for `total` milligrams of a triturate that is `target_fraction` naltrexone hydrochloride.

    `potency` is the pure fraction of what is diluted: `hydrochloride_content` of a powder, or the strength
    figure of a stronger triturate. Raises what `weigh` raises; a target that is not weaker than what is diluted
    is a ValueError.
    """
    require_fraction(target_fraction, "The strength of a triturate")
    if target_fraction >= potency.number:
        raise ValueError("A triturate is weaker than what it is made of.")
    exact = _exact(target_fraction, total, potency)
    api = weigh("the drug to dilute", Milligrams(exact.number), balance, key="stock_drug_target")
    diluent = weigh("diluent", total - api.target, balance, key="stock_diluent_target")
    strength = _strength(api, diluent, potency)
    return StockTriturate(
        api=api,
        diluent=diluent,
        strength=strength.number,
        figures=(potency, exact, api.figure, diluent.figure, strength),
    )


def _exact(target_fraction: Decimal, total: Milligrams, potency: Figure) -> Figure:
    return Figure(
        key="stock_drug_exact",
        name="Drug to dilute",
        value=total.value * target_fraction / potency.number,
        unit="mg",
        formula="total x target strength / potency",
        inputs=(
            Input("total", f"{shown(total.value)} mg", "plan of the triturate"),
            Input("target strength", f"{shown(target_fraction * HUNDRED)} %", "plan of the triturate"),
            potency.as_input(),
        ),
        places=EXACT_PLACES,
    )


def _strength(api: Weighing, diluent: Weighing, potency: Figure) -> Figure:
    total = api.target + diluent.target
    return Figure(
        key="triturate_strength",
        name="Strength of the triturate",
        value=api.target.value * potency.number / total.value,
        unit="w/w",
        formula="drug weighed x potency / (drug weighed + diluent weighed)",
        inputs=(api.figure.as_input(), potency.as_input(), diluent.figure.as_input()),
        places=8,
    )


def triturate_holding(pure: Milligrams, strength: Decimal) -> Milligrams:
    """The exact mass of a triturate of this strength (mass fraction) that holds `pure` milligrams."""
    require_fraction(strength, "The strength of a triturate")
    return Milligrams(pure.value / strength)


def serial_dilution(strengths: Sequence[Decimal], total: Milligrams) -> tuple[Figure, ...]:
    """What each dilution takes of the one before for `total` milligrams, the first one of pure drug.

    `strengths` are mass fractions, each weaker than the last: 0.01 and 0.0001 for two dilutions 1 in 100.
    """
    figures: list[Figure] = []
    stronger = Decimal(1)
    for place, strength in enumerate(strengths, start=1):
        require_fraction(strength, "The strength of a triturate")
        if strength >= stronger:
            raise ValueError("Each dilution is weaker than the one before.")
        figures.append(_dilution(place, strength, stronger, total))
        stronger = strength
    return tuple(figures)


def _dilution(place: int, strength: Decimal, stronger: Decimal, total: Milligrams) -> Figure:
    before = "pure drug" if place == 1 else f"dilution {place - 1}"
    return Figure(
        key=f"dilution_{place}",
        name=f"{before.capitalize()} for dilution {place}",
        value=total.value * strength / stronger,
        unit="mg",
        formula="total x strength / strength of what is diluted",
        inputs=(
            Input("total", f"{shown(total.value)} mg", "plan of the triturate"),
            Input("strength", f"{shown(strength * HUNDRED)} %", "plan of the triturate"),
            Input(f"strength of {before}", f"{shown(stronger * HUNDRED)} %", "plan of the triturate"),
        ),
        places=EXACT_PLACES,
    )
