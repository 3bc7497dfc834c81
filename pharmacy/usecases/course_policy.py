"""What the pharmacist-in-charge has settled about adjusting and renewing, from the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursePolicy:
    """Limits and usual times of the life of a plan.

    See the settings `adjusting`, `renewal_lead_days` and `answers_hold_days`: through so many days after the one on
    which it was given, an answer is taken over by another order.
    """

    most_days_off: int
    usual_step_days: int
    usual_bedtime: time
    usual_morning: time
    least_between: timedelta
    renewal_lead_days: int
    answers_hold_days: int

    def __post_init__(self) -> None:
        if self.answers_hold_days < 0:
            raise ValueError("Answers hold for a number of days, none or more.")


def policy_from(settings: Mapping[str, Any]) -> CoursePolicy:
    """The policy that the settings in force give."""
    adjusting = settings["adjusting"]
    return CoursePolicy(
        most_days_off=adjusting["most_days_off"],
        usual_step_days=adjusting["usual_step_days"],
        usual_bedtime=time.fromisoformat(adjusting["usual_bedtime"]),
        usual_morning=time.fromisoformat(adjusting["usual_morning"]),
        least_between=timedelta(hours=adjusting["least_hours_between"]),
        renewal_lead_days=settings["renewal_lead_days"],
        answers_hold_days=settings["answers_hold_days"],
    )
