"""Shelves and queued lines for batch plans, on the bench of the worked examples."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from pharmacy.domain.batch_planning import Ahead, BenchRules, FinishedBatch, OpenLine
from pharmacy.domain.beyond_use import Category
from pharmacy.domain.capsules import HOUSE_OVERAGE, ApiLot, FillerLot, FillerMethod, TriturateLot
from pharmacy.domain.plan_batches import PlanningDay
from pharmacy.domain.plan_shelf import Pool, Shelf, Shelved
from pharmacy.domain.potency import StrengthBasis
from tests.domain.benches import a_balance, a_bench, a_triturate_lot, an_api_lot, dose, mg

TODAY = date(2026, 3, 2)
PLENTY_MG = 10_000_000


def a_pool(strength_mg: str = "4.5") -> Pool:
    return Pool(dose(strength_mg), StrengthBasis.NALTREXONE_HYDROCHLORIDE, "size 3")


def a_line(number: int = 1, **changes: Any) -> OpenLine:
    """Line 1 of order 100000 + `number`: 30 capsules of 4.5 mg for 30 days, promised for Thursday."""
    promised_on = changes.pop("promised_on", date(2026, 3, 5))
    usual = {
        "id": UUID(int=number),
        "label": f"{100_000 + number} line 1",
        "pool": a_pool(changes.pop("strength_mg", "4.5")),
        "capsules": 30,
        "days": 30,
        "dispensed_on": promised_on,
        "start_lag_days": 3,
        "promised_on": promised_on,
    }
    return OpenLine(**{**usual, **changes})


def powder(number: str, on_hand_mg: int = PLENTY_MG, **changes: Any) -> Shelved[ApiLot]:
    """A lot of naltrexone on the shelf; it ends late unless told otherwise."""
    last_on = changes.pop("last_on", date(2027, 5, 31))
    lot = an_api_lot(number=number, expires_on=last_on, **changes)
    return _shelved(lot, "150", last_on, on_hand_mg)


def filler(number: str = "MCC-7", on_hand_mg: int = PLENTY_MG, last_on: date = date(2028, 2, 29)) -> Any:
    lot: FillerLot = FillerLot(name="microcrystalline cellulose", number=number, expires_on=last_on)
    return _shelved(lot, "138", last_on, on_hand_mg)


def triturate(
    number: str = "TR-10", on_hand_mg: int = PLENTY_MG, last_on: date = date(2026, 8, 1)
) -> Shelved[TriturateLot]:
    lot = a_triturate_lot(number=number, beyond_use_on=last_on)
    return _shelved(lot, "138", last_on, on_hand_mg)


def _shelved(lot: Any, packing_mg: str, last_on: date, on_hand_mg: int) -> Any:
    # An identifier that follows from the number, so that equal shelves are equal.
    name = UUID(bytes=lot.number.encode().rjust(16, b"-")[-16:])
    return Shelved(id=name, lot=lot, packing=mg(packing_mg), last_on=last_on, on_hand_ug=on_hand_mg * 1000)


def a_shelf(**changes: Any) -> Shelf:
    """One lot of powder, one of filler, one triturate, plenty of each."""
    usual = {
        "api_lots": (powder("NTX-2601"),),
        "filler_lots": (filler(),),
        "triturates": (triturate(),),
        "balance": a_balance(),
        "shell": a_bench().packing.shell,
        "overage_tiers": HOUSE_OVERAGE,
        "filler_method": FillerMethod.DISPLACEMENT,
        "target_fill": None,
        "category": Category.SOLID,
    }
    return Shelf(**{**usual, **changes})


def a_day(shelf: Shelf | None = None, finished: tuple[FinishedBatch, ...] = (), **rules: Any) -> PlanningDay:
    """The second of March; batches of up to 300 capsules on a plate of 100."""
    return PlanningDay(
        on=TODAY,
        shelf=shelf or a_shelf(),
        finished=finished,
        rules=BenchRules(**{"largest_batch": 300, "plate": 100, **rules}),
    )


def open_lines() -> st.SearchStrategy[list[OpenLine]]:
    """Up to twelve lines of few strengths, promised within a week, for up to 90 days."""
    one = st.builds(
        lambda strength_mg, capsules, days, waits: {
            "strength_mg": strength_mg,
            "capsules": capsules,
            "days": days,
            "promised_on": TODAY + timedelta(days=waits),
        },
        st.sampled_from(["0.5", "1.5", "4.5"]),
        st.integers(1, 130),
        st.integers(1, 200),
        st.integers(-2, 7),
    )
    return st.lists(one, max_size=12).map(
        lambda told: [a_line(number, **each) for number, each in enumerate(told, start=1)]
    )


def shelves() -> st.SearchStrategy[Shelf]:
    """Two lots of powder, one or two of filler and perhaps a triturate, scarce or plenty, ending early or late."""
    masses = st.sampled_from([0, 20, 150, 400, 1_000, 20_000, PLENTY_MG])
    ends = st.integers(0, 400).map(lambda days: TODAY + timedelta(days=days))

    def some(make: Callable[[str, int, date], Any], names: list[str], least: int) -> Any:
        lots = [st.builds(make, st.just(name), masses, ends) for name in names]
        return st.tuples(*lots[:least]) | st.tuples(*lots)

    return st.builds(
        lambda api_lots, filler_lots, triturates: a_shelf(
            api_lots=api_lots, filler_lots=filler_lots, triturates=triturates
        ),
        some(lambda name, mass, last_on: powder(name, mass, last_on=last_on), ["NTX-A", "NTX-B"], 1),
        some(filler, ["MCC-A", "MCC-B"], 1),
        some(triturate, ["TR-A"], 0),
    )


def days() -> st.SearchStrategy[PlanningDay]:
    """Planning days with small and large batches, with and without an end of the bench's patience."""
    return st.builds(
        lambda shelf, largest, most: a_day(shelf, largest_batch=largest, most_batches=most),
        shelves(),
        st.sampled_from([100, 150, 300]),
        st.sampled_from([None, None, 1, 3]),
    )


def aheads() -> st.SearchStrategy[list[Ahead]]:
    """Perhaps some capsules that nobody ordered."""
    one = st.builds(Ahead, pool=st.sampled_from(["0.5", "4.5"]).map(a_pool), capsules=st.integers(1, 500))
    return st.lists(one, max_size=2, unique_by=lambda each: each.pool)
