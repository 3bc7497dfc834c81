"""One message to one person over SMTP, with an honest answer about what became of it.

Until the closing dot has been sent a failure means that the server has nothing: again
later. A refusal of the address or of the message is final. After the body has begun to
flow a silent line means that nobody can know, and the caller must not send again unasked.
Each read has a time limit, and the whole conversation has one too, because a server that
drips a byte at a time keeps every single read alive. Names and passwords refused by the
server are our mistake, not the message's, so they count as unreachable.
"""

import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP as CRLF_POLICY
from email.utils import format_datetime, parseaddr
from enum import StrEnum

from pharmacy.usecases.ports import OutgoingMail, Refused, Stage, Uncertain, Unreachable

_GREETING = 220
_TAKEN = 250
_GO_AHEAD = 354
_LINE_FAULTS = (smtplib.SMTPException, OSError)
_MESSAGE_ID = re.compile(r"<[!-;=?A-~]{1,100}@[!-;=?A-~]{1,100}>")


class Security(StrEnum):
    """How the line to the mail server is protected; `none` is for a server on the same machine."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class MailLogin:
    """How we make ourselves known to the mail server."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpMail:
    """A mail server. `timeout_seconds` bounds each wait, `limit_seconds` the whole conversation.

    Addresses are plain ASCII; one that is not is refused.
    """

    host: str
    port: int
    sender: str
    clock: Callable[[], datetime]
    security: Security = Security.STARTTLS
    login: MailLogin | None = None
    timeout_seconds: float = 10.0
    limit_seconds: float = 30.0

    def send(self, message: OutgoingMail) -> None:
        """The server has answered that it takes the message. Raises Unreachable, Refused or Uncertain."""
        composed = _composed(message, sender=self.sender, written_at=self.clock())
        with self._line() as line:
            _address(line, sender=self.sender, to=message.to)
            _hand_over(line, composed)
            # The message is theirs now; a quarrel about the goodbye changes nothing.
            with suppress(*_LINE_FAULTS):
                line.quit()

    @contextmanager
    def _line(self) -> Iterator[smtplib.SMTP]:
        """A greeted, protected and signed-in line, cut when the limit has passed."""
        line = self._unconnected()
        cut = threading.Timer(self.limit_seconds, _cut, (line,))
        cut.daemon = True
        cut.start()
        try:
            try:
                self._greet(line)
            except _LINE_FAULTS as error:
                raise Unreachable(Stage.CONNECTING, getattr(error, "smtp_code", None)) from error
            yield line
        finally:
            cut.cancel()
            cut.join()
            line.close()

    def _unconnected(self) -> smtplib.SMTP:
        # Our name for ourselves is the sender's domain; looking up the machine's own name could hang.
        name = parseaddr(self.sender)[1].rpartition("@")[2]
        if self.security is Security.TLS:
            context = ssl.create_default_context()
            line: smtplib.SMTP = smtplib.SMTP_SSL(
                local_hostname=name, timeout=self.timeout_seconds, context=context
            )
        else:
            line = smtplib.SMTP(local_hostname=name, timeout=self.timeout_seconds)
        # Certificates are checked against the host that the constructor is given. We give it none,
        # because it would connect at once and leave nothing to cut while the server keeps silent.
        line._host = self.host  # type: ignore[attr-defined]  # The stubs leave it out.
        return line

    def _greet(self, line: smtplib.SMTP) -> None:
        code, _ = line.connect(self.host, self.port)
        if code != _GREETING:
            raise smtplib.SMTPConnectError(code, "")
        line.ehlo_or_helo_if_needed()
        if self.security is Security.STARTTLS:
            line.starttls(context=ssl.create_default_context())
            line.ehlo_or_helo_if_needed()
        if self.login is not None:
            line.login(self.login.username, self.login.password)


def _cut(line: smtplib.SMTP) -> None:
    """Whoever waits on the line reads its end."""
    if line.sock is not None:
        with suppress(OSError):
            # The plain shutdown: the one of a TLS socket would pull it from under its reader.
            socket.socket.shutdown(line.sock, socket.SHUT_RDWR)


def _composed(message: OutgoingMail, *, sender: str, written_at: datetime) -> bytes:
    """The message as it travels. Raises Refused for what could smuggle in a header or a recipient."""
    mail = EmailMessage(policy=CRLF_POLICY)
    try:
        mail["From"] = sender
        mail["To"] = message.to
        mail["Subject"] = message.subject
        mail["Date"] = format_datetime(written_at)
        mail["Message-ID"] = message.message_id
        mail["Auto-Submitted"] = "auto-generated"
        if message.unsubscribe_url is not None:
            mail["List-Unsubscribe"] = f"<{message.unsubscribe_url}>"
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail.set_content(message.body, cte="quoted-printable")
        if message.html is not None:
            mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
        addressed = [address.addr_spec for address in mail["To"].addresses]
        travelling = mail.as_bytes()
    except (ValueError, LookupError):
        # Not chained: the cause may quote the address.
        raise Refused(Stage.COMPOSING) from None
    is_one_address = addressed == [message.to] and message.to.isascii() and message.to.count("@") == 1
    if not is_one_address or not _MESSAGE_ID.fullmatch(message.message_id):
        raise Refused(Stage.COMPOSING)
    return travelling


def _address(line: smtplib.SMTP, *, sender: str, to: str) -> None:
    """The server waits for the body. Until here it has nothing, whatever goes wrong."""
    steps: tuple[Callable[[], tuple[int, bytes]], ...] = (
        lambda: line.mail(sender),
        lambda: line.rcpt(to),
        lambda: line.docmd("DATA"),
    )
    for step in steps:
        try:
            code, _ = step()
        except _LINE_FAULTS as error:
            raise Unreachable(Stage.ADDRESSING) from error
        if not (200 <= code < 300 or code == _GO_AHEAD):
            raise _declined(Stage.ADDRESSING, code)


def _hand_over(line: smtplib.SMTP, composed: bytes) -> None:
    """The server has taken the body, or has said in so many words that it has not."""
    # A line that is a lone dot would end the message (RFC 5321, 4.5.2).
    stuffed = composed.replace(b"\r\n.", b"\r\n..")
    try:
        line.send(stuffed + b".\r\n")
        code, _ = line.getreply()
    except _LINE_FAULTS as error:
        raise Uncertain(Stage.SENDING) from error
    # Exactly this reply: a line that was cut while it dripped leaves the beginning of any number.
    if code != _TAKEN:
        raise _declined(Stage.SENDING, code)


def _declined(stage: Stage, code: int) -> Unreachable | Refused | Uncertain:
    """What a reply means that is not a yes (RFC 5321, 4.2.1): 4xx not now, 5xx never."""
    if 500 <= code < 600:
        return Refused(stage, code)
    if stage is Stage.SENDING and not 400 <= code < 500:
        return Uncertain(stage, code)
    return Unreachable(stage, code)
