"""A recall: what is blocked, who is told, and what each patient answered.

A component lot or a batch found unfit is recalled with everything made of it, through triturates of any depth.
What has not left is kept from leaving; whoever has it at home is called, with the step they are in and the
capsules they should still have. Each patient goes from `to_notify` to `notified`, `answered` and `returned`, or
is `unreachable`; nobody goes back. A drill answers the same questions and changes nothing (USP <795> asks for a
recall procedure, and state boards for proof that it works).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pharmacy.domain.dose_text import amount_text
from pharmacy.domain.errors import Conflict, NotFound, Unfit
from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.supply import Vial

# Orders whose capsules have left the house: their patients are told.
LEFT_THE_HOUSE = frozenset(
    {OrderStatus.SHIPPED, OrderStatus.PICKED_UP, OrderStatus.COMPLETED, OrderStatus.RETURNED}
)
# Orders that will take none: nothing is to be done about them.
ENDED = frozenset({OrderStatus.REJECTED, OrderStatus.CANCELLED})


class RecallSubject(StrEnum):
    COMPONENT_LOT = "component_lot"
    BATCH = "batch"


class RecallAnswer(StrEnum):
    """How far it has come with one patient."""

    TO_NOTIFY = "to_notify"
    NOTIFIED = "notified"
    ANSWERED = "answered"
    RETURNED = "returned"
    UNREACHABLE = "unreachable"


_A = RecallAnswer
_NEXT: Mapping[RecallAnswer, frozenset[RecallAnswer]] = {
    _A.TO_NOTIFY: frozenset({_A.NOTIFIED, _A.ANSWERED, _A.RETURNED, _A.UNREACHABLE}),
    _A.NOTIFIED: frozenset({_A.ANSWERED, _A.RETURNED, _A.UNREACHABLE}),
    _A.UNREACHABLE: frozenset({_A.NOTIFIED, _A.ANSWERED, _A.RETURNED}),
    _A.ANSWERED: frozenset({_A.RETURNED}),
    _A.RETURNED: frozenset(),
}


@dataclass(eq=False)
class AlreadyRecalled(Conflict):
    number: str

    def __str__(self) -> str:
        return f"{self.number} is recalled already."


@dataclass(eq=False)
class NoStepBack(Conflict):
    """A patient's answer was recorded already."""

    before: RecallAnswer
    wanted: RecallAnswer

    def __str__(self) -> str:
        return f"This patient is {_spoken(self.before)}, which does not become {_spoken(self.wanted)}."


@dataclass(eq=False)
class RecallNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such recall, or nothing in it of that order."


@dataclass(eq=False)
class ReturnUncounted(Unfit):
    """What was returned is counted, or measured of a liquid; no more than was dispensed, and only when some came back.

    `dispensed` counts capsules, or of a liquid marks of the syringe that measure `unit_ml`.
    """

    dispensed: int
    unit_ml: Decimal | None = None

    def __str__(self) -> str:
        told = amount_text(self.dispensed, self.unit_ml)
        if self.unit_ml is None:
            return f"Capsules that were returned are counted, up to the {told} dispensed."
        return f"A liquid that was returned is measured in millilitres, up to the {told} dispensed."


@dataclass(eq=False)
class BooksMoved(Conflict):
    """Somebody was promised capsules of the recalled thing while the recall was opened."""

    def __str__(self) -> str:
        return "An order was changed while the recall was opened. Nothing was changed; open it again."


@dataclass(eq=False)
class NotAllReached(Conflict):
    waiting: int

    def __str__(self) -> str:
        return f"{self.waiting} patients or practices have not been told yet, so the recall stays open."


@dataclass(eq=False)
class RecallClosed(Conflict):
    def __str__(self) -> str:
        return "This recall is closed, or was a drill: nothing more is recorded in it."


def answered(before: RecallAnswer, wanted: RecallAnswer) -> RecallAnswer:
    """The state after that answer; NoStepBack when it does not follow."""
    if wanted not in _NEXT[before]:
        raise NoStepBack(before, wanted)
    return wanted


def capsules_left(vials: Iterable[Vial], day: int) -> int:
    """What is left of these vials on the morning of that day of the plan, if every dose before it was taken."""
    return sum(
        max(0, step.last_day - max(step.first_day, day) + 1) * step.capsules_per_dose
        for vial in vials
        for step in vial.steps
    )


def whole_marks(volume_ml: Decimal, unit_ml: Decimal) -> int | None:
    """How many marks of `unit_ml` the volume is; None when it is no whole number of them."""
    marks, rest = divmod(volume_ml, unit_ml)
    return None if rest else int(marks)


def _spoken(answer: RecallAnswer) -> str:
    return answer.value.replace("_", " ")
