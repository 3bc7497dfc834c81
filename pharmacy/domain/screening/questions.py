"""Questions that come before screening: what is not answered is asked, and never overridden.

Three questions must be answered on every order: an opioid in the last 14 days, allergies
or none known, current medicines. A missing or unknown answer is a clarification, coded
and recoverable. A rejection is something else: coded too, and final.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pharmacy.domain.errors import Where
from pharmacy.domain.findings import Finding, Severity

# Codes of questions that go to the prescriber begin so; those of findings do not.
QUESTION_PREFIX = "C-"
_SCREENED_PREFIX = "S-"


class OpioidAnswer(StrEnum):
    """Whether the patient took an opioid in the last 14 days."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the order says of the patient. None is not answered; an empty tuple of medicines is none taken."""

    opioid_last_14_days: OpioidAnswer | None
    allergies: tuple[str, ...] | None
    no_known_allergies: bool
    medicines: tuple[str, ...] | None


class StaffQuestion(StrEnum):
    """What staff may ask the prescriber besides what every order is asked; the code says what it is about."""

    DIRECTIONS = "C-DIRECTIONS"
    DOSE = "C-DOSE"
    DIAGNOSIS = "C-DIAGNOSIS"
    FILLER = "C-FILLER"
    IDENTITY = "C-IDENTITY"
    INTERACTION = "C-INTERACTION"
    LICENCE = "C-LICENCE"
    QUANTITY = "C-QUANTITY"
    OTHER = "C-OTHER"


class Rejection(StrEnum):
    """Why an order is refused for good."""

    UNSAFE = "R-UNSAFE"
    NO_VALID_PRESCRIPTION = "R-NO-VALID-PRESCRIPTION"
    PRESCRIBER_NOT_LICENSED = "R-PRESCRIBER-NOT-LICENSED"
    NOT_LICENSED_THERE = "R-NOT-LICENSED-THERE"
    ESSENTIALLY_A_COPY = "R-ESSENTIALLY-A-COPY"
    CANNOT_BE_MADE = "R-CANNOT-BE-MADE"
    DUPLICATE = "R-DUPLICATE"
    NOT_ANSWERED = "R-NOT-ANSWERED"
    OTHER = "R-OTHER"


def answer_holds(given_on: date, on: date, days: int) -> bool:
    """Whether an answer may still be taken over from another order: through the `days`-th day after it was given.

    Given on 2 March and held for 14 days, it is taken over on 16 March and asked again on 17 March (house policy).
    """
    return (on - given_on).days <= days


def is_question(code: str) -> bool:
    """Whether the code is that of a question, which is answered and never overridden."""
    return code.startswith(QUESTION_PREFIX)


def is_screened(code: str) -> bool:
    """Whether the code is of what `screen` finds about the patient, so that screening again replaces it."""
    return code.startswith(_SCREENED_PREFIX)


# Code, reason and place of each question that keeps an order out of review.
_QUESTIONS: Mapping[str, tuple[str, Where]] = {
    "C-OPIOID-ANSWER": (
        "It is not known whether the patient took an opioid in the last 14 days.",
        ("opioid_last_14_days",),
    ),
    "C-ALLERGIES": ("State the allergies, or that none are known: one of the two.", ("allergies",)),
    "C-MEDICINES": (
        "Current medicines are not stated; an empty list says that there are none.",
        ("medicines",),
    ),
    "C-AUTHORISATION": ("The order does not say who authorised it, when and how.", ("authorization",)),
    "C-ROSTER": ("The prescriber is not on the practice's verified roster.", ("prescriber", "npi")),
}


def clarifications(
    answers: Answers, *, has_authorisation: bool, prescriber_on_roster: bool
) -> tuple[Finding, ...]:
    """What must be asked before the order can be reviewed, in the order of the form; none when all is said."""
    is_open = {
        "C-OPIOID-ANSWER": answers.opioid_last_14_days in {None, OpioidAnswer.UNKNOWN},
        "C-ALLERGIES": bool(answers.allergies) == answers.no_known_allergies,
        "C-MEDICINES": answers.medicines is None,
        "C-AUTHORISATION": not has_authorisation,
        "C-ROSTER": not prescriber_on_roster,
    }
    return tuple(
        Finding(code, Severity.BLOCK, because, where)
        for code, (because, where) in _QUESTIONS.items()
        if is_open[code]
    )
