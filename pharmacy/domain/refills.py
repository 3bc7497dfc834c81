"""When a supply runs out, when it may be filled again, and when to remind.

A refill is allowed once a share of the supply must have been used; 80 % of 30 days is
24 days, and a part of a day counts as a whole one. The reminder goes out `lead_days`
before the run-out, but never before the refill is allowed: with 30 days, 80 % and 7 days
of lead the raw reminder falls a day too early, and is moved. Payers use 75 to 85 %; cash
has no payer, so the share and the lead are house policy. A prescription may be filled up
to and including the same day of the month in which its validity ends.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from pharmacy.domain.calendar import ONE_DAY, months_after
from pharmacy.domain.dose_text import plain_decimal
from pharmacy.domain.figures import Figure, Input, require_decimal, require_whole

_POLICY = "house policy, refills"
_EARLIEST = "fill + days' supply x share, rounded up to whole days, + days at home"
_WHOLE_DAY = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefillPolicy:
    """`used_share` of a supply is used before a refill; `start_lag_days` pass from shipping to day 1."""

    used_share: Decimal
    lead_days: int
    start_lag_days: int

    def __post_init__(self) -> None:
        require_decimal(self.used_share, "used_share")
        require_whole(self.lead_days, "lead_days")
        require_whole(self.start_lag_days, "start_lag_days")
        if not 0 <= self.used_share <= 1:
            raise ValueError("The used share lies between 0 and 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyDates:
    """The days that follow from one fill, each with its figure under the same key."""

    last_dose_on: date
    run_out_on: date
    earliest_refill_on: date
    raw_reminder_on: date
    reminder_on: date
    figures: tuple[Figure, ...]


def supply_dates(
    filled_on: date, start_on: date, days_supply: int, carry_over: int, policy: RefillPolicy
) -> SupplyDates:
    """Every date that follows from a fill.

    `start_on` is the first day dosed from this fill: the later of receipt and the day after
    the supply at home ends. The `carry_over` days at home are in it already, and are added
    only to the earliest refill. `run_out_on` is the first day whose dose is not at home.
    Pause days count as days' supply. 30 days filled and started on 2 March 2026 with a
    share of 0.80 and 7 days of lead: run out on 1 April, refill and reminder from 26 March.
    """
    require_whole(days_supply, "days_supply")
    require_whole(carry_over, "carry_over")
    if days_supply < 1 or carry_over < 0:
        raise ValueError("A fill covers a day or more, and nobody has less than no supply at home")
    last = start_on + timedelta(days=days_supply - 1)
    earliest = filled_on + timedelta(days=_days_used(days_supply, policy.used_share) + carry_over)
    raw = last + ONE_DAY - timedelta(days=policy.lead_days)
    dates = SupplyDates(
        last_dose_on=last,
        run_out_on=last + ONE_DAY,
        earliest_refill_on=earliest,
        raw_reminder_on=raw,
        reminder_on=max(raw, earliest),
        figures=(),
    )
    days = Input("days' supply", str(days_supply))
    start = (Input("start", start_on.isoformat()), days)
    fill = (Input("fill", filled_on.isoformat()), days, Input("days at home", str(carry_over)))
    return replace(dates, figures=_figures(dates, start, fill, policy))


def last_fill_on(written_on: date, validity_months: int) -> date:
    """The last day on which the prescription may be filled, included: its anniversary, month end clipped.

    Twelve months by most states' rules, fifteen in Illinois (225 ILCS 85).
    """
    return months_after(written_on, validity_months)


def _days_used(days_supply: int, used_share: Decimal) -> int:
    """The days that must have passed, a part of a day counting as a whole one."""
    return int((days_supply * used_share).quantize(_WHOLE_DAY, rounding=ROUND_CEILING))


def _figures(
    dates: SupplyDates, start: tuple[Input, ...], fill: tuple[Input, ...], policy: RefillPolicy
) -> tuple[Figure, ...]:
    """How each date came about, in the order in which they follow from one another."""
    share = Input("share used before a refill", plain_decimal(policy.used_share), _POLICY)
    last_dose = Input("last dose", dates.last_dose_on.isoformat())
    run_out = Input("run-out", dates.run_out_on.isoformat())
    lead = Input("lead", f"{policy.lead_days} days", _POLICY)
    raw = Input("reminder before clipping", dates.raw_reminder_on.isoformat())
    earliest = Input("earliest refill", dates.earliest_refill_on.isoformat())
    rows: tuple[tuple[str, str, date, str, tuple[Input, ...]], ...] = (
        ("last_dose_on", "Last dose", dates.last_dose_on, "start + days' supply - 1", start),
        ("run_out_on", "First day without a dose", dates.run_out_on, "last dose + 1", (last_dose,)),
        ("earliest_refill_on", "Earliest refill", dates.earliest_refill_on, _EARLIEST, (*fill, share)),
        ("raw_reminder_on", raw.name.capitalize(), dates.raw_reminder_on, "run-out - lead", (run_out, lead)),
        ("reminder_on", "Reminder", dates.reminder_on, "the later of the two", (raw, earliest)),
    )
    return tuple(
        Figure(key=key, name=name, value=value, unit="", formula=formula, inputs=inputs)
        for key, name, value, formula, inputs in rows
    )
