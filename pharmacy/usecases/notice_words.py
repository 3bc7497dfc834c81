"""A notice as it leaves: the e-mail in text and HTML, or the text message, with its private link.

Both parts of an e-mail say the same. The link opens nothing before the birth date is given; the address that ends
these messages asks for nothing.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import ONE_DAY, local_day
from pharmacy.domain.notice_rules import Channel
from pharmacy.domain.notice_texts import NoticeText, StepNews, notice_text, sms_text, step_words
from pharmacy.domain.notices import NoticeKind, Start
from pharmacy.store.notices import Notice
from pharmacy.store.private_links import LinkPurpose
from pharmacy.usecases.notice_case import NoticeCase
from pharmacy.usecases.notice_desk import NoticeDesk
from pharmacy.usecases.notice_mail import Letter, page, plain
from pharmacy.usecases.ports import OutgoingMail, OutgoingSms, Refused, Stage
from pharmacy.usecases.private_links import NewLink, open_private_link
from pharmacy.usecases.standing_course import supplied_now

Outgoing = OutgoingMail | OutgoingSms


def words_of(case: NoticeCase, desk: NoticeDesk) -> NoticeText:
    """What the notice says, in the patient's language where we have it."""
    news = None
    if case.notice.kind is NoticeKind.STEP:
        _, _, supply = supplied_now(case.standing)
        news = StepNews(
            words=step_words(supply, case.notice.step_position, case.language),
            begins_on=case.notice.due_on + ONE_DAY,
            told_on=local_day(case.now, case.zone),
            start=case.start,
        )
    return notice_text(case.notice.kind, desk.sender, news, case.language)


def outgoing(
    session: Session, case: NoticeCase, channel: Channel, desk: NoticeDesk, *, by: Actor, now: datetime
) -> Outgoing:
    """The message, ready to be handed over; its private link is made here and kept by nobody else.

    Raises Refused for words that fit no text message.
    """
    text = words_of(case, desk)
    link = _link(session, case, desk, by=by, now=now) if text.link_words else None
    if channel is Channel.SMS:
        body = sms_text(text, link, case.language)
        if body is None:
            raise Refused(Stage.COMPOSING)
        return OutgoingSms(to=case.patient.phone, body=body, key=key_of(case.notice))
    stop = f"{desk.pages}/stop/{desk.stop_codes.code(case.patient.id, Channel.EMAIL)}"
    letter = Letter(text=text, sender=desk.sender, language=case.language, link=link, stop=stop)
    return OutgoingMail(
        to=case.patient.email or "",
        subject=text.subject,
        body=plain(letter),
        html=page(letter),
        unsubscribe_url=stop,
        message_id=f"<{key_of(case.notice)}@notices.pharmacy.example>",
    )


def key_of(notice: Notice) -> UUID:
    """By what the other side knows the message: the same at every try, another once a person has it sent again."""
    return uuid5(notice.id, f"again {notice.sent_again}") if notice.sent_again else notice.id


def _link(session: Session, case: NoticeCase, desk: NoticeDesk, *, by: Actor, now: datetime) -> str:
    purpose, subject = _purpose(case)
    new = NewLink(purpose=purpose, subject_id=subject, patient_id=case.patient.id)
    _, token = open_private_link(session, new, by=by, now=now)
    return desk.page(token)


def _purpose(case: NoticeCase) -> tuple[LinkPurpose, UUID]:
    if case.notice.kind is NoticeKind.CHECK_IN:
        return LinkPurpose.CHECK_IN, case.notice.id
    if case.notice.kind is NoticeKind.STEP and case.start is Start.ASSUMED:
        return LinkPurpose.START, case.order.id
    if case.notice.kind is NoticeKind.PRICE:
        return LinkPurpose.PRICE, case.order.id
    return LinkPurpose.REFILL, case.order.id
