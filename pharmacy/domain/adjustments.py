"""What an adjustment asks for, and how it is refused: the values that the rules of adjusting take and give.

The kinds are those of the trade; `restart` is the way back after too long a break. A half that no capsule makes
exactly is kept beside what is made of it.
"""

from dataclasses import dataclass
from enum import StrEnum

from pharmacy.domain.dose_text import format_dose
from pharmacy.domain.errors import Unfit
from pharmacy.domain.figures import require_whole
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.titration import TimeOfDay


class AdjustmentKind(StrEnum):
    """What is done to the plan from a day on."""

    PAUSE = "pause"
    RESUME = "resume"
    STAY = "stay"
    STEP_BACK = "step_back"
    HALVE = "halve"
    SLOWER = "slower"
    SKIP = "skip"
    MOVE_TIME_OF_DAY = "move_time_of_day"
    STOP = "stop"
    RESTART = "restart"

    @property
    def words(self) -> str:
        """The kind as people say it."""
        return self.replace("_", " ")


@dataclass(eq=False)
class NotOpenNow(Unfit):
    """The adjustment makes no sense where the course is; `because` is the whole sentence."""

    because: str

    def __str__(self) -> str:
        return self.because


@dataclass(eq=False)
class ResumeTooLate(Unfit):
    """After so long without a dose the way back begins at step 1."""

    days_off: int
    most: int

    def __str__(self) -> str:
        return (
            f"No dose was taken for {self.days_off} days; after more than {self.most} the titration restarts at"
            " step 1, with the prescriber's authority."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """What is asked for. `days` for pause (None: until resumed), stay and slower; `to` for a move of the time.

    `waits_a_day`: the last dose at the old time is so late that the first at the new one waits a day.
    """

    kind: AdjustmentKind
    from_day: int
    days: int | None = None
    to: TimeOfDay | None = None
    waits_a_day: bool = False

    def __post_init__(self) -> None:
        if require_whole(self.from_day, "from_day") < 1:
            raise ValueError("Days count from 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustingRules:
    """`strengths`: what the formulary makes as one capsule. `usual_step_days` where a step has no length."""

    most_days_off: int
    usual_step_days: int
    strengths: tuple[Micrograms, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Halved:
    """A halved dose: `exact_half` in micrograms as a fraction of two, and what is made of it."""

    dose: Micrograms
    made: Micrograms

    @property
    def words(self) -> str:
        """Both figures: "half of 4.5 mg is 2.25 mg; made as 2 mg"."""
        half = Micrograms(self.dose.value // 2)
        exact = format_dose(half) if self.dose.value % 2 == 0 else f"{self.dose.value}/2 mcg"
        return f"half of {format_dose(self.dose)} is {exact}; made as {format_dose(self.made)}"
