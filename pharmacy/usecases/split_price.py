"""What one part of a split fill costs, from the price of the whole and what its other parts were charged.

The whole is priced once, with its first part, and never again: whatever the price book says later, the parts sum to
it to the cent. A part that was cancelled gives its share back to those that follow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pharmacy.domain.figures import Figure, Input
from pharmacy.domain.money import ZERO, Money
from pharmacy.domain.price_parts import Charge, as_further_part, in_parts
from pharmacy.domain.pricing import LineKind
from pharmacy.usecases.figures_as_facts import figure_facts

Facts = Mapping[str, Any]
_FORMULA = (
    "pro rata by capsules, cents by largest remainder; fees, surcharges and shipping with the first part"
)


def part_of_price(
    whole: Sequence[Facts], charged: Iterable[Facts], *, capsules: int, others: int
) -> list[dict[str, Any]]:
    """The price lines of a part of so many capsules; `others` are those of the fill that are not charged yet.

    `whole` are the price lines of the whole fill, `charged` those of its parts before. With no others left the
    part is charged all that remains.
    """
    remaining = _remaining(whole, charged)
    counts = (capsules, others) if others else (capsules,)
    part = in_parts(remaining, counts)[0]
    amounts = {(line["kind"], line["wording"]): line["amount_cents"] for line in whole}
    return [_line(charge, amounts[charge.kind, charge.wording], capsules) for charge in part.charges]


def further_price(lines: Sequence[Facts]) -> list[dict[str, Any]]:
    """Price lines of a part that is priced by itself, since its plan has changed; its fill has paid the fees already."""
    charges = [Charge(LineKind(line["kind"]), line["wording"], Money(line["amount_cents"])) for line in lines]
    figures = {(line["kind"], line["wording"]): line["figure"] for line in lines}
    return [
        {
            "kind": charge.kind,
            "wording": charge.wording,
            "amount_cents": charge.amount.cents,
            "figure": figures[charge.kind, charge.wording],
        }
        for charge in as_further_part(charges).charges
    ]


def _remaining(whole: Sequence[Facts], charged: Iterable[Facts]) -> list[Charge]:
    taken: Counter[tuple[str, str]] = Counter()
    for line in charged:
        taken[line["kind"], line["wording"]] += line["amount_cents"]
    return [
        Charge(
            LineKind(line["kind"]),
            line["wording"],
            Money(line["amount_cents"]) - Money(taken[line["kind"], line["wording"]]),
        )
        for line in whole
    ]


def _line(charge: Charge, whole_cents: int, capsules: int) -> dict[str, Any]:
    figure = Figure(
        key=charge.kind.value,
        name=charge.wording,
        value=charge.amount.dollars,
        unit="USD",
        formula=_FORMULA,
        inputs=(
            Input("the line of the whole fill", f"{Money(whole_cents).text} USD"),
            Input("capsules of this part", str(capsules)),
        ),
        places=2,
    )
    return {
        "kind": charge.kind,
        "wording": charge.wording,
        "amount_cents": charge.amount.cents,
        "figure": figure_facts(figure),
    }


def total_cents(lines: Iterable[Facts]) -> int:
    """The sum of price lines."""
    return sum((Money(line["amount_cents"]) for line in lines), start=ZERO).cents
