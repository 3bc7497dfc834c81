"""How long a compounded preparation may be used.

USP <795> gives each category of preparation a limit in days and counts the day of compounding as day 1, so
180 days from 15 January 2026 end on 13 July, not 14 July. Whatever goes into the preparation caps it further:
the earliest expiry of a component, and the beyond-use date of a triturate, which carries its own components'
expiries on. Software that counts from day 0 would give one day too many; `category_limit` can show that
date, but `beyond_use_date` never goes beyond day one. The answer names its limit, so that it can be checked.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from pharmacy.domain.errors import Unfit
from pharmacy.domain.figures import Figure, Input, require_whole

LIMIT_SOURCE = "USP <795>, beyond-use dates without a monograph or stability data"
ONE_DAY = timedelta(days=1)


class Category(StrEnum):
    """What kind of preparation it is, by water activity (USP <795>)."""

    AQUEOUS = "aqueous"
    AQUEOUS_PRESERVED = "aqueous_preserved"
    ORAL_NON_AQUEOUS = "oral_non_aqueous"
    SOLID = "solid"


# USP <795>: without a monograph or a stability study. Capsules, powders and triturates are SOLID.
CATEGORY_LIMIT_DAYS: Mapping[Category, int] = {
    Category.AQUEOUS: 14,
    Category.AQUEOUS_PRESERVED: 35,
    Category.ORAL_NON_AQUEOUS: 90,
    Category.SOLID: 180,
}


class DayCounting(StrEnum):
    """Whether the day of compounding counts as day 1 (USP <795>) or as day 0 (much software)."""

    DAY_ONE = "day_one"
    DAY_ZERO = "day_zero"


@dataclass(frozen=True, slots=True)
class Limit:
    """A last day of use, itself included, and what sets it."""

    on: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BeyondUse:
    """The last day of use, itself included; the limit that decided it; and all that were weighed against it."""

    on: date
    limited_by: str
    considered: tuple[Limit, ...]
    figure: Figure


@dataclass(eq=False)
class ComponentExpired(Unfit):
    """Something that would go into the preparation is past its last day on the day of compounding."""

    component: str
    expired_on: date
    compounded_on: date

    def __str__(self) -> str:
        return (
            f"{self.component} ended on {self.expired_on.isoformat()}"
            f" and may not be used on {self.compounded_on.isoformat()}."
        )


def category_limit(
    compounded_on: date, category: Category, counting: DayCounting = DayCounting.DAY_ONE
) -> date:
    """The last day of use the category alone allows, itself included."""
    days = CATEGORY_LIMIT_DAYS[category]
    counted = days - 1 if counting is DayCounting.DAY_ONE else days
    return compounded_on + timedelta(days=counted)


def beyond_use_date(compounded_on: date, category: Category, caps: Iterable[Limit]) -> BeyondUse:
    """The earliest of the category's day-one limit and all caps; the first named wins a tie.

    A cap that ended before `compounded_on` raises `ComponentExpired`; one that ends on it still serves.
    """
    days = CATEGORY_LIMIT_DAYS[category]
    category_cap = Limit(category_limit(compounded_on, category), f"USP <795> limit of {days} days")
    considered = (category_cap, *caps)
    nearest = min(considered, key=lambda limit: limit.on)
    if nearest.on < compounded_on:
        raise ComponentExpired(nearest.reason, nearest.on, compounded_on)
    return BeyondUse(
        on=nearest.on,
        limited_by=nearest.reason,
        considered=considered,
        figure=_figure(compounded_on, nearest, considered),
    )


def _figure(compounded_on: date, nearest: Limit, considered: tuple[Limit, ...]) -> Figure:
    return Figure(
        key="beyond_use_on",
        name="Beyond-use date",
        value=nearest.on,
        unit="",
        formula="the earliest of the category limit (day of compounding = day 1) and every component's last day",
        inputs=(
            Input("compounded on", compounded_on.isoformat()),
            Input(considered[0].reason, considered[0].on.isoformat(), LIMIT_SOURCE),
            *(Input(cap.reason, cap.on.isoformat(), "lot record") for cap in considered[1:]),
        ),
    )


def month_end(year: int, month: int) -> date:
    """The last day of a month: what an expiry printed as MM/YYYY means."""
    return date(year, month, monthrange(year, month)[1])


def latest_dispensing_on(beyond_use_on: date, days_supply: int, start_lag_days: int) -> date:
    """The last day on which this supply may leave, so that its last dose falls on or before the beyond-use date.

    The first dose is taken `start_lag_days` after dispensing. The day may lie before the compounding day: then
    no day serves (`dispensable_until`).
    """
    require_whole(days_supply, "Days of supply")
    require_whole(start_lag_days, "Days until the start")
    return beyond_use_on - timedelta(days=days_supply - 1 + start_lag_days)


def dispensable_until(
    compounded_on: date, beyond_use_on: date, *, days_supply: int, start_lag_days: int
) -> date | None:
    """`latest_dispensing_on`, or None when that is before the day of compounding."""
    latest = latest_dispensing_on(beyond_use_on, days_supply, start_lag_days)
    return latest if latest >= compounded_on else None


def days_that_fit(beyond_use_on: date, dispense_on: date, start_lag_days: int) -> int:
    """How many days of supply, dispensed on `dispense_on`, end by the beyond-use date; zero or more."""
    require_whole(start_lag_days, "Days until the start")
    first_dose_on = dispense_on + timedelta(days=start_lag_days)
    return max(0, (beyond_use_on - first_dose_on + ONE_DAY).days)


def covers(beyond_use_on: date, start_on: date, days: int) -> bool:
    """Whether `days` of doses from `start_on`, itself included, end on or before the beyond-use date."""
    require_whole(days, "Days of supply")
    return start_on + timedelta(days=days - 1) <= beyond_use_on
