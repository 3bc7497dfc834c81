"""An e-mail to a patient: the same words as plain text and as a page.

Tables and styles in place are how mail programs of every age agree on a layout (Outlook draws no other); colours for
dark mode are asked for beside them, and programs that know no dark mode show the light ones. Nothing is loaded from
outside: no picture that tells when the message was read, no typeface. The lines that people see in their list before
they open it say no more than the subject does.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from pharmacy.domain.label_phrases import Language
from pharmacy.domain.notice_phrases import FRAMES, Frame
from pharmacy.domain.notice_texts import NoticeText, Sender


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is said, by whom, and where the two links lead; `link` is None where there is nothing to tap."""

    text: NoticeText
    sender: Sender
    language: Language
    link: str | None
    stop: str

    @property
    def frame(self) -> Frame:
        return FRAMES[self.language]

    @property
    def why(self) -> str:
        """Why the patient gets it, and what to do in an emergency."""
        why = self.frame.why.format(name=self.sender.name, phone=self.sender.phone)
        return f"{why} {self.frame.emergency}"


def plain(letter: Letter) -> str:
    """The letter as text."""
    link = [f"{letter.text.link_words}: {letter.link}"] if letter.link else []
    return (
        "\n\n".join([letter.text.body, *link, letter.why, f"{letter.frame.stop_mails}: {letter.stop}"]) + "\n"
    )


def page(letter: Letter) -> str:
    """The letter as a page of its own."""
    return _PAGE.format(
        language=letter.language.value,
        subject=escape(letter.text.subject),
        name=escape(letter.sender.name),
        body=_whole_phone(letter.text.body, letter),
        button=_button(letter),
        call=_whole_phone(letter.frame.calls.format(phone=letter.sender.phone), letter),
        tel="".join(each for each in letter.sender.phone if each.isdigit() or each == "+"),
        why=_whole_phone(letter.why, letter),
        stop=escape(letter.stop),
        stop_words=escape(letter.frame.stop_mails),
    )


def _whole_phone(text: str, letter: Letter) -> str:
    """The text with its telephone number on one line, however narrow the window."""
    phone = escape(letter.sender.phone)
    return escape(text).replace(phone, f'<span style="white-space:nowrap">{phone}</span>')


def _button(letter: Letter) -> str:
    if letter.link is None:
        return ""
    return _BUTTON.format(
        link=escape(letter.link), words=escape(letter.text.link_words), private=escape(letter.frame.private)
    )


_FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_PAGE = (
    """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>{subject}</title>
<style>
@media (prefers-color-scheme: dark) {{
 .ground {{ background: #14181a !important }} .sheet {{ background: #1d2326 !important; border-color: #333c40 !important }}
 .ink {{ color: #e7ebea !important }} .soft {{ color: #a3adb1 !important }} .house {{ color: #63c4b2 !important }}
 .rule {{ border-color: #333c40 !important }} .press {{ background: #63c4b2 !important }} .press a {{ color: #0e1413 !important }}
}}
</style></head>
<body class="ground" style="margin:0;padding:0;background:#f3f5f4">
<table role="presentation" class="ground" width="100%" cellpadding="0" cellspacing="0" style="background:#f3f5f4"><tr>
<td align="center" style="padding:28px 12px">
<table role="presentation" class="sheet" width="100%" cellpadding="0" cellspacing="0"
 style="max-width:544px;background:#ffffff;border:1px solid #d9dedb;border-radius:10px;"""
    + _FONT
    + """">
<tr><td class="house rule" style="padding:20px 28px 16px;border-bottom:1px solid #d9dedb;font-size:16px;font-weight:600;color:#0b6b5d">{name}</td></tr>
<tr><td style="padding:26px 28px 22px">
<p class="ink" style="margin:0;font-size:19px;line-height:1.5;color:#1d2428">{body}</p>
{button}</td></tr>
<tr><td class="rule" style="padding:16px 28px 22px;border-top:1px solid #d9dedb">
<p class="ink" style="margin:0 0 10px;font-size:15px;color:#1d2428"><a class="house" href="tel:{tel}" style="color:#0b6b5d;font-weight:600">{call}</a></p>
<p class="soft" style="margin:0;font-size:14px;line-height:1.5;color:#58636a">{why}
<a class="house" href="{stop}" style="color:#0b6b5d">{stop_words}</a>.</p>
</td></tr></table>
</td></tr></table></body></html>
"""
)
_BUTTON = """<table role="presentation" cellpadding="0" cellspacing="0" style="margin-top:22px"><tr>
<td class="press" style="background:#0b6b5d;border-radius:8px"><a href="{link}"
 style="display:inline-block;padding:13px 24px;font-size:17px;font-weight:600;color:#ffffff;text-decoration:none">{words}</a></td>
</tr></table>
<p class="soft" style="margin:12px 0 0;font-size:14px;line-height:1.5;color:#58636a">{private}</p>
"""
