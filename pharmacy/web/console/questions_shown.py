"""Questions as staff see them: what is still asked, who may answer, and what was answered by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pharmacy.domain.actors import Actor
from pharmacy.domain.orders import answering_allowed
from pharmacy.domain.screening import is_question
from pharmacy.store.orders import Order
from pharmacy.usecases.answer_questions import ANSWERED
from pharmacy.web.console.words import Moment, instant_moment


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionShown:
    """One open question; the code decides which fields stand under it."""

    code: str
    asked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerShown:
    """What was asked, what was answered, by whom and when."""

    code: str
    asked: str
    answer: str
    who: str
    at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionsShown:
    """`why_not` says why that person may not answer now, or is empty."""

    open: tuple[QuestionShown, ...]
    answered: tuple[AnswerShown, ...]
    why_not: str


def questions_shown(order: Order, by: Actor, zone: ZoneInfo) -> QuestionsShown:
    """The questions of the order as that person sees them."""
    refusal = answering_allowed(order.status, by.role)
    return QuestionsShown(
        open=tuple(
            QuestionShown(code=finding.code, asked=finding.because)
            for finding in order.findings
            if is_question(finding.code)
        ),
        answered=tuple(
            AnswerShown(
                code=kept["code"],
                asked=kept["asked"],
                answer=kept["answer"],
                who=kept["by"],
                at=instant_moment(datetime.fromisoformat(kept["at"]), zone),
            )
            for kept in order.answers.get(ANSWERED, ())
        ),
        why_not=refusal.reason if refusal else "",
    )
