"""On whose word a plan changes, and the states of an adjustment on its way into force.

A change of dose is a change of the order: the prescriber authorises it, or has done so in advance by an *envelope*,
a highest daily dose and a pace. Without an envelope a pharmacist may record only what takes no new dose: a pause,
a stop, and a move within the day (usual pharmacist discretion; house policy). A restart after a long break needs
the prescriber always. Then a pharmacist accepts, the patient is screened again, and only then is the plan changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pharmacy.domain.adjustments import AdjustmentKind
from pharmacy.domain.course import Course, joined, stretches
from pharmacy.domain.errors import Conflict, NotAllowed
from pharmacy.domain.figures import require_whole
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.titration import NO_DOSE


class Authority(StrEnum):
    """On whose word a plan version stands."""

    PRESCRIPTION = "prescription"
    PRESCRIBER = "prescriber"
    ENVELOPE = "envelope"
    PHARMACIST = "pharmacist"
    # A fact about the patient that nobody orders: missed days.
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Envelope:
    """Authorised in advance: at most that dose a day, and after each rise at least so many days before the next."""

    most_a_day: Micrograms
    least_step_days: int

    def __post_init__(self) -> None:
        if require_whole(self.least_step_days, "least_step_days") < 1:
            raise ValueError("A step lasts a day at least")

    def holds(self, course: Course, from_day: int) -> bool:
        """Whether all that is taken from that day on stays below the dose and within the pace."""
        dose, days = NO_DOSE, 0
        for part in stretches(joined((*course.legs, *course.set_aside))):
            step, is_to_come = part.leg.step, part.last_day is None or part.last_day >= from_day
            if step.is_pause:
                continue
            if is_to_come and step.daily_dose > self.most_a_day:
                return False
            if (
                part.first_day >= from_day
                and NO_DOSE < dose < step.daily_dose
                and days < self.least_step_days
            ):
                return False
            days = (days if step.daily_dose == dose else 0) + (step.duration_days or 0)
            dose = step.daily_dose
        return True


@dataclass(eq=False)
class PrescriberDue(NotAllowed):
    """A pharmacist would record what is the prescriber's to order."""

    kind: AdjustmentKind

    def __str__(self) -> str:
        allowed = ", ".join(sorted(kind.words for kind in PHARMACIST_MAY))
        return (
            f"The prescription gives no envelope, so a pharmacist may record only {allowed}; "
            f"{self.kind.words} is for the prescriber to order."
        )


PHARMACIST_MAY = frozenset({AdjustmentKind.PAUSE, AdjustmentKind.STOP, AdjustmentKind.MOVE_TIME_OF_DAY})


def pharmacists_authority(
    kind: AdjustmentKind, envelope: Envelope | None, course: Course, from_day: int
) -> Authority | None:
    """On whose word a pharmacist may have the plan changed to `course`; None when the prescriber is to be asked.

    Raises PrescriberDue where no envelope was given and the kind is not a pharmacist's own.
    """
    if kind in PHARMACIST_MAY:
        return Authority.PHARMACIST
    if envelope is None:
        raise PrescriberDue(kind, where=("kind",))
    if kind is not AdjustmentKind.RESTART and envelope.holds(course, from_day):
        return Authority.ENVELOPE
    return None


class AdjustmentState(StrEnum):
    """Where an adjustment is."""

    PROPOSED = "proposed"
    AUTHORISED = "authorised"
    ACCEPTED = "accepted"
    IN_FORCE = "in_force"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


_A = AdjustmentState
_NEXT: Mapping[AdjustmentState, frozenset[AdjustmentState]] = {
    _A.PROPOSED: frozenset({_A.AUTHORISED, _A.DECLINED, _A.WITHDRAWN}),
    _A.AUTHORISED: frozenset({_A.ACCEPTED, _A.DECLINED, _A.WITHDRAWN}),
    _A.ACCEPTED: frozenset({_A.IN_FORCE}),
    _A.IN_FORCE: frozenset(),
    _A.DECLINED: frozenset(),
    _A.WITHDRAWN: frozenset(),
}
OPEN_STATES = frozenset({_A.PROPOSED, _A.AUTHORISED})


@dataclass(eq=False)
class AdjustmentNotThere(Conflict):
    """An adjustment was to be moved where it cannot go from where it is."""

    current: AdjustmentState
    wanted: AdjustmentState

    def __str__(self) -> str:
        now, then = (state.replace("_", " ") for state in (self.current, self.wanted))
        return f"An adjustment that is {now} cannot become {then}."


def advance_adjustment(current: AdjustmentState, wanted: AdjustmentState) -> AdjustmentState:
    """`wanted`, when the adjustment may go there; AdjustmentNotThere otherwise."""
    if wanted not in _NEXT[current]:
        raise AdjustmentNotThere(current, wanted)
    return wanted
