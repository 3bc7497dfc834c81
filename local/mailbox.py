"""A mailbox that receives everything and passes nothing on.

It speaks SMTP on one inherited socket and shows what came on a page at another. There it also
takes text messages, as a gateway does (`local.sms_gateway` says how), and shows them beside the mail. Messages are
kept as .eml files. It answers only requests that name this machine, so that a web page from
elsewhere cannot read patients' mail through the visitor's browser.
"""

import argparse
import asyncio
import os
import re
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from itertools import count
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from local.mailbox_page import POLICY, Stored, page
from local.sms_gateway import LONGEST_REQUEST, Gateway

_SHOWN = 200
_NAME = re.compile(r"[0-9]{20}-[0-9]{6}\.eml")
_HERE = re.compile(r"(127\.0\.0\.1|localhost)(:[0-9]+)?")


class Mailbox:
    """The stored messages: one file each, named so that their order is their age."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._numbers = count(1)

    def put(self, content: bytes) -> str:
        """Store a message, whole or not at all; the name of its file."""
        name = f"{time.time_ns():020d}-{next(self._numbers):06d}.eml"
        fresh = self._folder / f"{name}.new"
        fresh.write_bytes(content)
        fresh.rename(self._folder / name)
        return name

    def names(self) -> list[str]:
        """Of all messages, newest first."""
        return sorted((path.name for path in self._folder.glob("*.eml")), reverse=True)

    def get(self, name: str) -> Stored | None:
        """One message; None when there is none of that name."""
        path = self._folder / name
        return Stored(name, path.read_bytes()) if _NAME.fullmatch(name) and path.exists() else None


class _Receiver:
    """What the SMTP server does with a message."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        name = await asyncio.to_thread(self._mailbox.put, envelope.original_content)
        print(f"{name} for {len(envelope.rcpt_tos)} recipient(s)", flush=True)
        return f"250 Kept as {name}"


def _texted(
    gateway: Gateway, path: str, headers: Mapping[str, str], stream: BufferedIOBase
) -> tuple[int, bytes]:
    """Status and answer to whoever hands over a text message, from this machine."""
    if not _HERE.fullmatch(headers.get("Host", "")) or path != "/sms/messages":
        return 404, b"{}"
    length = headers.get("Content-Length", "")
    body = stream.read(min(int(length), LONGEST_REQUEST)) if length.isdecimal() else b""
    return gateway.take(headers, body)


def _looked_at(mailbox: Mailbox, host: str, path: str) -> tuple[int, str, bytes]:
    """Status, kind and body of what stands at that path."""
    stored = mailbox.get(path.rpartition("/")[2]) if path.startswith("/messages/") else None
    if not _HERE.fullmatch(host):
        return 421, "text/plain", b"This mailbox answers on 127.0.0.1 only.\n"
    if path == "/":
        return 200, "text/html; charset=utf-8", _newest(mailbox).encode()
    if stored is not None:
        return 200, "message/rfc822", stored.content
    return 404, "text/plain", b"No such message.\n"


def _page_handler(mailbox: Mailbox, gateway: Gateway) -> type[BaseHTTPRequestHandler]:
    class Page(BaseHTTPRequestHandler):
        server_version = "mailbox"
        timeout = 10

        def do_POST(self) -> None:
            status, answer = _texted(gateway, self.path, dict(self.headers.items()), self.rfile)
            self._answer(status, "application/json", answer)

        def do_GET(self) -> None:
            self._answer(*_looked_at(mailbox, self.headers.get("Host", ""), self.path.partition("?")[0]))

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            headers = {
                "Content-Type": kind,
                "Content-Length": str(len(body)),
                "Content-Security-Policy": POLICY,
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "no-referrer",
                "Cache-Control": "no-store",
            }
            for name, value in headers.items():
                self.send_header(name, value)
            with suppress(ConnectionError):  # The visitor has left.
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing: the page asks for itself every ten seconds."""

    return Page


def _newest(mailbox: Mailbox) -> str:
    names = mailbox.names()
    return page([stored for name in names[:_SHOWN] if (stored := mailbox.get(name))], received=len(names))


def serve_page(mailbox: Mailbox, listening: socket.socket) -> ThreadingHTTPServer:
    """The page, served from threads of its own on a socket that listens already."""
    gateway = Gateway(os.environ.get("PHARMACY_SMS_SECRET", ""), mailbox.put)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _page_handler(mailbox, gateway), bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    threading.Thread(target=server.serve_forever, args=(0.1,), name="mailbox page", daemon=True).start()
    return server


async def receive(mailbox: Mailbox, listening: socket.socket) -> asyncio.Server:
    """The SMTP side, on a socket that listens already."""
    receiver = _Receiver(mailbox)
    return await asyncio.get_running_loop().create_server(
        lambda: SMTP(receiver, hostname="mailbox", enable_SMTPUTF8=True), sock=listening
    )


async def _serve(folder: Path, mail: int, page_socket: int) -> None:
    os.umask(0o077)
    mailbox = Mailbox(folder)
    serve_page(mailbox, socket.socket(fileno=page_socket))
    async with await receive(mailbox, socket.socket(fileno=mail)) as server:
        await server.serve_forever()


def main() -> None:
    """Serve until ended."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--folder", type=Path, required=True)
    asked.add_argument("--mail-descriptor", type=int, required=True)
    asked.add_argument("--page-descriptor", type=int, required=True)
    given = asked.parse_args()
    asyncio.run(_serve(given.folder, given.mail_descriptor, given.page_descriptor))


if __name__ == "__main__":
    main()
