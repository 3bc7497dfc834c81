"""Component lots: their last day, their review, and which is used first."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.lots import (
    LOT_ACTS,
    LotAct,
    LotActRefused,
    LotStatus,
    NotFitForRelease,
    Papers,
    Printed,
    PrintedExpiry,
    first_to_use,
    in_turn,
    last_day,
    release_faults,
)
from pharmacy.domain.potency import AssayBasis
from pharmacy.domain.stock import why_not_usable
from tests.domain.benches import a_certificate
from tests.domain.cases import case


@dataclass(frozen=True)
class OnShelf:
    lot: str
    last_on: date
    on_hand_ug: int


@pytest.mark.parametrize("which", [0, 1], ids=["INV-01 plain", "INV-01 full beyond-use date"])
def test_the_first_to_expire_that_still_supports_the_beyond_use_date(which: int) -> None:
    inv = case("INV-01")
    on = date.fromisoformat(inv.inputs["on"])
    shelf = [
        OnShelf(lot["lot"], date.fromisoformat(lot["expiry"]), lot["avail_mg"] * 1000)
        for lot in inv.inputs["lots"]
        if why_not_usable(lot["status"], date.fromisoformat(lot["expiry"]), on) is None
    ]
    wanted = inv.inputs["min_bud"][which]

    chosen = first_to_use(
        shelf, inv.inputs["need_mg"] * 1000, None if wanted is None else date.fromisoformat(wanted)
    )

    assert chosen is not None
    assert chosen.lot == inv.expected["lot"][which]


shelves = st.lists(
    st.builds(
        OnShelf,
        lot=st.text("abc", min_size=1, max_size=2),
        last_on=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
        on_hand_ug=st.integers(0, 10),
    ),
    max_size=8,
)
days = st.none() | st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(shelf=shelves, need=st.integers(1, 10), through=days)
def test_the_choice_is_enough_lasts_and_leaves_nothing_that_would_have_expired_sooner(
    shelf: list[OnShelf], need: int, through: date | None
) -> None:
    fit = [each for each in shelf if each.on_hand_ug >= need and (through is None or each.last_on >= through)]

    chosen = first_to_use(shelf, need, through)

    assert (chosen is None) == (not fit)
    if chosen is not None:
        assert chosen in fit
        assert chosen.last_on == min(each.last_on for each in fit)


@given(shelf=shelves, through=days)
def test_turns_leave_nobody_out(shelf: list[OnShelf], through: date | None) -> None:
    ordered = sorted(shelf, key=lambda each: each.last_on)

    turns = in_turn(ordered, through)

    assert sorted(turns, key=repr) == sorted(shelf, key=repr)
    serves = [through is None or each.last_on >= through for each in turns]
    assert serves == sorted(serves, reverse=True)


@pytest.mark.parametrize(
    ("printed", "ends_on"),
    [
        (Printed(expiry=PrintedExpiry.MONTH, year=2028, month=2), date(2028, 2, 29)),
        (Printed(expiry=PrintedExpiry.MONTH, year=2027, month=2), date(2027, 2, 28)),
        (Printed(expiry=PrintedExpiry.DAY, year=2027, month=5, day=7), date(2027, 5, 7)),
        (
            Printed(expiry=PrintedExpiry.DAY, year=2028, month=5, day=7, retest_on=date(2027, 1, 2)),
            date(2027, 1, 2),
        ),
        (
            Printed(expiry=PrintedExpiry.DAY, year=2027, month=5, day=7, retest_on=date(2028, 1, 2)),
            date(2027, 5, 7),
        ),
        # No printed expiry: twelve months from receipt on 29 February 2028, clipped to the month's end.
        (Printed(expiry=PrintedExpiry.NONE), date(2029, 2, 28)),
    ],
)
def test_how_a_lot_ends(printed: Printed, ends_on: date) -> None:
    assert last_day(printed, date(2028, 2, 29), 12) == ends_on


def papers(certificate: dict[str, Any] | None = None, **changes: Any) -> Papers:
    usual: dict[str, Any] = {"identity_confirmed": True, "grade": "USP", "maker_is_registered": True}
    return Papers(certificate=a_certificate(**(certificate or {})), **{**usual, **changes})


@pytest.mark.parametrize("assay", ["98.0", "99.2", "102.0"])
def test_an_assay_within_the_monograph_may_be_released(assay: str) -> None:
    assert release_faults(papers({"assay_pct": Decimal(assay)})) == ()


@pytest.mark.parametrize("assay", ["97.99", "102.01"])
def test_an_assay_outside_the_monograph_keeps_the_lot_in_quarantine(assay: str) -> None:
    assert release_faults(papers({"assay_pct": Decimal(assay)})) == (
        f"its assay of {assay} % (anhydrous) is not within 98.0 to 102.0 % on the anhydrous basis",
    )


def test_an_assay_as_is_is_held_against_the_monograph_by_the_dry_share() -> None:
    # E2: 97.9 % as is with 3.1 % water is 101.03 % anhydrous; 95 % as is of the same powder is 98.04 %.
    for assay, is_fit in (("97.9", True), ("95.0", True), ("94.9", False), ("98.9", False)):
        found = release_faults(papers({"assay_pct": Decimal(assay), "basis": AssayBasis.AS_IS}))
        assert (found == ()) is is_fit, assay


def test_an_assay_as_is_without_water_cannot_be_judged() -> None:
    (fault,) = release_faults(papers({"basis": AssayBasis.AS_IS, "water_pct": None}))

    assert "without a water figure" in fault


def test_every_fault_of_the_papers_is_told_at_once() -> None:
    found = release_faults(papers(identity_confirmed=False, grade="technical", maker_is_registered=False))

    assert found == (
        "its identity is not confirmed",
        "its grade is technical, not USP",
        "its maker is not known to be registered with the FDA",
    )
    assert "stays in quarantine: its identity is not confirmed; " in str(NotFitForRelease("A", found))


def test_nothing_leads_back_from_recall_or_rejection_to_use() -> None:
    leaves, to = LOT_ACTS[LotAct.RELEASE]

    assert to is LotStatus.RELEASED
    # What was used up and found again is reviewed again.
    assert leaves == {LotStatus.QUARANTINED, LotStatus.DEPLETED}
    assert all(
        into is not LotStatus.QUARANTINED or LotStatus.RELEASED in out for out, into in LOT_ACTS.values()
    )
    assert "is recalled" in str(LotActRefused("A", LotAct.RELEASE, LotStatus.RECALLED))
