"""A dose that comes on paper is entered twice, by two people who do not see each other's numbers.

Both entries are read from the same sheet. Where they agree to the last number the order goes on; where they differ
every difference is shown, and somebody looks at the paper again. House policy after ISMP's independent double check.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest

from pharmacy.domain.dose_text import format_dose
from pharmacy.domain.errors import NotAllowed
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.titration import Step, TimeOfDay, TitrationPlan


class Channel(StrEnum):
    """How an order came that did not come by itself."""

    FAX = "fax"
    PHONE = "phone"
    PAPER = "paper"
    E_PRESCRIPTION = "e_prescription"


# What comes on paper is kept as a picture; a call leaves none, but was read back.
ON_PAPER = frozenset({Channel.FAX, Channel.PAPER, Channel.E_PRESCRIPTION})


@dataclass(eq=False)
class SecondIsTheFirst(NotAllowed):
    """Nobody checks themselves."""

    def __str__(self) -> str:
        return "The dose was entered by you already; somebody else enters it the second time."


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """What is entered twice: the plan, and for how many days it is filled (None: all of a closed plan)."""

    plan: TitrationPlan
    days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One number on which the two disagree, in words; `step` counts from 1, and is 0 for the fill as a whole."""

    step: int
    what: str
    first: str
    second: str


def differences(first: Dose, second: Dose) -> tuple[Difference, ...]:
    """Every number on which two entries disagree; none when they are the same."""
    return tuple(_differences(first, second))


def _differences(first: Dose, second: Dose) -> Iterator[Difference]:
    if first.days != second.days:
        yield Difference(step=0, what="days", first=_days(first.days), second=_days(second.days))
    pairs = zip_longest(first.plan.steps, second.plan.steps)
    for position, (one, other) in enumerate(pairs, start=1):
        if one is None or other is None:
            yield Difference(step=position, what="step", first=_step(one), second=_step(other))
            continue
        for time in TimeOfDay:
            doses = tuple(_dose(step, time) for step in (one, other))
            if doses[0] != doses[1]:
                yield Difference(step=position, what=time.words, first=doses[0], second=doses[1])
        if one.duration_days != other.duration_days:
            yield Difference(
                step=position,
                what="lasts",
                first=_lasts(one.duration_days),
                second=_lasts(other.duration_days),
            )


def _dose(step: Step, time: TimeOfDay) -> str:
    found = next((intake.dose for intake in step.intakes if intake.time_of_day is time), Micrograms(0))
    return format_dose(found) if found.value else "nothing"


def _step(step: Step | None) -> str:
    if step is None:
        return "no such step"
    doses = " and ".join(f"{_dose(step, each.time_of_day)} {each.time_of_day.words}" for each in step.intakes)
    return f"{doses}, {_lasts(step.duration_days)}"


def _days(days: int | None) -> str:
    return "to the end of the plan" if days is None else f"{days} days"


def _lasts(days: int | None) -> str:
    return "open-ended" if days is None else f"{days} days"
