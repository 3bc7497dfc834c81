"""How is it going? One tap answers, and the page says what to do at once where something is wrong."""

from __future__ import annotations

from collections.abc import Mapping

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import local_day
from pharmacy.domain.check_ins import CheckInAnswer
from pharmacy.domain.page_phrases import PAGES
from pharmacy.store import inbound
from pharmacy.store.sessions import Session
from pharmacy.usecases.answer_check_in import CheckInReply, answer_check_in
from pharmacy.web.current import the_pharmacy
from pharmacy.web.patient.blueprint import Visit, page


def show(session: Session, visit: Visit) -> str:
    """The five answers; the one that was given before is said."""
    answered = inbound.check_in_of(session, visit.link.subject_id)
    return _page(visit, None if answered is None else answered.answer)


def act(session: Session, visit: Visit, form: Mapping[str, str], by: Actor) -> str:
    """The answer is kept, and answered with what happens next."""
    pharmacy = the_pharmacy()
    now = pharmacy.clock()
    try:
        answer = CheckInAnswer(form.get("answer", ""))
    except ValueError:
        return _page(visit, None)
    reply = CheckInReply(notice_id=visit.link.subject_id, answer=answer, on=local_day(now, pharmacy.zone))
    answer_check_in(session, reply, by=by, now=now)
    return page(
        "check_in_thanks",
        visit.language,
        is_fine=answer is CheckInAnswer.FINE,
        said=PAGES[visit.language].check_in.answers[answer],
    )


def _page(visit: Visit, said: CheckInAnswer | None) -> str:
    answers = PAGES[visit.language].check_in.answers
    return page(
        "check_in",
        visit.language,
        answers=[(answer.value, answers[answer]) for answer in CheckInAnswer],
        said=None if said is None else answers[said],
        given_pass=visit.given_pass,
    )
