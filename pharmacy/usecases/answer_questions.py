"""What an order was asked is answered by a pharmacist, and the order is screened again at once.

An unanswered question about opioids, allergies or medicines keeps an order out of the queue (house policy,
screening). Answers may come one by one. What was asked, by whom it was answered and when stays with the order;
findings about the patient are those of the answers now known, findings about the plan stay as they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import age_on
from pharmacy.domain.errors import Conflict, Unfit, Where
from pharmacy.domain.events import EventKind
from pharmacy.domain.findings import Finding
from pharmacy.domain.orders import ANSWERERS, answering_allowed
from pharmacy.domain.screening import (
    Answers,
    OpioidAnswer,
    clarifications,
    is_question,
    is_screened,
    screen,
)
from pharmacy.store import audit, events, orders
from pharmacy.store.base import new_id
from pharmacy.store.orders import Order, OrderFinding
from pharmacy.usecases.act_gates import open_questions
from pharmacy.usecases.act_on_order import ActNotOpen, NotYourAct, SomebodyElseWasFaster

ANSWERED = "answered"
_Answers = dict[str, Any]


@dataclass(eq=False)
class NothingAnswered(Unfit):
    def __str__(self) -> str:
        return "Answer at least one question."


@dataclass(eq=False)
class NotAsked(Conflict):
    """An answer to what is not, or no longer, asked."""

    codes: tuple[str, ...]

    def __str__(self) -> str:
        return f"This is not asked, or was answered already: {', '.join(self.codes)}."


@dataclass(eq=False)
class AnswerUnfit(Unfit):
    """An answer that says nothing, or two things at once."""

    because: str

    def __str__(self) -> str:
        return self.because


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """Who confirmed, when, and how, in the pharmacist's words."""

    who: str
    when: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswers:
    """What a pharmacist learned, as of the pharmacy's `today`; None is not answered yet.

    `allergies` or `medicines` that are empty say "none known" and "none taken".
    """

    seen_version: int
    today: date
    opioid_last_14_days: OpioidAnswer | None = None
    opioid_detail: str | None = None
    allergies: tuple[str, ...] | None = None
    medicines: tuple[str, ...] | None = None
    authorisation: Confirmation | None = None
    roster: Confirmation | None = None


def answer_questions(
    session: Session, order_id: UUID, given: GivenAnswers, *, by: Actor, now: datetime
) -> Order:
    """The answers are on the order, which has been screened again; what is still open stays asked.

    Raises NotYourAct for anybody but a pharmacist, ActNotOpen once the order was decided about, NotAsked,
    NothingAnswered or AnswerUnfit with its place, SomebodyElseWasFaster when the page was stale.
    """
    order = orders.get_for_update(session, order_id)
    refusal = answering_allowed(order.status, by.role)
    if refusal is not None:
        raise (ActNotOpen if by.role in ANSWERERS else NotYourAct)(refusal.reason)
    if order.version != given.seen_version:
        raise SomebodyElseWasFaster
    said = dict(_said(given))
    _require_asked(order, tuple(said))
    asked = {finding.code: finding.because for finding in order.findings}
    settled = [
        {"code": code, "asked": asked[code], "answer": answer, "by": by.name, "at": now.isoformat()}
        for code, answer in said.items()
    ]
    order.answers = _merged(order, given) | {ANSWERED: [*order.answers.get(ANSWERED, []), *settled]}
    _rescreen(session, order, frozenset(said), given.today)
    audit.record(session, "order.answered", order.id, by=by, at=now, questions=sorted(said))
    events.add(session, EventKind.ORDER_ANSWERED, practice_id=order.practice_id, order_id=order.id, now=now)
    return order


def _require_asked(order: Order, codes: tuple[str, ...]) -> None:
    if not codes:
        raise NothingAnswered
    unasked = tuple(code for code in codes if code not in open_questions(order))
    if unasked:
        raise NotAsked(unasked)


def _said(given: GivenAnswers) -> Iterator[tuple[str, str]]:
    """Each answer in words, by the code of its question. Raises AnswerUnfit."""
    if given.opioid_last_14_days is not None:
        if given.opioid_last_14_days is OpioidAnswer.UNKNOWN:
            raise AnswerUnfit("Say yes or no: unknown is no answer.", where=("opioid_last_14_days",))
        detail = f", {given.opioid_detail}" if given.opioid_detail else ""
        yield "C-OPIOID-ANSWER", f"{given.opioid_last_14_days}{detail}"
    if given.allergies is not None:
        yield "C-ALLERGIES", ", ".join(given.allergies) or "none known"
    if given.medicines is not None:
        yield "C-MEDICINES", ", ".join(given.medicines) or "none"
    if given.authorisation is not None:
        yield "C-AUTHORISATION", _confirmed(given.authorisation, ("authorisation",))
    if given.roster is not None:
        yield "C-ROSTER", _confirmed(given.roster, ("roster",))


def _confirmed(said: Confirmation, where: Where) -> str:
    if not any(map(str.isalpha, said.who)):
        raise AnswerUnfit("Say who confirmed it.", where=(*where, "who"))
    if not any(map(str.isdecimal, said.when)):
        raise AnswerUnfit("Say on which day, and when, it was confirmed.", where=(*where, "when"))
    if not any(map(str.isalpha, said.how)):
        raise AnswerUnfit("Say how it was confirmed, such as “by telephone”.", where=(*where, "how"))
    return f"{said.who}, {said.when}, {said.how}"


def _merged(order: Order, given: GivenAnswers) -> _Answers:
    """The answers of the order with those that were given in place of what was missing."""
    answers: _Answers = dict(order.answers)
    if given.opioid_last_14_days is not None:
        answers["opioid_last_14_days"] = given.opioid_last_14_days.value
        answers["opioid_detail"] = given.opioid_detail or answers.get("opioid_detail")
    if given.allergies is not None:
        answers["allergies"] = list(given.allergies)
        answers["no_known_allergies"] = not given.allergies
    if given.medicines is not None:
        answers["medicines"] = list(given.medicines)
    for name in ("authorisation", "roster"):
        confirmation: Confirmation | None = getattr(given, name)
        if confirmation is not None:
            answers[f"{name}_confirmed"] = asdict(confirmation)
    return answers


def _rescreen(session: Session, order: Order, answered: frozenset[str], today: date) -> None:
    """The findings of the order are those of its answers now, gravest first after what is still asked."""
    known = _known(order, today)
    still_open = frozenset(open_questions(order)) - answered
    questions = clarifications(
        known,
        has_authorisation="C-AUTHORISATION" not in still_open,
        prescriber_on_roster="C-ROSTER" not in still_open,
    )
    about_plan = [
        Finding(kept.code, kept.severity, kept.because, _where(kept.pointer), kept.expected, kept.found)
        for kept in order.findings
        if not (is_question(kept.code) or is_screened(kept.code))
    ]
    for replaced in order.findings:
        session.delete(replaced)
    session.add_all(
        OrderFinding(
            id=new_id(),
            order_id=order.id,
            position=position,
            code=finding.code,
            severity=finding.severity,
            because=finding.because,
            pointer="".join(f"/{part}" for part in finding.where),
            expected=finding.expected,
            found=finding.found,
        )
        for position, finding in enumerate((*questions, *screen(known, about_plan)), start=1)
    )
    session.flush()  # Whoever reads the order next in this transaction reads the new findings.
    session.expire(order, ["findings"])


def _known(order: Order, today: date) -> Answers:
    answers = order.answers
    opioid, allergies, medicines = (
        answers.get(name) for name in ("opioid_last_14_days", "allergies", "medicines")
    )
    return Answers(
        opioid_last_14_days=OpioidAnswer(opioid) if opioid else None,
        allergies=None if allergies is None else tuple(allergies),
        no_known_allergies=bool(answers.get("no_known_allergies")),
        medicines=None if medicines is None else tuple(medicines),
        age=age_on(order.patient.birth_on, today),
    )


def _where(pointer: str) -> Where:
    return tuple(int(part) if part.isdecimal() else part for part in pointer.split("/") if part)
