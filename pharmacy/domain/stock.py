"""Stock: what may move in and out of a lot, and what may not be weighed from it.

Every lot, and every triturate, has one ledger in whole micrograms. What was received, weighed, wasted, destroyed
or moved is a line of its own, with a reason wherever somebody decided; a mistake is mended by a line that takes
the first one back, never by changing it. A weighing takes only from what is released, and not past its last day:
a lot may still be used on the day itself (house policy). Waste, destruction and counts need no such leave.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from pharmacy.domain.dose_text import plain_decimal
from pharmacy.domain.errors import Conflict, NotFound

RELEASED = "released"


class MovementKind(StrEnum):
    """Why the mass on hand changed."""

    RECEIVE = "receive"
    WEIGH = "weigh"
    WASTE = "waste"
    ADJUST = "adjust"
    TRANSFER = "transfer"
    DESTROY = "destroy"


class Disposal(StrEnum):
    """The movements by which stock is thrown away: at the bench, or as a whole."""

    WASTE = "waste"
    DESTROY = "destroy"


# An adjustment and a transfer go either way.
TAKES = frozenset(MovementKind) - {MovementKind.RECEIVE}
GIVES = frozenset({MovementKind.RECEIVE, MovementKind.ADJUST, MovementKind.TRANSFER})
# Where somebody decided, the books say why.
NEEDS_REASON = frozenset({MovementKind.WASTE, MovementKind.ADJUST, MovementKind.DESTROY})


@dataclass(eq=False)
class StockShort(Conflict):
    """Less is on hand than was asked for."""

    number: str
    wanted_ug: int
    on_hand_ug: int

    def __str__(self) -> str:
        short = self.wanted_ug - self.on_hand_ug
        return (
            f"Lot {self.number} has {mass_text(self.on_hand_ug)} on hand: {mass_text(short)} short of the"
            f" {mass_text(self.wanted_ug)} asked for."
        )


@dataclass(eq=False)
class LotNotUsable(Conflict):
    """The lot is not released, or past its last day."""

    number: str
    because: str

    def __str__(self) -> str:
        return f"Lot {self.number} may not be used: it {self.because}."


@dataclass(eq=False)
class NotStocked(NotFound):
    def __str__(self) -> str:
        return "No stock is kept under this identifier."


@dataclass(eq=False)
class AlreadyPutBack(Conflict):
    def __str__(self) -> str:
        return "This movement was taken back already, or takes another back itself."


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """So many micrograms, above zero, into or out of one lot or triturate.

    `subject_id` is what it was for: the receipt, the batch, the count. `on` is the pharmacy's day.
    """

    stock_id: UUID
    ug: int
    kind: MovementKind
    subject_id: UUID
    on: date
    reason: str | None = None

    def __post_init__(self) -> None:
        if type(self.ug) is not int:
            raise TypeError(f"Stock moves in whole micrograms, not {self.ug!r}")
        if self.ug <= 0:
            raise ValueError("A movement is more than nothing")
        if self.kind in NEEDS_REASON and not self.reason:
            raise ValueError(f"To {self.kind} needs a reason")


def why_not_usable(status: str, last_on: date, on: date) -> str | None:
    """Why nothing may be weighed from that lot on that day; None when it may. `last_on` itself still serves."""
    if status != RELEASED:
        return f"is {status.replace('_', ' ')}"
    if on > last_on:
        return f"ended on {last_on.isoformat()}"
    return None


def mass_text(ug: int) -> str:
    """A mass as people read it: "984 mg", "0.5 mg"."""
    return f"{plain_decimal(Decimal(ug) / 1000)} mg"
