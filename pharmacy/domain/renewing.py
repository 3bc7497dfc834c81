"""Whether a prescription may be filled again today, and when the prescriber is asked to renew it.

A refill is allowed when the later of today and its earliest day is still a day on which the prescription may be
filled; otherwise, and when no refill is left, the prescriber is asked for a renewal in good time (house policy).
"""

from dataclasses import dataclass
from datetime import date, timedelta

from pharmacy.domain.errors import Conflict
from pharmacy.domain.refills import SupplyDates

# 45 CFR 164.501 as explained by HHS: a reminder about a prescription that lapsed is one for so many days.
REMINDER_AFTER_LAPSE_DAYS = 90


@dataclass(eq=False)
class NoRefillLeft(Conflict):
    """All fills that were authorised have been made or are on their way."""

    refills: int

    def __str__(self) -> str:
        return f"All {self.refills} refills have been used; ask the prescriber for a renewal."


@dataclass(eq=False)
class RefillTooSoon(Conflict):
    """Too much of the supply before is still at home."""

    earliest_on: date

    def __str__(self) -> str:
        return f"A refill is possible from {self.earliest_on.isoformat()}."


@dataclass(eq=False)
class NoLongerFillable(Conflict):
    """The prescription could be filled only until a day that is past."""

    last_fill_on: date

    def __str__(self) -> str:
        return f"The prescription could be filled until {self.last_fill_on.isoformat()}; ask for a renewal."


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What comes after a supply: the refill, from its earliest day and with the days without a dose before it; or
    the renewal, from the day on which the prescriber is asked. Both, when a refill leaves a gap."""

    refill_on: date | None
    gap_days: int
    renewal_on: date | None


def outlook(
    dates: SupplyDates, *, last_fill_on: date, refills_left: int, today: date, renewal_lead_days: int
) -> Outlook:
    """A refill when one is left and may still be filled on its earliest day; otherwise a renewal.

    The prescriber is asked `renewal_lead_days` before the run-out, or today when that is past. A refill that is
    possible only after the run-out is offered with its gap, and the renewal is asked for too.
    """
    earliest = max(today, dates.earliest_refill_on)
    may_refill = refills_left > 0 and earliest <= last_fill_on
    gap = max((earliest - dates.run_out_on).days, 0) if may_refill else 0
    renewal_on = max(today, dates.run_out_on - timedelta(days=renewal_lead_days))
    return Outlook(
        refill_on=earliest if may_refill else None,
        gap_days=gap,
        renewal_on=renewal_on if gap or not may_refill else None,
    )


def require_refill(earliest_on: date, *, last_fill_on: date, refills: int, left: int, today: date) -> None:
    """Nothing, when the prescription may be filled again today.

    Raises NoRefillLeft, NoLongerFillable or RefillTooSoon, the first that applies.
    """
    if left < 1:
        raise NoRefillLeft(refills)
    if today > last_fill_on:
        raise NoLongerFillable(last_fill_on)
    if today < earliest_on:
        raise RefillTooSoon(earliest_on)


def is_still_a_reminder(lapsed_on: date, on: date) -> bool:
    """Whether a message about a prescription that lapsed on that day is a refill reminder: for 90 days, included."""
    return (on - lapsed_on).days <= REMINDER_AFTER_LAPSE_DAYS
