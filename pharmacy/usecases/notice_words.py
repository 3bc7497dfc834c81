"""A notice as it leaves: the e-mail in text and HTML, or the text message, with its private link.

Both parts of an e-mail say the same. The link opens nothing before the birth date is given; the address that ends
these messages asks for nothing.
"""

from __future__ import annotations

from datetime import datetime
from html import escape
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import ONE_DAY, local_day
from pharmacy.domain.notice_rules import Channel
from pharmacy.domain.notice_texts import NoticeText, StepNews, notice_text, sms_text, step_words
from pharmacy.domain.notices import NoticeKind, Start
from pharmacy.store.private_links import LinkPurpose
from pharmacy.usecases.notice_case import NoticeCase
from pharmacy.usecases.notice_desk import NoticeDesk
from pharmacy.usecases.ports import OutgoingMail, OutgoingSms, Refused, Stage
from pharmacy.usecases.private_links import NewLink, open_private_link
from pharmacy.usecases.standing_course import supplied_now

Outgoing = OutgoingMail | OutgoingSms


def words_of(case: NoticeCase, desk: NoticeDesk) -> NoticeText:
    """What the notice says."""
    news = None
    if case.notice.kind is NoticeKind.STEP:
        _, _, supply = supplied_now(case.standing)
        news = StepNews(
            words=step_words(supply, case.notice.step_position),
            begins_on=case.notice.due_on + ONE_DAY,
            told_on=local_day(case.now, case.zone),
            start=case.start,
        )
    return notice_text(case.notice.kind, desk.sender, news)


def outgoing(
    session: Session, case: NoticeCase, channel: Channel, desk: NoticeDesk, *, by: Actor, now: datetime
) -> Outgoing:
    """The message, ready to be handed over; its private link is made here and kept by nobody else.

    Raises Refused for words that fit no text message.
    """
    text = words_of(case, desk)
    link = _link(session, case, desk, by=by, now=now) if text.link_words else None
    if channel is Channel.SMS:
        body = sms_text(text, link)
        if body is None:
            raise Refused(Stage.COMPOSING)
        return OutgoingSms(to=case.patient.phone, body=body, key=case.notice.id)
    stop = f"{desk.pages}/stop/{desk.stop_codes.code(case.patient.id, Channel.EMAIL)}"
    return OutgoingMail(
        to=case.patient.email or "",
        subject=text.subject,
        body=_plain(text, link, stop, desk),
        html=_page(text, link, stop, desk),
        unsubscribe_url=stop,
        message_id=f"<{case.notice.id}@notices.pharmacy.example>",
    )


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


def _plain(text: NoticeText, link: str | None, stop: str, desk: NoticeDesk) -> str:
    parts = [
        text.body,
        *([f"{text.link_words}: {link}"] if link else []),
        _why(desk),
        f"Stop these e-mails: {stop}",
    ]
    return "\n\n".join(parts) + "\n"


def _why(desk: NoticeDesk) -> str:
    return (
        f"You get this e-mail because you agreed to it at {desk.sender.name}, {desk.sender.phone}. "
        "In an emergency call 911."
    )


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{subject}</title></head>
<body style="margin:0;padding:24px 12px;background:#f6f7f6;color:#1d2428;font:16px/1.55 system-ui,-apple-system,sans-serif">
<div style="max-width:34rem;margin:0 auto;background:#ffffff;border:1px solid #d9dedb;border-radius:10px;padding:24px">
<p style="margin:0 0 16px;font-weight:600;color:#0b6b5d">{name}</p>
<p style="margin:0 0 20px;font-size:18px;color:#1d2428">{body}</p>
{button}<p style="margin:20px 0 0;padding-top:14px;border-top:1px solid #d9dedb;font-size:14px;color:#5c676d">{why}
<a href="{stop}" style="color:#0b6b5d">Stop these e-mails</a>.</p>
</div></body></html>
"""
_BUTTON = (
    '<p style="margin:0"><a href="{link}" style="display:inline-block;background:#0b6b5d;color:#ffffff;'
    'text-decoration:none;border-radius:8px;padding:12px 20px;font-weight:600">{words}</a></p>\n'
)


def _page(text: NoticeText, link: str | None, stop: str, desk: NoticeDesk) -> str:
    button = _BUTTON.format(link=escape(link), words=escape(text.link_words)) if link else ""
    return _PAGE.format(
        subject=escape(text.subject),
        name=escape(desk.sender.name),
        body=escape(text.body),
        button=button,
        why=escape(_why(desk)),
        stop=escape(stop),
    )
