"""The plans that the tests of titration, supply, notices and labels share."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.titration import TimeOfDay, TitrationPlan, once_daily


def mg(text: str) -> Micrograms:
    """The dose written in milligrams: mg("1.5")."""
    return Micrograms.from_milligrams(Decimal(text))


def bedtime_plan(*steps: tuple[str, int | None]) -> TitrationPlan:
    """A plan of one dose at bedtime, from pairs of milligrams and days."""
    return TitrationPlan(tuple(once_daily(mg(dose), TimeOfDay.BEDTIME, days) for dose, days in steps))


def plan_of(steps: Iterable[Mapping[str, Any]]) -> TitrationPlan:
    """The bedtime plan that a worked case describes."""
    return bedtime_plan(*((step["dose"], step["days"]) for step in steps))


def usual_plan() -> TitrationPlan:
    """1.5 mg and 3 mg for a week each, then 4.5 mg without end."""
    return bedtime_plan(("1.5", 7), ("3", 7), ("4.5", None))
