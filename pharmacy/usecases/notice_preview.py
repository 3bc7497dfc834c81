"""What one notice says, as it would be sent this minute: for whoever asks what a patient was told, or will be."""

from __future__ import annotations

from dataclasses import dataclass

from pharmacy.domain.label_phrases import Language
from pharmacy.domain.notice_texts import sms_text
from pharmacy.domain.notices import NoticeKind
from pharmacy.usecases.notice_case import NoticeCase
from pharmacy.usecases.notice_desk import NoticeDesk
from pharmacy.usecases.notice_words import words_of


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePreview:
    """The texts; `sms` is None where they fit no text message."""

    language: Language
    subject: str
    body: str
    link_words: str
    sms: str | None


def notice_preview(case: NoticeCase, desk: NoticeDesk) -> NoticePreview | None:
    """The texts; None for what is told to a prescriber, or about a step that the plan has no more."""
    if case.notice.kind is NoticeKind.RENEWAL or not case.has_step:
        return None
    text = words_of(case, desk)
    # Shown without a link: an example of one would not be in the alphabet of text messages.
    return NoticePreview(
        language=case.language,
        subject=text.subject,
        body=text.body,
        link_words=text.link_words,
        sms=sms_text(text, None, case.language),
    )
