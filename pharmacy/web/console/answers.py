"""What an order was asked, and the form in which a pharmacist answers it.

Questions may be answered one by one: what is left blank stays asked. What was typed stays when something is
refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from pharmacy.domain.errors import NotFound, PharmacyError
from pharmacy.domain.screening import OpioidAnswer, StaffQuestion
from pharmacy.domain.screening.statements import Stated
from pharmacy.store.waits import told_apart
from pharmacy.usecases.answer_questions import (
    AnswerUnfit,
    Confirmation,
    GivenAnswers,
    WordedAnswer,
    answer_questions,
)
from pharmacy.usecases.patient_facts import told_by_hand
from pharmacy.usecases.reference import Reference
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import back_to, given, seen_version
from pharmacy.web.console.language import gettext
from pharmacy.web.console.order import ANSWERS, Attempt, reference_of_today, show_order
from pharmacy.web.console.presence import the_actor
from pharmacy.web.current import the_pharmacy
from pharmacy.web.errors import status_of
from pharmacy.web.guards import signed_in

_LONGEST_TEXT = 2000
_CONFIRMED = ("authorisation", "roster")
_TOLD = ("who", "when", "how")
_FIELDS = (
    "opioid_last_14_days",
    "opioid_detail",
    "allergies",
    "no_known_allergies",
    "medicines",
    "no_medicines",
    *(f"{name}_{part}" for name in _CONFIRMED for part in _TOLD),
    *(f"{code}_{part}" for code in StaffQuestion for part in ("answer", *_TOLD)),
)


@blueprint.post("/orders/<uuid:order_id>/answers")
@signed_in
def answer(order_id: UUID) -> Any:
    """The answers are on the order; or the order shown with the reason why not, and what was typed."""
    typed = {name: given(name)[:_LONGEST_TEXT] for name in _FIELDS}
    pharmacy = the_pharmacy()
    try:
        with told_apart(), pharmacy.sessions.write() as session:
            said = _read(typed, reference_of_today(session))
            answer_questions(session, order_id, said, by=the_actor(), now=pharmacy.clock())
    except NotFound:
        raise
    except PharmacyError as refusal:
        field = "_".join(str(part) for part in refusal.where)
        attempt = Attempt(act=ANSWERS, sentence=str(refusal), field_at_fault=field, typed=typed)
        return show_order(order_id, attempt), status_of(refusal)
    return back_to(order_id)


def _read(typed: Mapping[str, str], reference: Reference) -> GivenAnswers:
    """What was typed, as answers. Raises AnswerUnfit for a list beside the word that there is none."""
    opioid = typed["opioid_last_14_days"]
    confirmed = {name: _confirmation(typed, name) for name in _CONFIRMED}
    return GivenAnswers(
        seen_version=seen_version(),
        reference=reference,
        opioid_last_14_days=OpioidAnswer(opioid) if opioid in set(OpioidAnswer) else None,
        opioid_detail=typed["opioid_detail"] or None,
        allergies=_listed(typed, "allergies", "no_known_allergies"),
        medicines=_listed(typed, "medicines", "no_medicines"),
        authorisation=confirmed["authorisation"],
        roster=confirmed["roster"],
        worded=tuple(_worded(typed)),
    )


def _worded(typed: Mapping[str, str]) -> Iterator[WordedAnswer]:
    """The answers in words to what staff have asked; what is left blank stays asked."""
    for code in StaffQuestion:
        answer, told = typed[f"{code}_answer"], _confirmation(typed, code)
        if answer or told is not None:
            yield WordedAnswer(code=code, answer=answer, told=told)


def _listed(typed: Mapping[str, str], name: str, none_of_it: str) -> tuple[Stated, ...] | None:
    """One entry a line; nothing where there is none; None where nothing was said."""
    entries = tuple(line.strip() for line in typed[name].splitlines() if line.strip())
    if entries and typed[none_of_it]:
        raise AnswerUnfit(
            gettext("List the %(name)s, or say that there are none: one of the two.", name=name),
            where=(name,),
        )
    return told_by_hand(entries) if entries or typed[none_of_it] else None


def _confirmation(typed: Mapping[str, str], name: str) -> Confirmation | None:
    who, when, how = (typed[f"{name}_{part}"] for part in _TOLD)
    return Confirmation(who=who, when=when, how=how) if who or when or how else None
