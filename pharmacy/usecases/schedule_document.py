"""A plan laid out in days and dates, as plain facts."""

from __future__ import annotations

from datetime import date
from typing import Any

from pharmacy.domain.supply import Window
from pharmacy.domain.titration import Intake, TitrationPlan, date_of, dosing_days, scheduled_between


def steps_document(plan: TitrationPlan, window: Window, start_on: date) -> list[dict[str, Any]]:
    """The steps in the window with first and last day, both included, as numbers and as dates."""
    return [
        {
            "position": part.position,
            "first_day": part.first_day,
            "last_day": part.last_day,
            "first_on": date_of(start_on, part.first_day),
            "last_on": date_of(start_on, part.last_day),
            "intakes": _intakes(part.step.doses),
        }
        for part in scheduled_between(plan, window.first_day, window.last_day)
    ]


def days_document(plan: TitrationPlan, window: Window, start_on: date) -> list[dict[str, Any]]:
    """Every day of the window with its doses."""
    days = dosing_days(plan, start_on, first_day=window.first_day, last_day=window.last_day)
    return [
        {"day": day.day, "on": day.on, "step": day.position, "intakes": _intakes(day.intakes)} for day in days
    ]


def _intakes(intakes: tuple[Intake, ...]) -> list[dict[str, Any]]:
    return [{"time_of_day": intake.time_of_day, "dose_ug": intake.dose.value} for intake in intakes]
