"""What one order takes over from another of what the patient was asked, and what is asked again because it is old.

A change of plan and a remake ask nothing anew: they stand on what was answered for the order before. An opioid that was
denied a month ago says nothing of today, so an answer holds for so many days (the setting `answers_hold_days`, house
policy) and no longer; then the order waits for it, as a new order waits that came without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from pharmacy.domain.screening import answer_holds
from pharmacy.store.base import Facts
from pharmacy.store.orders import Order
from pharmacy.usecases.reference import Reference

GIVEN_ON = "given_on"
_DAY = timedelta(days=1)
# Each answer by its question, with what belongs to it and how it looks unsaid.
_UNSAID: Mapping[str, Facts] = {
    "opioid_last_14_days": {"opioid_last_14_days": None, "opioid_detail": None},
    "allergies": {"allergies": None, "no_known_allergies": False},
    "medicines": {"medicines": None},
}
ASKED = tuple(_UNSAID)
_CODED = {"opioid_last_14_days": "opioid", "allergies": "allergies", "medicines": "medicines"}


def given_on(answers: Mapping[str, Any], on: date) -> Facts:
    """The answers with the day on which each of them was given."""
    told = {name: on.isoformat() for name, unsaid in _UNSAID.items() if _is_said(answers, unsaid)}
    return {**answers, GIVEN_ON: told}


def given_again(answers: Mapping[str, Any], names: Iterable[str], on: date) -> Facts:
    """The same after some of them were given today."""
    days = answers.get(GIVEN_ON, {})
    return {**answers, GIVEN_ON: {**days, **{name: on.isoformat() for name in names}}}


def answers_that_hold(order: Order, reference: Reference) -> Facts:
    """The answers of that order, without those that are too old to be taken over."""
    answers = dict(order.answers)
    days = answers.get(GIVEN_ON, {})
    coded = dict(answers.get("coded") or {})
    for name, unsaid in _UNSAID.items():
        # Orders from before kept no day of their own. The books are in UTC, which may be a day ahead of the house:
        # the day before is never too late.
        told = date.fromisoformat(days[name]) if name in days else order.created_at.date() - _DAY
        if _is_said(answers, unsaid) and not answer_holds(
            told, reference.on, reference.course.answers_hold_days
        ):
            answers |= unsaid
            coded.pop(_CODED[name], None)
        elif _is_said(answers, unsaid):
            # The order that takes them over is newer; the answer is as old as it was.
            days = {**days, name: told.isoformat()}
    kept = {GIVEN_ON: days} if days else {}
    return {**answers, **kept, **({"coded": coded} if "coded" in answers else {})}


def _is_said(answers: Mapping[str, Any], unsaid: Facts) -> bool:
    return any(answers.get(name) != nothing for name, nothing in unsaid.items())
