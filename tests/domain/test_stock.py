"""What may move in and out of stock, and from when on nothing is weighed from it."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from pharmacy.domain.stock import LotNotUsable, Movement, MovementKind, StockShort, mass_text, why_not_usable

ENDS_ON = date(2026, 9, 30)


def a_movement(**changes: Any) -> Movement:
    usual: dict[str, Any] = {
        "stock_id": UUID(int=1), "ug": 1, "kind": MovementKind.WEIGH, "subject_id": UUID(int=2), "on": ENDS_ON,
    }  # fmt: skip
    return Movement(**{**usual, **changes})


@pytest.mark.parametrize(
    ("changes", "refused_as"),
    [({"ug": 0}, ValueError), ({"ug": -1}, ValueError), ({"ug": 1.0}, TypeError), ({"ug": True}, TypeError)],
)
def test_stock_moves_in_whole_micrograms_above_zero(
    changes: dict[str, Any], refused_as: type[Exception]
) -> None:
    with pytest.raises(refused_as):
        a_movement(**changes)


@pytest.mark.parametrize("kind", [MovementKind.WASTE, MovementKind.ADJUST, MovementKind.DESTROY])
def test_what_somebody_decided_has_a_reason(kind: MovementKind) -> None:
    with pytest.raises(ValueError, match="needs a reason"):
        a_movement(kind=kind)
    assert a_movement(kind=kind, reason="spilt").reason == "spilt"


def test_a_lot_serves_on_its_last_day_and_not_on_the_next() -> None:
    assert why_not_usable("released", ENDS_ON, ENDS_ON) is None
    assert why_not_usable("released", ENDS_ON, ENDS_ON + timedelta(days=1)) == "ended on 2026-09-30"


@pytest.mark.parametrize(
    "status", ["quarantined", "rejected", "recalled", "expired", "depleted", "qc_failed"]
)
def test_what_is_not_released_does_not_serve(status: str) -> None:
    assert why_not_usable(status, ENDS_ON, date(2026, 1, 1)) == f"is {status.replace('_', ' ')}"


def test_refusals_say_what_is_short_and_why() -> None:
    assert str(StockShort("A", 4_298_000, 3_000_000)) == (
        "Lot A has 3000 mg on hand: 1298 mg short of the 4298 mg asked for."
    )
    assert str(LotNotUsable("C", "is quarantined")) == "Lot C may not be used: it is quarantined."
    assert mass_text(1) == "0.001 mg"
