"""What an order was asked is answered by a pharmacist or the practice, and the order is screened again at once.

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

from pharmacy.domain.actors import Actor, ActorKind
from pharmacy.domain.errors import Conflict, Unfit, Where
from pharmacy.domain.events import EventKind
from pharmacy.domain.orders import ANSWERABLE, ANSWERERS, Refusal, answering_allowed
from pharmacy.domain.screening import OpioidAnswer
from pharmacy.domain.screening.statements import OpioidStatement, Stated
from pharmacy.store import audit, events, orders
from pharmacy.store.orders import Order
from pharmacy.store.screening import Occasion
from pharmacy.store.tasks import NewTask, open_task
from pharmacy.usecases.act_gates import open_questions
from pharmacy.usecases.act_on_order import ActNotOpen, NotYourAct, SomebodyElseWasFaster
from pharmacy.usecases.answers_age import ASKED, given_again
from pharmacy.usecases.commands import Authorization
from pharmacy.usecases.patient_facts import opioid_facts, stated_facts, with_allergies
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.screen_order import Look, finding_of, replace_findings, screen_order
from pharmacy.usecases.submit_order import CLOCKS_APART

ANSWERED = "answered"
ANSWERED_TASK = "order.answered"
# Whether a prescriber is on the roster is for staff to find out; no practice answers it for itself.
_FOR_STAFF = frozenset({"C-ROSTER"})
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
class WordedAnswer:
    """The answer in words to what staff have asked; `told` is who told it to whoever of the staff writes it down."""

    code: str
    answer: str
    told: Confirmation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswers:
    """What somebody learned, screened by what is in force; None is not answered yet.

    `allergies` or `medicines` that are empty say "none known" and "none taken"; `worded` answers questions that
    staff have asked, by their codes. The prescriber's signature comes from their system as `authorization`, or is
    confirmed to staff as `authorisation`. `seen_version` is None for whoever answers without having looked.
    """

    seen_version: int | None
    reference: Reference
    opioid_last_14_days: OpioidAnswer | None = None
    opioid_detail: str | None = None
    opioid_agent: Stated | None = None
    opioid_last_dose_on: date | None = None
    opioid_exception: str | None = None
    allergies: tuple[Stated, ...] | None = None
    medicines: tuple[Stated, ...] | None = None
    authorisation: Confirmation | None = None
    authorization: Authorization | None = None
    roster: Confirmation | None = None
    worded: tuple[WordedAnswer, ...] = ()


def answer_questions(
    session: Session, order_id: UUID, given: GivenAnswers, *, by: Actor, now: datetime
) -> Order:
    """The answers are on the order, which has been screened again; what is still open stays asked.

    Raises OrderNotFound for an order of another practice, NotYourAct for anybody but a pharmacist or the
    practice, ActNotOpen once the order was decided about, NotAsked, NothingAnswered or AnswerUnfit with its
    place, SomebodyElseWasFaster when the page was stale.
    """
    order = _order_for(session, order_id, by)
    _require_allowed(order, by)
    if given.seen_version is not None and order.version != given.seen_version:
        raise SomebodyElseWasFaster
    said = dict(_said(given, by))
    _require_asked(order, tuple(said), by)
    if given.authorization is not None:
        _sign(order, given.authorization, now)
    asked = {finding.code: finding.because for finding in order.findings}
    settled = [
        {"code": code, "asked": asked[code], "answer": answer, "by": by.name, "at": now.isoformat()}
        for code, answer in said.items()
    ]
    order.answers = _merged(order, given) | {ANSWERED: [*order.answers.get(ANSWERED, []), *settled]}
    _learn(order, given, now)
    kept = [finding_of(each) for each in order.findings if each.code not in said]
    replace_findings(session, order, kept)
    look = Look(reference=given.reference, occasion=Occasion.ANSWERS)
    screen_order(session, order, look, by=by, now=now)
    audit.record(session, "order.answered", order.id, by=by, at=now, questions=sorted(said))
    events.add(session, EventKind.ORDER_ANSWERED, practice_id=order.practice_id, order_id=order.id, now=now)
    if by.kind is ActorKind.API_CLIENT and not open_questions(order):
        _tell_staff(session, order, given.reference, by=by, now=now)
    return order


def _order_for(session: Session, order_id: UUID, by: Actor) -> Order:
    """The order, locked; OrderNotFound for a practice that it is not of."""
    if by.practice_id is not None:
        orders.lock_of_practice(session, order_id, by.practice_id)
    return orders.get_for_update(session, order_id)


def _require_allowed(order: Order, by: Actor) -> None:
    if by.kind is ActorKind.API_CLIENT:
        if order.status not in ANSWERABLE:
            raise ActNotOpen(f"The order is {order.status.replace('_', ' ')}")
        return
    refusal: Refusal | None = answering_allowed(order.status, by.role)
    if refusal is not None:
        raise (ActNotOpen if by.role in ANSWERERS else NotYourAct)(refusal.reason)


def _require_asked(order: Order, codes: tuple[str, ...], by: Actor) -> None:
    if not codes:
        raise NothingAnswered
    if by.kind is ActorKind.API_CLIENT and not _FOR_STAFF.isdisjoint(codes):
        raise NotYourAct("Only staff verify the roster")
    unasked = tuple(code for code in codes if code not in open_questions(order))
    if unasked:
        raise NotAsked(unasked)


def _said(given: GivenAnswers, by: Actor) -> Iterator[tuple[str, str]]:
    """Each answer in words, by the code of its question. Raises AnswerUnfit."""
    if given.opioid_last_14_days is not None:
        yield "C-OPIOID-ANSWER", _opioid_words(given)
    if given.allergies is not None:
        yield "C-ALLERGIES", _listed_words(given.allergies) or "none known"
    if given.medicines is not None:
        yield "C-MEDICINES", _listed_words(given.medicines) or "none"
    if given.authorisation is not None:
        yield "C-AUTHORISATION", _confirmed(given.authorisation, ("authorisation",))
    if given.authorization is not None:
        yield "C-AUTHORISATION", _signature_words(given.authorization)
    if given.roster is not None:
        yield "C-ROSTER", _confirmed(given.roster, ("roster",))
    for each in given.worded:
        yield each.code, _worded(each, by)


def _sign(order: Order, signed: Authorization, now: datetime) -> None:
    """The prescription is signed, as if the order had come with it. Raises AnswerUnfit for another's signature."""
    prescription = order.prescription
    if signed.signer_npi != prescription.prescriber_npi:
        raise AnswerUnfit("The prescriber signs, and nobody else.", where=("authorization", "signer_npi"))
    if signed.signed_at > now + CLOCKS_APART:
        raise AnswerUnfit("This day is still to come.", where=("authorization", "signed_at"))
    prescription.authorization_kind = signed.kind
    prescription.authorization_npi = signed.signer_npi
    prescription.authorization_at = signed.signed_at
    prescription.authorization_agent = signed.agent


def _signature_words(signed: Authorization) -> str:
    by_whom = f"NPI {signed.signer_npi}" + (f", by {signed.agent}" if signed.agent else "")
    return f"{signed.kind.replace('_', ' ')} of {by_whom}, {signed.signed_at.isoformat()}"


def _worded(each: WordedAnswer, by: Actor) -> str:
    """The answer; written down by staff, with who told it, when, and how. Raises AnswerUnfit."""
    if not any(map(str.isalnum, each.answer)):
        raise AnswerUnfit("Say what was answered.", where=(each.code, "answer"))
    if by.kind is not ActorKind.STAFF:
        return each.answer
    told = each.told or Confirmation(who="", when="", how="")
    return f"{each.answer} ({_confirmed(told, (each.code,))})"


def _opioid_words(given: GivenAnswers) -> str:
    if given.opioid_last_14_days is OpioidAnswer.UNKNOWN:
        raise AnswerUnfit("Say yes or no: unknown is no answer.", where=("opioid_last_14_days",))
    if given.opioid_last_dose_on is not None and given.opioid_last_dose_on > given.reference.on:
        raise AnswerUnfit("This day is still to come.", where=("opioid_last_dose_on",))
    detail = _opioid_detail(given)
    return f"{given.opioid_last_14_days}, {detail}" if detail else f"{given.opioid_last_14_days}"


def _opioid_detail(given: GivenAnswers) -> str | None:
    if given.opioid_detail:
        return given.opioid_detail
    said = [given.opioid_agent.text] if given.opioid_agent is not None else []
    if given.opioid_last_dose_on is not None:
        said.append(f"last dose {given.opioid_last_dose_on.isoformat()}")
    return ", ".join(said) or None


def _listed_words(stated: tuple[Stated, ...]) -> str:
    return ", ".join(each.text for each in stated)


def _confirmed(said: Confirmation, where: Where) -> str:
    if not any(map(str.isalpha, said.who)):
        raise AnswerUnfit("Say who said it.", where=(*where, "who"))
    if not any(map(str.isdecimal, said.when)):
        raise AnswerUnfit("Say on which day, and when, it was said.", where=(*where, "when"))
    if not any(map(str.isalpha, said.how)):
        raise AnswerUnfit("Say how it was said, such as “by telephone”.", where=(*where, "how"))
    return f"{said.who}, {said.when}, {said.how}"


def _merged(order: Order, given: GivenAnswers) -> _Answers:
    """The answers of the order with those that were given in place of what was missing."""
    answers: _Answers = dict(order.answers)
    if given.opioid_last_14_days is not None:
        answers["opioid_last_14_days"] = given.opioid_last_14_days.value
        answers["opioid_detail"] = _opioid_detail(given) or answers.get("opioid_detail")
    if given.allergies is not None:
        answers["allergies"] = [each.text for each in given.allergies]
        answers["no_known_allergies"] = not given.allergies
    if given.medicines is not None:
        answers["medicines"] = [each.text for each in given.medicines]
    for name in ("authorisation", "roster"):
        confirmation: Confirmation | None = getattr(given, name)
        if confirmation is not None:
            answers[f"{name}_confirmed"] = asdict(confirmation)
    names = [name for name in ASKED if getattr(given, name) is not None]
    return given_again(answers, names, given.reference.on)


def _learn(order: Order, given: GivenAnswers, now: datetime) -> None:
    """The patient's record knows what was answered: allergies are added, medicines and opioids are as of now."""
    patient = order.patient
    profile = dict(patient.profile)
    if given.opioid_last_14_days is not None:
        profile["opioid"] = opioid_facts(
            OpioidStatement(
                answer=given.opioid_last_14_days,
                agent=given.opioid_agent or _agent_in(given.opioid_detail),
                last_dose_on=given.opioid_last_dose_on,
                exception=given.opioid_exception,
            )
        )
    if given.allergies is not None:
        stated = [stated_facts(each) for each in given.allergies]
        profile["allergies"] = with_allergies(profile.get("allergies", ()), stated)
    if given.medicines is not None:
        profile["medicines"] = [stated_facts(each) for each in given.medicines]
    if profile != patient.profile:
        patient.profile = profile
        patient.profile_changed_at = now


def _agent_in(detail: str | None) -> Stated | None:
    """What was said in words may name the opioid; names that are not known count as long-acting."""
    return Stated(text=detail) if detail else None


def _tell_staff(session: Session, order: Order, reference: Reference, *, by: Actor, now: datetime) -> None:
    """A pharmacist judges whether the questions are settled, and lets the order go on."""
    open_task(
        session,
        NewTask(
            kind=ANSWERED_TASK,
            subject_id=order.id,
            wording="The practice has answered: read it, and let the order go on.",
            due_on=reference.on,
            order_id=order.id,
            practice_id=order.practice_id,
        ),
        by=by,
        now=now,
    )
