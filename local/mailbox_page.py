"""The page that shows what the mailbox received, newest first.

A pure function from stored messages to HTML. What a message says is shown as text and nothing
else: its HTML part is never drawn, and every character that means something to a browser is
escaped. The raw message can be taken home as an .eml file.
"""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The content security policy: the page draws itself with its own style and loads nothing."""

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2428; --paper: #f6f7f6; --card: #fff; --line: #d9dedb; --soft: #5c676d; --mark: #0b6b5d; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebe9; --paper: #14191b; --card: #1c2326; --line: #323c40; --soft: #9aa7ad; --mark: #5fc9b6; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 44rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 1.5rem; margin: 0; letter-spacing: -.01em; }
.lead { color: var(--soft); margin: .25rem 0 2rem; }
article { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1.1rem 1.3rem; margin: 0 0 1rem; }
h2 { font-size: 1.08rem; margin: 0 0 .3rem; overflow-wrap: anywhere; }
.where { color: var(--soft); font-size: .875rem; margin: 0 0 .9rem; overflow-wrap: anywhere; }
pre { font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
footer { margin-top: 1rem; padding-top: .7rem; border-top: 1px solid var(--line); font-size: .875rem; color: var(--soft); }
a { color: var(--mark); }
a:focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
.none { border: 1px dashed var(--line); border-radius: .6rem; padding: 2.5rem 1rem; text-align: center; color: var(--soft); }
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """One received message under the name of its file."""

    name: str
    content: bytes


def page(messages: list[Stored], *, received: int) -> str:
    """The whole page; the messages come newest first, `received` counts those not shown too."""
    count = {0: "Nothing yet", 1: "1 message"}.get(received, f"{received} messages")
    hidden = received - len(messages)
    older = f'<p class="lead">{hidden} older ones lie in the mailbox folder.</p>' if hidden else ""
    shown = "".join(map(_article, messages)) or (
        '<p class="none">Nothing yet. What the pharmacy sends to patients will appear here.</p>'
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Mailbox</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="refresh" content="10"><style>{_STYLE}</style></head><body><main>'
        f"<h1>Mailbox</h1><p class=lead>{count}. Nothing sent here leaves this machine.</p>{shown}{older}"
        "</main></body></html>"
    )


def _article(stored: Stored) -> str:
    message = message_from_bytes(stored.content, policy=policy.default)
    facts = [_header(message, "Date"), f"to {_header(message, 'To')}", f"from {_header(message, 'From')}"]
    enclosed = "".join(f" · with {escape(name)}" for name in _enclosures(message))
    return (
        f"<article><h2>{_header(message, 'Subject') or '(no subject)'}</h2>"
        f'<p class="where">{" · ".join(filter(None, facts))}</p><pre>{escape(_text(message))}</pre>'
        f'<footer><a href="/messages/{escape(stored.name)}" download>Raw message</a>{enclosed}</footer></article>'
    )


def _header(message: EmailMessage, name: str) -> str:
    return escape(_clean(str(message.get(name, ""))))


def _text(message: EmailMessage) -> str:
    """The text part; of a message that has only HTML, its source."""
    body = message.get_body(("plain", "html"))
    if body is None:
        return "(no text)"
    try:
        return _clean(str(body.get_content()).strip())
    except (LookupError, ValueError):
        return _clean(str(body.get_payload()))  # A character set that nobody knows: as it came.


def _enclosures(message: EmailMessage) -> list[str]:
    return [_clean(part.get_filename() or part.get_content_type()) for part in message.iter_attachments()]


def _clean(text: str) -> str:
    """Without what cannot be written as UTF-8."""
    return text.encode(errors="replace").decode()
