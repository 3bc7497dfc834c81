"""How is it going? One tap answers, and the page says what to do at once where something is wrong."""

from __future__ import annotations

from collections.abc import Mapping

from flask import render_template

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import local_day
from pharmacy.domain.check_ins import CheckInAnswer
from pharmacy.store import inbound
from pharmacy.store.private_links import PrivateLink
from pharmacy.store.sessions import Session
from pharmacy.usecases.answer_check_in import CheckInReply, answer_check_in
from pharmacy.web.current import the_pharmacy
from pharmacy.web.patient.blueprint import house

_WORDS: Mapping[CheckInAnswer, str] = {
    CheckInAnswer.FINE: "I am fine",
    CheckInAnswer.HEADACHE: "I have headaches",
    CheckInAnswer.VIVID_DREAMS: "Vivid dreams, or I sleep badly",
    CheckInAnswer.STOMACH: "My stomach troubles me",
    CheckInAnswer.STOP: "I want to stop",
}


def show(session: Session, link: PrivateLink, given_pass: str) -> str:
    """The five answers; the one that was given before is said."""
    answered = inbound.check_in_of(session, link.subject_id)
    return _page(given_pass, None if answered is None else answered.answer)


def act(session: Session, link: PrivateLink, form: Mapping[str, str], by: Actor) -> str:
    """The answer is kept, and answered with what happens next."""
    pharmacy = the_pharmacy()
    now = pharmacy.clock()
    try:
        answer = CheckInAnswer(form.get("answer", ""))
    except ValueError:
        return _page(form.get("pass", ""), None)
    reply = CheckInReply(notice_id=link.subject_id, answer=answer, on=local_day(now, pharmacy.zone))
    answer_check_in(session, reply, by=by, now=now)
    return render_template(
        "patient/check_in_thanks.html",
        house=house(),
        is_fine=answer is CheckInAnswer.FINE,
        said=_WORDS[answer],
    )


def _page(given_pass: str, said: CheckInAnswer | None) -> str:
    return render_template(
        "patient/check_in.html",
        house=house(),
        answers=[(answer.value, words) for answer, words in _WORDS.items()],
        said=None if said is None else _WORDS[said],
        given_pass=given_pass,
    )
