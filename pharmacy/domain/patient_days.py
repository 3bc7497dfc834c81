"""What a patient takes on each day, in capsules, whatever vials they come from.

Labels speak of vials, calendars of days. A dose of capsules from two vials is one dose here, and a step that goes on
in a second vial is one step.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.supply import Supply, VialStep
from pharmacy.domain.titration import TimeOfDay, TitrationPlan, scheduled_between


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientDay:
    """One day of the plan: its step, whether that begins here, and the capsules at each time; none in a pause.

    `dose` is all that is taken that day; a drawing shows its height and never its number.
    """

    day: int
    step: int
    is_first_of_step: bool
    dose: Micrograms
    taken: tuple[tuple[TimeOfDay, int], ...]
    # Of a liquid: what one mark of the syringe measures.
    unit_ml: Decimal | None = None


def patient_days(plan: TitrationPlan, supply: Supply) -> tuple[PatientDay, ...]:
    """Every day that the supply covers, pauses included."""
    window = supply.window
    taken: Counter[tuple[int, TimeOfDay]] = Counter()
    for step in (step for line in supply.lines for vial in line.vials for step in vial.steps):
        for day in range(step.first_day, step.last_day + 1):
            taken[day, step.time_of_day] += step.capsules_per_dose
    return tuple(
        PatientDay(
            day=day,
            step=part.position,
            is_first_of_step=day == part.first_day,
            dose=part.step.daily_dose,
            taken=tuple((time, taken[day, time]) for time in TimeOfDay if taken[day, time]),
            unit_ml=supply.lines[0].unit_ml if supply.lines else None,
        )
        for part in scheduled_between(plan, window.first_day, window.last_day)
        for day in range(part.first_day, part.last_day + 1)
    )


def whole_doses(steps: Iterable[VialStep]) -> tuple[VialStep, ...]:
    """The doses whatever vials they come from, by time of day: each stretch of days with the same dose once."""
    taken: dict[tuple[TimeOfDay, int], VialStep] = {}
    for step in steps:
        for day in range(step.first_day, step.last_day + 1) if step.capsules_per_dose else ():
            here = step.time_of_day, day
            before = taken[here].capsules_per_dose if here in taken else 0
            taken[here] = replace(
                step,
                first_day=day,
                last_day=day,
                capsules_per_dose=before + step.capsules_per_dose,
                beside=(),
            )
    whole: list[VialStep] = []
    for here in sorted(taken):
        if whole and _goes_on(whole[-1], taken[here]):
            whole[-1] = replace(whole[-1], last_day=taken[here].last_day)
        else:
            whole.append(taken[here])
    return tuple(whole)


def _goes_on(before: VialStep, dose: VialStep) -> bool:
    """Whether the dose is that of the day before, in the same step at the same time."""
    same = replace(dose, first_day=before.first_day, last_day=before.last_day)
    return same == before and before.last_day + 1 == dose.first_day
