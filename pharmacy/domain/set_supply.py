"""A stretch of a plan supplied from a set of strengths, several capsules together making up a dose.

Each strength is one order line with a vial for each step it serves, as with own strengths (house policy): one vial
tells one patient what to do in one step, and names the capsules that belong to the same dose but stand in another
vial, so that nobody takes half a dose.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from pharmacy.domain.dose_text import format_dose
from pharmacy.domain.errors import Unfit
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.strength_sets import StrengthSet, best_sets, made_up
from pharmacy.domain.supply import (
    MOST_CAPSULES_PER_DOSE,
    Supply,
    SupplyLine,
    SupplyMethod,
    Vial,
    VialStep,
    Window,
    vial_step,
    vials_of,
)
from pharmacy.domain.titration import ScheduledStep, TitrationPlan, scheduled_between


@dataclass(eq=False)
class DoseNotMadeUp(Unfit):
    """No handful of whole capsules of these strengths is the dose. `position` counts from 1."""

    position: int
    dose: Micrograms
    strengths: tuple[Micrograms, ...]

    def __str__(self) -> str:
        offered = ", ".join(format_dose(strength) for strength in self.strengths)
        return (
            f"Step {self.position}: {format_dose(self.dose)} is not made up of at most "
            f"{MOST_CAPSULES_PER_DOSE} capsules of {offered}."
        )


@dataclass(frozen=True, slots=True)
class Formulary:
    """The strengths that the pharmacy makes, and of how many at most a suggested set consists (settings)."""

    strengths: tuple[Micrograms, ...]
    most_in_set: int


def from_strengths(plan: TitrationPlan, window: Window, strengths: Iterable[Micrograms]) -> Supply:
    """All doses from the fewest capsules of these strengths, larger ones preferred; unused strengths make no line.

    Raises DoseNotMadeUp for the first dose that whole capsules cannot make up.
    """
    offered = tuple(sorted(set(strengths)))
    vials: dict[Micrograms, list[Vial]] = {}
    for part in scheduled_between(plan, window.first_day, window.last_day):
        for strength, served in _served(plan, part, offered).items():
            vials.setdefault(strength, []).extend(vials_of(served))
    lines = tuple(SupplyLine(strength, tuple(of_strength)) for strength, of_strength in sorted(vials.items()))
    return Supply(SupplyMethod.STRENGTH_SET, window, lines)


def _served(
    plan: TitrationPlan, part: ScheduledStep, offered: tuple[Micrograms, ...]
) -> dict[Micrograms, list[VialStep]]:
    served: dict[Micrograms, list[VialStep]] = {}
    for intake in part.step.doses:
        counts = made_up(intake.dose, offered, MOST_CAPSULES_PER_DOSE)
        if counts is None:
            where = ("steps", part.position - 1, part.step.dose_field)
            raise DoseNotMadeUp(part.position, intake.dose, offered, where=where)
        for strength, count in counts.items():
            beside = tuple(each for each in counts.items() if each[0] != strength)
            step = replace(vial_step(plan, part, intake.time_of_day, count), beside=beside)
            served.setdefault(strength, []).append(step)
    return served


def suggested_sets(plan: TitrationPlan, window: Window, formulary: Formulary) -> tuple[StrengthSet, ...]:
    """Sets of two strengths or more, and of fewer than there are doses: those beyond the two simple ways."""
    doses: Counter[Micrograms] = Counter()
    for part in scheduled_between(plan, window.first_day, window.last_day):
        for intake in part.step.doses:
            doses[intake.dose] += part.days
    found = best_sets(
        doses,
        formulary.strengths,
        most_strengths=min(formulary.most_in_set, len(doses) - 1),
        most_per_dose=MOST_CAPSULES_PER_DOSE,
    )
    return tuple(each for each in found if len(each.strengths) > 1)
