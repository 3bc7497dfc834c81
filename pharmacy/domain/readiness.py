"""Who and what may be put to a weighing today: trained people, calibrated balances.

USP <795> asks for training before the first preparation and again every twelve months in each core competency;
whoever is past it in one of them neither compounds nor verifies. A balance past its calibration due date, or out
of use, weighs nothing (22 TAC 291.131 asks for verified accuracy at least every twelve months). The due days
themselves still serve.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pharmacy.domain.errors import Conflict, NotAllowed


class Competency(StrEnum):
    """The core competencies of USP <795>, each trained and renewed by itself."""

    HYGIENE = "hygiene"
    GARBING = "garbing"
    MEASURING_AND_MIXING = "measuring_and_mixing"
    EQUIPMENT = "equipment"
    DOCUMENTATION = "documentation"


@dataclass(eq=False)
class TrainingLapsed(NotAllowed):
    """This person's training is missing or over in some competency."""

    person: str
    lapsed: tuple[Competency, ...]

    def __str__(self) -> str:
        named = ", ".join(competency.replace("_", " ") for competency in self.lapsed)
        return f"{self.person} may not compound or verify today; no training in force in: {named}."


@dataclass(eq=False)
class BalanceNotUsable(Conflict):
    """The balance is out of use or its calibration is overdue."""

    balance: str
    because: str

    def __str__(self) -> str:
        return f"Balance {self.balance} may not be used: {self.because}."


def lapsed_on(expires_on: Mapping[Competency, date], on: date) -> tuple[Competency, ...]:
    """The competencies without training in force on that day; the last day of a training still serves."""
    return tuple(each for each in Competency if expires_on.get(each) is None or expires_on[each] < on)


def require_trained(person: str, expires_on: Mapping[Competency, date], on: date) -> None:
    """Raises TrainingLapsed unless every competency is in force on that day."""
    lapsed = lapsed_on(expires_on, on)
    if lapsed:
        raise TrainingLapsed(person, lapsed)


def training_in_force_until(expires_on: Mapping[Competency, date]) -> date | None:
    """The last day on which this person may compound; None when a competency was never trained."""
    days = [expires_on.get(each) for each in Competency]
    return None if None in days else min(day for day in days if day is not None)


def require_calibrated(balance: str, calibration_due_on: date, is_in_use: bool, on: date) -> None:
    """Raises BalanceNotUsable when the balance is out of use or its calibration was due before that day."""
    if not is_in_use:
        raise BalanceNotUsable(balance, "it is out of use")
    if calibration_due_on < on:
        raise BalanceNotUsable(balance, f"its calibration was due on {calibration_due_on.isoformat()}")
