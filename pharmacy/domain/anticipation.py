"""How many capsules may be made before anybody ordered them.

A compounding pharmacy may make limited quantities ahead of prescriptions, based on what it has dispensed within an
established relationship (21 USC 353a(a)(2)); the FDA's guidance of 2016 reads that as a 30-day supply, taken from
the busiest 30 days of the past year. The limit holds only for capsules without a prescription: what queued orders
ask for is never limited, and what lies on the shelf unreserved counts against it. The guidance binds nobody, so
the pharmacist-in-charge may go beyond it, with a reason on record.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from pharmacy.domain.actors import Actor
from pharmacy.domain.dose_text import format_dose
from pharmacy.domain.errors import NotAllowed, Unfit
from pharmacy.domain.figures import require_whole
from pharmacy.domain.orders import Role
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.screening import require_reason

WINDOW_DAYS = (
    30  # FDA guidance of 2016 on section 503A: a 30-day supply from a 30-day window of the past year.
)
LOOK_BACK_DAYS = 365


@dataclass(eq=False)
class BeyondAnticipation(Unfit):
    """More capsules would be made without a prescription than the anticipatory limit leaves."""

    strength: Micrograms
    asked: int
    allowance: Allowance

    def __str__(self) -> str:
        left = self.allowance
        return (
            f"{self.asked} capsules of {format_dose(self.strength)} without a prescription are more than the"
            f" {left.may_make} that may be made: the busiest 30 days of the past year took {left.limit}, and"
            f" {left.on_hand} lie unreserved."
        )


@dataclass(eq=False)
class OverrideNotYours(NotAllowed):
    def __str__(self) -> str:
        return "Only the pharmacist-in-charge may go beyond the anticipatory limit."


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What the limit is, what counts against it, and what is left, in capsules of one strength."""

    limit: int
    on_hand: int

    def __post_init__(self) -> None:
        if require_whole(self.limit, "The limit") < 0 or require_whole(self.on_hand, "Capsules on hand") < 0:
            raise ValueError("A limit and what counts against it are zero or more.")

    @property
    def may_make(self) -> int:
        """How many capsules may be made without a prescription today."""
        return max(0, self.limit - self.on_hand)

    def allows(self, asked: int) -> bool:
        return asked <= self.may_make


@dataclass(frozen=True, slots=True)
class Override:
    """Why the pharmacist-in-charge goes beyond the limit, and who that is."""

    by: Actor
    reason: str


def allowance(windows: Sequence[int], on_hand: int) -> Allowance:
    """The limit is the busiest of the windows (0 without any); `on_hand` is unreserved and counts against it."""
    return Allowance(limit=max(windows, default=0), on_hand=on_hand)


def busiest_window(
    dispensed: Mapping[date, int],
    through: date,
    *,
    window: int = WINDOW_DAYS,
    look_back: int = LOOK_BACK_DAYS,
) -> int:
    """The most capsules dispensed in any `window` days in a row among the `look_back` days that end on `through`.

    `through` itself is included. A busiest window can be moved until it begins on a day on which something was
    dispensed, so only those are looked at.
    """
    first_on = through - timedelta(days=look_back - 1)
    days = sorted(on for on in dispensed if first_on <= on <= through)
    sums = [0, *accumulate(dispensed[on] for on in days)]
    ends = (bisect_right(days, on + timedelta(days=window - 1)) for on in days)
    return max((sums[end] - sums[start] for start, end in enumerate(ends)), default=0)


def beyond_orders(asked: int, owed: int, allowed: Allowance) -> tuple[int, Allowance]:
    """What of `asked` no order needs, and the allowance that it is held against.

    `owed` is what orders still need. What lies unreserved serves them first, and only the rest of it counts
    against the limit.
    """
    unserved = max(0, owed - allowed.on_hand)
    return max(0, asked - unserved), Allowance(limit=allowed.limit, on_hand=max(0, allowed.on_hand - owed))


def require_allowed(
    strength: Micrograms, asked: int, allowed: Allowance, override: Override | None
) -> str | None:
    """None within the limit, or the reason for which the pharmacist-in-charge goes beyond it.

    Raises BeyondAnticipation without an override, OverrideNotYours or ReasonTooShort for one that does not hold.
    """
    if allowed.allows(asked):
        return None
    if override is None:
        raise BeyondAnticipation(strength, asked, allowed)
    if override.by.role is not Role.PHARMACIST_IN_CHARGE:
        raise OverrideNotYours
    require_reason(override.reason)
    return override.reason.strip()
