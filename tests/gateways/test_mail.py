"""The contract of the mail port, kept by the real gateway and by each fake; and bad servers."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime
from time import monotonic

import pytest

from pharmacy.gateways.smtp_mail import MailLogin, Security, SmtpMail
from pharmacy.usecases.ports import Mail, NotDelivered, OutgoingMail, Refused, Stage, Uncertain, Unreachable
from tests.fakes import MailThatRefuses, MailThatRemembers, MailThatTimesOutAfterAccepting, UnreachableMail
from tests.gateways.mail_servers import (
    CERTIFICATE,
    LOOPBACK,
    Mailbox,
    a_bad_server,
    a_free_socket,
    a_mail_server,
    a_starttls_server,
    a_tls_server,
    converse,
)

WRITTEN_AT = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
PATIENCE = 0.15

Taken = Callable[[], list[OutgoingMail]]


def a_message(
    *,
    to: str = "anna@example.com",
    subject: str = "Step 2 begins",
    body: str = "1 capsule at bedtime.",
    message_id: str = "<0199e0f3-7c4a-7000-8000-000000000001@pharmacy.example>",
) -> OutgoingMail:
    return OutgoingMail(to=to, subject=subject, body=body, message_id=message_id)


def smtp(port: int, *, limit_seconds: float = 5, login: MailLogin | None = None) -> SmtpMail:
    return SmtpMail(
        host=LOOPBACK,
        port=port,
        sender="Example Pharmacy <reminders@pharmacy.example>",
        clock=lambda: WRITTEN_AT,
        security=Security.NONE,
        login=login,
        timeout_seconds=limit_seconds if limit_seconds < 1 else PATIENCE * 10,
        limit_seconds=limit_seconds,
    )


# Each maker gives a mail port and a way to ask what the other side has taken.


@contextmanager
def remembering_fake() -> Iterator[tuple[Mail, Taken]]:
    fake = MailThatRemembers()
    yield fake, lambda: fake.sent


@contextmanager
def real_server() -> Iterator[tuple[Mail, Taken]]:
    mailbox = Mailbox()
    with a_mail_server(mailbox) as port:
        yield smtp(port), lambda: mailbox.received


@contextmanager
def silent_fake() -> Iterator[tuple[Mail, Taken]]:
    fake = MailThatTimesOutAfterAccepting()
    yield fake, lambda: fake.sent


@contextmanager
def real_server_silent_after_accepting() -> Iterator[tuple[Mail, Taken]]:
    kept: list[bytes] = []
    replies = [b"250 hello\r\n", b"250 sender\r\n", b"250 recipient\r\n", b"354 go ahead\r\n"]
    mailbox = Mailbox()

    def taken() -> list[OutgoingMail]:
        mailbox.raw = kept
        return mailbox.received

    with a_bad_server(lambda caller, over: converse(caller, replies, over, kept=kept)) as port:
        yield smtp(port, limit_seconds=PATIENCE), taken


@contextmanager
def unreachable_fake() -> Iterator[tuple[Mail, Taken]]:
    yield UnreachableMail(), list


@contextmanager
def no_server() -> Iterator[tuple[Mail, Taken]]:
    with closing(a_free_socket()) as unheard:
        yield smtp(unheard.getsockname()[1]), list


@contextmanager
def refusing_fake() -> Iterator[tuple[Mail, Taken]]:
    yield MailThatRefuses(), list


@contextmanager
def real_server_without_such_a_mailbox() -> Iterator[tuple[Mail, Taken]]:
    mailbox = Mailbox(answers={"anna@example.com": "550 5.1.1 <anna@example.com> unknown"})
    with a_mail_server(mailbox) as port:
        yield smtp(port), lambda: mailbox.received


Maker = Callable[[], "contextmanager[tuple[Mail, Taken]]"]
takes = pytest.mark.parametrize("made", [remembering_fake, real_server])
falls_silent = pytest.mark.parametrize("made", [silent_fake, real_server_silent_after_accepting])
is_away = pytest.mark.parametrize("made", [unreachable_fake, no_server])
refuses = pytest.mark.parametrize("made", [refusing_fake, real_server_without_such_a_mailbox])


@takes
@pytest.mark.parametrize(
    "message",
    [
        a_message(),
        a_message(subject="Łukasz, your refill", body="Grüße\n.\n..\n.hidden\nlast line"),
        a_message(subject="s" * 300, body="long " * 400),
        a_message(body="From the pharmacy\n\nline = with = signs\n\ttab"),
    ],
    ids=["plain", "accents and dots", "long", "blank line"],
)
def test_what_is_sent_arrives_as_it_was_written(made: Maker, message: OutgoingMail) -> None:
    with made() as (mail, taken):
        mail.send(message)

        assert taken() == [message]


@falls_silent
def test_silence_after_accepting_is_uncertain(made: Maker) -> None:
    with made() as (mail, taken):
        with pytest.raises(Uncertain) as failure:
            mail.send(a_message())

        assert failure.value.stage is Stage.SENDING
        assert [message.message_id for message in taken()] == [a_message().message_id]


@is_away
def test_an_absent_server_is_unreachable(made: Maker) -> None:
    with made() as (mail, _), pytest.raises(Unreachable) as failure:
        mail.send(a_message())

    assert failure.value.stage is Stage.CONNECTING


@refuses
def test_an_unknown_mailbox_is_refused_for_good_and_its_address_is_not_repeated(made: Maker) -> None:
    with made() as (mail, taken):
        with pytest.raises(Refused) as failure:
            mail.send(a_message())

        assert (failure.value.stage, failure.value.code) == (Stage.ADDRESSING, 550)
        assert "anna" not in repr(failure.value) + str(failure.value)
        assert taken() == []


@pytest.mark.parametrize(
    "made",
    [remembering_fake, silent_fake, unreachable_fake, refusing_fake, real_server],
)
@pytest.mark.parametrize(
    "message",
    [
        a_message(subject="Step 2\r\nBcc: everybody@example.com"),
        a_message(subject="Step 2\nBcc: everybody@example.com"),
        a_message(to="anna@example.com\r\nRCPT TO:<other@example.com>"),
        a_message(to="anna@example.com, other@example.com"),
        a_message(to="Anna <anna@example.com>"),
        a_message(to="anna"),
        a_message(to=""),
        a_message(to="änna@example.com"),
        a_message(message_id="<1@pharmacy.example>\r\nBcc: everybody@example.com"),
        a_message(message_id="1"),
    ],
    ids=lambda message: repr((message.to, message.subject, message.message_id)),
)
def test_no_text_can_bring_a_header_or_a_recipient_of_its_own(made: Maker, message: OutgoingMail) -> None:
    with made() as (mail, taken):
        with pytest.raises(Refused) as failure:
            mail.send(message)

        assert failure.value.stage is Stage.COMPOSING
        assert failure.value.__cause__ is None
        assert taken() == []


def test_a_body_that_is_not_text_is_refused() -> None:
    with closing(a_free_socket()) as unheard, pytest.raises(Refused):
        smtp(unheard.getsockname()[1]).send(a_message(body="\ud800"))


def test_the_message_names_its_sender_its_time_and_that_a_machine_sent_it() -> None:
    mailbox = Mailbox()
    with a_mail_server(mailbox) as port:
        smtp(port).send(a_message())

    (raw,) = mailbox.raw
    assert b"From: Example Pharmacy <reminders@pharmacy.example>\r\n" in raw
    assert b"Date: Mon, 02 Mar 2026 14:30:00 +0000\r\n" in raw
    assert b"Auto-Submitted: auto-generated\r\n" in raw
    assert b'Content-Type: text/plain; charset="utf-8"\r\n' in raw


def test_the_message_id_is_the_one_given_in_every_attempt() -> None:
    message_id = "<0199e0f3-7c4a-7000-8000-0123456789ab.very-long-suffix@reminders.pharmacy.example>"
    mailbox = Mailbox()
    with a_mail_server(mailbox) as port:
        for _ in range(2):
            smtp(port).send(a_message(message_id=message_id))

    assert [received.message_id for received in mailbox.received] == [message_id, message_id]


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [("451 try later", Unreachable), ("552 too large", Refused), ("421 closing", Unreachable)],
)
def test_a_verdict_on_the_body_is_taken_at_its_word(verdict: str, expected: type[NotDelivered]) -> None:
    with a_mail_server(Mailbox(verdict=verdict)) as port, pytest.raises(expected) as failure:
        smtp(port).send(a_message())

    assert (failure.value.stage, failure.value.code) == (Stage.SENDING, int(verdict[:3]))


def test_a_mailbox_that_is_full_today_is_asked_again() -> None:
    mailbox = Mailbox(answers={"anna@example.com": "452 mailbox full"})
    with a_mail_server(mailbox) as port, pytest.raises(Unreachable) as failure:
        smtp(port).send(a_message())

    assert failure.value.code == 452


def test_a_login_that_cannot_be_used_loses_no_message() -> None:
    with a_mail_server(Mailbox()) as port, pytest.raises(Unreachable) as failure:
        smtp(port, login=MailLogin("pharmacy", "secret")).send(a_message())

    assert failure.value.stage is Stage.CONNECTING


def test_a_line_that_should_be_protected_is_not_used_bare() -> None:
    mailbox = Mailbox()
    with a_mail_server(mailbox) as port, pytest.raises(Unreachable):
        SmtpMail(host=LOOPBACK, port=port, sender="a@pharmacy.example", clock=lambda: WRITTEN_AT).send(
            a_message()
        )

    assert mailbox.raw == []


PROTECTED = [(Security.STARTTLS, a_starttls_server), (Security.TLS, a_tls_server)]
ServerMaker = Callable[[Mailbox], AbstractContextManager[int]]


def protected(port: int, security: Security, *, host: str = "localhost") -> SmtpMail:
    return SmtpMail(
        host=host, port=port, sender="a@pharmacy.example", clock=lambda: WRITTEN_AT, security=security
    )


@pytest.mark.parametrize(("security", "a_server"), PROTECTED)
def test_a_protected_line_carries_the_message(
    security: Security, a_server: ServerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    mailbox = Mailbox()
    with a_server(mailbox) as port:
        protected(port, security).send(a_message())

    assert mailbox.received == [a_message()]


@pytest.mark.parametrize(("security", "a_server"), PROTECTED)
def test_a_server_with_a_certificate_of_its_own_making_gets_nothing(
    security: Security, a_server: ServerMaker
) -> None:
    mailbox = Mailbox()
    with a_server(mailbox) as port, pytest.raises(Unreachable):
        protected(port, security).send(a_message())

    assert mailbox.raw == []


@pytest.mark.parametrize(("security", "a_server"), PROTECTED)
def test_a_server_that_answers_to_another_name_gets_nothing(
    security: Security, a_server: ServerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    mailbox = Mailbox()
    with a_server(mailbox) as port, pytest.raises(Unreachable):
        protected(port, security, host=LOOPBACK).send(a_message())

    assert mailbox.raw == []


def test_we_greet_by_the_senders_domain_and_address_one_person() -> None:
    mailbox = Mailbox()
    with a_mail_server(mailbox) as port:
        smtp(port).send(a_message())

    assert mailbox.callers == ["pharmacy.example"]
    assert mailbox.recipients == [["anna@example.com"]]


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(smtp(25, login=MailLogin("pharmacy", "secret")))


def drips(caller: socket.socket, over: threading.Event) -> None:
    """A greeting that never ends, a letter at a time, each in good time."""
    while not over.wait(PATIENCE / 10):
        caller.sendall(b"2")


def says_nothing(_caller: socket.socket, over: threading.Event) -> None:
    over.wait(5)


def hangs_up(_caller: socket.socket, _over: threading.Event) -> None:
    return


def talks_nonsense(caller: socket.socket, over: threading.Event) -> None:
    caller.sendall(b"\xff\xfe\r\n" * 10)
    over.wait(5)


@pytest.mark.parametrize("behave", [drips, says_nothing, hangs_up, talks_nonsense])
def test_a_bad_server_costs_no_more_than_the_limit_and_loses_nothing(
    behave: Callable[[socket.socket, threading.Event], None],
) -> None:
    begun = monotonic()
    with a_bad_server(behave) as port, pytest.raises(Unreachable):
        smtp(port, limit_seconds=PATIENCE).send(a_message())

    assert monotonic() - begun < PATIENCE * 10


@pytest.mark.parametrize("replies_before_hanging_up", [0, 1, 2, 3])
def test_a_line_dropped_before_the_body_leaves_nothing_behind(replies_before_hanging_up: int) -> None:
    replies = [b"250 hello\r\n", b"250 sender\r\n", b"250 recipient\r\n"][:replies_before_hanging_up]

    def drop(caller: socket.socket, over: threading.Event) -> None:
        over.set()
        converse(caller, replies, over, kept=[])

    with a_bad_server(drop) as port, pytest.raises(Unreachable):
        smtp(port).send(a_message())


def test_a_server_that_drips_its_verdict_is_uncertain() -> None:
    def drip_after_the_body(caller: socket.socket, over: threading.Event) -> None:
        done = threading.Event()
        done.set()
        replies = [b"250 hello\r\n", b"250 sender\r\n", b"250 recipient\r\n", b"354 go ahead\r\n"]
        converse(caller, replies, done, kept=[])
        drips(caller, over)

    with a_bad_server(drip_after_the_body) as port, pytest.raises(Uncertain):
        smtp(port, limit_seconds=PATIENCE).send(a_message())


def test_a_quarrel_about_the_goodbye_does_not_unsend_a_message() -> None:
    replies = [b"250 hello\r\n", b"250 sender\r\n", b"250 recipient\r\n", b"354 go ahead\r\n"]

    def accept_and_hang_up(caller: socket.socket, _over: threading.Event) -> None:
        done = threading.Event()
        done.set()
        converse(caller, replies, done, kept=[])
        caller.sendall(b"250 taken\r\n")

    with a_bad_server(accept_and_hang_up) as port:
        smtp(port).send(a_message())


def test_no_thread_is_left_behind() -> None:
    before = set(threading.enumerate())
    with a_mail_server(Mailbox()) as port:
        smtp(port).send(a_message())

    assert set(threading.enumerate()) <= before
