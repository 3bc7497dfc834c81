"""What stands between an order and the bench: questions to be asked first, and findings.

`clarifications` says what is not answered; `screen` says what the answers, the pharmacy's own records and the
plan give rise to, by rules that are data (`RuleSet`). The caller decides what stops the order: what blocks
waits for the prescriber, what wants an override needs a pharmacist's reason, and both leave a record.
"""

from pharmacy.domain.screening.engine import screen, with_plan_findings
from pharmacy.domain.screening.questions import (
    Answers,
    OpioidAnswer,
    Rejection,
    StaffQuestion,
    answer_holds,
    clarifications,
    is_question,
    is_screened,
)
from pharmacy.domain.screening.reasons import (
    SHORTEST_REASON,
    ContactMissing,
    ReasonTooShort,
    require_contact,
    require_reason,
)
from pharmacy.domain.screening.rules import RuleSet, ScreeningRule

__all__ = [
    "SHORTEST_REASON",
    "Answers",
    "ContactMissing",
    "OpioidAnswer",
    "ReasonTooShort",
    "Rejection",
    "RuleSet",
    "ScreeningRule",
    "StaffQuestion",
    "answer_holds",
    "clarifications",
    "is_question",
    "is_screened",
    "require_contact",
    "require_reason",
    "screen",
    "with_plan_findings",
]
