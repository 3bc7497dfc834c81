"""The weighings of a batch in the order in which they are done, and how a reading is judged.

A weighing is planned of an ingredient: powder, triturate, filler, or the mixture an aliquot is taken from. What
lies on the pan is read, and the reading is kept as it is: the batch goes on with what was weighed, not with what
was planned. A reading too far from its target is refused while it can still be mended on the pan.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pharmacy.domain.errors import Conflict, Unfit
from pharmacy.domain.figures import shown
from pharmacy.domain.quantities import Milligrams
from pharmacy.domain.weighing import Balance, Weighing, minimum_weighable

HUNDRED = Decimal(100)


class Ingredient(StrEnum):
    """What lies on the pan; a mixture was weighed before, from a lot each."""

    API = "api"
    TRITURATE = "triturate"
    FILLER = "filler"
    MIXTURE = "mixture"


class WeighingStep(StrEnum):
    """Which of the weighings of a batch it is; an aliquot takes three before the filler."""

    ALIQUOT_POWDER = "aliquot_powder"
    ALIQUOT_DILUENT = "aliquot_diluent"
    ACTIVE = "active"
    FILLER = "filler"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedWeighing:
    """One weighing that the batch takes."""

    step: WeighingStep
    ingredient: Ingredient
    name: str
    weighing: Weighing


@dataclass(eq=False)
class NothingSuchToWeigh(Conflict):
    """The batch has no such weighing, or it has been done."""

    step: WeighingStep
    next_step: WeighingStep | None

    def __str__(self) -> str:
        wanted = self.step.replace("_", " ")
        if self.next_step is None:
            return f"Every weighing of this batch is done, {wanted} too."
        return f"The next weighing of this batch is {self.next_step.replace('_', ' ')}, not {wanted}."


@dataclass(eq=False)
class BelowMinimum(Unfit):
    """What was read is less than the balance weighs within its allowed error."""

    name: str
    read: Milligrams
    minimum: Milligrams
    balance: str

    def __str__(self) -> str:
        return (
            f"{shown(self.read.value)} mg of {self.name} were read on {self.balance}, which weighs no less than"
            f" {shown(self.minimum.value)} mg: use a finer balance or a weaker triturate."
        )


@dataclass(eq=False)
class OffTheGrid(Unfit):
    """A reading has digits that the balance does not show."""

    name: str
    read: Milligrams
    readability: Milligrams
    balance: str

    def __str__(self) -> str:
        return (
            f"{shown(self.read.value)} mg of {self.name} cannot have been read on {self.balance}, which shows steps of"
            f" {shown(self.readability.value)} mg: read it again, or name the balance that was used."
        )


@dataclass(eq=False)
class OutOfTolerance(Unfit):
    """What was read is too far from what was to be weighed."""

    name: str
    read: Milligrams
    target: Milligrams
    off_pct: Decimal
    limit_pct: Decimal
    balance: str

    def __str__(self) -> str:
        return (
            f"{shown(self.read.value)} mg of {self.name} were read on {self.balance}, {shown(self.off_pct, 2)} % from"
            f" the target of {shown(self.target.value)} mg; {shown(self.limit_pct)} % are allowed:"
            " add or take off powder and read again."
        )


def next_step(planned: Sequence[PlannedWeighing], done: Sequence[WeighingStep]) -> PlannedWeighing | None:
    """The first weighing that is not done yet, or None when all are."""
    return next((each for each in planned if each.step not in done), None)


def require_next(
    planned: Sequence[PlannedWeighing], done: Sequence[WeighingStep], step: WeighingStep
) -> PlannedWeighing:
    """The weighing of that step, which is next in order; NothingSuchToWeigh otherwise."""
    due = next_step(planned, done)
    if due is None or due.step is not step:
        raise NothingSuchToWeigh(step, None if due is None else due.step)
    return due


def accept_reading(
    planned: PlannedWeighing, read: Milligrams, balance: Balance, tolerance_pct: Decimal
) -> Decimal:
    """How far the reading lies from the target, in per cent, above zero when it is more.

    Raises OffTheGrid, BelowMinimum or OutOfTolerance, each with the weighing, the balance and the cure.
    """
    if balance.on_pan(read) != read:
        raise OffTheGrid(planned.name, read, balance.readability, balance.name)
    minimum = Milligrams(minimum_weighable(balance).number)
    if read < minimum:
        raise BelowMinimum(planned.name, read, minimum, balance.name)
    target = planned.weighing.target
    off_pct = (read.value - target.value) * HUNDRED / target.value
    if abs(off_pct) > tolerance_pct:
        raise OutOfTolerance(planned.name, read, target, off_pct, tolerance_pct, balance.name)
    return off_pct
