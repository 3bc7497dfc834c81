"""Mail servers that behave, and mail servers that do not; on loopback, on a free port."""

import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope

from pharmacy.usecases.ports import OutgoingMail

LOOPBACK = "127.0.0.1"
# For the name "localhost", signed by itself; its key is public here and so worth nothing elsewhere.
CERTIFICATE = Path(__file__).parent / "certificates" / "localhost.pem"


def a_free_socket() -> socket.socket:
    """A bound socket that nobody listens on yet."""
    bound = socket.socket()
    bound.bind((LOOPBACK, 0))
    return bound


class Mailbox:
    """An aiosmtpd handler that keeps what it takes; addresses may be answered with a refusal."""

    def __init__(self, *, answers: dict[str, str] | None = None, verdict: str = "250 OK") -> None:
        self.raw: list[bytes] = []
        self.recipients: list[list[str]] = []
        self.callers: list[str] = []
        self._answers = answers or {}
        self._verdict = verdict

    @property
    def received(self) -> list[OutgoingMail]:
        return [_read(raw) for raw in self.raw]

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if address in self._answers:
            return self._answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.raw.append(envelope.content)
        self.recipients.append(envelope.rcpt_tos)
        self.callers.append(session.host_name)
        return self._verdict


def _read(raw: bytes) -> OutgoingMail:
    mail = message_from_bytes(raw, policy=default)
    body = mail.get_content().replace("\r\n", "\n").removesuffix("\n")
    return OutgoingMail(to=mail["To"], subject=mail["Subject"], body=body, message_id=mail["Message-ID"])


class _OnSocket(Controller):
    """A controller that is given its socket, so that no port has to be guessed."""

    def __init__(self, handler: Mailbox, bound: socket.socket, tls: ssl.SSLContext | None) -> None:
        super().__init__(handler, hostname=LOOPBACK, port=bound.getsockname()[1])
        self._bound = bound
        self._tls = tls

    def _create_server(self) -> Awaitable[Any]:
        return self.loop.create_server(self._factory_invoker, sock=self._bound)

    def factory(self) -> SMTP:
        required = self._tls is not None
        return SMTP(
            self.handler,
            hostname="mail.example",
            loop=self.loop,
            tls_context=self._tls,
            require_starttls=required,
        )


class _OnTlsSocket(_OnSocket):
    """The same behind TLS from the first byte on."""

    def __init__(self, handler: Mailbox, bound: socket.socket, tls: ssl.SSLContext) -> None:
        super().__init__(handler, bound, None)
        self.ssl_context = tls

    def _create_server(self) -> Awaitable[Any]:
        return self.loop.create_server(self._factory_invoker, sock=self._bound, ssl=self.ssl_context)


@contextmanager
def _running(controller: Controller) -> Iterator[int]:
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def a_mail_server(mailbox: Mailbox) -> AbstractContextManager[int]:
    """A proper mail server; gives its port."""
    return _running(_OnSocket(mailbox, a_free_socket(), None))


def a_starttls_server(mailbox: Mailbox) -> AbstractContextManager[int]:
    """A mail server that takes nothing before STARTTLS; gives its port."""
    return _running(_OnSocket(mailbox, a_free_socket(), _server_tls()))


def a_tls_server(mailbox: Mailbox) -> AbstractContextManager[int]:
    """A mail server behind TLS; gives its port."""
    return _running(_OnTlsSocket(mailbox, a_free_socket(), _server_tls()))


def _server_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


Behaviour = Callable[[socket.socket, threading.Event], None]


@contextmanager
def a_bad_server(behave: Behaviour) -> Iterator[int]:
    """A server that treats its one caller as told; gives its port. The event is set when the test is over."""
    over = threading.Event()
    with closing(a_free_socket()) as listener:
        listener.listen()

        def serve() -> None:
            with suppress(OSError), closing(listener.accept()[0]) as caller:
                behave(caller, over)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def converse(
    caller: socket.socket, replies: list[bytes], over: threading.Event, *, kept: list[bytes]
) -> None:
    """Greets, gives one reply for each line heard, and then holds the line in silence.

    After a 354 everything up to the closing dot is kept.
    """
    heard = caller.makefile("rb")
    caller.sendall(b"220 mail.example\r\n")
    for reply in replies:
        heard.readline()
        caller.sendall(reply)
        if reply.startswith(b"354"):
            kept.append(_until_the_dot(heard))
    over.wait(5)
    heard.close()


def _until_the_dot(heard: Any) -> bytes:
    lines: list[bytes] = []
    while (line := heard.readline()) not in (b".\r\n", b""):
        lines.append(line)
    return b"".join(lines)
