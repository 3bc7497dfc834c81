"""Planning a day's batches for 2,000 and for 20,000 queued lines: time, batches, bound, gap.

The floor is the bound itself: no plan serves the same lines with fewer batches. Lines are drawn with a fixed seed
from what titrations ask for (eight strengths, fills of 7 to 90 capsules), and the shelf holds enough for all.
Both sizes are planned in turns by one process, and the medians are compared; nothing is kept between rounds.
"""

from __future__ import annotations

import statistics
import time
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from pharmacy.domain import plan_shelf
from pharmacy.domain.batch_planning import BatchPlan, BenchRules, OpenLine
from pharmacy.domain.bench import ApiLot, FillerLot, FillerMethod, TriturateLot
from pharmacy.domain.beyond_use import Category
from pharmacy.domain.overage import HOUSE_OVERAGE
from pharmacy.domain.plan_batches import PlanningDay, plan_batches
from pharmacy.domain.plan_shelf import Pool, Shelf, Shelved
from pharmacy.domain.potency import ApiForm, AssayBasis, Certificate, StrengthBasis
from pharmacy.domain.quantities import Micrograms, Milligrams
from pharmacy.domain.weighing import MAX_ERROR_PCT, Balance

TODAY = date(2026, 3, 2)
SIZES = (2_000, 20_000)
ROUNDS = 5
LARGEST_BATCHES = (900, 300)
PLENTY_UG = 10**15
STRENGTHS_UG = (100, 500, 1_000, 1_500, 2_000, 3_000, 4_000, 4_500)
# A first fill by steps (7 + 7 + 16), by multiples (69), and what maintenance takes.
CAPSULES = (7, 7, 7, 14, 14, 16, 16, 30, 30, 30, 60, 69, 76, 90)


def main() -> None:
    for largest in LARGEST_BATCHES:
        _compare(largest)


def _compare(largest: int) -> None:
    small, large = (queued(size) for size in SIZES)
    day = PlanningDay(
        on=TODAY, shelf=a_full_shelf(), finished=(), rules=BenchRules(largest_batch=largest, plate=100)
    )
    rounds = [(_timed(small, day), _timed(large, day)) for _ in range(ROUNDS)]
    for size, timings in zip(SIZES, zip(*rounds, strict=True), strict=True):
        plan = timings[0][1]
        seconds = statistics.median(taken for taken, _ in timings)
        print(
            f"plan of {size:6} lines, up to {largest:3}  {plan.bound:8}{len(plan.batches):10}"
            f"{len(plan.batches) / plan.bound:8.4f}   T10 gap {plan.gap_pct:.2f} % (target 1 %);"
            f" {seconds * 1000:.0f} ms, {len(plan.left_out)} left out"
        )
    ratio = statistics.median(more[0] / few[0] for few, more in rounds)
    print(f"time, 20,000 lines / 2,000             {ratio:18.2f}   T10 15")


def _timed(lines: list[OpenLine], day: PlanningDay) -> tuple[float, BatchPlan]:
    """Seconds, and the plan; calculations kept from earlier rounds are forgotten."""
    plan_shelf.forget_calculations()
    begun = time.perf_counter()
    plan = plan_batches(lines, (), day)
    return time.perf_counter() - begun, plan


def queued(size: int) -> list[OpenLine]:
    """So many lines, the same ones every time."""
    chance = Random(size)
    return [_line(number, chance) for number in range(size)]


def _line(number: int, chance: Random) -> OpenLine:
    promised_on = TODAY + timedelta(days=chance.randrange(6))
    capsules = chance.choice(CAPSULES)
    return OpenLine(
        id=UUID(int=number),
        label=f"{100_001 + number} line 1",
        pool=Pool(Micrograms(chance.choice(STRENGTHS_UG)), StrengthBasis.NALTREXONE_HYDROCHLORIDE, "size 3"),
        capsules=capsules,
        days=capsules,
        dispensed_on=promised_on,
        start_lag_days=3,
        promised_on=promised_on,
    )


def a_full_shelf() -> Shelf:
    """Two lots of powder, one of filler and one triturate, more of each than is needed."""
    certificate = Certificate(
        assay_pct=Decimal("99.2"),
        basis=AssayBasis.ANHYDROUS,
        form=ApiForm.HYDROCHLORIDE,
        water_pct=Decimal("3.1"),
        solvents_pct=Decimal(0),
    )
    ends = {"NTX-A": date(2026, 4, 30), "NTX-B": date(2027, 5, 31)}
    powders = [ApiLot(number=name, certificate=certificate, expires_on=on) for name, on in ends.items()]
    filler = FillerLot(name="microcrystalline cellulose", number="MCC-7", expires_on=date(2028, 2, 29))
    triturate = TriturateLot(number="TR-10", strength=Decimal("0.099969792"), beyond_use_on=date(2026, 8, 1))
    return Shelf(
        api_lots=tuple(_shelved(1 + place, lot, "150", lot.expires_on) for place, lot in enumerate(powders)),
        filler_lots=(_shelved(3, filler, "138", filler.expires_on),),
        triturates=(_shelved(4, triturate, "138", triturate.beyond_use_on),),
        balance=Balance(
            name="B1",
            readability=Milligrams(Decimal(1)),
            sensitivity_requirement=Milligrams(Decimal(6)),
            max_error_pct=MAX_ERROR_PCT,
            certificate_minimum=None,
        ),
        shell="size 3",
        overage_tiers=HOUSE_OVERAGE,
        filler_method=FillerMethod.DISPLACEMENT,
        target_fill=None,
        category=Category.SOLID,
    )


def _shelved(number: int, lot: Any, packing_mg: str, last_on: date) -> Shelved[Any]:
    return Shelved(
        id=UUID(int=number),
        lot=lot,
        packing=Milligrams(Decimal(packing_mg)),
        last_on=last_on,
        on_hand_ug=PLENTY_UG,
    )


if __name__ == "__main__":
    main()
