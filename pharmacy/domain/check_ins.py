"""How a patient answers a check-in, and which changes of the plan the answer suggests to a pharmacist.

Vivid dreams and insomnia are the reason to move the dose to the morning first; a headache to a lower dose or a
slower titration; a stomach that troubles to staying at the present dose for longer (LDN Research Trust, prescribing
guide). A pharmacist decides; nothing changes by an answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pharmacy.domain.adjustments import AdjustmentKind


class CheckInAnswer(StrEnum):
    """What the patient taps."""

    FINE = "fine"
    HEADACHE = "headache"
    VIVID_DREAMS = "vivid_dreams"
    STOMACH = "stomach"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the patient reports in a word, and the adjustments to think of, first things first."""

    reported: str
    options: tuple[AdjustmentKind, ...]


SUGGESTIONS: Mapping[CheckInAnswer, Suggestion] = {
    CheckInAnswer.HEADACHE: Suggestion(
        "a headache", (AdjustmentKind.STEP_BACK, AdjustmentKind.HALVE, AdjustmentKind.SLOWER)
    ),
    CheckInAnswer.VIVID_DREAMS: Suggestion(
        "vivid dreams or bad sleep",
        (AdjustmentKind.MOVE_TIME_OF_DAY, AdjustmentKind.STEP_BACK, AdjustmentKind.SLOWER),
    ),
    CheckInAnswer.STOMACH: Suggestion("a troubled stomach", (AdjustmentKind.STAY,)),
    CheckInAnswer.STOP: Suggestion("the wish to stop", (AdjustmentKind.PAUSE, AdjustmentKind.STOP)),
}


def task_wording(answer: CheckInAnswer, step_position: int) -> str:
    """What a pharmacist is asked to do about it."""
    suggestion = SUGGESTIONS[answer]
    options = ", then ".join(option.replace("_", " ") for option in suggestion.options)
    return (
        f"In step {step_position} the patient reports {suggestion.reported}: call the patient. "
        f"To think of: {options}. The next step notice waits while this task is open."
    )
