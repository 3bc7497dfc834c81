"""What the pharmacist-in-charge has set for the bench: tolerances, limits, the machine, the exception."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from pharmacy.domain.quality import WeightLimits
from pharmacy.domain.reconciliation import YieldPolicy
from pharmacy.store import reference as books


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchPolicy:
    """The settings of the bench in force."""

    weighing_tolerance_pct: Decimal
    plate: int
    weights: WeightLimits
    counts: YieldPolicy
    excepts_single_pharmacist: bool


def bench_policy(session: Session) -> BenchPolicy:
    """The settings of the bench as they are now."""
    settings = books.settings_in_force(session)
    weights, counts = settings["weight_limits"], settings["yield_policy"]
    return BenchPolicy(
        weighing_tolerance_pct=Decimal(settings["weighing_tolerance_pct"]),
        plate=settings["capsule_plate"],
        weights=WeightLimits(
            least_pct=Decimal(weights["least_pct"]),
            most_pct=Decimal(weights["most_pct"]),
            most_deviation_pct=Decimal(weights["most_deviation_pct"]),
        ),
        counts=YieldPolicy(
            judged_from=counts["judged_from"],
            least_pct=Decimal(counts["least_pct"]),
            most_pct=Decimal(counts["most_pct"]),
            powder_pct=Decimal(counts["powder_pct"]),
        ),
        excepts_single_pharmacist=settings["single_pharmacist"],
    )
