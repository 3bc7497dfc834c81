"""The mailbox receives, keeps and shows, and is not led astray by what a message says."""

import asyncio
import smtplib
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from local.mailbox import Mailbox, receive, serve_page
from local.mailbox_page import Stored, page
from tests.own_loop import run_apart


def listening() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def message(subject: str, text: str) -> EmailMessage:
    made = EmailMessage()
    made["From"] = "pharmacy@pharmacy.example"
    made["To"] = "patient@example.org"
    made["Subject"] = subject
    made.set_content(text)
    return made


def sent(mailbox: Mailbox, *messages: EmailMessage) -> None:
    """Each message goes through SMTP, over a real socket."""

    async def act() -> None:
        server = await receive(mailbox, listening())
        port = server.sockets[0].getsockname()[1]
        async with server:
            await asyncio.to_thread(_send, port, messages)

    run_apart(act())


def _send(port: int, messages: tuple[EmailMessage, ...]) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as line:
        for one in messages:
            line.send_message(one)


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path / "mail")


@pytest.fixture
def address(mailbox: Mailbox) -> Iterator[str]:
    door = listening()
    server = serve_page(mailbox, door)
    yield f"http://127.0.0.1:{door.getsockname()[1]}"
    server.shutdown()
    server.server_close()


def fetched(address: str, host: str | None = None) -> str:
    request = urllib.request.Request(address, headers={"Host": host} if host else {})
    with urllib.request.urlopen(request, timeout=10) as response:
        body: bytes = response.read()
        return body.decode()


def test_messages_are_kept_and_shown_newest_first(mailbox: Mailbox, address: str) -> None:
    assert "Nothing yet" in fetched(address)

    sent(
        mailbox,
        message("Your parcel is on its way", "Posted today."),
        message("Your next step", "1 capsule at bedtime."),
    )

    shown = fetched(address)
    assert "2 messages" in shown
    assert "1 capsule at bedtime." in shown
    assert shown.index("Your next step") < shown.index("Your parcel is on its way")
    assert "patient@example.org" in shown


def test_what_a_message_says_is_text_and_never_markup(mailbox: Mailbox, address: str) -> None:
    hostile = message("<img src=x onerror=alert(1)>", "<script>alert(2)</script>")
    hostile.add_alternative("<b onclick=alert(3)>bold</b>", subtype="html")
    hostile.add_attachment("x", filename='"><svg onload=alert(4)>.ics')

    sent(mailbox, hostile)

    shown = fetched(address)
    assert "&lt;script&gt;alert(2)&lt;/script&gt;" in shown
    assert "&lt;img src=x" in shown
    assert not any(mark in shown for mark in ("<script", "<img", "<svg", "<b onclick"))


def test_the_raw_message_can_be_taken_home_and_nothing_else(
    mailbox: Mailbox, address: str, tmp_path: Path
) -> None:
    (tmp_path / "secret.eml").write_text("not a message")
    sent(mailbox, message("Your next step", "1 capsule."))

    assert "Subject: Your next step" in fetched(f"{address}/messages/{mailbox.names()[0]}")
    for name in ("../secret.eml", "..%2Fsecret.eml", "secret.eml"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            fetched(f"{address}/messages/{name}")


def test_a_page_from_elsewhere_cannot_read_the_mail(address: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="421"):
        fetched(address, host="evil.example")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"Subject: =?nonsense?q?=ff?=\nContent-Type: text/plain; charset=nonsense\n\nhe\xe4llo",
        b"Content-Type: text/html\n\n<b>only markup</b>",
        b"Content-Type: multipart/mixed; boundary=x\n\nbroken",
        b"Subject: a\xed\xa0\x80b\n\ntext",
    ],
)
def test_a_broken_message_breaks_no_page(content: bytes) -> None:
    shown = page([Stored("1.eml", content)], received=1)

    assert "<b>" not in shown
    assert shown.encode()
