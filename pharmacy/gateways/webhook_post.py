"""One message to one subscriber over HTTP, without ever being led into our own networks.

The name is looked up here, every address it has must be public, and the connection goes to the very address
that was checked: a name that answers differently a moment later (DNS rebinding) changes nothing. Redirects are
not followed. Each read has a time limit, and the whole conversation has one too, because a server that drips a
byte at a time keeps every single read alive.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from pharmacy.domain.webhooks import is_public
from pharmacy.usecases.ports import OutgoingWebhook, Refused, Stage, Unreachable

# Looks a name up: (host, port) to addresses.
Lookup = Callable[[str, int], list[str]]


def addresses_of(host: str, port: int) -> list[str]:
    """Every address of that name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookPost:
    """`may_be_private` lets it speak plain HTTP and to this machine: for a demonstration and for tests alone."""

    may_be_private: bool = False
    timeout_seconds: int = 10
    limit_seconds: int = 20
    lookup: Lookup = addresses_of
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def tell(self, message: OutgoingWebhook) -> int:
        """The status of the answer. Raises Refused for an address that is not public, Unreachable for silence."""
        parts = urlsplit(message.url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        if not host or (parts.scheme != "https" and not self.may_be_private):
            raise Refused(Stage.ADDRESSING)
        try:
            with self._line(parts, host, self._checked(host, port), port) as line:
                line.request("POST", _target(parts), body=message.body, headers=dict(message.headers))
                return line.getresponse().status
        except (OSError, http.client.HTTPException):
            raise Unreachable(Stage.SENDING) from None

    def _checked(self, host: str, port: int) -> str:
        """An address of that name, of which every one is public."""
        try:
            found = self.lookup(host, port)
        except (OSError, UnicodeError):
            raise Unreachable(Stage.ADDRESSING) from None
        if not found:
            raise Unreachable(Stage.ADDRESSING)
        if not self.may_be_private and not all(is_public(each) for each in found):
            raise Refused(Stage.ADDRESSING)
        return found[0]

    @contextmanager
    def _line(
        self, parts: SplitResult, host: str, address: str, port: int
    ) -> Iterator[http.client.HTTPConnection]:
        raw = socket.create_connection((address, port), self.timeout_seconds)
        ended = threading.Timer(self.limit_seconds, _hang_up, (raw,))
        ended.daemon = True
        ended.start()
        try:
            line = http.client.HTTPConnection(host, port, timeout=self.timeout_seconds)
            line.sock = (
                self.context.wrap_socket(raw, server_hostname=host) if parts.scheme == "https" else raw
            )
            with suppress(OSError):
                raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                yield line
            finally:
                line.close()
        finally:
            ended.cancel()
            raw.close()


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
