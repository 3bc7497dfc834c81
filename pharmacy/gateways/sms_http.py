"""One text message to one telephone over a plain HTTP gateway, with an honest answer about what became of it.

`POST {url}/messages` with the secret as bearer token, an `Idempotency-Key` and the JSON object `to`, `from`, `body`,
`reference`; 200, 201 or 202 with an object that holds `id` says that the gateway has it. Until the request has been
written a failure means that it has nothing. 4xx is a refusal for good, but for 408, 425 and 429, which like 503 say
"not now", and for 401 and 403: a secret that is refused is our mistake, not the message's. Anything else, and silence after the request, means that nobody can know: the caller must not send again
unasked. Each wait has a limit, and the whole conversation one too, because a gateway that drips a byte at a time
keeps every single read alive.
"""

from __future__ import annotations

import http.client
import json
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pharmacy.domain.notice_texts import fits_sms
from pharmacy.usecases.ports import OutgoingSms, Refused, Stage, Uncertain, Unreachable

_TAKEN = frozenset((200, 201, 202))
_NOT_NOW = frozenset((401, 403, 408, 425, 429, 503))
_FAULTS = (http.client.HTTPException, OSError)
# An answer is a few words; more is not read.
_LONGEST_ANSWER = 10_000
_DIGITS_OF_A_COUNTRY = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsGateway:
    """A gateway at `url`. `timeout_seconds` bounds each wait, `limit_seconds` the whole conversation."""

    url: str
    secret: str = field(repr=False)
    sender: str
    timeout_seconds: float = 10.0
    limit_seconds: float = 25.0

    def send(self, message: OutgoingSms) -> str:
        """The gateway has taken the message; what it calls it. Raises Unreachable, Refused or Uncertain."""
        to = _number(message.to)
        if to is None or not fits_sms(message.body):
            raise Refused(Stage.COMPOSING)
        asked = {"to": to, "from": self.sender, "body": message.body, "reference": str(message.key)}
        line, was_cut = self._line(), threading.Event()
        cut = threading.Timer(self.limit_seconds, _cut, (line, was_cut))
        cut.daemon = True
        cut.start()
        try:
            taken = self._talk(line, json.dumps(asked).encode(), str(message.key))
            # The beginning of an answer is none: what was cut while it dripped may have gone on otherwise.
            if was_cut.is_set():
                raise Uncertain(Stage.SENDING)
            return taken
        finally:
            cut.cancel()
            cut.join()
            line.close()

    def _line(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        return kind(parts.hostname or "", parts.port, timeout=self.timeout_seconds)

    def _talk(self, line: http.client.HTTPConnection, body: bytes, key: str) -> str:
        headers = {
            "Authorization": f"Bearer {self.secret}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        try:
            line.connect()
        except _FAULTS as error:
            raise Unreachable(Stage.CONNECTING) from error
        try:
            line.request("POST", f"{urlsplit(self.url).path.rstrip('/')}/messages", body, headers)
            answer = line.getresponse()
            said = answer.read(_LONGEST_ANSWER)
        except _FAULTS as error:
            raise Uncertain(Stage.SENDING) from error
        return _taken(answer.status, said)


def _taken(status: int, said: bytes) -> str:
    """What the gateway calls the message. Raises what its answer means when that is not a yes."""
    if status in _NOT_NOW:
        raise Unreachable(Stage.SENDING, status)
    if 400 <= status < 500:
        raise Refused(Stage.SENDING, status)
    if status not in _TAKEN:
        raise Uncertain(Stage.SENDING, status)
    try:
        named = json.loads(said)["id"]
    except (ValueError, KeyError, TypeError):
        # It said yes. Without a name for the message a later bounce finds no message, and that is all.
        return ""
    return str(named)


def _number(phone: str) -> str | None:
    """The number in the international form; None for what is none of the US."""
    digits = "".join(letter for letter in phone if letter.isdecimal() and letter.isascii())
    if len(digits) == _DIGITS_OF_A_COUNTRY and digits.startswith("1"):
        digits = digits[1:]
    return f"+1{digits}" if len(digits) == _DIGITS_OF_A_COUNTRY - 1 else None


def _cut(line: http.client.HTTPConnection, was_cut: threading.Event) -> None:
    """Whoever waits on the line reads its end."""
    was_cut.set()
    if line.sock is not None:
        with suppress(OSError):
            # The plain shutdown: the one of a TLS socket would pull it from under its reader.
            socket.socket.shutdown(line.sock, socket.SHUT_RDWR)
