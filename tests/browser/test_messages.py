"""Every message as its reader sees it: each e-mail in both languages in a browser, and the mailbox that shows them.

The pictures lie in test-output/messages beside the texts that other tests keep there, to be looked at by a person.
"""

import asyncio
import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from local.mailbox import Mailbox, receive, serve_page
from pharmacy.domain.label_phrases import Language
from pharmacy.domain.notice_texts import in_gsm
from pharmacy.gateways.smtp_mail import Security, SmtpMail
from pharmacy.usecases.notice_mail import Letter, plain
from pharmacy.usecases.notice_mail import page as html_page
from pharmacy.usecases.ports import OutgoingMail
from tests.domain.test_notice_wordings import HOUSE, LINK, NEVER, OUTPUT, every_text
from tests.own_loop import run_apart

STOP = "https://pharmacy.example/p/stop/" + "y" * 22

# A letter stands in a mail program's page: landmarks and the first heading are that page's.
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


def letters(language: Language) -> Iterator[tuple[str, Letter]]:
    for name, text in every_text(language):
        link = LINK if text.link_words else None
        yield name, Letter(text=text, sender=HOUSE, language=language, link=link, stop=STOP)


@pytest.mark.parametrize("language", Language)
def test_every_letter_is_readable_in_a_browser_and_its_picture_is_kept(
    page: Page, language: Language
) -> None:
    OUTPUT.mkdir(parents=True, exist_ok=True)
    page.set_viewport_size({"width": 640, "height": 480})
    for name, letter in letters(language):
        page.set_content(html_page(letter))
        seen = page.inner_text("body")
        assert NEVER.search(in_gsm(seen).casefold()) is None, name
        for sentence in _sentences(plain(letter)):
            assert sentence in _flat(seen), (name, sentence)
        addresses = {each.get_attribute("href") for each in page.get_by_role("link").all()}
        assert {STOP} | ({LINK} if letter.link else set()) <= addresses, name
        assert page.locator("html").get_attribute("lang") == language, name
        found = Axe().run(page, options={"runOnly": WCAG})
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        page.screenshot(path=OUTPUT / f"{name}-{language}.png", full_page=True)


def test_the_mailbox_shows_what_was_sent_newest_first(
    page: Page, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    mailbox = Mailbox(tmp_path)
    run_apart(_sent(mailbox))
    door = socket.create_server(("127.0.0.1", 0))
    server = serve_page(mailbox, door)
    request.addfinalizer(server.server_close)
    request.addfinalizer(server.shutdown)

    page.set_viewport_size({"width": 900, "height": 900})
    page.goto(f"http://127.0.0.1:{door.getsockname()[1]}")

    expect(page.get_by_role("article")).to_have_count(len(mailbox.names()))
    newest = list(letters(Language.ENGLISH))[-1][1]
    expect(page.get_by_role("article").first).to_contain_text(newest.text.subject)
    expect(page.get_by_role("article").first).to_contain_text(newest.text.body)
    page.screenshot(path=OUTPUT / "mailbox.png")


def _mail(letter: Letter, number: int) -> OutgoingMail:
    return OutgoingMail(
        to="anna@patient.example",
        subject=letter.text.subject,
        body=plain(letter),
        html=html_page(letter),
        unsubscribe_url=letter.stop,
        message_id=f"<{number}@notices.pharmacy.example>",
    )


async def _sent(mailbox: Mailbox) -> None:
    """Each letter goes by our own way of sending to the mailbox's own server."""
    server = await receive(mailbox, socket.create_server(("127.0.0.1", 0)))
    port = server.sockets[0].getsockname()[1]
    sender = SmtpMail(
        host="127.0.0.1",
        port=port,
        sender="pharmacy@pharmacy.example",
        clock=lambda: datetime(2026, 11, 25, 15, tzinfo=UTC),
        security=Security.NONE,
    )
    async with server:
        for number, (_, letter) in enumerate(letters(Language.ENGLISH)):
            await asyncio.to_thread(sender.send, _mail(letter, number))


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _sentences(text: str) -> list[str]:
    """What the text part says, line by line, without its addresses."""
    lines = [_flat(re.sub(r"https?://\S+", "", line)).strip(" :") for line in text.splitlines()]
    return [line for line in lines if line]
